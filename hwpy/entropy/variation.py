"""Junctions that differ, drift and warm up: distributions that yield `JunctionParameters`.

Spread from device to device is Gaussian in the barrier and the balance and lognormal in what must stay positive. A
dwell time is exponential in the barrier, so it is lognormal: 1 kT of spread is a factor e. Drift moves the balance
current as an Ornstein-Uhlenbeck process or a random walk, slow against the dwell times. Warming keeps E_b, or takes it
down with the magnetisation by Bloch's law ``1 - (T / T_C)^(3/2)``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from hwpy.entropy.junction import JunctionParameters
from hwpy.entropy.recursion import ornstein_uhlenbeck

__all__ = ["OrnsteinUhlenbeck", "RandomWalk", "Variation", "drifting", "warmed"]

Reals = NDArray[np.float64]

#: Standard deviations that the nominal barrier and critical current must be away from 0.
_MARGIN = 5.0


@dataclass(frozen=True)
class Variation:
    """Spread of a population about a nominal junction, all parameters independent.

    Parameters
    ----------
    nominal
        The median device.
    barrier
        Standard deviation of Delta / kT, in kT; at most a fifth of the nominal one, and draws below 0 are drawn again.
    balance_current
        Standard deviation in ampere; at most a fifth of the critical current.
    balance_field
        Standard deviation in tesla.
    resistance, magnetoresistance
        Standard deviations of the logarithms of R_P and of R_AP / R_P - 1.
    critical_current
        Standard deviation of the logarithm of I_c.
    temperature
        Standard deviation in kelvin of the devices' temperatures, at fixed E_b; at most a fifth of the nominal one.
    """

    nominal: JunctionParameters
    barrier: float = 0.0
    balance_current: float = 0.0
    balance_field: float = 0.0
    resistance: float = 0.0
    magnetoresistance: float = 0.0
    critical_current: float = 0.0
    temperature: float = 0.0

    def __post_init__(self) -> None:
        for field in fields(self)[1:]:
            value = getattr(self, field.name)
            if not (math.isfinite(value) and value >= 0):
                raise ValueError(f"variation {field.name} must be a standard deviation, not {value!r}")
        for name, nominal in (
            ("barrier", self.nominal.barrier),
            ("balance_current", self.nominal.critical_current),
            ("temperature", self.nominal.temperature),
        ):
            if _MARGIN * getattr(self, name) > nominal:
                raise ValueError(
                    f"variation {name} must be at most a fifth of {nominal!r}, not {getattr(self, name)!r}"
                )

    def draw(self, count: int, generator: np.random.Generator) -> list[JunctionParameters]:
        """``count`` devices."""
        nominal = self.nominal
        z = generator.standard_normal((7, count))
        barriers = nominal.barrier + self.barrier * z[0]
        while (bad := barriers < 0).any():
            barriers[bad] = nominal.barrier + self.barrier * generator.standard_normal(bad.sum())
        low = nominal.resistance_p * np.exp(self.resistance * z[1])
        ratio = (nominal.resistance_ap / nominal.resistance_p - 1) * np.exp(self.magnetoresistance * z[2])
        critical = nominal.critical_current * np.exp(self.critical_current * z[3])
        balance = nominal.balance_current + self.balance_current * z[4]
        field = nominal.balance_field + self.balance_field * z[5]
        kelvin = nominal.temperature + self.temperature * z[6]
        return [
            replace(
                nominal,
                barrier=float(barriers[k] * nominal.temperature / kelvin[k]),
                temperature=float(kelvin[k]),
                resistance_p=float(low[k]),
                resistance_ap=float(low[k] * (1 + ratio[k])),
                critical_current=float(critical[k]),
                balance_current=float(balance[k]),
                balance_field=float(field[k]),
            )
            for k in range(count)
        ]

    def log_dwell(self, state: int, current: float = 0.0) -> tuple[float, float]:
        """Mean and standard deviation of the natural logarithm of a device's dwell time in ``state`` (in seconds).

        Exact for spread in barrier and balance current (the moments of a product of independent variables); the other
        spreads that bear on it, of I_c, field and temperature, are refused. The logarithm is Gaussian, so the dwell
        time lognormal, when only one of the two varies, and nearly so otherwise.
        """
        if self.critical_current or self.balance_field or self.temperature:
            raise ValueError("variation log_dwell takes no spread of critical_current, balance_field or temperature")
        nominal, sign = self.nominal, (1, -1)[state]
        factor = 1 + sign * (current - nominal.balance_current) / nominal.critical_current
        spread = self.balance_current / nominal.critical_current
        variance = (self.barrier * factor) ** 2 + (nominal.barrier**2 + self.barrier**2) * spread**2
        return nominal.barrier * factor - math.log(nominal.attempt_rate), math.sqrt(variance)


@dataclass(frozen=True)
class OrnsteinUhlenbeck:
    """Drift that comes back: stationary, Gaussian.

    Parameters
    ----------
    spread
        Standard deviation in ampere.
    time_constant
        Seconds in which it forgets.
    """

    spread: float
    time_constant: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.spread) and self.spread >= 0 and self.time_constant > 0):
            raise ValueError(f"drift must have spread >= 0 and time constant > 0, not {self!r}")

    def path(self, count: int, interval: float, generator: np.random.Generator) -> Reals:
        """Offsets in ampere every ``interval`` seconds, shape (count,)."""
        return self.spread * ornstein_uhlenbeck(count, math.exp(-interval / self.time_constant), generator)

    def increment_variance(self, elapsed: float) -> float:
        """Variance of the change in ``elapsed`` seconds: ``2 spread^2 (1 - exp(-t / time constant))``."""
        return -2 * self.spread**2 * math.expm1(-elapsed / self.time_constant)


@dataclass(frozen=True)
class RandomWalk:
    """Drift that does not come back, from 0.

    Parameters
    ----------
    rate
        Standard deviation in ampere after one second; it grows as the square root of time.
    """

    rate: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.rate) and self.rate >= 0):
            raise ValueError(f"drift rate must not be negative, in A / sqrt(s), not {self.rate!r}")

    def path(self, count: int, interval: float, generator: np.random.Generator) -> Reals:
        """Offsets in ampere every ``interval`` seconds, the first after one interval, shape (count,)."""
        return self.rate * math.sqrt(interval) * np.cumsum(generator.standard_normal(count))

    def increment_variance(self, elapsed: float) -> float:
        """Variance of the change in ``elapsed`` seconds: ``rate^2 t``."""
        return self.rate**2 * elapsed


def drifting(
    junction: JunctionParameters,
    drift: OrnsteinUhlenbeck | RandomWalk,
    count: int,
    interval: float,
    generator: np.random.Generator,
) -> Iterator[JunctionParameters]:
    """The junction every ``interval`` seconds, ``count`` times, as its balance current drifts."""
    for offset in drift.path(count, interval, generator):
        yield replace(junction, balance_current=junction.balance_current + float(offset))


def warmed(
    junction: JunctionParameters, temperature: float, curie_temperature: float = math.inf, exponent: float = 2.0
) -> JunctionParameters:
    """The junction at ``temperature`` kelvin, its barrier restated: ``E_b(T) / kT``.

    E_b goes as the magnetisation to the ``exponent``, the magnetisation as ``1 - (T / T_C)^(3/2)``; an infinite
    ``curie_temperature`` keeps E_b.
    """
    if not 0 < temperature < curie_temperature or junction.temperature >= curie_temperature:
        raise ValueError(f"junction temperature must be above 0 and below {curie_temperature!r} K, not {temperature!r}")
    left, before = (1 - (t / curie_temperature) ** 1.5 for t in (temperature, junction.temperature))
    barrier = junction.barrier * junction.temperature / temperature * (left / before) ** exponent
    return replace(junction, barrier=barrier, temperature=temperature)
