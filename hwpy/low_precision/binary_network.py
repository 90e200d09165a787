"""Golden model of a classifier whose weights are constants of -1, 0 and +1 and whose hidden neurons are signs.

A pixel becomes a bit for each level, whether it is at least that (a thermometer), and bits are numbers of -1 and +1.
With c agreements of inputs with weights other than 0 (`hwpy.low_precision.xnor_popcount`) a hidden neuron is +1 if c
is at least its threshold; an output's score is c plus its offset, and the class is the first of the highest score
(M. Courbariaux et al., *Binarized neural networks*, arXiv:1602.02830 (2016)).

An image comes in several transfers. What follows is a pipeline that takes a whole image a clock: for each layer counts
of four inputs each, a stage for each level of the tree that adds them and one for the comparison or the offset; then a
stage for each level of the tournament of scores. All stages move together, unless the result is not taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwpy.low_precision.xnor_popcount import count_levels

__all__ = ["BinaryNetwork", "BinaryNetworkParameters", "thermometer"]

Weights = tuple[NDArray[np.int8], ...]


@dataclass(frozen=True, eq=False)
class BinaryNetworkParameters:
    """A trained network.

    Parameters
    ----------
    weights
        -1, 0 and +1 of each layer, (inputs, neurons), those of the last being the classes. Inputs of the first are the
        bits of pixel 0, its lowest level first, then those of pixel 1.
    thresholds
        Of the neurons of each hidden layer, in agreements; and last the offsets of the classes.
    levels
        Of a pixel, ascending, above 0.
    pixel_bits
        1 to 8.
    lanes
        Pixels of a transfer, a divisor of their number.
    """

    weights: Weights
    thresholds: tuple[NDArray[np.int64], ...]
    levels: tuple[int, ...] = (1,)
    pixel_bits: int = 1
    lanes: int = 1

    def __post_init__(self) -> None:
        if not self.weights or len(self.weights) != len(self.thresholds):
            raise ValueError(
                f"binary network needs as many layers of weights as of thresholds, not {len(self.weights)} "
                f"and {len(self.thresholds)}"
            )
        inputs = len(self.weights[0])
        for place, (weights, thresholds) in enumerate(zip(self.weights, self.thresholds, strict=True)):
            if weights.ndim != 2 or len(weights) != inputs or not np.isin(weights, (-1, 0, 1)).all():
                raise ValueError(f"layer {place} must have weights of -1, 0, 1 of {inputs} inputs, not {weights.shape}")
            inputs = weights.shape[1]
            if thresholds.shape != (inputs,):
                raise ValueError(f"layer {place} must have {inputs} thresholds, not {thresholds.shape}")
        if self.classes < 2:
            raise ValueError(f"binary network must have at least 2 classes, not {self.classes}")
        if not 1 <= self.pixel_bits <= 8:
            raise ValueError(f"pixel must have 1 to 8 bits, not {self.pixel_bits!r}")
        if list(self.levels) != sorted({*self.levels}) or not 1 <= self.levels[0] <= self.levels[-1] < self.most_pixel:
            raise ValueError(f"pixel levels must ascend from 1 to {self.most_pixel - 1}, not be {self.levels}")
        if len(self.weights[0]) % len(self.levels) or self.lanes < 1 or self.pixels % self.lanes:
            raise ValueError(
                f"{len(self.weights[0])} inputs must be whole transfers of {self.lanes} pixels, a pixel being "
                f"{len(self.levels)} of them"
            )

    @classmethod
    def from_biases(cls, weights: Weights, biases: tuple[ArrayLike, ...], **pixels: Any) -> BinaryNetworkParameters:
        """The same from real biases, as `rows_of`'s; those of the classes are rounded to whole agreements."""
        counted = [(w != 0).sum(axis=0) for w in weights]
        halves = [(m - np.asarray(b, float)) / 2 for m, b in zip(counted, biases, strict=True)]
        hidden = [np.clip(np.ceil(t), 0, m + 1) for t, m in zip(halves[:-1], counted[:-1], strict=True)]
        offsets = -np.rint(halves[-1])
        thresholds = tuple(t.astype(np.int64) for t in (*hidden, offsets - offsets.min()))
        return cls(weights, thresholds, **pixels)

    @property
    def most_pixel(self) -> int:
        """One more than the largest pixel."""
        return 1 << self.pixel_bits

    @property
    def pixels(self) -> int:
        """Pixels of an image."""
        return len(self.weights[0]) // len(self.levels)

    @property
    def transfers(self) -> int:
        """Transfers of an image, and clocks of one if images follow each other."""
        return self.pixels // self.lanes

    @property
    def classes(self) -> int:
        """Outputs."""
        return self.weights[-1].shape[1]

    @property
    def levels_of_counts(self) -> tuple[int, ...]:
        """Levels of the tree of each layer: of its neuron with most weights other than 0."""
        return tuple(count_levels(max(1, int((w != 0).sum(axis=0).max()))) for w in self.weights)

    @property
    def latency(self) -> int:
        """Clocks from an image's last transfer to its result."""
        return sum(levels + 2 for levels in self.levels_of_counts) + (self.classes - 1).bit_length()

    @property
    def score_width(self) -> int:
        """Bits of a score."""
        return int(((self.weights[-1] != 0).sum(axis=0) + self.thresholds[-1]).max()).bit_length()

    @property
    def winner_width(self) -> int:
        """Bits of a class."""
        return (self.classes - 1).bit_length()


def thermometer(pixels: ArrayLike, levels: tuple[int, ...]) -> NDArray[np.int8]:
    """Pixels (images, pixels) as numbers of -1 and +1, (images, pixels x levels)."""
    values = np.asarray(pixels)
    bits = values[..., None] >= np.asarray(levels)
    return np.where(bits, 1, -1).astype(np.int8).reshape(*values.shape[:-1], -1)


class BinaryNetwork:
    """What the network makes of images; and of a stream of transfers, clock by clock.

    Attributes
    ----------
    stages
        Results (class, score) under way, None where there are none; the last are offered.
    """

    def __init__(self, parameters: BinaryNetworkParameters):
        self.parameters = parameters
        self.stages: list[tuple[int, int] | None] = [None] * parameters.latency
        self._held: list[int] = []

    def scores(self, pixels: ArrayLike) -> NDArray[np.int64]:
        """Of images (images, pixels): (images, classes)."""
        p = self.parameters
        x = thermometer(pixels, p.levels).astype(np.int64)
        for place, (weights, thresholds) in enumerate(zip(p.weights, p.thresholds, strict=True)):
            agreements = (x @ weights + (weights != 0).sum(axis=0)) // 2
            if place == len(p.weights) - 1:
                return agreements + thresholds
            x = np.where(agreements >= thresholds, 1, -1)
        raise AssertionError

    def classify(self, pixels: ArrayLike) -> NDArray[np.int64]:
        """Classes of images (images, pixels)."""
        return self.scores(pixels).argmax(axis=-1)

    def ready(self, sink_ready: bool) -> bool:
        """Whether a transfer is taken."""
        return self.stages[-1] is None or sink_ready

    def step(self, transfer: list[int] | None, sink_ready: bool) -> None:
        """One clock edge: the pixels that are offered, and the sink's ready."""
        if not self.ready(sink_ready):
            return
        done = None
        if transfer is not None:
            self._held += transfer
            if len(self._held) == self.parameters.pixels:
                scores = self.scores([self._held])[0]
                done = int(scores.argmax()), int(scores.max())
                self._held = []
        self.stages = [done, *self.stages[:-1]]
