"""Runs of a long benchmark as lines of a CSV file, written as each is done, so that it can be stopped and go on."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from trijunction.costs.quality.source import student

__all__ = ["append", "mean_and_interval", "read"]


def read(path: Path) -> list[dict[str, str]]:
    """All lines by the names of the columns; none if there is no file."""
    if not path.exists():
        return []
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def append(path: Path, run: Mapping[str, object]) -> None:
    """Add a line, and before the first one the names of its columns."""
    is_new = not path.exists()
    with open(path, "a", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([list(run)] * is_new + [list(run.values())])


def mean_and_interval(values: Sequence[float]) -> tuple[float, float]:
    """Mean over the seeds, and half of its 95 % interval by Student's t; 0 for one value."""
    if len(values) < 2:
        return values[0], 0.0
    found = student(values)[0]
    return found.value, found.high - found.value
