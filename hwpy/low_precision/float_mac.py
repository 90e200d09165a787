"""Golden model of floating-point multiply-accumulate: exact products, each added to the total with one rounding.

    total <- round(total + x w)

where ``total + x w`` is exact, whatever the distance of the exponents. Sums start from +0. Subnormals count in factors
and total. Infinities and NaN are IEEE 754's: 0 times infinity and infinity less infinity are NaN, NaN stays; a total
whose format has no infinity (e4m3) becomes NaN where another becomes infinite. Finite sums beyond the format saturate,
or with ``saturate`` off become infinite. Equal numbers of unlike sign give +0.

**Lazy and eager**, after S. Ben Ali, S.-I. Filip and O. Sentieys, *A Stochastic Rounding-Enabled Low-Precision
Floating-Point MAC for DNN Training*, DATE 2024, arXiv:2404.14010. A lazy unit adds the random word after the sum is
normalised, at the top of the bits that are then dropped. An eager one adds all but two bits of it to the aligned
addends, before it is known whether the sum will move by a place to the right (it carries), stay, or move by one to the
left; more to the left nothing is dropped. The random bits keep their places in the sum, so that the word that an eager
unit adds, seen from the result, is the lazy unit's

    rotated by one place to the right if the sum carries, to the left if it loses its first place.

A rotation permutes the words: for each sum as many of them round up, and all that is said of the bias holds for both.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwpy.low_precision.floating import FloatFormat
from hwpy.low_precision.rounding import Rounding

__all__ = ["FloatAccumulator", "FloatMacParameters", "add", "float_mac", "products"]

# A sum in float64 has so many bits, of which the last is sticky: for the kept ones, the word's, the tie's and that.
_SIGNIFICAND = 53


@dataclass(frozen=True)
class FloatMacParameters:
    """Formats and rounding of a floating-point multiply-accumulate unit.

    Parameters
    ----------
    x, w
        Formats of the factors.
    accumulator
        Format of the total and of the output.
    rounding
        How each sum is rounded: any mode but 'floor', and no more random bits than a float64 has besides.
    eager
        Whether the word is added before normalisation. Stochastic modes of at least 2 random bits only, and every
        product must be a number of the accumulator, as those of e5m2 are of e6m5, beyond its highest perhaps.
    sums
        Sums that take turns, 1 to 4: pair i belongs to sum i modulo ``sums``. The step has as many clocks.
    saturate
        Whether a finite sum beyond the format stays finite.
    """

    x: FloatFormat
    w: FloatFormat
    accumulator: FloatFormat
    rounding: Rounding
    eager: bool = False
    sums: int = 1
    saturate: bool = True

    def __post_init__(self) -> None:
        if not 1 <= operator.index(self.sums) <= 4:
            raise ValueError(f"float MAC sums must be 1 to 4, not {self.sums!r}")
        if self.rounding.mode == "floor":
            raise ValueError("float MAC rounds to nearest, to zero or stochastically, not 'floor'")
        most = _SIGNIFICAND - 3 - self.accumulator.fraction_bits
        if self.word_bits > most:
            raise ValueError(
                f"float MAC random bits must be at most {most} to {self.accumulator}, not {self.word_bits}"
            )
        if self.eager and self.word_bits < 2:
            raise ValueError(f"eager float MAC needs a stochastic rounding of 2 bits or more, not {self.rounding}")
        if self.eager and not self.products_fit:
            raise ValueError(
                f"eager float MAC needs products that {self.accumulator} has, not those of {self.x} and {self.w}"
            )

    @classmethod
    def parse(
        cls,
        x: str = "e5m2",
        w: str = "e5m2",
        accumulator: str = "e6m5",
        rounding: str = "nearest",
        random_bits: int = 0,
        eager: bool = False,
        sums: int = 1,
        saturate: bool = True,
    ) -> FloatMacParameters:
        """The same from names of formats and of the rounding's mode."""
        factors, total = (FloatFormat.parse(x), FloatFormat.parse(w)), FloatFormat.parse(accumulator)
        return cls(*factors, total, Rounding(rounding, random_bits), eager, sums, saturate)

    @property
    def word_bits(self) -> int:
        """Bits of a random word, one for each product; 0 if none is taken."""
        return self.rounding.random_bits

    @property
    def product_bits(self) -> int:
        """Bits of a product's significand."""
        return self.x.fraction_bits + self.w.fraction_bits + 2

    @property
    def products_fit(self) -> bool:
        """Whether no product has bits below or beyond those of a number of the accumulator."""
        lowest = sum(form.lowest_exponent - form.fraction_bits for form in (self.x, self.w))
        place = self.accumulator.lowest_exponent - self.accumulator.fraction_bits
        return self.product_bits <= self.accumulator.fraction_bits + 1 and lowest >= place


def products(parameters: FloatMacParameters, x: ArrayLike, w: ArrayLike) -> NDArray[np.float64]:
    """Exact products of codes, by NumPy's rules of shapes."""
    with np.errstate(invalid="ignore"):
        return parameters.x.decode(x) * parameters.w.decode(w)


