"""The cumulative sums test: SP 800-22 section 2.13."""

from __future__ import annotations

import math

import numpy as np

from hwpy.entropy.sp800_22.counts import Bits

__all__ = ["cumulative_sums"]


def cumulative_sums(bits: Bits) -> tuple[float, float]:
    """Does the walk of +1 and -1 stay near its start? P-values of the walk from the first bit on and from the last."""
    steps = 2 * bits.astype(np.int64) - 1
    return _p_value(steps), _p_value(steps[::-1])


def _p_value(steps: np.ndarray) -> float:
    size, reach = len(steps), int(np.abs(np.cumsum(steps)).max())
    root = math.sqrt(size)
    # The bounds of the sums are truncated towards zero, as NIST's program does.
    first, second, last = int((-size / reach + 1) / 4), int((-size / reach - 3) / 4), int((size / reach - 1) / 4)
    total = 1.0
    for k in range(first, last + 1):
        total -= _normal((4 * k + 1) * reach / root) - _normal((4 * k - 1) * reach / root)
    for k in range(second, last + 1):
        total += _normal((4 * k + 3) * reach / root) - _normal((4 * k + 1) * reach / root)
    return min(max(total, 0.0), 1.0)


def _normal(x: float) -> float:
    return math.erfc(-x / math.sqrt(2)) / 2
