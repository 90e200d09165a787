"""Currents that a user has measured on a board, in the place of the estimates."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hwpy.formats.errors import InputError, quote
from trijunction.costs.designs import SOURCES, WAYS

__all__ = ["Current", "read_currents"]

_NEEDED, _OPTIONAL = ("amperes", "volts", "hertz"), ("idle_amperes",)


@dataclass(frozen=True)
class Current:
    """A design's core current at a supply voltage and a clock; of ``idle_amperes`` the same chip without the design."""

    amperes: float
    volts: float
    hertz: float
    idle_amperes: float = 0.0

    @property
    def joules(self) -> float:
        """Of a clock."""
        return (self.amperes - self.idle_amperes) * self.volts / self.hertz

    def to_dict(self) -> dict[str, float]:
        """As in the file."""
        return asdict(self)


def read_currents(path: str | Path) -> dict[str, Current]:
    """Currents by design, such as ``ising/lfsr``, of the iCE40 builds.

    The file is a JSON object with an object for each design that was measured::

        {"ising/lfsr": {"amperes": 0.0121, "volts": 1.2, "hertz": 12e6, "idle_amperes": 0.0009}}

    ``idle_amperes`` may be left out: then the whole current is the design's.

    Raises
    ------
    InputError
        If the file cannot be read or says anything else.
    """
    try:
        entries = json.loads(Path(path).read_bytes(), object_pairs_hook=_once)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", path) from None
    except json.JSONDecodeError as error:
        raise InputError(f"expected JSON, {error.msg}", path, error.lineno) from None
    except (UnicodeDecodeError, RecursionError):
        raise InputError("expected JSON", path) from None
    except ValueError as error:
        raise InputError(str(error), path) from None
    if not isinstance(entries, dict):
        raise InputError("expected an object with a design in each member", path)
    return {design: _current(design, entry, path) for design, entry in entries.items()}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        twice = next(name for name, _ in pairs if [other for other, _ in pairs].count(name) > 1)
        raise ValueError(f"expected each name once, found {quote(twice)} again")
    return members


def _current(design: str, entry: Any, path: str | Path) -> Current:
    designs = [f"{way}/{source}" for way in WAYS for source in SOURCES]
    if design not in designs:
        raise InputError(f"expected designs of {', '.join(designs)}, found {quote(design)}", path)
    if not isinstance(entry, dict):
        raise InputError(f"{design}: expected an object with {', '.join(_NEEDED)}", path)
    for name in entry:
        if name not in (*_NEEDED, *_OPTIONAL):
            raise InputError(f"{design}: expected {', '.join((*_NEEDED, *_OPTIONAL))}, found {quote(name)}", path)
    for name in _NEEDED:
        if name not in entry:
            raise InputError(f"{design}: expected {name}", path)
    for name, value in entry.items():
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        least = "0 or more" if name in _OPTIONAL else "positive"
        if not is_number or not math.isfinite(value) or value < 0 or (value == 0 and name in _NEEDED):
            raise InputError(f"{design}: expected {name} to be a number, {least}, found {quote(value)}", path)
    current = Current(**{name: float(value) for name, value in entry.items()})
    if current.idle_amperes >= current.amperes:
        raise InputError(f"{design}: expected idle_amperes below amperes, found {entry['idle_amperes']!r}", path)
    return current
