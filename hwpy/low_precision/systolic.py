"""Golden model of the weight-stationary systolic array: a matrix product whose sums are rounded at every step.

Weight ``w[k, c]`` stays in the cell of row k and column c. Sample n comes in with one number ``x[n, k]`` for each row;
the numbers move to the right, one cell a clock, and the sums down, so that column c gives

    total <- saturate(round(total + x[n, k] w[k, c]))     for k = 0, 1, ...

Each sample brings one random word for each row, which moves to the right with its number: all columns round with it.
So the sums of one sample share words with one another, which leaves the mean and the variance of each alone but makes
their errors correlated; no two roundings in one sum share a word, and no word is used for two samples. A product takes
``1 / columns`` of a word.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwpy.low_precision.mac import MacParameters, products

__all__ = ["Systolic", "SystolicParameters", "matmul"]


@dataclass(frozen=True)
class SystolicParameters:
    """Size of the array, and what its cells do.

    Parameters
    ----------
    rows, columns
        Numbers of a sample, and sums; 1 to 256.
    mac
        Formats and rounding of a cell; the output is the accumulator.
    """

    rows: int
    columns: int
    mac: MacParameters

    def __post_init__(self) -> None:
        for name in ("rows", "columns"):
            if not 1 <= operator.index(getattr(self, name)) <= 256:
                raise ValueError(f"systolic array {name} must be 1 to 256, not {getattr(self, name)!r}")
        if self.mac.output != self.mac.accumulator:
            raise ValueError(
                f"systolic array gives its sums as {self.mac.accumulator}: output cannot be {self.mac.output}"
            )

    @property
    def cell_clocks(self) -> int:
        """Clocks in the input's register and the cells: x to the last column, sums to the last row, and the product."""
        return self.rows + self.columns + 2

    @property
    def latency(self) -> int:
        """Clocks from a sample to its sums if nothing waits: the cells' and two of the buffer behind them."""
        return self.cell_clocks + 2

    @property
    def depth(self) -> int:
        """Samples in the array and its buffer at most: as many as a sample a clock needs."""
        return self.latency + 1

    @property
    def word_bits(self) -> int:
        """Random bits of a sample: a word for each row."""
        return self.rows * self.mac.word_bits

    @property
    def bits_per_product(self) -> float:
        """Random bits for a product."""
        return self.mac.word_bits / self.columns


def matmul(
    parameters: SystolicParameters, x: ArrayLike, w: ArrayLike, words: ArrayLike | None = None
) -> NDArray[np.int64]:
    """The sums of samples, raw: ``x`` (samples, rows), ``w`` (rows, columns), ``words`` (samples, rows) if stochastic.

    Raises
    ------
    ValueError
        If a shape is another, or a number is not of its format.
    """
    x, w = np.asarray(x, dtype=np.int64), np.asarray(w, dtype=np.int64)
    rows, columns, mac = parameters.rows, parameters.columns, parameters.mac
    if x.ndim != 2 or x.shape[1] != rows or w.shape != (rows, columns):
        raise ValueError(
            f"systolic array of {rows} x {columns} takes x of shape (samples, {rows}) and w of ({rows}, {columns}), "
            f"not {x.shape} and {w.shape}"
        )
    if (words is None) == bool(mac.word_bits) or (words is not None and np.shape(words) != x.shape):
        given = "none" if words is None else np.shape(words)
        raise ValueError(f"systolic array takes words of shape {x.shape if mac.word_bits else 'none'}, not {given}")
    total = np.zeros((len(x), columns), dtype=np.int64)
    for k in range(rows):
        addends = products(mac, x[:, k, None], w[k])
        own = None if words is None else np.broadcast_to(np.asarray(words)[:, k, None], addends.shape)
        total = mac.step(total, addends, own)
    return total


class Systolic:
    """Clock by clock: cells that all move in each clock, and behind them a buffer and a register.

    ``output`` is the sums offered now, shape (columns,), or None.
    """

    def __init__(self, parameters: SystolicParameters):
        self.parameters = parameters
        self.output: NDArray[np.int64] | None = None
        self._weights = np.zeros((parameters.rows, parameters.columns), dtype=np.int64)
        self._loaded = 0
        self._cells: list[NDArray[np.int64] | None] = [None] * parameters.cell_clocks
        self._buffer: list[NDArray[np.int64]] = []

    def weights_ready(self) -> bool:
        """Whether a row of weights is taken if one is offered: while no sample is in the cells."""
        return all(sums is None for sums in self._cells)

    def ready(self, weights_offered: bool) -> bool:
        """Whether a sample is taken if it and its words are offered: not amid the rows of weights, which go first."""
        inside = sum(sums is not None for sums in (*self._cells, *self._buffer, self.output))
        return inside < self.parameters.depth and not self._loaded and not weights_offered

    def step(
        self,
        weights: NDArray[np.int64] | None,
        sample: NDArray[np.int64] | None,
        words: NDArray[np.int64] | None,
        sink_ready: bool,
    ) -> None:
        """One clock edge, with what is offered; ``words`` are looked at if the rounding is stochastic."""
        taken = None
        stochastic = bool(self.parameters.mac.word_bits)
        if sample is not None and (words is not None or not stochastic) and self.ready(weights is not None):
            own = words[None] if words is not None and stochastic else None
            taken = matmul(self.parameters, sample[None], self._weights, own)[0]
        if weights is not None and self.weights_ready():
            self._weights = np.concatenate([weights[None], self._weights[:-1]])
            self._loaded = (self._loaded + 1) % self.parameters.rows
        if self.output is None or sink_ready:
            self.output = self._buffer.pop(0) if self._buffer else None
        *before, last = [taken, *self._cells]
        if last is not None:
            self._buffer.append(last)
        self._cells = before
