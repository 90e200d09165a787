"""The asymmetric random telegraph signal: Fitzhugh's closed forms, and exact traces drawn dwell by dwell.

A two-state Markov process in continuous time that leaves state 0 at rate a and state 1 at rate b. R. Fitzhugh,
*Statistical properties of the asymmetric random telegraph signal, with applications to single-channel analysis*,
Mathematical Biosciences 64, 75-89 (1983); S. Machlup, *Noise in semiconductors: spectrum of a two-parameter random
signal*, J. Appl. Phys. 25, 341 (1954) for the spectrum. A trace has no time step: the dwell times are exponential,
drawn whole arrays at a time, so a switch falls anywhere and none is missed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Telegraph", "Trace"]

Reals = NDArray[np.float64]


@dataclass(frozen=True)
class Telegraph:
    """The process, with values 0 and 1; between two other levels variances scale by their difference squared.

    Parameters
    ----------
    rate_0, rate_1
        Escape rates in hertz out of states 0 and 1, as of `JunctionParameters.escape_rates`.
    """

    rate_0: float
    rate_1: float

    def __post_init__(self) -> None:
        for name in ("rate_0", "rate_1"):
            rate = float(getattr(self, name))
            if not (math.isfinite(rate) and rate > 0):
                raise ValueError(f"telegraph {name} must be positive, in hertz, not {getattr(self, name)!r}")
            object.__setattr__(self, name, rate)

    @property
    def mean(self) -> float:
        """P(1) = a / (a + b)."""
        return self.rate_0 / (self.rate_0 + self.rate_1)

    @property
    def variance(self) -> float:
        """P(1) P(0)."""
        return self.rate_0 * self.rate_1 / self.relaxation_rate**2

    @property
    def relaxation_rate(self) -> float:
        """The rate a + b in hertz at which the state is forgotten."""
        return self.rate_0 + self.rate_1

    @property
    def switching_rate(self) -> float:
        """Mean switches a second, both directions together: 2 a b / (a + b)."""
        return 2 * self.rate_0 * self.rate_1 / self.relaxation_rate

    def dwell_density(self, state: int, seconds: ArrayLike) -> Reals:
        """Probability density, per second, of a dwell time in ``state``: exponential."""
        rate = (self.rate_0, self.rate_1)[state]
        return rate * np.exp(-rate * np.asarray(seconds, dtype=np.float64))

    def autocorrelation(self, lag: ArrayLike) -> Reals:
        """Correlation coefficient of the states ``lag`` seconds apart: exp(-(a + b) |lag|)."""
        return np.exp(-self.relaxation_rate * np.abs(np.asarray(lag, dtype=np.float64)))

    def power_spectrum(self, frequency: ArrayLike) -> Reals:
        """Two-sided power spectral density, per hertz, without the mean's line at 0: a Lorentzian.

        Its integral over all frequencies, negative ones too, is the variance. The one-sided density of an instrument
        is twice it.
        """
        rate = self.relaxation_rate
        return self.variance * 2 * rate / (rate**2 + (2 * math.pi * np.asarray(frequency, dtype=np.float64)) ** 2)

    def time_average_variance(self, duration: ArrayLike) -> Reals:
        """Variance of the fraction of ``duration`` seconds spent in state 1; 2 P(1) P(0) / ((a + b) T) when long."""
        x = self.relaxation_rate * np.asarray(duration, dtype=np.float64)
        return self.variance * 2 / x * (1 + np.expm1(-x) / x)

    def sample_average_variance(self, count: int, period: float) -> float:
        """Variance of the mean of ``count`` bits sampled every ``period`` seconds."""
        r = math.exp(-self.relaxation_rate * period)
        rest = -math.expm1(-self.relaxation_rate * period)
        return self.variance / count * ((1 + r) / rest - 2 * r * (1 - r**count) / (count * rest**2))

    def trace(self, duration: float, generator: np.random.Generator, initial: int | None = None) -> Trace:
        """A trace of ``duration`` seconds from ``initial``, or from the stationary distribution."""
        if not (math.isfinite(duration) and duration > 0):
            raise ValueError(f"telegraph duration must be positive, in seconds, not {duration!r}")
        if initial is None:
            initial = int(generator.random() < self.mean)
        first, second = (1 / self.rate_0, 1 / self.rate_1) if initial == 0 else (1 / self.rate_1, 1 / self.rate_0)
        expected = duration * self.switching_rate / 2
        pairs = int(expected + 4 * math.sqrt(expected)) + 4
        blocks, end = [], 0.0
        while end < duration:
            dwells = generator.standard_exponential((pairs, 2)) * (first, second)
            switches = end + np.cumsum(dwells)
            blocks.append(switches)
            end = float(switches[-1])
        switches = np.concatenate(blocks)
        return Trace(initial, switches[: np.searchsorted(switches, duration)], float(duration))


@dataclass(frozen=True, eq=False)
class Trace:
    """One run of a two-state process.

    Parameters
    ----------
    initial
        State at time 0.
    switches
        Seconds at which the state changes, ascending; shape (switches,).
    duration
        Seconds that were watched.
    """

    initial: int
    switches: Reals
    duration: float

    def states(self, times: ArrayLike) -> NDArray[np.uint8]:
        """The states at ``times`` (seconds); at a switch, the one after it."""
        passed = np.searchsorted(self.switches, np.asarray(times, dtype=np.float64), side="right")
        return ((passed + self.initial) & 1).astype(np.uint8)

    def bits(self, period: float) -> NDArray[np.uint8]:
        """The sampled stream: the states at 0, ``period``, 2 ``period``, ... before the end."""
        return self.states(np.arange(math.ceil(self.duration / period)) * period)

    def dwells(self, state: int) -> Reals:
        """Complete dwell times in ``state``, in seconds: not the first and the last, whose ends were not seen."""
        between = np.diff(self.switches)
        # Interval k follows switch k, and so is in the initial state for odd k.
        return between[int(state == self.initial) :: 2]

    @property
    def mean(self) -> float:
        """Fraction of the time spent in state 1."""
        edges = np.concatenate(([0.0], self.switches, [self.duration]))
        return float(np.diff(edges)[1 - self.initial :: 2].sum() / self.duration)

    def periodogram(self, frequency: ArrayLike) -> Reals:
        """``|integral of x(t) exp(-2 pi i f t) dt|^2 / T``, exact for the steps; two-sided, its mean the spectrum.

        Ask for multiples of ``1 / duration`` (not 0), at which the mean of the signal does not show.
        """
        omega = 2 * math.pi * np.asarray(frequency, dtype=np.float64)
        steps = np.where(np.arange(len(self.switches)) % 2 == self.initial, 1.0, -1.0)
        last = (self.initial + len(self.switches)) & 1
        # By parts: each step at time s adds exp(-i w s), the ends the states there.
        total = np.exp(-1j * np.multiply.outer(omega, self.switches)) @ steps
        total = total + self.initial - last * np.exp(-1j * omega * self.duration)
        return np.abs(total / omega) ** 2 / self.duration
