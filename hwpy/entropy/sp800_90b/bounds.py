"""What the estimators share: the confidence bound, and sequences too short to estimate from."""

from __future__ import annotations

import math

__all__ = ["SHORTEST", "TooShortError", "Z", "upper_bound"]

#: Fewest bits that are worth an estimate; the standard asks for a million.
SHORTEST = 100

#: The 99.5 % quantile of the normal distribution.
Z = 2.5758293035489008


class TooShortError(ValueError):
    """A sequence that an estimator's definition does not reach."""


def upper_bound(probability: float, samples: int) -> float:
    """The 99 % upper bound that SP 800-90B puts on a probability estimated from this many samples; at most 1."""
    if samples < 2:
        raise TooShortError(f"an estimate needs at least 2 samples, not {samples!r}")
    return min(1.0, probability + Z * math.sqrt(probability * (1 - probability) / (samples - 1)))
