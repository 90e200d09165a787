"""Logistic noise for an array of p-bits: how random bits become the outcomes that p-bits ask for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

# Widths of a shared pool: Mersenne exponents, for which a primitive polynomial of four taps is known.
POOL_WIDTHS = (127, 521, 607, 1279)
GOLDEN_RATIO = (math.sqrt(5) - 1) / 2


@dataclass(frozen=True)
class NoiseParameters:
    """The noise words of `units` p-bits that update in one clock.

    A word is a sign bit and a magnitude of `fresh_bits` random bits followed by `dither_bits` bits of a
    Weyl sequence (multiples of the golden ratio). The outcome for level j is magnitude < threshold[j].
    The random bits make neighbouring words independent; the dither, which every word shares with a delay
    of its own, only refines the thresholds, so that their mean is exact to 2**-(fresh + dither).

    Parameters
    ----------
    units
        Words a clock.
    levels
        Magnitudes |I|, ascending, that have an outcome bit.
    fresh_bits, dither_bits
        Bits of the magnitude; at least 1 and 0, together at most 24.
    spread
        'pairs': a word's bits are XORs of two bits of a shared pool (its sign is a pool bit of its own).
        'direct': every bit of a word is an entropy bit of its own.
    dither_delays
        Length of the delay line along which the dither travels past the units.
    """

    units: int
    levels: tuple[int, ...]
    fresh_bits: int = 8
    dither_bits: int = 8
    spread: str = "pairs"
    dither_delays: int = 64

    def __post_init__(self) -> None:
        if self.units < 1:
            raise ValueError(f"the noise needs at least one unit, not {self.units!r}")
        if list(self.levels) != sorted(set(self.levels)) or any(v <= 0 for v in self.levels):
            raise ValueError(f"noise levels must be positive and ascending, not {self.levels!r}")
        if self.fresh_bits < 1 or self.dither_bits < 0 or self.threshold_bits > 24:
            raise ValueError(
                "the noise magnitude needs 1 or more fresh bits and at most 24 in all, not "
                f"{self.fresh_bits!r} + {self.dither_bits!r}"
            )
        if self.spread not in ("pairs", "direct"):
            raise ValueError(f"spread must be 'pairs' or 'direct', not {self.spread!r}")
        if self.dither_delays < 1:
            raise ValueError(f"dither_delays must be 1 or more, not {self.dither_delays!r}")

    @property
    def word_bits(self) -> int:
        """Random bits in one word: the sign and the fresh bits of the magnitude."""
        return 1 + self.fresh_bits

    @property
    def threshold_bits(self) -> int:
        """Width of a threshold."""
        return self.fresh_bits + self.dither_bits

    @property
    def pool_width(self) -> int:
        """Bits of one pool."""
        if self.spread == "direct":
            return self.units * self.word_bits
        for width in POOL_WIDTHS:
            if 2 * self.units <= width and _marks(2 * self.fresh_bits, width - self.units, strict=True):
                return width
        return POOL_WIDTHS[-1]

    @property
    def pools(self) -> int:
        """Pools side by side: one serves at most half as many units as it has bits."""
        if self.spread == "direct":
            return 1
        return -(-self.units // (self.pool_width // 2))

    @property
    def entropy_width(self) -> int:
        """Random bits that the array takes in one clock: the width of its entropy stream."""
        return self.pools * self.pool_width

    @cached_property
    def delays(self) -> NDArray[np.int64]:
        """How far down the dither's delay line each unit sits: neighbours of a lattice far apart."""
        return np.arange(self.units) * 39 % self.dither_delays

    @property
    def dither_step(self) -> int:
        """What the Weyl sequence advances by: odd, so that it visits every value."""
        return int(GOLDEN_RATIO * (1 << self.dither_bits)) | 1 if self.dither_bits else 0

    @cached_property
    def taps(self) -> NDArray[np.int32]:
        """Which entropy bits make each word: int32[units][word_bits][2].

        Bit 0 is the sign, bits 1.. the magnitude from its most significant bit. Each is the XOR of
        entropy bits [0] and [1]; [1] is -1 where bit [0] alone is meant. The signs take the first places of
        a pool, one each. Unit u's magnitude takes the places u + mark of the rest, two marks a bit. All
        differences of marks are distinct, so that no two bits are the same pair, and no magnitude bit is an
        XOR of signs: with pairs among the signs' places small arrays fail their chi-square test. The places
        of a word are near each other, so the wires are short.
        """
        taps = np.full((self.units, self.word_bits, 2), -1, np.int32)
        if self.spread == "direct":
            taps[:, :, 0] = np.arange(self.units * self.word_bits).reshape(self.units, self.word_bits)
            return taps
        share = self.pool_width // 2
        for pool in range(self.pools):
            first, last = pool * share, min((pool + 1) * share, self.units)
            words = _pairs(self.pool_width, last - first, self.fresh_bits)
            taps[first:last] = np.where(words >= 0, words + pool * self.pool_width, -1)
        return taps

    def thresholds(self, beta: float) -> tuple[int, ...]:
        """P(|X| > v) = 2 / (1 + exp(2 beta v)) for each level v, in units of 2**-threshold_bits.

        `beta` is the inverse temperature per LSB of the weights.
        """
        if not (math.isfinite(beta) and beta >= 0):
            raise ValueError(f"beta must be finite and not negative, not {beta!r}")
        one = 1 << self.threshold_bits
        return tuple(
            min(one - 1, round(one * 2 * math.exp(-2 * beta * v) / (1 + math.exp(-2 * beta * v)))) for v in self.levels
        )


