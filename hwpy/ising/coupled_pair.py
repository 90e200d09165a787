"""Two electrically coupled junctions: side by side at the end of a source and a series resistor.

The circuit of Fig. 2a of *Neural networks three ways*, measured by P. Talatchian et al., *Phys. Rev. B* 104, 054427
(2021). Both junctions have the voltage V, at which the source's load line meets the junctions' conductances:

    V / V_open + I / I_short = 1,    I = (G_1 + G_2) V,    V = 1 / (1 / V_open + (G_1 + G_2) / I_short).

A series resistor R = V_open / I_short of 0 is a voltage source: V is V_open whatever the junctions do, and nothing
couples them. An infinite one is a current source: what one junction does not take the other must. In each of the
four states V is a number, and the two escape rates with it, so the pair is a Markov chain of four states.

Spins, polarities and rates are those of `hwpy.ising.junction_network`. The pull of junction k on j has the sign of
rho_k p_j V. Both turned round: the correlation changes sign. One alone turned round: the first pulls the second one
way, the second the first the other way, and probability circulates.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwpy.entropy.junction import JunctionParameters
from hwpy.ising.junction_generator import SpinGenerator, spin_states
from hwpy.ising.junction_network import JunctionNetwork

__all__ = ["CoupledPair"]

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class CoupledPair:
    """Two junctions and their source. States are in the order of `spin_states`: ++, -+, +-, --.

    Parameters
    ----------
    first, second
        The junctions.
    open_voltage
        V_open in volts, without junctions; infinite for a current source.
    short_current
        I_short in ampere, into a short circuit; infinite for a voltage source. Of the voltage's sign.
    polarity
        1 or -1 for each junction.

    Raises
    ------
    ValueError
        For a value that cannot be, which it quotes.
    """

    first: JunctionParameters
    second: JunctionParameters
    open_voltage: float
    short_current: float
    polarity: tuple[int, int] = (1, 1)

    def __post_init__(self) -> None:
        for name, unit in (("open_voltage", "volts"), ("short_current", "ampere")):
            value = getattr(self, name)
            if math.isnan(value) or value == 0:
                raise ValueError(f"coupled pair {name} must not be 0, in {unit}, not {value!r}")
        if math.isinf(self.open_voltage) and math.isinf(self.short_current):
            raise ValueError("coupled pair must have a finite open_voltage or short_current")
        if (self.open_voltage > 0) != (self.short_current > 0):
            raise ValueError(
                "coupled pair open_voltage and short_current must be of one sign, "
                f"not {self.open_voltage!r} and {self.short_current!r}"
            )

    @classmethod
    def balanced(
        cls,
        junction: JunctionParameters,
        current: float,
        series_resistance: float,
        polarity: tuple[int, int] = (1, 1),
    ) -> CoupledPair:
        """Two such junctions, with the source at which both states of the first are equally likely.

        So they are of the second then, if the polarities are equal. ``current``, in ampere in the circuit's direction,
        is the balance current of each: it takes the place of the junction's own, as a magnetic field would set it.
        ``series_resistance`` is in ohm, 0 to infinity.

        Raises
        ------
        ValueError
            For a bad value, or if a current leaves the range where both states are stable first.
        """
        from scipy.optimize import brentq

        if not series_resistance >= 0:
            raise ValueError(f"coupled pair series resistance must be not negative, in ohm, not {series_resistance!r}")
        if current == 0:
            raise ValueError(f"coupled pair current must not be 0, in ampere, not {current!r}")
        first, second = (replace(junction, balance_current=p * current) for p in polarity)

        def at(size: float) -> CoupledPair:
            infinite = math.copysign(math.inf, size)
            if math.isinf(series_resistance):
                return cls(first, second, infinite, size, polarity)
            return cls(first, second, size, size / series_resistance if series_resistance else infinite, polarity)

        sign = math.copysign(1, current)
        unit = abs(at(sign).currents)
        # The sources between which both states of both junctions are stable.
        most = (abs(current) + junction.critical_current) / unit.max()
        least = max((abs(current) - junction.critical_current) / unit.min(), 1e-9 * most)

        def mean_spin(size: float) -> float:
            return float(at(sign * size).generator.moments()[0][0])

        if least >= most or mean_spin(least) * mean_spin(most) > 0:
            raise ValueError(f"coupled pair has no balance at {current!r} A with both states stable in all four")
        return at(sign * brentq(mean_spin, least, most, xtol=1e-15 * most))

    @property
    def series_resistance(self) -> float:
        """R in ohm."""
        return 0.0 if math.isinf(self.short_current) else self.open_voltage / self.short_current

    @cached_property
    def _junctions(self) -> JunctionNetwork:
        """Their resistances and rates, without the circuit."""
        return JunctionNetwork((self.first, self.second), [], [], 0.0, 0.0, self.polarity)

    @cached_property
    def voltages(self) -> Vector:
        """float[4]: V in volts in each state."""
        conductance = (1 / self._junctions.resistances(spin_states(2))).sum(axis=1)
        return 1 / (1 / self.open_voltage + conductance / self.short_current)

    @cached_property
    def currents(self) -> Vector:
        """float[4, 2]: through each junction, in ampere."""
        return self.voltages[:, None] / self._junctions.resistances(spin_states(2))

    @cached_property
    def generator(self) -> SpinGenerator:
        """The chain of four states.

        Raises
        ------
        ValueError
            If a current is further than I_c from the balance.
        """
        return SpinGenerator(self._junctions.rates_at(spin_states(2), self.currents))

    def correlation(self) -> float:
        """Cross-correlation coefficient of the two spins at one time: -1 to 1."""
        means, products = self.generator.moments()
        spread = np.sqrt(1 - means**2)
        return float((products[0, 1] - means[0] * means[1]) / (spread[0] * spread[1]))

    def cross_correlation(self, lags: ArrayLike) -> Vector:
        """The coefficient of the first spin now with the second ``lags`` seconds (either sign) later: float[...]."""
        from scipy.linalg import expm

        p, q, spins = self.generator.stationary, self.generator.matrix(), spin_states(2).astype(float)
        means = p @ spins
        scaled = (spins - means) / np.sqrt(1 - means**2)
        found = []
        for lag in np.asarray(lags, np.float64).reshape(-1):
            early, late = (0, 1) if lag >= 0 else (1, 0)
            found.append((p * scaled[:, early]) @ expm(q * abs(lag)) @ scaled[:, late])
        return np.reshape(found, np.shape(lags))
