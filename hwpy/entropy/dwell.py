"""Mean dwell times of a two-state junction, with 95 % intervals, from states seen at sampling instants.

A junction seen now and then may switch twice between two looks, so counting the switchings that are seen makes the
dwell times too long. The chain is known exactly, though: with escape rates a out of P (0) and b out of AP (1) it is
found in the other state a time D later with probability

    p01 = a / (a + b) (1 - exp(-(a + b) D)),    p10 = b / (a + b) (1 - exp(-(a + b) D))

(R. Fitzhugh, *Math. Biosci.* 64, 75 (1983)). `fit` takes the a and b of greatest likelihood under this law for all
pairs of successive samples, evenly spaced or not. For even spacing that is the inversion of the discrete chain: the
logarithm of its eigenvalue 1 - p01 - p10 gives a + b. Dwells that the recording cuts off at its ends count as what was
seen of them.

The interval is the exact one for the mean of an exponential law, by chi-square, if n switchings are seen in a time T in
the state (`exponential_mean`; F. Garwood, *Biometrika* 28, 437 (1936)). With sampling that is not fine n is replaced by
the number of switchings that would tell as much: the inverse of the variance of the logarithm of the estimate, from the
Fisher information of the likelihood.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["DwellFit", "Interval", "exponential_mean", "fit"]

#: A mean dwell time, and the ends of its interval, in the unit of the times given.
Interval = tuple[float, float, float]

_ITERATIONS = 200

#: Chi-square at level 1e-3, one degree of freedom: below it the samples may as well be independent.
_RESOLVED = 10.828


@dataclass(frozen=True)
class DwellFit:
    """Mean dwell times in P (0) and AP (1); None where they cannot be told, and `note` says why."""

    p: Interval | None
    ap: Interval | None
    note: str = ""


def exponential_mean(time: float, events: float, confidence: float = 0.95) -> Interval:
    """The mean of an exponential dwell time and its interval, from ``events`` ends of dwells seen in ``time``.

    The time is fixed beforehand and includes the dwells that did not end. The interval covers the mean with at
    least the confidence.

    Raises
    ------
    ValueError
        If the time or the events are not positive.
    """
    from scipy.stats import chi2

    if not (time > 0 and events > 0):
        raise ValueError(f"dwell time needs a positive time and number of events, not {time!r} and {events!r}")
    tail = (1 - confidence) / 2
    low, high = 2 * time / chi2.ppf((1 - tail, tail), (2 * events + 2, 2 * events))
    return float(time / events), float(low), float(high)


def fit(states: ArrayLike, times: ArrayLike | float = 1.0) -> DwellFit:
    """Fit a two-state process to samples.

    Parameters
    ----------
    states
        0 (P) or 1 (AP) at each instant, shape (samples,).
    times
        The instants, ascending, of the same shape; or the period of even sampling.

    Raises
    ------
    ValueError
        If the shapes differ, or there are fewer than 2 samples.
    """
    seen = np.asarray(states, dtype=np.int8)
    if seen.ndim != 1 or len(seen) < 2:
        raise ValueError(f"dwell fit needs at least 2 samples in a row, not of shape {seen.shape!r}")
    intervals = np.diff(np.asarray(times, dtype=np.float64)) if np.ndim(times) else np.array([float(times)])  # type: ignore[arg-type]
    if np.ndim(times) and len(intervals) != len(seen) - 1:
        raise ValueError(f"dwell fit needs a time for each of {len(seen)} samples, not {len(intervals) + 1}")
    if not np.all(intervals > 0):
        raise ValueError("dwell fit needs times that ascend")
    pairs = _Pairs.of(seen, intervals)
    (up, time_p), (down, time_ap) = pairs.crude
    if not (up and down):
        note = f"{up} switchings from P to AP and {down} back: the mean of a dwell that never ends is not known"
        p = exponential_mean(time_p, up) if up else None
        return DwellFit(p, exponential_mean(time_ap, down) if down else None, note)
    logs = pairs.maximise(np.log([up / time_p, down / time_ap]))
    if logs is None:
        return DwellFit(None, None, "successive samples are not correlated: the junction is faster than the sampling")
    variance = np.diag(np.linalg.inv(pairs.score(logs)[1]))
    p, ap = (exponential_mean(math.exp(-log) / v, 1 / v) for log, v in zip(logs, variance, strict=True))
    return DwellFit(p, ap)


@dataclass(frozen=True)
class _Pairs:
    """Pairs of successive samples by their interval: how many began in each state, and how many of these had moved."""

    interval: NDArray[np.float64]
    began: tuple[NDArray[np.float64], NDArray[np.float64]]
    moved: tuple[NDArray[np.float64], NDArray[np.float64]]

    @classmethod
    def of(cls, states: NDArray[np.int8], intervals: NDArray[np.float64]) -> _Pairs:
        first, moved = states[:-1], states[1:] != states[:-1]
        mean = float(intervals.mean())
        if float(np.abs(intervals - mean).max()) <= 1e-6 * mean:  # even: all pairs are one group
            groups, intervals = np.zeros(len(first), np.intp), np.array([mean])
        else:
            groups = np.arange(len(first))
        size = len(intervals)

        def count(chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
            return np.bincount(groups[chosen], minlength=size).astype(np.float64)

        return cls(
            intervals,
            (count(first == 0), count(first == 1)),
            (count(moved & (first == 0)), count(moved & (first == 1))),
        )

    @property
    def crude(self) -> tuple[tuple[int, float], tuple[int, float]]:
        """Switchings seen out of each state, and the time in it, as if the state held from sample to sample."""
        return (
            (int(self.moved[0].sum()), float(self.began[0] @ self.interval)),
            (int(self.moved[1].sum()), float(self.began[1] @ self.interval)),
        )

    def probabilities(self, logs: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Of having left state 0 and 1 an interval later, from the logarithms of the two rates."""
        rates = np.exp(logs)
        gone = -np.expm1(-rates.sum() * self.interval)
        return rates[0] / rates.sum() * gone, rates[1] / rates.sum() * gone

    def likelihood(self, probabilities: tuple[ArrayLike, ArrayLike]) -> float:
        """Log likelihood."""
        total = 0.0
        for p, began, moved in zip(probabilities, self.began, self.moved, strict=True):
            p = np.clip(p, 1e-300, 1 - 1e-16)
            total += float(
                moved @ np.log(p * np.ones_like(moved)) + (began - moved) @ np.log1p(-p * np.ones_like(moved))
            )
        return total

    def score(self, logs: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Gradient of the log likelihood by the logarithms of the rates, and the expected information."""
        rates = np.exp(logs)
        total = rates.sum()
        kept = np.exp(-total * self.interval)
        gradient, information = np.zeros(2), np.zeros((2, 2))
        for j, p in enumerate(self.probabilities(logs)):
            p = np.clip(p, 1e-300, 1 - 1e-16)
            share, other = rates[j] / total, rates[1 - j] / total
            decay = share * self.interval * kept
            slope = np.empty((2, len(p)))
            slope[j] = rates[j] * (other / total * (1 - kept) + decay)
            slope[1 - j] = rates[1 - j] * (decay - share / total * (1 - kept))
            gradient += slope @ ((self.moved[j] - self.began[j] * p) / (p * (1 - p)))
            information += (slope * (self.began[j] / (p * (1 - p)))) @ slope.T
        return gradient, information

    def maximise(self, logs: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """The logarithms of the likeliest rates by Fisher scoring; None if infinite ones do almost as well."""
        ones = (self.moved[0].sum() + self.began[1].sum() - self.moved[1].sum()) / (self.began[0] + self.began[1]).sum()
        independent = self.likelihood((ones, 1 - ones))
        for _ in range(_ITERATIONS):
            gradient, information = self.score(logs)
            try:
                step = np.linalg.solve(information, gradient)
            except np.linalg.LinAlgError:
                return None
            step /= max(1.0, float(np.abs(step).max()))
            before = self.likelihood(self.probabilities(logs))
            while self.likelihood(self.probabilities(logs + step)) < before and float(np.abs(step).max()) > 1e-9:
                step /= 2
            logs = logs + step
            if float(np.exp(logs).sum() * self.interval.min()) > 30:
                return None
            if float(np.abs(step).max()) < 1e-9:
                break
        better = 2 * (self.likelihood(self.probabilities(logs)) - independent)
        return logs if better > _RESOLVED else None
