"""An input file as text, with its lines: the checks that all formats share."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from typing import NoReturn

from hwpy.formats.errors import InputError

__all__ = ["Source", "open_source"]

#: Largest file read, in bytes; an instance of 10 million edges takes some 200 MB.
LARGEST_FILE = 1 << 30

_FIRST = 1 << 16


@dataclass(frozen=True)
class Source:
    """The text of a file, with line ends made `\\n`."""

    path: str
    text: str

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their ends; line n of the file is `lines[n - 1]`. No empty last line."""
        lines = self.text.split("\n")
        if not lines[-1]:
            lines.pop()
        return lines

    def fail(self, line: int | None, what: str) -> NoReturn:
        """Raise the InputError for line `line`, counted from 1."""
        raise InputError(what, self.path, line)


def _read(path: str, what: str) -> bytes:
    try:
        with open(path, "rb") as file:
            data = file.read(_FIRST)
            if b"\0" not in data and len(data) == _FIRST:  # neither junk nor all there is
                data += file.read(LARGEST_FILE - _FIRST + 1)
    except FileNotFoundError:
        raise InputError(f"expected {what} file, found no file of this name", path) from None
    except IsADirectoryError:
        raise InputError(f"expected {what} file, found a directory", path) from None
    except PermissionError:
        raise InputError(f"expected {what} file, found one that may not be read", path) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"expected {what} file, found that it cannot be read: {reason}", path) from None
    if len(data) > LARGEST_FILE:
        raise InputError(f"expected a file of at most {LARGEST_FILE} bytes, found a larger one", path)
    return data


def open_source(path: str | os.PathLike[str], what: str = "an instance") -> Source:
    """The text of file `path`, to be `what`. Raises InputError unless it is readable plain text and not empty."""
    path = os.fspath(path)
    data = _read(path, what)
    if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise InputError("expected plain text, found a byte order mark", path, 1)
    at = data.find(b"\0")
    if at >= 0:
        raise InputError(
            "expected plain text, found a NUL character: a binary file", path, 1 + data.count(b"\n", 0, at)
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = 1 + data.count(b"\n", 0, error.start)
        raise InputError(
            f"expected UTF-8 text, found the byte 0x{data[error.start]:02x}: a binary file?", path, line
        ) from None
    if "\r" in text:
        text = text.replace("\r\n", "\n")
        at = text.find("\r")
        if at >= 0:
            line = 1 + text.count("\n", 0, at)
            raise InputError("expected lines that end in LF or CR LF, found a CR alone", path, line)
    if not text.strip():
        raise InputError(f"expected {what}, found an empty file", path, 1)
    return Source(path, text)
