"""Stochastic-computing correlation (SCC) between bitstreams.

A. Alaghi and J. P. Hayes, *Exploiting correlation in stochastic circuit design*, ICCD 2013. With p, q the values of two
streams and P(1, 1) the part of clocks in which both are 1,

    SCC = (P(1, 1) - p q) / (min(p, q) - p q)            if P(1, 1) > p q
          (P(1, 1) - p q) / (p q - max(p + q - 1, 0))    else.

+1 is the most overlap that the values allow, -1 the least, 0 what independence has on average. Unlike Pearson's
coefficient it reaches +-1 for any two values; the sign is the same.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["scc", "scc_matrix"]


def scc(first: ArrayLike, second: ArrayLike) -> float:
    """SCC of two streams of equal length; 0 if one is constant, where it is not defined.

    Raises
    ------
    ValueError
        If the streams are not of shape (N,) with the same positive N.
    """
    a, b = np.asarray(first), np.asarray(second)
    if a.ndim != 1 or a.shape != b.shape or not a.size:
        raise ValueError(f"SCC needs two streams of one length, not of shapes {a.shape!r} and {b.shape!r}")
    return float(scc_matrix(np.stack([a, b]))[0, 1])


def scc_matrix(streams: ArrayLike) -> NDArray[np.float64]:
    """SCC of every two streams of (count, N), shape (count, count); 1 on the diagonal but 0 for a constant stream."""
    bits = np.asarray(streams, dtype=np.int64)
    if bits.ndim != 2 or not bits.shape[1]:
        raise ValueError(f"SCC needs streams of shape (count, N), not {bits.shape!r}")
    length = bits.shape[1]
    # Whole numbers, N^2 times the probabilities, so that equality is exact.
    ones = bits.sum(axis=1)
    product = np.outer(ones, ones)
    excess = length * (bits @ bits.T) - product
    most = length * np.minimum.outer(ones, ones) - product
    least = product - length * np.maximum(np.add.outer(ones, ones) - length, 0)
    room = np.where(excess > 0, most, least)
    return np.divide(excess, room, out=np.zeros(room.shape), where=room > 0)