def add(
    parameters: FloatMacParameters, total: ArrayLike, product: ArrayLike, words: ArrayLike | None = None
) -> NDArray[np.int64]:
    """One step: codes of totals, and exact products, to codes of totals; of their shape, which is the words' too."""
    form = parameters.accumulator
    before, product = form.decode(total), np.asarray(product, dtype=np.float64)
    exact = _sum_to_odd(before, product)
    if parameters.eager:
        words = _turned(parameters, np.asarray(words, dtype=np.int64), before, product, exact)
    code = form.encode(exact, parameters.rounding, words, parameters.saturate)
    code = np.where(np.isinf(exact), form.encode(exact, saturate=False), code)
    return np.where(np.isnan(form.decode(code)), form.nan_code, code)


def float_mac(
    parameters: FloatMacParameters, x: ArrayLike, w: ArrayLike, words: ArrayLike | None = None
) -> NDArray[np.int64]:
    """Codes of the dot products of codes ``x`` and ``w`` along their last axis, in its order.

    If the rounding is stochastic it takes random words of the products' shape.
    """
    found = products(parameters, x, w)
    if parameters.word_bits:
        if words is None or np.shape(words) != found.shape:
            given = "none" if words is None else np.shape(words)
            raise ValueError(f"float MAC random words must be of shape {found.shape}, not {given}")
        words = np.asarray(words, dtype=np.int64)
    total = np.zeros(found.shape[:-1], dtype=np.int64)
    for term in range(found.shape[-1]):
        total = add(parameters, total, found[..., term], None if words is None else np.asarray(words)[..., term])
    return total


def _sum_to_odd(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sum, of whose neighbours in float64 the one with an odd last bit stands for all between them.

    Rounding it further, to fewer bits, gives what rounding the exact sum gives (S. Boldo and G. Melquiond, 2008). The
    error of the sum to nearest is Knuth's TwoSum.
    """
    with np.errstate(invalid="ignore"):
        total = a + b
        part = total - a
        error = (a - (total - part)) + (b - part)
        odd = total.view(np.int64) & 1
        neighbour = np.nextafter(total, np.copysign(np.inf, error))
        return np.where(np.isfinite(total) & (error != 0) & (odd == 0), neighbour, total)


def _turned(
    parameters: FloatMacParameters,
    words: NDArray[np.int64],
    total: NDArray[np.float64],
    product: NDArray[np.float64],
    exact: NDArray[np.float64],
) -> NDArray[np.int64]:
    """The words as they lie to the result, if they are added to the operands."""

    def exponent(values: NDArray[np.float64]) -> NDArray[np.int64]:
        lowest = parameters.accumulator.lowest_exponent
        return np.where(values == 0, lowest, np.maximum(np.frexp(values)[1] - 1, lowest))

    highest = parameters.word_bits - 1
    moved = exponent(exact) - np.maximum(exponent(total), exponent(product))
    right = words >> 1 | (words & 1) << highest
    left = (words << 1 | words >> highest) & ((2 << highest) - 1)
    return np.where(moved > 0, right, np.where(moved < 0, left, words))


class FloatAccumulator:
    """Clock by clock: three registers for the pair and its product, those of the step, and the output.

    A word is taken as a product enters the step, which has ``sums - 1`` registers inside. A product that enters finds
    the total of its sum made, for all products behind it are of other sums. ``output`` is the sum offered now, or None.
    """

    def __init__(self, parameters: FloatMacParameters):
        self.parameters = parameters
        self.output: int | None = None
        self._entry = 2
        self._stages: list[tuple[float, bool] | None] = [None] * (self._entry + parameters.sums)
        # Those of the sums, the one whose turn it is first.
        self._totals = [0] * parameters.sums

    def entropy_ready(self, sink_ready: bool) -> bool:
        """Whether a word is taken in this clock if one is offered."""
        return bool(self.parameters.word_bits) and self._moves(0, sink_ready)[self._entry]

    def ready(self, word: int | None, sink_ready: bool) -> bool:
        """Whether a pair is taken in this clock if one is offered."""
        return self._stages[0] is None or self._moves(word, sink_ready)[0]

    def step(self, pair: tuple[int, int, bool] | None, word: int | None, sink_ready: bool) -> None:
        """One clock edge: the codes offered and whether they end their sum, the word offered, and the sink's ready."""
        moves, stages = self._moves(word, sink_ready), self._stages
        if sink_ready:
            self.output = None
        for place in reversed(range(len(stages))):
            held = stages[place]
            if not moves[place] or held is None:
                continue
            stages[place] = None
            if place == self._entry:
                held = self._add(*held, word)
            if place + 1 < len(stages):
                stages[place + 1] = held
            elif held[1]:
                self.output = int(held[0])
        if pair is not None and stages[0] is None:
            stages[0] = float(products(self.parameters, pair[0], pair[1])), pair[2]

    def _moves(self, word: int | None, sink_ready: bool) -> list[bool]:
        """Which of the registers give on what they hold."""
        moves = [False] * len(self._stages)
        for place in reversed(range(len(moves))):
            held = self._stages[place]
            if held is None:
                continue
            if place + 1 < len(moves):
                free = self._stages[place + 1] is None or moves[place + 1]
            else:
                free = not held[1] or self.output is None or sink_ready
            fed = place != self._entry or word is not None or not self.parameters.word_bits
            moves[place] = free and fed
        return moves

    def _add(self, product: float, last: bool, word: int | None) -> tuple[int, bool]:
        total = int(add(self.parameters, self._totals[0], product, word if self.parameters.word_bits else None))
        self._totals = [*self._totals[1:], 0 if last else total]
        return total, last
