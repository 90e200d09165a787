"""Readers of instance files, one module for each format."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from hwpy.formats.errors import InputError, quote
from hwpy.formats.source import Source, open_source
from hwpy.ising.formats import bqm, edges, qubo, rudy
from hwpy.ising.model import IsingModel

__all__ = ["FORMATS", "InputError", "read"]

#: The parser of each format.
FORMATS: dict[str, Callable[[Source], IsingModel]] = {
    "rudy": rudy.parse,
    "qubo": qubo.parse,
    "bqm": bqm.parse,
    "edges": edges.parse,
}

_SUFFIXES = {
    ".rudy": "rudy",
    ".rud": "rudy",
    ".mc": "rudy",
    ".qubo": "qubo",
    ".json": "bqm",
    ".bqm": "bqm",
    ".edges": "edges",
    ".edgelist": "edges",
}


def _guess(source: Source) -> str:
    """The format by the file's suffix, or else by its first line that is not blank."""
    suffix = Path(source.path).suffix.lower()
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    line, words = next((k, line.split()) for k, line in enumerate(source.lines, 1) if line.strip())
    if words[0].startswith(("{", "[")):
        return "bqm"
    if words[0] in ("c", "p"):
        return "qubo"
    if words[0].startswith("#"):
        return "edges"
    if words[0].lstrip("+-")[:1].isdigit() and len(words) in (2, 3):
        return "rudy" if len(words) == 2 else "edges"
    what = "NODES EDGES (rudy), p qubo ... (qubo), { (bqm) or I J COUPLING (edges)"
    source.fail(line, f"expected {what}, found {quote(' '.join(words))}")


def read(path: str | os.PathLike[str], format: str | None = None) -> IsingModel:
    """The model in file `path`; `format` is one of FORMATS, or None to guess it.

    Raises InputError for a bad file and ValueError for an unknown format.
    """
    if format is not None and format not in FORMATS:
        raise ValueError(f"Format must be one of {', '.join(FORMATS)}, not {quote(format)}")
    source = open_source(path)
    parse = FORMATS[format or _guess(source)]
    try:
        model = parse(source)
    except InputError:
        raise
    except ValueError as error:  # what only the whole model shows, such as a sum that is too large
        raise InputError(str(error), source.path) from None
    return replace(model, name=os.fspath(path))
