"""At what stream length, fan-in and precision a stochastic neuron takes less than a binary one.

Both give y = 1 - exp(-sum w x), the OR neuron nearly so. The workload has x uniform, and w uniform up to a bound that
is itself uniform from 0 to 8 / K (and at most 1): at any fan-in K the sum is about 1 in the mean, the middle of the
curve, and spread over it.

**Equal error.** The mean of N independent bits has the variance ``y (1 - y) / N``. The binary neuron's error comes from
rounding x, w and y to b bits; w is scaled by a power of two to fill its bits, which costs nothing. `equal_length` is
the N at which the two have the same root-mean-square error. The OR neuron's own departure from the exponential and its
weights' rounding are left out, in its favour. The paper's rule (section 4.1: 64 bits for 4-bit resolution, 1,024 for 6,
16,384 for 8) is ``4**(b - 1)``, and asks less: one standard error to half a step.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Unit", "best", "binary_error", "crossing", "device_energy", "equal_length", "sobol_error", "workload"]


@dataclass(frozen=True)
class Unit:
    """What one neuron takes.

    Attributes
    ----------
    name, fan_in, bits
        Which; bits of x and w, or of w alone if stochastic.
    lut4, ff, dsp
        Cells; shared ones by their share.
    clocks
        Of an evaluation; 0 for N.
    random_bits
        Bits that it takes from random sources outside of it, in a clock.
    energy
        Estimates in joules for a clock, one for each measure of activity; empty if not estimated.
    """

    name: str
    fan_in: int
    bits: int
    lut4: float
    ff: float
    dsp: int
    clocks: int
    random_bits: float = 0.0
    energy: tuple[float, ...] = ()

    def costs(self, kind: str) -> NDArray[np.float64]:
        """Of a clock: one 'lut4', or the 'energy' estimates."""
        if kind == "lut4":
            return np.array([self.lut4])
        if kind != "energy" or not self.energy:
            raise ValueError(f"cost of {self.name} must be 'lut4', or 'energy' where estimated, not {kind!r}")
        return np.array(self.energy)


def best(units: Iterable[Unit], kind: str, fan_in: int, bits: int, constant: bool = False) -> Unit:
    """The binary unit with the cheapest evaluation, estimates by their mean; by 'lut4' those without a DSP block."""
    rivals = [
        unit
        for unit in units
        if unit.clocks
        and (unit.fan_in, unit.bits, "constant" in unit.name) == (fan_in, bits, constant)
        and not (kind == "lut4" and unit.dsp)
    ]
    return min(rivals, key=lambda unit: unit.clocks * unit.costs(kind).mean())


def crossing(stochastic: Unit, binary: Unit, kind: str) -> NDArray[np.float64]:
    """The N up to which the stochastic neuron's evaluation is cheaper, by each estimate."""
    return binary.clocks * binary.costs(kind) / stochastic.costs(kind)


def device_energy(stochastic: Unit, binary: Unit, length: float) -> NDArray[np.float64]:
    """Joules that a bit from outside must stay below for the stochastic neuron to win, by each estimate.

    Below 0: it does not win at any price.
    """
    spare = binary.clocks * binary.costs("energy") / length - stochastic.costs("energy")
    return spare / stochastic.random_bits


def workload(fan_in: int, count: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Inputs and weights of ``count`` neurons, each (count, K)."""
    numbers = np.random.default_rng(seed)
    bound = np.minimum(1.0, 8 / fan_in * numbers.random((count, 1)))
    return numbers.random((count, fan_in)), numbers.random((count, fan_in)) * bound


def binary_error(fan_in: int, bits: int, count: int = 4000, seed: int = 1) -> float:
    """Root-mean-square error of the binary neuron of b bits."""
    x, w = workload(fan_in, count, seed)
    steps = (1 << bits) - 1
    scale = 2.0 ** np.floor(np.log2(1 / w.max(axis=1, keepdims=True)))
    rounded = (np.round(x * steps) / steps) * np.round(w * scale * steps) / steps / scale
    y = np.round((1 - np.exp(-rounded.sum(axis=1))) * steps) / steps
    return float(np.sqrt(((y - (1 - np.exp(-(x * w).sum(axis=1)))) ** 2).mean()))


def equal_length(fan_in: int, bits: int, count: int = 4000, seed: int = 1) -> float:
    """N of independent bits whose error is that of the binary neuron."""
    x, w = workload(fan_in, count, seed)
    idle = (1 - x * w).prod(axis=1)
    return float((idle * (1 - idle)).mean() / binary_error(fan_in, bits, count, seed) ** 2)


def sobol_error(fan_in: int, length: int, count: int = 100, seed: int = 1) -> float:
    """Root-mean-square error of N bits, a power of two, from scrambled Sobol words: 2 K dimensions, a scramble each."""
    from scipy.stats import qmc

    x, w = workload(fan_in, count, seed)
    errors = []
    for values, weights in zip(x, w, strict=True):
        seed += 1
        points = qmc.Sobol(2 * fan_in, seed=seed).random(length)
        bits = (points < np.concatenate([values, weights])).reshape(length, 2, fan_in).all(axis=1).any(axis=1)
        errors.append(bits.mean() - (1 - (1 - values * weights).prod()))
    return float(np.sqrt(np.square(errors).mean()))
