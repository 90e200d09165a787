"""Which seeds, taps, rotations and delays make pseudo-random words multiply best: a search over all operand pairs.

An LFSR that is taken as it comes is an unfair baseline (J. H. Anderson, Y. Hara-Azumi and S. Yamashita, *Effect of LFSR
seeding, scrambling and feedback polynomial on stochastic computing accuracy*, DATE 2016). The measure here is the
product by an AND gate of two comparator streams of N bits: its error over all 4^w pairs of w-bit codes.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwpy.entropy.lfsr import LfsrParameters
from hwpy.stochastic_computing.generator import rotate
from hwpy.stochastic_computing.sequences import lfsr_words

__all__ = [
    "Pairing",
    "choose_views",
    "independent_rms",
    "maximal_taps",
    "product_errors",
    "product_rms",
    "search_separate",
    "search_shared",
]


@dataclass(frozen=True)
class Pairing:
    """Two streams and the RMS error of their products: registers by taps and seed, the second rotated and delayed."""

    error: float
    taps: tuple[tuple[int, ...], tuple[int, ...]]
    seeds: tuple[int, int]
    rotation: int = 0
    delay: int = 0


def product_errors(first: ArrayLike, second: ArrayLike, width: int) -> NDArray[np.float64]:
    """Mean of AND less a b / 4^w for all codes a, b of ``width`` bits: shape (2**w, 2**w), from words of shape (N,)."""
    one, two = np.asarray(first, dtype=np.int64), np.asarray(second, dtype=np.int64)
    if one.ndim != 1 or one.shape != two.shape or not one.size:
        raise ValueError(f"products need two rows of words of one length, not of shapes {one.shape!r}, {two.shape!r}")
    size = 1 << width
    together = np.bincount(one * size + two, minlength=size * size).reshape(size, size)
    # How often first < a and second < b: the sum over the rectangle below and left of (a, b).
    below = np.zeros((size, size))
    below[1:, 1:] = together.cumsum(axis=0).cumsum(axis=1)[:-1, :-1]
    codes = np.arange(size) / size
    return below / len(one) - np.outer(codes, codes)


def product_rms(first: ArrayLike, second: ArrayLike, width: int) -> float:
    """Root mean square of `product_errors`."""
    return float(np.sqrt((product_errors(first, second, width) ** 2).mean()))


def independent_rms(width: int, length: int) -> float:
    """The same for independent random words: the mean of y (1 - y) / N over the products y, and its root."""
    codes = np.arange(1 << width) / (1 << width)
    products = np.outer(codes, codes)
    return float(np.sqrt((products * (1 - products)).mean() / length))


def maximal_taps(width: int) -> list[tuple[int, ...]]:
    """Every set of taps of maximal length, 2 to 12 bits, by running each recurrence once."""
    if not 2 <= width <= 12:
        raise ValueError(f"taps are enumerated for 2 to 12 bits, not {width!r}")
    found = []
    for count in range(1, width, 2):
        for others in itertools.combinations(range(width - 1, 0, -1), count):
            if _has_full_period(LfsrParameters(width, (width, *others))):
                found.append((width, *others))
    return sorted(found, reverse=True)


def search_shared(width: int, length: int, delays: Iterable[int] = range(4), seed: int = 1) -> list[Pairing]:
    """One register for both streams: every maximal set of taps, rotation and delay, best first."""
    waits = list(delays)
    found = []
    for taps in maximal_taps(width):
        words = lfsr_words(LfsrParameters(width, taps), seed, length + max(waits))
        newest = words[max(waits) :]
        for delay, rotation in itertools.product(waits, range(width)):
            if delay or rotation:
                other = rotate(words[max(waits) - delay : len(words) - delay], rotation, width)
                error = product_rms(newest, other, width)
                found.append(Pairing(error, (taps, taps), (seed, seed), rotation, delay))
    return sorted(found, key=lambda pairing: pairing.error)


def search_separate(width: int, length: int, seeds: Sequence[int], seed: int = 1) -> list[Pairing]:
    """Two registers: every two maximal sets of taps, the first with ``seed``, the second with each of ``seeds``."""
    words = {
        taps: [lfsr_words(LfsrParameters(width, taps), start, length) for start in (seed, *seeds)]
        for taps in maximal_taps(width)
    }
    found = []
    for pair in itertools.combinations(words, 2):
        for place, start in enumerate(seeds, 1):
            error = product_rms(words[pair[0]][0], words[pair[1]][place], width)
            found.append(Pairing(error, pair, (seed, start)))
    return sorted(found, key=lambda pairing: pairing.error)


def choose_views(words: ArrayLike, width: int, count: int, delays: Iterable[int] = range(8)) -> list[tuple[int, int]]:
    """(delay, rotation) for ``count`` streams on one row of words, by greed: each the least bad against those before.

    The measure is the worst RMS product error with a stream chosen before. The first stream is (0, 0).

    Raises
    ------
    ValueError
        If there are fewer views than streams.
    """
    waits = list(delays)
    row = np.asarray(words, dtype=np.int64)
    latest = max(waits)
    views = {
        (delay, rotation): rotate(row[latest - delay : len(row) - delay], rotation, width)
        for delay, rotation in itertools.product(waits, range(width))
    }
    if count > len(views):
        raise ValueError(f"{len(views)} views do not make {count!r} streams: allow more delays")
    chosen = [(0, 0)]
    worst = dict.fromkeys(views, 0.0)
    while len(chosen) < count:
        for view in views:
            worst[view] = max(worst[view], product_rms(views[chosen[-1]], views[view], width))
        chosen.append(min((view for view in views if view not in chosen), key=lambda view: worst[view]))
    return chosen


def _has_full_period(parameters: LfsrParameters) -> bool:
    feedback = sum(1 << exponent for exponent in parameters.exponents)
    state, top = 1, parameters.width - 1
    for step in range(1, 1 << parameters.width):
        state = state >> 1 | ((state & feedback).bit_count() & 1) << top
        if state == 1:
            return step == (1 << parameters.width) - 1
    return False
