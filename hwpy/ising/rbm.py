"""A restricted Boltzmann machine that samples and learns in hardware: golden model.

Units are 0 or 1, and unit ``visible`` and unit ``hidden`` of the two layers are always 1, so that the biases are a row
and a column of the weights: E(v, h) = - sum_ij v_i W_ij h_j, P(h_j = 1 | v) = sigmoid(sum_i v_i W_ij), and the same for
v_i (P. Smolensky, 1986). Each unit is a p-bit of `hwpy.ising.pbit`, whose field is the sum, at beta = 1/2.

Contrastive divergence (G. Hinton, *Neural Computation* 14 (2002)) after every image v: draw h, take a chain of k Gibbs
steps to v' and h', and, by one step of the rounding MAC of `hwpy.low_precision.mac` a weight,

    W_ij <- saturate(round(W_ij + 2^-n (v_i h_j - v'_i h'_j))).

The chain starts from h; with ``persistent`` it goes on from the h' of the image before (T. Tieleman, ICML 2008).
"""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
from numpy.typing import NDArray

from hwpy.ising.pbit import decide
from hwpy.ising.rbm_parameters import PBIT_BITS, ROW_BITS, STEPS_BITS, RbmParameters, Target

__all__ = ["Rbm", "RbmParameters", "Target"]

#: What a clock waits for: nothing, a random word, or the result in it to be taken.
_Clock = Generator["str | int | None", int, None]
_WORD = "word"


class Rbm:
    """Golden model, one clock a call of `tick`.

    Attributes
    ----------
    weights
        Raw, (rows, columns).
    visible, positive
        The image, and the hidden units drawn for it.
    chain, negative
        The visible and hidden units of the Gibbs chain. All four with the unit that is always 1.
    """

    def __init__(self, parameters: RbmParameters):
        self.parameters = p = parameters
        self.weights = np.zeros((p.rows, p.columns), np.int64)
        self.visible, self.chain = (np.arange(p.rows) == p.visible for _ in range(2))
        self.positive, self.negative = (np.arange(p.columns) == p.hidden for _ in range(2))
        self._run: _Clock | None = None
        self._waits: str | int | None = None

    @property
    def load_ready(self) -> bool:
        """The load stream's `ready`."""
        return self._run is None

    @property
    def entropy_ready(self) -> bool:
        """The entropy stream's `ready`."""
        return self._waits == _WORD

    @property
    def result(self) -> int | None:
        """The result stream's payload, or None where it is not valid."""
        return self._waits if isinstance(self._waits, int) else None

    def tick(
        self, *, load: tuple[int, int, int] | None = None, entropy: int | None = None, result_ready: bool = False
    ) -> None:
        """One clock edge, given what the streams offer: None where `valid` is low."""
        if self._run is None:
            if load is not None:
                self._load(*load)
                self._go(None)
        elif not (self.entropy_ready and entropy is None) and (self.result is None or result_ready):
            self._go(entropy if self.entropy_ready else None)

    def _go(self, word: int | None) -> None:
        try:
            self._waits = None if self._run is None else self._run.send(word)  # type: ignore[arg-type]
        except StopIteration:
            self._run = self._waits = None

    def _load(self, target: int, address: int, data: int) -> None:
        p = self.parameters
        steps, flag = max(data % (1 << STEPS_BITS), 1), bool(data >> ROW_BITS - 1)
        if target == Target.VISIBLE:
            places = ROW_BITS * address + np.arange(ROW_BITS)
            inside = places < p.visible
            self.visible[places[inside]] = data >> np.arange(ROW_BITS)[inside] & 1
        elif target == Target.WEIGHT:
            row, column = divmod(address, 1 << p.column_bits)
            if row < p.rows and column < p.columns:
                raw, width = data % (1 << p.weight.width), p.weight.width
                self.weights[row, column] = raw - (raw >> (width - 1) << width)
        elif target == Target.TRAIN:
            self._run = self._train(steps, data >> STEPS_BITS & 31, flag)
        elif target == Target.SAMPLE:
            self._run = self._sample(steps, (np.arange(p.rows) < address % (1 << p.row_bits)) ^ flag)
        elif target == Target.READ:
            self._run = self._read()

    def draw(self, field: int, word: int) -> bool:
        """The state of a p-bit in a field in units of the weights' LSB."""
        p = self.parameters
        size = (abs(field) + (1 << p.field_shift >> 1)) >> p.field_shift
        threshold = p.thresholds[size] if size < len(p.thresholds) else 0
        return decide(field, word & 1, {abs(field): word % (1 << PBIT_BITS) >> 1 < threshold})

    def _train(self, steps: int, rate_shift: int, persistent: bool) -> _Clock:
        self.chain = self.visible.copy()
        before = self.negative.copy()
        yield from self._up()
        self.positive = self.negative.copy()
        if persistent:
            self.negative = before
        for _ in range(steps):
            yield from self._down(np.zeros(self.parameters.rows, bool))
            yield from self._up()
        yield from self._update(1 << rate_shift)

    def _sample(self, steps: int, held: NDArray[np.bool_]) -> _Clock:
        self.chain = self.visible.copy()
        for _ in range(steps):
            yield from self._up()
            yield from self._down(held)
        for _, _, word in self.parameters.load_visible(self.chain[:-1]):
            yield word

    def _up(self) -> _Clock:
        """Rows through the memory's register and one more into the sums; then one unit after the other is drawn."""
        p = self.parameters
        yield from [None] * (p.rows + 2)
        fields = self.chain @ self.weights
        yield from [None] * 2
        for j in range(p.hidden):
            self.negative[j] = self.draw(int(fields[j]), (yield _WORD))

    def _down(self, held: NDArray[np.bool_]) -> _Clock:
        """Rows also through the adder tree; each is a unit's field."""
        p = self.parameters
        yield from [None] * (3 + p.tree_stages)
        for i in range(p.rows):
            if held[i] or i == p.visible:
                yield None
            else:
                self.chain[i] = self.draw(int(self.negative @ self.weights[i]), (yield _WORD))

    def _update(self, rate: int) -> _Clock:
        """A row in a clock for each group, or in one if nothing is added to it; a random word if needed."""
        p, bits = self.parameters, self.parameters.mac.word_bits
        yield from [None] * 2
        for i in range(p.rows):
            change = int(self.visible[i]) * self.positive - int(self.chain[i]) * self.negative.astype(np.int64)
            if not change.any():
                yield None
                continue
            for start in range(0, p.columns, p.lanes):
                group = np.arange(start, min(start + p.lanes, p.columns))
                if not change[group].any():
                    yield None
                    continue
                words = None
                if bits:
                    word = yield _WORD
                    words = np.array([word >> bits * lane & ((1 << bits) - 1) for lane in range(len(group))])
                else:
                    yield None
                self.weights[i, group] = p.mac.step(self.weights[i, group], rate * change[group], words)

    def _read(self) -> _Clock:
        yield from [None] * 2
        for weight in self.weights.ravel().tolist():
            yield weight % (1 << ROW_BITS)
