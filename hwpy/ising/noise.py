"""Logistic noise for an array of p-bits: how random bits become the outcomes that p-bits ask for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from hwpy.entropy.taps import WIDE_TAPS

# Widths of a shared pool: Mersenne exponents, for which a primitive polynomial of four taps is known.
POOL_WIDTHS = (127, 521, 607, 1279)
# Bits of a word whose pairs of places still differ from all others'.
MAX_WORD = 32
# The part of a pool's bits that may be signs, one a unit; the rest make the magnitudes.
POOL_SHARE = 2 / 3


@dataclass(frozen=True)
class NoiseParameters:
    """The noise of `units` p-bits that update in one clock, a word each.

    A word is a sign and an outcome bit a level; the noise goes beyond a level where its bit and those of all
    lower levels are set. The first level's bit is magnitude < threshold, where the magnitude is `fresh_bits`
    random bits followed by bits of a Weyl sequence (multiples of an irrational number). The random bits make
    neighbouring words independent; the Weyl sequence, the dither, which every word shares with a delay of its
    own, only refines the thresholds, so that their mean is exact to 2**-threshold_bits.

    Parameters
    ----------
    units
        P-bits that take noise in one clock.
    levels
        Magnitudes |I|, ascending, that have an outcome bit.
    fresh_bits, dither_bits
        Random and dither bits of a magnitude; at least 1 and 0, together at most 24.
    step_bits
        None: every level compares the same magnitude. A number: every level beyond the first compares a
        magnitude of its own, of this many random bits (0 or more, the rest dither), with the probability to
        go beyond it given that the noise is beyond the level below. Few bits suffice for that, since they
        matter only where the level below is passed.
    spread
        'pairs': a word's bits are XORs of two bits of a shared pool (its sign is a pool bit of its own).
        'direct': every bit of a word is an entropy bit of its own.
    dither_delays
        Length of the delay line along which the dither travels past the words.
    share
        Units that use one word, in the same clock. More than 1 samples wrongly: it is there to show by how much.
    """

    units: int
    levels: tuple[int, ...]
    fresh_bits: int = 8
    dither_bits: int = 8
    step_bits: int | None = None
    spread: str = "pairs"
    dither_delays: int = 64
    share: int = 1

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
        if self.step_bits is not None and not 0 <= self.step_bits <= self.threshold_bits:
            raise ValueError(f"step_bits must be 0 to {self.threshold_bits}, or None, not {self.step_bits!r}")
        if self.spread not in ("pairs", "direct"):
            raise ValueError(f"spread must be 'pairs' or 'direct', not {self.spread!r}")
        if self.spread == "pairs" and self.word_bits > MAX_WORD:
            raise ValueError(
                f"a pool's words have at most {MAX_WORD} bits, not {self.word_bits!r}: take fewer step_bits"
            )
        if self.dither_delays < 1:
            raise ValueError(f"dither_delays must be 1 or more, not {self.dither_delays!r}")
        if self.share < 1:
            raise ValueError(f"share must be 1 or more, not {self.share!r}")

    @property
    def words(self) -> int:
        """Words a clock; unit u uses word u % words, so that units of one word are far apart."""
        return -(-self.units // self.share)

    @cached_property
    def magnitudes(self) -> tuple[range, ...]:
        """Which bits of a word each level compares, the most significant first; bit 0 is the sign."""
        first = range(1, 1 + self.fresh_bits)
        if self.step_bits is None:
            return (first,) * len(self.levels)
        ends = [first.stop + k * self.step_bits for k in range(len(self.levels))]
        return (first, *map(range, ends, ends[1:]))[: len(self.levels)]

    @property
    def word_bits(self) -> int:
        """Random bits in one word: the sign and those of the magnitudes."""
        return max([1 + self.fresh_bits, *(bits.stop for bits in self.magnitudes)])

    @property
    def threshold_bits(self) -> int:
        """Width of a threshold."""
        return self.fresh_bits + self.dither_bits

    def dither_width(self, level: int) -> int:
        """Dither bits of a level's magnitude."""
        return self.threshold_bits - len(self.magnitudes[level])

    @cached_property
    def _pools(self) -> tuple[int, int]:
        """Width of a pool and the words that one serves."""
        for width in POOL_WIDTHS:
            share = min(self.words, int(width * POOL_SHARE))
            all_or_widest = share == self.words or width == POOL_WIDTHS[-1]
            if all_or_widest and _families(self.word_bits - 1, share, width):
                return width, share
        raise ValueError(f"a pool of {POOL_WIDTHS[-1]} bits cannot serve words of {self.word_bits!r} bits")

    @property
    def pool_width(self) -> int:
        """Bits of one pool."""
        return self.words * self.word_bits if self.spread == "direct" else self._pools[0]

    @property
    def pools(self) -> int:
        """Pools side by side."""
        return 1 if self.spread == "direct" else -(-self.words // self._pools[1])

    @property
    def entropy_width(self) -> int:
        """Random bits that the array takes in one clock: the width of its entropy stream."""
        return self.pools * self.pool_width

    @cached_property
    def delays(self) -> NDArray[np.int64]:
        """How far down its dither's delay line each word sits at each level: int64[levels][words].

        Quadratic permutations (as of turbo codes): neighbours on a lattice are far apart, for every magnitude
        differently, and every place serves equally many units.
        """
        word = np.arange(self.words)
        rows = [(2 * k + 37) * word + (4 * k + 10) * word**2 for k in self.sequences]
        return np.array(rows, np.int64).reshape(-1, self.words) % self.dither_delays

    @property
    def sequences(self) -> list[int]:
        """Which Weyl sequence each level has: levels that compare one magnitude share it."""
        return [0 if self.step_bits is None else j for j in range(len(self.levels))]

    @cached_property
    def dither_steps(self) -> tuple[int, ...]:
        """What each level's Weyl sequence, `threshold_bits` wide, advances by: odd, so that it takes every value.

        The sequences must fill the cube together: the roots of the primes do (Richtmyer 1951).
        """
        roots = [math.sqrt(p) % 1 for p in _primes(1 + max(self.sequences, default=0))]
        return tuple(int((1 << self.threshold_bits) * roots[k]) | 1 for k in self.sequences)

    @cached_property
    def taps(self) -> NDArray[np.int32]:
        """Which entropy bits make each word: int32[words][word_bits][2].

        Bit 0 is the sign, the others as `magnitudes` says. Each is the XOR of entropy bits [0] and [1]; [1]
        is -1 where bit [0] alone is meant. The signs take the first places of a pool, one each. A word's
        magnitude is made of the other places, two a bit, so that any two words are independent (`_families`).
        No magnitude bit is an XOR of signs: with pairs among the signs' places small arrays fail their
        chi-square test.
        """
        taps = np.full((self.words, self.word_bits, 2), -1, np.int32)
        if self.spread == "direct":
            taps[:, :, 0] = np.arange(self.words * self.word_bits).reshape(self.words, self.word_bits)
            return taps
        width, share = self._pools
        for pool in range(self.pools):
            first, last = pool * share, min((pool + 1) * share, self.words)
            words = _pairs(width, last - first, self.word_bits - 1)
            taps[first:last] = np.where(words >= 0, words + pool * width, -1)
        return taps

    def thresholds(self, beta: float) -> tuple[int, ...]:
        """What each level's magnitude is compared with, in units of 2**-threshold_bits.

        P(|X| > v) = 2 / (1 + exp(2 beta v)), and with `step_bits` its ratio to that of the level below.
        `beta` is the inverse temperature per LSB of the weights.
        """
        if not (math.isfinite(beta) and beta >= 0):
            raise ValueError(f"beta must be finite and not negative, not {beta!r}")
        one = 1 << self.threshold_bits
        thresholds, below = [], 0
        for v in self.levels:
            # The factor exp(-2 beta (v - below)) apart, so that the ratio of two tiny probabilities is exact.
            probability = 2 * math.exp(-2 * beta * (v - below)) / (1 + math.exp(-2 * beta * v))
            if below:
                probability *= (1 + math.exp(-2 * beta * below)) / 2
            thresholds.append(min(one - 1, round(one * probability)))
            below = v if self.step_bits is not None else 0
        return tuple(thresholds)


def _independent(families: list[list[tuple[int, int]]], places: int) -> bool:
    """Whether the last pair is independent, in every two words, of the words' other pairs.

    A word is a family's pairs, all moved by the same distance; pairs are XORs of random bits, so they are
    dependent only where they close a cycle of places.
    """
    *_, last = families
    for other in families:
        for shift in range(places):
            if other is last and shift == 0:
                pairs = last
            else:
                pairs = last + [((a + shift) % places, (b + shift) % places) for a, b in other]
            root = {place: place for pair in pairs for place in pair}

            def find(place, root=root):
                while root[place] != place:
                    place = root[place]
                return place

            for a, b in pairs:
                if find(a) == find(b):
                    return False
                root[find(a)] = find(b)
    return True


def _primes(count: int) -> list[int]:
    primes: list[int] = []
    candidate = 2
    while len(primes) < count:
        if all(candidate % p for p in primes):
            primes.append(candidate)
        candidate += 1
    return primes


@cache
def _families(bits: int, units: int, width: int) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Pairs of places, `bits` a word, for `units` words in a pool of `width`; none where they do not fit.

    The signs leave a ring of width - units places. Word u is family u // places, moved by u. Any two words are
    independent. The smallest places are taken, so that a word's wires are short; but no pair is as far apart
    as two taps of the pool's register are (or twice or four times as far, which holds two and four clocks on):
    the register would make it a sum of three signs, and small arrays fail their chi-square test.
    """
    places = width - units
    taps = WIDE_TAPS[width]
    related = {scale * abs(a - b) for a in taps for b in taps for scale in (1, 2, 4)}
    families: list[list[tuple[int, int]]] = []
    for _ in range(-(-units // places)):
        families.append([])
        used: set[int] = set()
        for _ in range(bits):
            free = [place for place in range(places) if place not in used]
            for first, second in ((free[0], b) for b in free[1:]) if free else ():
                if related.isdisjoint((second - first, places - second + first)):
                    families[-1].append((first, second))
                    if _independent(families, places):
                        break
                    families[-1].pop()
            else:
                return ()
            used.update(families[-1][-1])
    return tuple(map(tuple, families))


def _pairs(width: int, units: int, bits: int) -> NDArray[np.int32]:
    """The taps of one pool of `width` bits: int32[units][1 + bits][2]."""
    places = width - units
    families = np.array(_families(bits, units, width), np.int32)
    unit = np.arange(units)
    words = np.full((units, 1 + bits, 2), -1, np.int32)
    words[:, 0, 0] = unit
    words[:, 1:] = units + (families[unit // places] + unit[:, None, None]) % places
    return words


class Noise:
    """Golden model: outcomes of every unit, one word each a call of `step`."""

    def __init__(self, parameters: NoiseParameters):
        self.parameters = parameters
        self.weyl = [0] * len(parameters.levels)
        self.line: list[tuple[bool, ...]] = [(False,) * len(parameters.levels)] * parameters.dither_delays

    def step(self, entropy: NDArray[np.uint8], thresholds: tuple[int, ...]) -> tuple[NDArray, NDArray]:
        """Signs bool[units] and outcomes bool[units][levels] from one clock's entropy bits."""
        p = self.parameters
        first, second = p.taps[..., 0], p.taps[..., 1]
        words = entropy[first] ^ np.where(second >= 0, entropy[second], 0)
        # magnitude < threshold, with the low parts, which are the dither, compared before the line
        now = []
        for j, threshold in enumerate(thresholds):
            dither = self.weyl[j] >> p.threshold_bits - p.dither_width(j)
            now.append(dither < threshold % (1 << p.dither_width(j)))
            self.weyl[j] = (self.weyl[j] + p.dither_steps[j]) % (1 << p.threshold_bits)
        self.line = [tuple(now), *self.line[:-1]]
        outcomes = np.zeros((p.words, len(p.levels)), bool)
        for j, threshold in enumerate(thresholds):
            random = np.zeros(p.words, np.int64)
            for k in p.magnitudes[j]:
                random = 2 * random + words[:, k]
            passed = np.array([self.line[delay][j] for delay in p.delays[j]])
            outcomes[:, j] = random < (threshold >> p.dither_width(j)) + passed
        word = np.arange(p.units) % p.words
        return words[word, 0].astype(bool), outcomes[word]
