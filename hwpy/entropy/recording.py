"""Recordings of a source: a file of raw bits, bits as text, or a trace of voltages, read strictly and in pieces.

bits
    Eight bits a byte, the first in the most significant place, as NIST's programs read them; 'bits-lsb' has the first
    in the least significant place.
ascii
    The characters 0 and 1; white space is skipped.
csv
    The header `time_s,voltage_v`, then a sample a line: seconds, ascending, and volts.

A fault is an `InputError` with the file and the line (of bytes, which have no lines, only the file).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NoReturn

import numpy as np
from numpy.typing import NDArray

from hwpy.formats.errors import InputError, quote

__all__ = ["FORMATS", "HEADER", "MOST_SAMPLES", "Trace", "format_of", "read_bits", "read_trace"]

FORMATS = ("bits", "bits-lsb", "ascii", "csv")
HEADER = "time_s,voltage_v"
#: Samples of a recording that are read at most.
MOST_SAMPLES = 10_000_000

_SUFFIXES = {".bin": "bits", ".bits": "bits", ".raw": "bits", ".txt": "ascii", ".ascii": "ascii", ".csv": "csv"}
_PIECE = 1 << 22
_LONGEST_LINE = 200


@dataclass(frozen=True)
class Trace:
    """A trace as read. Sample i stands on line i + 2 of the file.

    Parameters
    ----------
    path
        The file.
    times
        Seconds, ascending, shape (samples,).
    volts
        Volts, same shape.
    """

    path: str
    times: NDArray[np.float64]
    volts: NDArray[np.float64]

    @property
    def last_line(self) -> int:
        """The line of the last sample, for faults of the trace as a whole."""
        return len(self.times) + 1


def format_of(path: str | os.PathLike[str]) -> str:
    """The format that the end of a file's name tells.

    Raises
    ------
    InputError
        If it tells none.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in _SUFFIXES:
        known = ", ".join(_SUFFIXES)
        raise InputError(f"expected a name that ends in one of {known}, or a format, found {quote(suffix)}", path)
    return _SUFFIXES[suffix]


def read_bits(path: str | os.PathLike[str], format: str, count: int = MOST_SAMPLES) -> NDArray[np.uint8]:
    """The first ``count`` bits of a file of bits or of text, or all if it has fewer; shape (bits,).

    Raises
    ------
    InputError
        If it cannot be read, is empty or, as text, has anything but 0, 1 and white space.
    """
    pieces: list[NDArray[np.uint8]] = []
    found, line = 0, 1
    with _opened(path) as file:
        while found < count and (data := file.read(_PIECE)):
            if format == "ascii":
                pieces.append(_text_bits(data, path, line))
                line += data.count(b"\n")
            else:
                octets = np.frombuffer(data, np.uint8)
                least = format == "bits-lsb"
                pieces.append(np.unpackbits(octets, bitorder="little") if least else np.unpackbits(octets))
            found += len(pieces[-1])
    if not found:
        raise InputError("expected bits, found an empty file", path, 1)
    return np.concatenate(pieces)[:count]


def read_trace(path: str | os.PathLike[str], count: int = MOST_SAMPLES) -> Trace:
    """The first ``count`` samples of a CSV trace, or all if it has fewer.

    Raises
    ------
    InputError
        If it cannot be read, or a line is not what it should be.
    """
    pieces: list[NDArray[np.float64]] = []
    found, line, last = 0, 2, -np.inf
    with _opened(path) as file:
        _check_header(file, path)
        for data in _whole_lines(file, path):
            samples = _samples(data, path, line, last)
            pieces.append(samples)
            found, line = found + len(samples), line + len(samples)
            if len(samples):
                last = samples[-1, 0]
            if found >= count:
                break
    if not found:
        raise InputError("expected samples, found the end after the header", path, 1)
    table = np.concatenate(pieces)[:count]
    return Trace(os.fspath(path), np.ascontiguousarray(table[:, 0]), np.ascontiguousarray(table[:, 1]))


@contextmanager
def _opened(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    try:
        with open(path, "rb") as file:
            yield file
    except FileNotFoundError:
        raise InputError("expected a recording, found no file of this name", path) from None
    except IsADirectoryError:
        raise InputError("expected a recording, found a directory", path) from None
    except PermissionError:
        raise InputError("expected a recording, found one that may not be read", path) from None
    except InputError:
        raise
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"expected a recording, found that it cannot be read: {reason}", path) from None


