"""Golden model of multiply-accumulate with rounding: sums of products in fixed point, and when bits are dropped.

A product of ``x`` and ``w`` has the fraction bits of both. The accumulator has as many, and then each sum is rounded
once at its end to the output's format; or it has fewer, and then it is rounded at every step:

    total <- saturate(round(total + x w))

where ``total + x w`` is exact. Each rounding takes one random word if it is stochastic. Gupta et al. (ICML 2015) round
once at the end; per step is what an accumulator of few bits needs.

**Lazy and eager** (the names of S. Ben Ali, S.-I. Filip and O. Sentieys, DATE 2024, for a floating-point unit): the
random word can be added after the sum is made, which is a second adder; or eagerly, as an operand of the sum that is
made anyway. A total that was rounded has no bits where the word goes, so a step adds ``x w`` to (total, word) side
by side; at the end of a sum it is too late for that, and the word is where the sum starts from instead of zero. The
results are the same, bit for bit, but for a sum rounded at its end whose accumulator saturates on the way.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwpy.low_precision.fixed import FixedFormat
from hwpy.low_precision.rounding import Rounding, shift_right

__all__ = ["Accumulator", "MacParameters", "accumulate", "mac", "products"]


@dataclass(frozen=True)
class MacParameters:
    """Formats and rounding of a multiply-accumulate unit.

    Parameters
    ----------
    x, w
        Formats of the factors, of at most 18 bits.
    accumulator
        Format of the total: with the fraction bits of a product, or with fewer, which rounds at every step.
    output
        Format of a sum; if the accumulator rounds, with its fraction bits.
    rounding
        How bits are dropped, with no more random bits than are dropped.
    eager
        Whether what rounds is added with the sum and not after it. Not towards zero, and at the end of a sum not
        'stochastic' with fewer random bits than are dropped: these need the sum first.
    """

    x: FixedFormat
    w: FixedFormat
    accumulator: FixedFormat
    output: FixedFormat
    rounding: Rounding
    eager: bool = False

    def __post_init__(self) -> None:
        for name in ("x", "w"):
            if getattr(self, name).width > 18:
                raise ValueError(f"MAC {name} must be of at most 18 bits, not {getattr(self, name)}")
        if self.step_shift < 0 or self.end_shift < 0:
            raise ValueError(
                f"MAC fraction bits must not grow from product to accumulator to output, not "
                f"{self.product_fraction} to {self.accumulator.fraction_bits} to {self.output.fraction_bits}"
            )
        if self.step_shift and self.end_shift:
            raise ValueError(
                f"MAC must round at each step or at the end: accumulator {self.accumulator} has neither the product's "
                f"{self.product_fraction} fraction bits nor those of output {self.output}"
            )
        bits = self.rounding.random_bits
        if bits > self.shift:
            raise ValueError(f"MAC random bits must be at most the {self.shift} that are dropped, not {bits!r}")
        late = self.end_shift and self.rounding.mode == "stochastic" and bits < self.shift
        if self.eager and (self.rounding.mode == "zero" or late):
            how = f"stochastic with {bits} of {self.shift} bits at the end" if late else "to zero"
            raise ValueError(f"eager MAC cannot round {how}")

    @classmethod
    def parse(
        cls,
        x: str = "s[0][7]",
        w: str = "s[0][7]",
        accumulator: str = "s[7][8]",
        output: str | None = None,
        rounding: str = "nearest",
        random_bits: int = 0,
        eager: bool = False,
    ) -> MacParameters:
        """The same from names of formats and of the rounding's mode."""
        factors = FixedFormat.parse(x), FixedFormat.parse(w)
        total = FixedFormat.parse(accumulator)
        result = FixedFormat.parse(output) if output else total
        return cls(*factors, total, result, Rounding(rounding, random_bits), eager)

    @property
    def product_fraction(self) -> int:
        """Fraction bits of a product."""
        return self.x.fraction_bits + self.w.fraction_bits

    @property
    def step_shift(self) -> int:
        """Bits dropped at each step."""
        return self.product_fraction - self.accumulator.fraction_bits

    @property
    def end_shift(self) -> int:
        """Bits dropped at the end of a sum."""
        return self.accumulator.fraction_bits - self.output.fraction_bits

    @property
    def shift(self) -> int:
        """Bits dropped by a rounding, 0 if nothing is."""
        return self.step_shift or self.end_shift

    @property
    def word_bits(self) -> int:
        """Bits of a random word; 0 if no rounding takes one."""
        return self.rounding.random_bits

    def bits_per_product(self, terms: int) -> float:
        """Random bits for a product, in sums of ``terms`` products."""
        return self.word_bits * (1 if self.step_shift else 1 / terms)

    def step(self, total: ArrayLike, addend: ArrayLike, words: ArrayLike | None = None) -> NDArray[np.int64]:
        """The accumulator after one step, all raw: ``total``, and ``addend`` at a product's fraction bits."""
        exact = (np.asarray(total, dtype=np.int64) << self.step_shift) + np.asarray(addend, dtype=np.int64)
        if self.step_shift:
            exact = shift_right(exact, self.step_shift, self.rounding, words)
        return self.accumulator.saturate(exact)

    def start(self, words: ArrayLike | None, shape: tuple[int, ...] = ()) -> NDArray[np.int64]:
        """What a sum starts from: zero, or what rounds its end."""
        total = np.zeros(shape, dtype=np.int64)
        if not (self.eager and self.end_shift):
            return total
        if self.rounding.mode == "nearest":
            return total + (1 << (self.shift - 1))
        if not self.word_bits:
            return total
        below = self.shift - self.word_bits
        half = 1 << (below - 1) if below and self.rounding.mode == "stochastic-fast" else 0
        return (np.asarray(words, dtype=np.int64) << below) + half

    def end(self, total: ArrayLike, words: ArrayLike | None = None) -> NDArray[np.int64]:
        """The sum as it is given out."""
        total = np.asarray(total, dtype=np.int64)
        if not self.end_shift:
            return self.output.saturate(total)
        if not self.eager:
            return self.output.saturate(shift_right(total, self.end_shift, self.rounding, words))
        kept = total >> self.end_shift
        if self.rounding.mode == "nearest":
            # Half was added: no bits are left of a tie only, which has become the next number, even or odd.
            kept = np.where(total == kept << self.end_shift, kept & ~1, kept)
        return self.output.saturate(kept)


