"""Stochastic resonance: a junction under a weak periodic current answers best at a temperature in between.

A balanced junction driven by ``a cos(2 pi f t)`` ampere has the rates ``r exp(-+ A cos wt)`` out of P and AP, with
``r = phi_0 exp(-Delta)``, ``A = Delta a / I_c`` and w = 2 pi f. With s = +1 for P and -1 for AP

    d<s>/dt = -K cosh(A cos wt) <s> + K sinh(A cos wt),    K = 2 r,

and for weak drive ``<s> = x cos(wt - phi)``, ``x = A K / sqrt(K^2 + w^2)``, ``tan phi = w / K`` (B. McNamara and K.
Wiesenfeld, *Theory of stochastic resonance*, Phys. Rev. A 39, 4854 (1989)). A and Delta go as 1 / T and K rises with T:
x is small when the junction is too slow to follow, and when heat drowns the drive. At the maximum ``K = w sqrt(Delta -
1)``.

For junctions: A. Mizrahi et al., *IEEE Trans. Magn.* 51, 1401404 (2015).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from hwpy.entropy.junction import JunctionParameters
from hwpy.entropy.telegraph import Trace

__all__ = ["DrivenJunction", "first_harmonic", "locking"]

Reals = NDArray[np.float64]


@dataclass(frozen=True)
class DrivenJunction:
    """A junction at its balance, and the drive.

    Parameters
    ----------
    junction
        Its barrier is at its own temperature; the balance current is taken to flow.
    amplitude
        a in ampere, less than the critical current.
    frequency
        f in hertz.
    """

    junction: JunctionParameters
    amplitude: float
    frequency: float

    def __post_init__(self) -> None:
        if not 0 < self.amplitude <= self.junction.critical_current:
            raise ValueError(f"drive amplitude must be positive and at most I_c, in ampere, not {self.amplitude!r}")
        if not (math.isfinite(self.frequency) and self.frequency > 0):
            raise ValueError(f"drive frequency must be positive, in hertz, not {self.frequency!r}")

    def strength(self, temperature: float) -> float:
        """A at ``temperature`` kelvin."""
        junction = self.junction
        return junction.barrier * junction.temperature / temperature * self.amplitude / junction.critical_current

    def relaxation_rate(self, temperature: float) -> float:
        """K in hertz, without the drive."""
        junction = self.junction
        return 2 * junction.attempt_rate * math.exp(-junction.barrier * junction.temperature / temperature)

    def weak_response(self, temperature: float) -> complex:
        """``x exp(-i phi)`` of McNamara and Wiesenfeld: the first harmonic of <s>, for A far below 1."""
        rate = self.relaxation_rate(temperature)
        return self.strength(temperature) * rate / (rate + 2j * math.pi * self.frequency)

    def weak_signal_to_noise(self, temperature: float) -> float:
        """Power of the line, ``x^2 / 2``, over the one-sided spectral density beside it, in hertz: ``A^2 K / 8``.

        The density is the Lorentzian ``4 K / (K^2 + w^2)`` of s, of variance 1 when the drive is weak.
        """
        return self.strength(temperature) ** 2 * self.relaxation_rate(temperature) / 8

    def best_temperature(self) -> float:
        """Kelvin at which the weak response is largest: where ``K = w sqrt(Delta - 1)``, by bisection."""
        energy = self.junction.barrier * self.junction.temperature
        low, high = energy / 690, energy
        omega = 2 * math.pi * self.frequency

        def too_cold(temperature: float) -> bool:
            return self.relaxation_rate(temperature) < omega * math.sqrt(max(energy / temperature - 1, 0.0))

        for _ in range(100):
            middle = (low + high) / 2
            low, high = (middle, high) if too_cold(middle) else (low, middle)
        return high

    def response(self, temperature: float, steps: int = 4096) -> complex:
        """The first harmonic of <s> from the periodic solution of its equation, for a drive of any strength.

        Each of ``steps`` parts of a period is solved exactly with the rates at its middle; the error falls as ``1 /
        steps^2``.
        """
        strength, rate = self.strength(temperature), self.relaxation_rate(temperature)
        middle = 2 * math.pi * (np.arange(steps) + 0.5) / steps
        tilt = strength * np.cos(middle)
        target, part = np.tanh(tilt), rate * np.cosh(tilt) / (self.frequency * steps)
        kept, gained = np.exp(-part), -np.expm1(-part)
        # Once round the period is value -> a value + b, whose fixed point is where the periodic solution starts.
        value = 0.0
        for k in range(steps):
            value = kept[k] * value + gained[k] * target[k]
        value /= -math.expm1(-float(part.sum()))
        mean = np.empty(steps)
        for k in range(steps):
            # The mean over the part, in which s relaxes to the target.
            mean[k] = target[k] + (value - target[k]) * (gained[k] / part[k])
            value = kept[k] * value + gained[k] * target[k]
        return complex(2 * np.mean(mean * np.exp(-1j * middle)))

    def trace(self, temperature: float, periods: int, generator: np.random.Generator) -> Trace:
        """An exact trace of whole periods from P, by thinning of candidates that come at the highest rate."""
        strength, rate = self.strength(temperature), self.relaxation_rate(temperature) / 2
        duration = periods / self.frequency
        switches = _thin(rate, strength, 2 * math.pi * self.frequency, duration, generator)
        return Trace(0, switches, duration)


@njit(cache=True)
def _thin(rate, strength, omega, duration, generator):
    highest = rate * math.exp(strength)
    switches = [0.0 for _ in range(0)]
    time, sign = 0.0, 1.0
    while True:
        time += generator.standard_exponential() / highest
        if time >= duration:
            break
        # Out of P the rate falls as the drive rises, out of AP it rises with it.
        if generator.random() < math.exp(-sign * strength * math.cos(omega * time) - strength):
            switches.append(time)
            sign = -sign
    return np.array(switches)


def first_harmonic(trace: Trace, frequency: float) -> complex:
    """``(2 / T) integral of s(t) exp(-2 pi i f t) dt`` of whole periods, s = +1 for P and -1 for AP."""
    omega = 2 * math.pi * frequency
    edges = np.exp(-1j * omega * np.concatenate(([0.0], trace.switches, [trace.duration])))
    signs = 1.0 - 2.0 * ((np.arange(len(edges) - 1) + trace.initial) % 2)
    return complex(2 / trace.duration * np.sum(signs * np.diff(edges)) / (-1j * omega))


def locking(trace: Trace, frequency: float) -> float:
    """Switches a half period, both directions together: 1 when the junction follows the drive step for step."""
    return len(trace.switches) / (2 * frequency * trace.duration)
