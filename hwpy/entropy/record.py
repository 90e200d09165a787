"""A flat record of named numbers as a JSON file: strict, and an error names the file and the line.

`{"format": "NAME-1", "barrier": 10.0, ...}`: every key once, none missing, none unknown, all finite numbers.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from hwpy.formats.errors import quote
from hwpy.formats.source import Source, open_source

__all__ = ["Record", "read_record", "write_record"]


@dataclass(frozen=True)
class Record:
    """The numbers of a file, and where they stand."""

    source: Source
    values: Mapping[str, float]

    def fail(self, key: str, what: str) -> NoReturn:
        """Raise the InputError for the line on which `key` stands."""
        self.source.fail(_line(self.source, key), what)


class _Refused(Exception):
    """What JSON does not have (NaN), or a key given twice: the text at fault, and the message."""


def _constant(name: str) -> NoReturn:
    raise _Refused(name, f"expected a finite number, found {name}")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    for place, key in enumerate(keys):
        if key in keys[:place]:
            raise _Refused(json.dumps(key), f"expected each key once, found {quote(key)} again")
    return dict(pairs)


def _line(source: Source, key: str) -> int:
    return 1 + source.text.count("\n", 0, max(0, source.text.rfind(json.dumps(key))))


def read_record(path: str | os.PathLike[str], format: str, keys: Sequence[str]) -> Record:
    """The record in file `path`.

    Raises
    ------
    InputError
        If it cannot be read, is not JSON, or not `format` with just these `keys`, each a finite number.
    """
    source = open_source(path, "a JSON")
    try:
        members = json.loads(source.text, parse_constant=_constant, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        found = source.text[error.pos : error.pos + 1]
        where = quote(found) if found else "the end of the file"
        source.fail(error.lineno, f"expected JSON, found {where} in column {error.colno}: {error.msg}")
    except _Refused as error:
        text, what = error.args
        source.fail(1 + source.text.count("\n", 0, max(0, source.text.rfind(text))), what)
    except RecursionError:
        source.fail(1, "expected a JSON object of numbers, found brackets nested too deep")
    except ValueError:  # thousands of digits
        source.fail(1, "expected JSON, found an integer that is too long")
    if not isinstance(members, dict):
        source.fail(1, f"expected a JSON object, found {quote(members)}")
    if "format" not in members:
        source.fail(1, f"expected {quote(format)} in 'format', found no such key")
    if members["format"] != format:
        source.fail(_line(source, "format"), f"expected {quote(format)} in 'format', found {quote(members['format'])}")
    for key in members:
        if key not in ("format", *keys):
            source.fail(_line(source, key), f"expected one of {', '.join(keys)}, found the unknown key {quote(key)}")
    values = {}
    for key in keys:
        if key not in members:
            source.fail(1, f"expected the key {quote(key)}, found no such key")
        value = members[key]
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) <= 1e300:
            source.fail(_line(source, key), f"expected a number of at most 1e300 in {quote(key)}, found {quote(value)}")
        values[key] = float(value)
    return Record(source, values)


def write_record(path: str | os.PathLike[str], format: str, values: Mapping[str, float]) -> None:
    """Write a record that `read_record` reads back to the same numbers."""
    text = json.dumps({"format": format, **values}, indent=1, allow_nan=False) + "\n"
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