def _marks(count: int, width: int, *, strict: bool) -> list[int]:
    """`count` places below `width`, the smallest at each choice; none if they do not fit.

    Strict: all their differences are distinct (the Mian-Chowla sequence, modulo `width`). Else only those of
    the pairs that they make two by two.
    """
    marks: list[int] = []
    differences: set[int] = set()
    for place in (k % width for k in range(width if strict else 16 * width)):
        if place in marks:
            continue
        partners = marks if strict else marks[len(marks) & ~1 :]
        fresh = [(place - other) % width for other in partners]
        fresh += [-d % width for d in fresh]
        if len(set(fresh)) == len(fresh) and differences.isdisjoint(fresh):
            marks.append(place)
            differences.update(fresh)
        if len(marks) == count:
            return marks
    return []


def _pairs(width: int, units: int, fresh_bits: int) -> NDArray[np.int32]:
    """The taps of one pool of `width` bits: int32[units][1 + fresh_bits][2]."""
    rest = width - units
    places = _marks(2 * fresh_bits, rest, strict=True) or _marks(2 * fresh_bits, rest, strict=False)
    words = np.full((units, 1 + fresh_bits, 2), -1, np.int32)
    words[:, 0, 0] = np.arange(units)
    magnitudes = units + (np.arange(units)[:, None] + np.array(places)) % rest
    words[:, 1:] = magnitudes.reshape(units, fresh_bits, 2)
    return words


class Noise:
    """Golden model: outcomes of every unit, one word each a call of `step`."""

    def __init__(self, parameters: NoiseParameters):
        self.parameters = parameters
        self.weyl = 0
        self.line: list[tuple[bool, ...]] = [(False,) * len(parameters.levels)] * parameters.dither_delays

    def step(self, entropy: NDArray[np.uint8], thresholds: tuple[int, ...]) -> tuple[NDArray, NDArray]:
        """Signs bool[units] and outcomes bool[units][levels] from one clock's entropy bits."""
        p = self.parameters
        first, second = p.taps[..., 0], p.taps[..., 1]
        words = entropy[first] ^ np.where(second >= 0, entropy[second], 0)
        fresh = np.zeros(p.units, np.int64)
        for k in range(1, p.word_bits):
            fresh = 2 * fresh + words[:, k]
        low = np.array(thresholds, np.int64) & ((1 << p.dither_bits) - 1)
        high = np.array(thresholds, np.int64) >> p.dither_bits
        self.line = [tuple(bool(self.weyl < t) for t in low), *self.line[:-1]]
        self.weyl = (self.weyl + p.dither_step) % (1 << p.dither_bits)
        dither = np.array([self.line[delay] for delay in p.delays], np.int64)
        dither = dither.reshape(p.units, len(p.levels))
        # magnitude < threshold, with the low parts compared before the line
        outcomes = fresh[:, None] < high[None, :] + dither
        return words[:, 0].astype(bool), outcomes
