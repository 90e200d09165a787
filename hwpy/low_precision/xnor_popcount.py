"""Golden model of a layer of binary or ternary neurons: XNOR, count, compare.

An input and a weight of -1 and +1 are bits 0 and 1; their product is +1 where the bits agree. With c agreements among
the m inputs whose weight is not 0 the sum is ``2 c - m``, and the neuron gives 1 if c is at least its threshold
(M. Courbariaux et al., *Binarized neural networks*, arXiv:1602.02830 (2016); M. Rastegari et al., *XNOR-Net*, ECCV
(2016)). A real bias b goes into the threshold: ``2 c - m + b >= 0`` is ``c >= (m - b) / 2``.

The layer is a pipeline: counts of four inputs each, a stage for each level of the tree that adds them, and one for the
comparison. All stages move together, unless the result at the end is not taken.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Row", "XnorPopcount", "XnorPopcountParameters", "count_levels", "rows_of"]


class Row(NamedTuple):
    """What one neuron is loaded with: weights, mask of the weights other than 0, and threshold."""

    weights: int = 0
    mask: int = 0
    threshold: int = 0


@dataclass(frozen=True)
class XnorPopcountParameters:
    """Size of a layer and what it gives.

    Parameters
    ----------
    inputs, neurons
        1 to 1024, and 1 to 256.
    output
        'sign', whether the count is at least the threshold, or 'count'.
    ternary
        Weights may be 0.
    """

    inputs: int
    neurons: int
    output: str = "sign"
    ternary: bool = False

    def __post_init__(self) -> None:
        for name, most in (("inputs", 1024), ("neurons", 256)):
            if not 1 <= operator.index(getattr(self, name)) <= most:
                raise ValueError(f"XNOR layer {name} must be 1 to {most}, not {getattr(self, name)!r}")
        if self.output not in ("sign", "count"):
            raise ValueError(f"XNOR layer output must be 'sign' or 'count', not {self.output!r}")

    @property
    def count_width(self) -> int:
        """Bits of a count of agreements, 0 to ``inputs``."""
        return self.inputs.bit_length()

    @property
    def threshold_width(self) -> int:
        """Bits of a threshold, 0 (always 1) to ``inputs + 1`` (never)."""
        return (self.inputs + 1).bit_length()

    @property
    def latency(self) -> int:
        """Clocks from an input to its results: fours, levels of the tree, comparison."""
        return 1 + count_levels(self.inputs) + (self.output == "sign")

    @property
    def result_width(self) -> int:
        """Bits that a neuron gives."""
        return 1 if self.output == "sign" else self.count_width


class XnorPopcount:
    """The rows of the neurons, at first of zeros, and what they make of an input; and of a stream, clock by clock.

    Attributes
    ----------
    stages
        Results under way, None where there are none; the last are offered.
    """

    def __init__(self, parameters: XnorPopcountParameters):
        self.parameters = parameters
        self.rows = [Row()] * parameters.neurons
        self.stages: list[int | None] = [None] * parameters.latency

    @property
    def load_ready(self) -> bool:
        """Whether a row is taken: while no input is under way."""
        return not any(stage is not None for stage in self.stages)

    def ready(self, sink_ready: bool, load_valid: bool) -> bool:
        """Whether an input is taken: not while a row is offered, which waits for those under way."""
        return (self.stages[-1] is None or sink_ready) and not load_valid

    def step(self, x: int | None, row: Row | None, sink_ready: bool) -> None:
        """One clock edge: the input and the row that are offered, and the sink's ready."""
        taken = x if self.ready(sink_ready, row is not None) else None
        if row is not None and self.load_ready:
            self.load(row)
        if self.stages[-1] is None or sink_ready:
            self.stages = [None if taken is None else self.results(taken), *self.stages[:-1]]

    def load(self, row: Row) -> None:
        """Give the last neuron a row; each other neuron takes that of the one after it."""
        self.rows = [*self.rows[1:], row]

    def results(self, x: int) -> int:
        """The results of all neurons for ``inputs`` bits, the first neuron's lowest."""
        p, word = self.parameters, 0
        for place, row in enumerate(self.rows):
            agree = 0
            for k in range(p.inputs):
                counted = row.mask >> k & 1 if p.ternary else 1
                agree += counted and (x >> k & 1) == (row.weights >> k & 1)
            word |= (int(agree >= row.threshold) if p.output == "sign" else agree) << (place * p.result_width)
        return word


def count_levels(inputs: int) -> int:
    """Levels of the tree that adds the counts of so many inputs, four and four."""
    return (-(-inputs // 4) - 1).bit_length()


def rows_of(weights: ArrayLike, bias: ArrayLike = 0) -> list[Row]:
    """Rows for weights of -1, 0 and +1, shape (inputs, neurons), and a real bias for each neuron."""
    w: NDArray[np.int64] = np.asarray(weights, np.int64)
    if w.ndim != 2 or not np.isin(w, (-1, 0, 1)).all():
        raise ValueError(f"weights must be -1, 0 or 1, of shape (inputs, neurons), not of shape {w.shape}")
    counted = (w != 0).sum(axis=0)
    threshold = np.clip(np.ceil((counted - np.asarray(bias, float)) / 2), 0, len(w) + 1).astype(int)
    words = [[sum(1 << int(k) for k in np.flatnonzero(column)) for column in bits.T] for bits in (w > 0, w != 0)]
    return [Row(*row) for row in zip(*words, threshold.tolist(), strict=True)]
