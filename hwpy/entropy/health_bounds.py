"""What the health tests do to a source of known law: exact rates of failure, and times to find a fault.

The law is a two-state Markov chain that leaves state 0 and 1 with given probabilities a sample, an emulated junction;
with P(1) and 1 - P(1) for these its bits are independent. Where the bits are independent and fair, those at each lag
are too, and each tester fails at the same rate.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from hwpy.entropy.health import HealthParameters

__all__ = ["detection_bound", "proportion_failures", "proportion_law", "repetition_law", "repetition_rate"]

Escapes = tuple[float, float]


def repetition_rate(cutoff: int, escapes: Escapes) -> float:
    """Failures of the repetition count a sample: runs that begin, times the chance that they reach the cutoff.

    Each run is one failure, when its ``cutoff``-th bit comes.
    """
    from_0, from_1 = escapes
    begin = from_0 * from_1 / (from_0 + from_1)
    return begin * ((1 - from_0) ** (cutoff - 1) + (1 - from_1) ** (cutoff - 1))


def repetition_law(cutoff: int, escapes: Escapes, samples: int) -> NDArray[np.float64]:
    """P(the repetition count has failed within n samples from its start), for n from 0 to ``samples``.

    The first sample is from the stationary distribution. By the chain of the run's length.
    """
    from_0, from_1 = escapes
    alive = np.zeros((2, cutoff))
    alive[:, 1] = np.array([from_1, from_0]) / (from_0 + from_1)
    stay = np.array([1 - from_0, 1 - from_1])
    leave = np.array([from_0, from_1])
    failed = np.zeros(samples + 1)
    for n in range(2, samples + 1):
        failed[n] = failed[n - 1] + stay @ alive[:, -1]
        following = np.zeros_like(alive)
        following[:, 2:] = stay[:, None] * alive[:, 1:-1]
        following[:, 1] = (leave * alive.sum(axis=1))[::-1]
        alive = following
    return failed


def proportion_law(cutoff: int, window: int, escapes: Escapes) -> NDArray[np.float64]:
    """P(a window has failed within its first n samples), by its first bit: shape (2, window + 1).

    By the chain of the state and the count.
    """
    stay, leave = 1 - np.array(escapes), np.array(escapes)
    failed = np.zeros((2, window + 1))
    for first in (0, 1):
        # Index 0: the state is the window's first bit; the count includes the present sample.
        alive = np.zeros((2, cutoff))
        alive[0, 1] = 1
        for n in range(2, window + 1):
            to_first = stay[first] * alive[0] + leave[1 - first] * alive[1]
            failed[first, n] = failed[first, n - 1] + to_first[-1]
            alive = np.stack([np.append(0, to_first[:-1]), leave[first] * alive[0] + stay[1 - first] * alive[1]])
    return failed


def proportion_failures(cutoff: int, window: int, escapes: Escapes) -> float:
    """Failures of the adaptive proportion test a window, of the stationary chain."""
    by_first = proportion_law(cutoff, window, escapes)[:, -1]
    return float(np.dot(np.array(escapes)[::-1] / sum(escapes), by_first))


def detection_bound(parameters: HealthParameters, escapes: Escapes, miss: float = 2.0**-20) -> float:
    """Samples within which the approved tests find a source of this law but with probability ``miss``.

    From the fault on, whatever was before, and whatever the place in the window: the better of two bounds, each for one
    test alone. For the repetition count, spans of C samples whose chance to be constant is at its least; for the
    proportion, the rest of a window, then whole ones with the less favourable state before each.
    """
    from_0, from_1 = escapes
    p = parameters
    stay = np.array([[1 - from_0, from_0], [from_1, 1 - from_1]])
    bounds = [math.inf]
    constant = np.array([(1 - from_0), (1 - from_1)]) ** (p.repetition_cutoff - 1)
    window = proportion_law(p.proportion_cutoff, p.window, escapes)[:, -1]
    for fails, length, lost in ((constant, p.repetition_cutoff, 0), (window, p.window, p.window - 1)):
        least = float(min(stay @ fails))
        if least >= 1:
            bounds.append(lost + length)
        elif least > 0:
            bounds.append(lost + length * math.ceil(math.log(miss) / math.log1p(-least)))
    return min(bounds)
