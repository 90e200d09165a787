"""How a bad input is reported: one line that says file, line and what was expected."""

from __future__ import annotations

import os

__all__ = ["InputError", "quote"]

#: Characters of a token that are shown; then it is cut.
LONGEST = 40


def quote(token: object) -> str:
    """`token` for a message: in quotes if it is text, control characters escaped, cut when long."""
    if isinstance(token, str):
        # Cut first: a file of one huge line is not to be escaped as a whole.
        shown = ascii(token[:LONGEST]) if not token[:LONGEST].isprintable() else repr(token[:LONGEST])
        return shown if len(token) <= LONGEST else f"{shown}... ({len(token)} characters)"
    shown = ascii(token)
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}..."


class InputError(ValueError):
    """An input file that cannot be read or does not hold what it should.

    `what` is the message, `file` the path and `line` the line (from 1), or None where there is none.
    `str()` is the one line `FILE:LINE: what`.
    """

    def __init__(self, what: str, file: str | os.PathLike[str], line: int | None = None) -> None:
        self.what = what
        self.file = os.fspath(file)
        self.line = line
        name = self.file if self.file.isprintable() else ascii(self.file)
        super().__init__(f"{name}: {what}" if line is None else f"{name}:{line}: {what}")