def accumulate(parameters: MacParameters, addends: ArrayLike, words: ArrayLike | None = None) -> NDArray[np.int64]:
    """Sums along the last axis, in its order, raw in the output's format.

    Parameters
    ----------
    parameters
        Formats and rounding.
    addends
        Raw integers at a product's fraction bits, shape (..., terms).
    words
        Random words if the rounding is stochastic: of the addends' shape if each step rounds, else (...).
    """
    addends = np.asarray(addends, dtype=np.int64)
    if parameters.word_bits:
        wanted = addends.shape if parameters.step_shift else addends.shape[:-1]
        if words is None or np.shape(words) != wanted:
            given = "none" if words is None else np.shape(words)
            raise ValueError(f"MAC random words must be of shape {wanted}, not {given}")
        words = np.asarray(words, dtype=np.int64)
    elif words is not None:
        raise ValueError(f"MAC takes no random words to round to {parameters.rounding.mode}")
    total = parameters.start(words, addends.shape[:-1])
    for term in range(addends.shape[-1]):
        own = words[..., term] if parameters.step_shift and words is not None else None
        total = parameters.step(total, addends[..., term], own)
    return parameters.end(total, words)


def products(parameters: MacParameters, x: ArrayLike, w: ArrayLike) -> NDArray[np.int64]:
    """Raw products of raw numbers, by NumPy's rules of shapes.

    Raises
    ------
    ValueError
        If a number is not of its format.
    """
    for name, values, form in (("x", x, parameters.x), ("w", w, parameters.w)):
        if (np.asarray(values) != form.saturate(values)).any():
            raise ValueError(f"MAC {name} must be {form.lowest} to {form.highest} in {form}")
    return np.asarray(x, dtype=np.int64) * np.asarray(w, dtype=np.int64)


def mac(parameters: MacParameters, x: ArrayLike, w: ArrayLike, words: ArrayLike | None = None) -> NDArray[np.int64]:
    """Dot products of raw ``x`` and ``w`` along their last axis, one product a step; shapes as `accumulate`'s."""
    return accumulate(parameters, products(parameters, x, w), words)


class Accumulator:
    """Clock by clock: ``stages`` registers of addends, then the accumulator. Each stage moves when it can.

    A word is taken with the addend of a step; if sums round at their end, eagerly with the first and else the last.
    ``output`` is the sum offered now, or None.
    """

    def __init__(self, parameters: MacParameters, stages: int):
        self.parameters = parameters
        self.output: int | None = None
        self._stages: list[tuple[int, bool] | None] = [None] * stages
        self._total: int | None = None

    def entropy_ready(self, sink_ready: bool) -> bool:
        """Whether a word is taken in this clock if one is offered."""
        return self._can_end(sink_ready) and self._needs_word()

    def ready(self, word: int | None, sink_ready: bool) -> bool:
        """Whether an addend is taken in this clock if one is offered."""
        return None in self._stages or self._goes(word, sink_ready)

    def step(self, addend: tuple[int, bool] | None, word: int | None, sink_ready: bool) -> None:
        """One clock edge: the addend offered and whether it ends its sum, the word offered, and the sink's ready."""
        goes = self._goes(word, sink_ready)
        if sink_ready:
            self.output = None
        if goes:
            self._add(word)
            self._stages[-1] = None
        # The last empty stage takes from the one before, that from the one before it, up to the input.
        empty = max((i for i, stage in enumerate(self._stages) if stage is None), default=None)
        if empty is not None:
            self._stages[: empty + 1] = [addend, *self._stages[:empty]]

    def _needs_word(self) -> bool:
        parameters, head = self.parameters, self._stages[-1]
        if head is None or not parameters.word_bits:
            return False
        return bool(parameters.step_shift) or (self._total is None if parameters.eager else head[1])

    def _can_end(self, sink_ready: bool) -> bool:
        head = self._stages[-1]
        return head is not None and (not head[1] or self.output is None or sink_ready)

    def _goes(self, word: int | None, sink_ready: bool) -> bool:
        return self._can_end(sink_ready) and (word is not None or not self._needs_word())

    def _add(self, word: int | None) -> None:
        head = self._stages[-1]
        assert head is not None
        addend, is_last = head
        used = word if self._needs_word() else None
        total = int(self.parameters.start(used)) if self._total is None else self._total
        self._total = int(self.parameters.step(total, addend, used if self.parameters.step_shift else None))
        if is_last:
            self.output = int(self.parameters.end(self._total, used))
            self._total = None
