"""The free layer as one spin: the stochastic Landau-Lifshitz-Gilbert equation, and what it says of the rates.

The unit vector m of the moment has energy ``E_b (1 - m_z^2)``, its easy axis z along the fixed layer's moment: m_z = 1
is P, state 0. In units of the anisotropy field B_k and of the time ``(1 + alpha^2) / (gamma B_k)`` it moves by

    dm/dt = -m x b - alpha m x (m x b) - alpha i m x (m x z) + alpha^2 i m x z,    b = (m_z + h) z + w

with field h = B / B_k, Slonczewski's torque (J. C. Slonczewski, *J. Magn. Magn. Mater.* 159, L1 (1996)) of the current
i = I / I_c, and the thermal field w, white, of strength ``<w_j(t) w_k(t')> = alpha / (Delta (1 + alpha^2)) delta_jk
delta(t - t')`` with Delta = E_b / kT: the fluctuation-dissipation theorem (W. F. Brown, *Phys. Rev.* 130, 1677 (1963)).
Physical noise has a memory, if a short one, so the equation is Stratonovich's; Heun's scheme integrates it so
(J. L. García-Palacios and F. J. Lázaro, *Phys. Rev. B* 58, 14937 (1998)).

All is symmetric about z, so m_z is a Markov process of its own, in which the torque acts as a field: only h + i counts,
and ``exp(Delta (m_z^2 + 2 (h + i) m_z))`` is its stationary density even with a current.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwpy.entropy import heun
from hwpy.entropy.junction import BOLTZMANN, JunctionParameters

__all__ = ["GYROMAGNETIC_RATIO", "Macrospin", "critical_current"]

#: Of the electron, in radians per second and tesla (CODATA 2018).
GYROMAGNETIC_RATIO = 1.76085963023e11
_CHARGE = 1.602176634e-19
_HBAR = 1.054571817e-34

Reals = NDArray[np.float64]


def critical_current(energy: float, damping: float, polarisation: float) -> float:
    """The current in ampere whose torque makes up for the damping of a macrospin: ``4 e alpha E_b / (hbar eta)``.

    ``energy`` is E_b in joules. J. Z. Sun, *Phys. Rev. B* 62, 570 (2000), for an easy axis alone.
    """
    return 4 * _CHARGE * damping * energy / (_HBAR * polarisation)


@dataclass(frozen=True)
class Macrospin:
    """A uniaxial free layer.

    Parameters
    ----------
    barrier
        Delta = E_b / kT at ``temperature``; up to 100 here.
    damping
        Gilbert's alpha.
    anisotropy_field
        B_k in tesla.
    polarisation
        Spin polarisation eta of the current.
    temperature
        Kelvin.
    """

    barrier: float
    damping: float = 0.01
    anisotropy_field: float = 0.1
    polarisation: float = 0.5
    temperature: float = 300.0

    def __post_init__(self) -> None:
        for name, largest in (
            ("barrier", 100.0),
            ("damping", 10.0),
            ("anisotropy_field", 1e3),
            ("polarisation", 1.0),
            ("temperature", 1e6),
        ):
            value = getattr(self, name)
            if not 0 < value <= largest:
                raise ValueError(f"macrospin {name} must be above 0 and at most {largest:g}, not {value!r}")

    @property
    def time_unit(self) -> float:
        """``(1 + alpha^2) / (gamma B_k)`` in seconds."""
        return (1 + self.damping**2) / (GYROMAGNETIC_RATIO * self.anisotropy_field)

    @property
    def critical_current(self) -> float:
        """I_c in ampere."""
        energy = self.barrier * BOLTZMANN * self.temperature
        return critical_current(energy, self.damping, self.polarisation)

    @property
    def attempt_rate(self) -> float:
        """Brown's prefactor in hertz: what the Néel-Brown model must be given with this barrier."""
        return self.damping / self.time_unit * math.sqrt(self.barrier / math.pi)

    def brown_rates(self, tilt: float = 0.0) -> tuple[float, float]:
        """Escape rates in hertz out of P and AP at ``tilt`` h + i: Brown 1963, for high barriers.

        ``(alpha / time unit) sqrt(Delta / pi) (1 - h^2) (1 +- h) exp(-Delta (1 +- h)^2)``.
        """
        if not abs(tilt) < 1:
            raise ValueError(f"macrospin tilt must be within -1 and 1, not {tilt!r}")
        rates = [
            self.attempt_rate * (1 - tilt**2) * (1 + side) * math.exp(-self.barrier * (1 + side) ** 2)
            for side in (tilt, -tilt)
        ]
        return rates[0], rates[1]

    def density(self, z: ArrayLike, tilt: float = 0.0) -> Reals:
        """Boltzmann's density of m_z at ``z``."""
        nodes, weights = _legendre(-1.0, 1.0)
        peak = self.barrier * (1 + 2 * abs(tilt))
        norm = weights @ np.exp(self._exponent(nodes, tilt) - peak)
        return np.exp(self._exponent(np.asarray(z, dtype=np.float64), tilt) - peak) / norm

    def passage_time(self, stop: float, tilt: float = 0.0) -> float:
        """Mean seconds from m_z = 1 until m_z is first ``stop``: exact, for any barrier.

        ``(2 Delta / alpha) int_stop^1 dz / ((1 - z^2) f(z)) int_z^1 f(y) dy`` time units, with ``f`` the density
        (Kolmogorov's backward equation). For a stop well beyond the barrier it is the inverse of the escape rate.
        """
        if not -1 < stop < 1:
            raise ValueError(f"macrospin stop must be within -1 and 1, not {stop!r}")
        outer, outer_weights = _legendre(stop, 1.0)
        total = 0.0
        for z, weight in zip(outer, outer_weights, strict=True):
            inner, inner_weights = _legendre(z, 1.0)
            f = np.exp(self._exponent(inner, tilt) - self._exponent(z, tilt))
            total += weight * (inner_weights @ f) / (1 - z**2)
        return 2 * self.barrier / self.damping * total * self.time_unit

    def junction(self) -> JunctionParameters:
        """The Néel-Brown junction whose rates these are near balance.

        The macrospin's barriers are ``Delta (1 +- I / I_c)^2``, those of equation (1) linear in the current. They have
        the same P(1) at every current if the latter's critical current is half of I_c, as
        ``(1 + i)^2 - (1 - i)^2 = 4 i``, and the same rates to first order in i.
        """
        return JunctionParameters(
            barrier=self.barrier,
            temperature=self.temperature,
            attempt_rate=self.attempt_rate,
            critical_current=self.critical_current / 2,
            anisotropy_field=self.anisotropy_field,
        )

    def relax(
        self,
        start: ArrayLike,
        steps: int,
        generator: np.random.Generator,
        *,
        step: float = 0.02,
        field: float = 0.0,
        current: float = 0.0,
    ) -> Reals:
        """Unit vectors after ``steps`` Heun steps of ``step`` time units, each spin of ``start`` (spins, 3) on its own.

        ``field`` is B / B_k, ``current`` I / I_c.
        """
        spins = np.array(start, dtype=np.float64)
        if spins.ndim != 2 or spins.shape[1] != 3:
            raise ValueError(f"macrospin start must have shape (spins, 3), not {spins.shape!r}")
        heun.relax(spins, steps, step, self.damping, self._noise(step), field, current, generator)
        return spins

    def passages(
        self,
        count: int,
        stop: float,
        generator: np.random.Generator,
        *,
        step: float = 0.02,
        field: float = 0.0,
        current: float = 0.0,
    ) -> Reals:
        """Seconds from m_z = 1 until m_z is first below ``stop``, of ``count`` spins, shape (count,)."""
        noise = self._noise(step)
        steps = heun.passages(count, stop, step, self.damping, noise, field, current, generator)
        return steps * (step * self.time_unit)

    def _exponent(self, z: Reals, tilt: float) -> Reals:
        return self.barrier * (z**2 + 2 * tilt * z)

    def _noise(self, step: float) -> float:
        """Standard deviation of each component of the thermal field, held over a step."""
        return math.sqrt(self.damping / (self.barrier * (1 + self.damping**2) * step))


_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(120)


def _legendre(low: float, high: float) -> tuple[Reals, Reals]:
    """Nodes and weights of an integral from ``low`` to ``high``."""
    half = (high - low) / 2
    return low + half * (_NODES + 1), half * _WEIGHTS
