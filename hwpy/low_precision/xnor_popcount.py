"""Golden model of a layer of binary or ternary neurons: XNOR, count, compare.

An input and a weight of -1 and +1 are bits 0 and 1; their product is +1 where the bits agree. With c agreements among
the m inputs whose weight is not 0 the sum is ``2 c - m``, and the neuron gives 1 if c is at least its threshold
(M. Courbariaux et al., *Binarized neural networks*, arXiv:1602.02830 (2016); M. Rastegari et al., *XNOR-Net*, ECCV
(2016)). A real bias b goes into the threshold: ``2 c - m + b >= 0`` is ``c >= (m - b) / 2``.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Row", "XnorPopcount", "XnorPopcountParameters", "rows_of"]


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
    def result_width(self) -> int:
        """Bits that a neuron gives."""
        return 1 if self.output == "sign" else self.count_width


class XnorPopcount:
    """The rows of the neurons, at first of zeros, and what they make of an input."""

    def __init__(self, parameters: XnorPopcountParameters):
        self.parameters = parameters
        self.rows = [Row()] * parameters.neurons

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


def rows_of(weights: ArrayLike, bias: ArrayLike = 0) -> list[Row]:
    """Rows for weights of -1, 0 and +1, shape (inputs, neurons), and a real bias for each neuron."""
    w: NDArray[np.int64] = np.asarray(weights, np.int64)
    if w.ndim != 2 or not np.isin(w, (-1, 0, 1)).all():
        raise ValueError(f"weights must be -1, 0 or 1, of shape (inputs, neurons), not of shape {w.shape}")
    counted = (w != 0).sum(axis=0)
    threshold = np.clip(np.ceil((counted - np.asarray(bias, float)) / 2), 0, len(w) + 1).astype(int)
    words = [[sum(1 << int(k) for k in np.flatnonzero(column)) for column in bits.T] for bits in (w > 0, w != 0)]
    return [Row(*row) for row in zip(*words, threshold.tolist(), strict=True)]
