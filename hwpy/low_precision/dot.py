"""Golden model of the dot-product unit: several products a step, added exactly, then accumulated as one.

With ``lanes`` products a step a sum is rounded a ``lanes``-th as often as by `hwpy.low_precision.mac`, and takes as few
random words.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwpy.low_precision.mac import MacParameters, accumulate, products

__all__ = ["DotParameters", "dot"]


@dataclass(frozen=True)
class DotParameters:
    """Lanes of a dot-product unit, and what it does with their sum.

    Parameters
    ----------
    mac
        Formats and rounding.
    lanes
        Products a step, 1 to 64.
    """

    mac: MacParameters
    lanes: int

    def __post_init__(self) -> None:
        if not 1 <= operator.index(self.lanes) <= 64:
            raise ValueError(f"dot-product lanes must be 1 to 64, not {self.lanes!r}")

    @property
    def levels(self) -> int:
        """Levels of the tree that adds the products, and clocks that it takes."""
        return (self.lanes - 1).bit_length()

    def steps(self, terms: int) -> int:
        """Steps of a sum of so many products."""
        return -(-terms // self.lanes)


def dot(parameters: DotParameters, x: ArrayLike, w: ArrayLike, words: ArrayLike | None = None) -> NDArray[np.int64]:
    """Dot products of raw ``x`` and ``w``, shape (..., terms), along the last axis; lanes left over are zero.

    Random words are of shape (..., steps) if each step rounds, else (...).
    """
    found = products(parameters.mac, x, w)
    missing = -found.shape[-1] % parameters.lanes
    found = np.pad(found, [(0, 0)] * (found.ndim - 1) + [(0, missing)])
    return accumulate(parameters.mac, found.reshape(*found.shape[:-1], -1, parameters.lanes).sum(axis=-1), words)
