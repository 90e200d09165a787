"""What a user did wrong, or a tool: errors that the command line shows as one line, without a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hwpy.formats.errors import InputError

__all__ = ["CommandError", "InputError", "checked_parameters"]


class CommandError(Exception):
    """A command cannot go on. `str()` is the message, `status` the exit status: 2 for bad input, else 1."""

    def __init__(self, message: str, status: int = 2) -> None:
        super().__init__(message)
        self.status = status


@contextmanager
def checked_parameters() -> Iterator[None]:
    """Within it, the ValueError or TypeError of a parameter that a block or model refuses is a CommandError.

    Put it round the making of parameters only: elsewhere such an error is a fault of the program, which is
    to show its traceback.
    """
    try:
        yield
    except InputError:
        raise
    except (TypeError, ValueError) as error:
        raise CommandError(" ".join(str(error).split()) or type(error).__name__) from error