def _text_bits(data: bytes, path: str | os.PathLike[str], line: int) -> NDArray[np.uint8]:
    characters = np.frombuffer(data.translate(None, b" \t\r\n"), np.uint8)
    if (characters >> 1 == ord("0") >> 1).all():
        return characters & np.uint8(1)
    for at, byte in enumerate(data):
        if byte not in b" \t\r\n01":
            found = quote(chr(byte)) if byte < 128 else f"the byte 0x{byte:02x}"
            raise InputError(f"expected the characters 0 and 1, found {found}", path, line + data.count(b"\n", 0, at))
    raise AssertionError("a character was refused and is not there")


def _check_header(file: BinaryIO, path: str | os.PathLike[str]) -> None:
    head = file.readline(_LONGEST_LINE)
    if not head:
        raise InputError(f"expected the header {HEADER}, found an empty file", path, 1)
    if head.rstrip(b"\r\n") != HEADER.encode():
        if b"\0" in head:
            raise InputError(f"expected the header {HEADER}, found a NUL character: a binary file", path, 1)
        found = quote(head.rstrip(b"\r\n").decode("utf-8", "backslashreplace"))
        if head.startswith(b"\xef\xbb\xbf"):
            found = "a byte order mark"
        raise InputError(f"expected the header {HEADER}, found {found}", path, 1)


def _whole_lines(file: BinaryIO, path: str | os.PathLike[str]) -> Iterator[bytes]:
    """The rest of the file in pieces that end at a line's end."""
    rest = b""
    while data := file.read(_PIECE):
        data = rest + data
        cut = data.rfind(b"\n") + 1
        rest = data[cut:]
        if cut:
            yield data[:cut]
        elif len(rest) > _PIECE:  # a line without an end: let the parser say which
            break
    if rest:
        yield rest


def _samples(data: bytes, path: str | os.PathLike[str], line: int, last: float) -> NDArray[np.float64]:
    """The samples of some whole lines, shape (lines, 2). The quick way; line by line if anything is amiss."""
    lines = data.replace(b"\r\n", b"\n").removesuffix(b"\n").split(b"\n")
    if not (b"\0" in data or max(map(len, lines)) > _LONGEST_LINE or not data.isascii() or b"" in lines):
        try:
            table = np.loadtxt([text.decode() for text in lines], delimiter=",", comments=None, ndmin=2)
        except ValueError:
            table = np.empty((0, 0))
        if (
            table.shape == (len(lines), 2)
            and np.isfinite(table).all()
            and (np.diff(table[:, 0], prepend=last) > 0).all()
        ):
            return table
    rows = []
    for place, text in enumerate(lines):
        rows.append(_sample(text, path, line + place, last))
        last = rows[-1][0]
    return np.array(rows)


def _sample(text: bytes, path: str | os.PathLike[str], line: int, last: float) -> tuple[float, float]:
    def fail(found: str) -> NoReturn:
        raise InputError(f"expected TIME,VOLTAGE, {found}", path, line)

    if b"\0" in text:
        fail("found a NUL character: a binary file")
    if not text.isascii():
        fail(f"found the byte 0x{next(byte for byte in text if byte > 127):02x}")
    if len(text) > _LONGEST_LINE:
        fail(f"found a line of {len(text)} characters")
    if b"\r" in text:
        fail("found a CR alone")
    fields = text.decode().split(",")
    if len(fields) != 2:
        fail("found a blank line" if not text.strip() else f"found {len(fields) - 1} commas in {quote(text.decode())}")
    values = []
    for name, field in zip(("TIME", "VOLTAGE"), fields, strict=True):
        try:
            value = float("x" if "_" in field else field)
        except ValueError:
            fail(f"found {quote(field)} as {name}" if field.strip() else f"found no {name}")
        if not np.isfinite(value):
            fail(f"both finite, found {quote(field)} as {name}")
        values.append(value)
    if values[0] == last:
        fail(f"each time once, found {quote(fields[0])} again")
    if values[0] < last:
        fail(f"times that ascend, found {quote(fields[0])} after {last!r}")
    return values[0], values[1]
