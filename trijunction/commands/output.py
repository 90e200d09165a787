"""How commands speak: one JSON object or a table on stdout, progress on stderr where that is a terminal."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["progress_bar", "stdout_to_stderr", "write_json", "write_table"]


def _plain(value: Any) -> Any:
    """NumPy's numbers and arrays, paths and such, as JSON has them."""
    return value.tolist() if hasattr(value, "tolist") else str(value)


def write_json(record: dict[str, Any]) -> None:
    """Print `record` as one JSON object. Raises ValueError for a NaN or infinity, which JSON does not have."""
    print(json.dumps(record, default=_plain, allow_nan=False))


def write_table(title: str, rows: Iterable[tuple[str, object]]) -> None:
    """Print names and values as a table."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title), show_header=False, title_justify="left")
    for name, value in rows:
        table.add_row(Text(name), Text(str(value)))
    # Not as wide as the title: a long file name must not be broken in a pipe.
    Console(soft_wrap=not sys.stdout.isatty()).print(table)


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[float], None] | None]:
    """A bar on stderr, as a function of the fraction done; None where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=1.0)
        yield lambda fraction: progress.update(task, completed=fraction)


@contextmanager
def stdout_to_stderr() -> Iterator[None]:
    """Send what is printed meanwhile, by this process and those it starts, to stderr."""
    sys.stdout.flush()
    kept = os.dup(1)
    try:
        os.dup2(2, 1)
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)
