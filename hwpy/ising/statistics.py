"""Does an array of any size sample at its temperature? Energies against independent randomness.

At a fixed beta the mean and the variance of the energy are those of the Boltzmann distribution, whatever the
entropy. Sharing of random words between p-bits shows in the variance first, since it correlates p-bits that no
coupling connects.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwpy.ising.array import PBitArrayParameters
from hwpy.ising.fast import FastArray


@dataclass(frozen=True)
class EnergyStatistics:
    """Mean and variance of the energy in the couplings' LSB, with standard errors over replicas."""

    beta: float
    mean: float
    mean_error: float
    variance: float
    variance_error: float

    def deviations(self, other: EnergyStatistics) -> tuple[float, float]:
        """How far apart two means and two variances are, in standard errors of their difference."""
        return (
            (self.mean - other.mean) / np.hypot(self.mean_error, other.mean_error),
            (self.variance - other.variance) / np.hypot(self.variance_error, other.variance_error),
        )


def sample_energies(array: FastArray, beta: float, *, warm_up: int, samples: int, interval: int) -> NDArray[np.int64]:
    """Energies int64[samples][replicas], `interval` sweeps apart, after an anneal from hot of `warm_up` sweeps."""
    array.track_best = False
    array.anneal(np.linspace(beta / 10, beta, 20).tolist(), -(-warm_up // 40))
    array.anneal([beta], -(-warm_up // 2))
    energies = np.empty((samples, len(array.energy)), np.int64)
    for k in range(samples):
        array.anneal([beta], interval)
        energies[k] = array.energy
    return energies


def statistics(beta: float, energies: NDArray[np.int64]) -> EnergyStatistics:
    """Of energies [samples][replicas]; the replicas are independent, the samples of one need not be."""
    replicas = energies.shape[1]
    means = energies.mean(axis=0)
    mean = float(means.mean())
    # About the common mean, which each replica's own would make too small.
    squares = ((energies - mean) ** 2).mean(axis=0) * replicas / (replicas - 1)
    return EnergyStatistics(
        beta,
        mean,
        float(means.std(ddof=1) / np.sqrt(replicas)),
        float(squares.mean()),
        float(squares.std(ddof=1) / np.sqrt(replicas)),
    )


def measure(parameters: PBitArrayParameters, source, beta: float, **options: int) -> EnergyStatistics:
    """Statistics of one array and source at one beta."""
    return statistics(beta, sample_energies(FastArray(parameters, source), beta, **options))


def fluctuation_ratio(parameters: PBitArrayParameters, source, beta: float, delta: float, **options: int) -> float:
    """-(d<E>/dbeta) / Var(E), which is 1 for the Boltzmann distribution; the derivative over beta +- `delta`."""
    array = FastArray(parameters, source)
    low, middle, high = (
        statistics(b, sample_energies(array, b, **options)) for b in (beta - delta, beta, beta + delta)
    )
    return (low.mean - high.mean) / (2 * delta) / middle.variance


class SharedWords(FastArray):
    """An array whose noise words serve `share` p-bits each, one clock after the other along a delay line.

    It is not offered as hardware: it shows what sharing whole words costs.
    """

    def __init__(self, parameters: PBitArrayParameters, source, share: int):
        super().__init__(parameters, source)
        units, words = parameters.noise.units, self.spins.shape[1]
        self.history = np.zeros((share, len(parameters.levels) + 1, units, words), np.uint64)
        self.sign_taps = np.full((units, 1, 2), -1, np.int32)
        self.sign_taps[:, 0, 0] = np.arange(units)
        unit = np.arange(units)
        self.group, self.delay = unit - unit % share, unit % share

    def _compare(self, thresholds, count):
        active = super()._compare(thresholds, count)
        self.history[1:] = self.history[:-1].copy()
        self.history[0, :-1] = self.outcomes
        self.history[0, -1] = self.source.planes[self.tables.taps[:, 0, 0]]
        self.outcomes[:] = self.history[self.delay, :-1, self.group].transpose(1, 0, 2)
        return active | True

    def _signs(self):
        return np.ascontiguousarray(self.history[self.delay, -1, self.group]), self.sign_taps
