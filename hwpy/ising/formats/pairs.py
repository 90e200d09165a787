"""Lines of two node numbers and a value, which the text formats have in common.

A good file is converted column by column, one million lines in about a second. Only when that fails are the
lines looked at one by one, to find the first bad one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hwpy.formats.errors import quote
from hwpy.formats.source import Source
from hwpy.ising.model import LARGEST_NODES

__all__ = ["LARGEST_VALUE", "Pairs", "Rows", "parse_pairs", "parse_value"]

#: Largest weight, coupling or bias in magnitude, so that sums of millions of them fit 64 bits.
LARGEST_VALUE = 10**12

_IS_BLANK = np.zeros(256, dtype=bool)
_IS_BLANK[list(b" \t\n\r\v\f")] = True  # what bytes.split() splits at

_INTEGER = re.compile(r"[+-]?[0-9]+")
_REAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


@dataclass(frozen=True)
class Rows:
    """The lines that are not blank, cut into words, all in flat arrays: a list for each line would be slow.

    `number` and `count` (int64[rows]) are the line's number and how many words it has; `words` are all words
    in order, as bytes.
    """

    number: np.ndarray
    count: np.ndarray
    words: list[bytes]

    @classmethod
    def of(cls, source: Source) -> Rows:
        """The rows of a file whose comments are blanked."""
        data = source.text.encode()
        blank = _IS_BLANK[np.frombuffer(data, dtype=np.uint8)]
        starts = np.flatnonzero(~blank & np.concatenate(([True], blank[:-1])))
        ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == ord("\n"))
        count = np.bincount(np.searchsorted(ends, starts))
        number = np.flatnonzero(count)
        return cls(number + 1, count[number], data.split())

    def split(self, rows: int) -> tuple[Rows, Rows]:
        """The first `rows` rows and the rest."""
        at = int(self.count[:rows].sum())
        return (
            Rows(self.number[:rows], self.count[:rows], self.words[:at]),
            Rows(self.number[rows:], self.count[rows:], self.words[at:]),
        )

    def __len__(self) -> int:
        return len(self.number)

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        """The number and the words of each line."""
        words = iter(self.words)
        for number, count in zip(self.number.tolist(), self.count.tolist(), strict=True):
            yield number, [next(words).decode() for _ in range(count)]


@dataclass(frozen=True)
class Pairs:
    """The lines as columns: `line`, `i`, `j` are int64[m]; `value` is int64[m] or float64[m]."""

    line: np.ndarray
    i: np.ndarray
    j: np.ndarray
    value: np.ndarray


def parse_value(source: Source, line: int, word: str, what: str, whole: bool = False) -> float:
    """The number `word`, finite and at most LARGEST_VALUE. Raises InputError."""
    kind = "an integer" if whole else "a number"
    if not (_INTEGER if whole else _REAL).fullmatch(word):
        source.fail(line, f"expected {kind} as {what}, found {quote(word)}")
    # A float suffices for the comparison, and does not mind thousands of digits.
    if not abs(float(word)) <= LARGEST_VALUE:
        source.fail(line, f"expected {kind} of at most {LARGEST_VALUE:.0e} as {what}, found {quote(word)}")
    return int(word) if whole else float(word)


def _check_words(source: Source, rows: Rows, form: str, least: int, whole: bool) -> None:
    for line, words in rows:
        if len(words) < least:
            source.fail(line, f"expected {form}, found only {quote(' '.join(words))}")
        if len(words) > 3:
            source.fail(line, f"expected {form}, found {quote(words[3])} after it")
        for word in words[:2]:
            if not _INTEGER.fullmatch(word):
                source.fail(line, f"expected {form} with integer node numbers, found {quote(word)}")
            if not abs(float(word)) <= LARGEST_NODES:
                source.fail(line, f"expected a node number of at most {LARGEST_NODES}, found {quote(word)}")
        if len(words) == 3:
            parse_value(source, line, words[2], form.split()[-1].strip("[]"), whole)


def _columns(rows: Rows, least: int, whole: bool) -> tuple[np.ndarray, ...] | None:
    """The columns of well-formed rows; None when something is wrong with one of them."""
    if not ((rows.count >= least) & (rows.count <= 3)).all():
        return None
    has_value = rows.count == 3
    if has_value.all():
        words = [rows.words[0::3], rows.words[1::3], rows.words[2::3]]
    else:
        first = (np.cumsum(rows.count) - rows.count).tolist()
        words = [[rows.words[k + column] for k in first] for column in (0, 1)]
        thirds = zip(first, has_value.tolist(), strict=True)
        words.append([rows.words[k + 2] if given else b"1" for k, given in thirds])
    try:
        i, j = (np.array(list(map(int, column)), dtype=np.int64) for column in words[:2])
        value = np.array(list(map(int if whole else float, words[2])), dtype=np.int64 if whole else np.float64)
    except (ValueError, OverflowError):
        return None
    good = all((np.abs(column) <= LARGEST_NODES).all() for column in (i, j))
    return (i, j, value) if good and (np.abs(value) <= LARGEST_VALUE).all() else None


def parse_pairs(
    source: Source,
    rows: Rows,
    form: str,
    *,
    first: int,
    nodes: int | None,
    whole: bool = False,
    optional: bool = False,
    fields: bool = False,
) -> Pairs:
    """The lines `i j value` of `rows`, checked.

    `form` names the three words in messages; `first` is the lowest node number, 0 or 1, and stays in the
    result; `nodes` is how many there are, or None. `whole`: values are integers; `optional`: a missing value
    is 1; `fields`: `i i value` is allowed, once for each i. Raises InputError for the first bad line.
    """
    least = 2 if optional else 3
    columns = _columns(rows, least, whole)
    # int() and float() take 1_000 as well.
    if columns is None or "_" in source.text:
        _check_words(source, rows, form, least, whole)
    if columns is None:
        raise AssertionError(f"{source.path}: no line is bad, but they cannot be converted")
    i, j, value = columns
    line = rows.number
    problems: list[tuple[int, str]] = []

    last = LARGEST_NODES if nodes is None else nodes - 1 + first
    for column in (i, j):
        bad = np.flatnonzero((column < first) | (column > last))
        if len(bad):
            found = int(column[bad[0]])
            problems.append((int(bad[0]), f"expected a node number from {first} to {last}, found {found}"))
    if not fields:
        bad = np.flatnonzero(i == j)
        if len(bad):
            problems.append((int(bad[0]), f"expected two different nodes, found {i[bad[0]]} twice: a self-loop"))
    key = np.minimum(i, j) * (LARGEST_NODES + 1) + np.maximum(i, j)
    order = np.argsort(key, kind="stable")
    again = order[1:][key[order[1:]] == key[order[:-1]]]
    if len(again):
        at = int(again.min())
        before = int(line[np.flatnonzero(key == key[at])[0]])
        name = f"node {i[at]}" if i[at] == j[at] else f"edge {i[at]} {j[at]}"
        problems.append((at, f"expected each edge once, found {name} again (first on line {before})"))
    if problems:
        at, what = min(problems)
        source.fail(int(line[at]), what)
    return Pairs(line, i, j, value)
