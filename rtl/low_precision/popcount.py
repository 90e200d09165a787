"""Counts of ones in a pipeline: fours by look-up tables, then a tree of short carry chains.

All registers of a pipeline wait together: it is a module of its own under an ``EnableInserter``.
"""

from __future__ import annotations

from collections.abc import Sequence

from amaranth.hdl import Cat, Module, Signal, Value

from rtl.lut import lut4

__all__ = ["count_fours", "count_tree", "register"]


def count_fours(
    m: Module, platform: object, name: str, bits: Sequence[Value], flips: Sequence[int] = ()
) -> list[Value]:
    """Registered counts of each four of ``bits``, a look-up table a bit; with ``flips``, of those that equal them.

    A constant flip is part of the table, and so costs nothing.
    """
    counts: list[Value] = []
    for start in range(0, len(bits), 4):
        four, flipped = list(bits[start : start + 4]), list(flips[start : start + 4]) or [1] * 4

        def place(k: int, flipped: list[int] = flipped):
            return lambda *x: sum(a == b for a, b in zip(x, flipped, strict=False)) >> k & 1

        made = [lut4(m, platform, f"{name}_{start}_{k}", place(k), four) for k in range(len(four).bit_length())]
        counts.append(register(m, f"{name}_{start}", Cat(made)))
    return counts


def count_tree(m: Module, name: str, numbers: list[Value], most: int, levels: int) -> Value:
    """The sum of unsigned numbers, at most ``most``; a register after each of the ``levels`` of the tree."""
    for level in range(levels):
        pairs = [numbers[k : k + 2] for k in range(0, len(numbers), 2)]
        sums = [(pair[0] + pair[1])[: most.bit_length()] if pair[1:] else pair[0] for pair in pairs]
        numbers = [register(m, f"{name}_{level}_{k}", total) for k, total in enumerate(sums)]
    (total,) = numbers
    return total


def register(m: Module, name: str, value: Value) -> Signal:
    """The value of the clock before."""
    kept = Signal(len(value), name=name, reset_less=True)
    m.d.sync += kept.eq(value)
    return kept
