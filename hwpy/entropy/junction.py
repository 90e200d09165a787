"""One tunnel junction in SI units: what current, temperature and magnetic field do to its two escape rates.

The Néel-Brown model: in state j (0 is P, the low resistance; 1 is AP) the junction sees a barrier and leaves at rate

    phi_j = phi_0 exp(-(E_b / kT) (1 + (-1)^j h)^2 (1 + (-1)^j (I - I_0) / I_c)),    h = (B - B_0) / B_k

with attempt rate phi_0 (W. F. Brown, *Phys. Rev.* 130, 1677 (1963)), critical current I_c and anisotropy field B_k. The
square is the barrier of a uniaxial macrospin in a field along its easy axis (Brown), the linear factor that of the
spin-transfer torque, as an effective temperature (Z. Li and S. Zhang, *Phys. Rev. B* 69, 134416 (2004)). At h = 0 it is
equation (1) of *Neural networks three ways* with the balance I_0 of equation (8); what that equation leaves out is said
in `hwpy.entropy.smtj`. Positive current and positive field hold state 0. E_b does not depend on temperature here, so
Delta / kT goes as 1 / T and so does the logarithm of a dwell time (Brown's Arrhenius law); in a real film the
magnetisation falls with temperature and takes E_b along.
"""

from __future__ import annotations

import math
import numbers
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwpy.entropy.record import read_record, write_record
from hwpy.entropy.smtj import SmtjParameters

__all__ = ["BOLTZMANN", "FORMAT", "JunctionParameters"]

#: Boltzmann's constant in joules per kelvin (SI, exact).
BOLTZMANN = 1.380649e-23

FORMAT = "trijunction-junction-1"

Rates = NDArray[np.float64]


@dataclass(frozen=True)
class JunctionParameters:
    """A junction, without what is applied to it.

    Parameters
    ----------
    barrier
        Delta / kT at ``temperature``: the balanced junction's energy barrier; 0 to below 700.
    temperature
        Kelvin at which the barrier is stated, and the default of the methods.
    attempt_rate
        phi_0 in hertz.
    critical_current
        I_c in ampere. The default is an order of magnitude: by `hwpy.entropy.macrospin` a perpendicular layer of 10 kT,
        damping 0.01 and polarisation 0.5 loses its stability at 5.0 uA; this linear law fits its P(1) with half of it.
    balance_current
        I_0 in ampere, at which both states are equally likely (in the field B_0).
    resistance_p, resistance_ap
        Ohm in states 0 and 1; AP the larger.
    anisotropy_field
        B_k in tesla, at which a field takes one of the two barriers away.
    balance_field
        B_0 in tesla: the applied field that makes up for the stray field of the fixed layer.

    Raises
    ------
    ValueError
        For a value that cannot be, which it quotes.
    """

    barrier: float
    temperature: float = 300.0
    attempt_rate: float = 1e9
    critical_current: float = 5e-6
    balance_current: float = 0.0
    resistance_p: float = 5e3
    resistance_ap: float = 10e3
    anisotropy_field: float = 0.1
    balance_field: float = 0.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value, (holds, expected) = getattr(self, field.name), _CHECKS[field.name]
            if isinstance(value, bool) or not isinstance(value, numbers.Real):
                raise TypeError(f"junction {field.name} must be a number, not {value!r}")
            if not (math.isfinite(value) and holds(float(value), self)):
                raise _BadField(field.name, f"junction {field.name} must be {expected}, not {value!r}")
            object.__setattr__(self, field.name, float(value))

    @classmethod
    def from_dwell_times(
        cls,
        dwell_p: float,
        dwell_ap: float,
        attempt_rate: float = 1e9,
        current: float = 0.0,
        field: float = 0.0,
        *,
        temperature: float = 300.0,
        critical_current: float = 5e-6,
        resistance_p: float = 5e3,
        resistance_ap: float = 10e3,
        anisotropy_field: float = 0.1,
        balance_field: float = 0.0,
    ) -> JunctionParameters:
        """The junction that has these mean dwell times (seconds in P and in AP) in this current and field.

        Two numbers give two, the barrier and the balance current; the others are as assumed. An attempt rate ten times
        higher makes the barrier 2.3 kT higher.

        Raises
        ------
        ValueError
            If a dwell time is shorter than an attempt, ``1 / attempt_rate``, or a value cannot be.
        """
        for name, dwell in (("dwell_p", dwell_p), ("dwell_ap", dwell_ap)):
            if not (math.isfinite(dwell) and dwell * attempt_rate >= 1):
                raise ValueError(f"junction {name} must be at least an attempt, 1 / {attempt_rate!r} s, not {dwell!r}")
        tilt = (field - balance_field) / anisotropy_field
        if not -1 < tilt < 1:
            raise ValueError(f"junction field must be within {anisotropy_field!r} T of the balance, not {field!r}")
        # The two barriers without the field's factor: Delta / kT times 1 + c and 1 - c.
        out_of_p = math.log(dwell_p * attempt_rate) / (1 + tilt) ** 2
        out_of_ap = math.log(dwell_ap * attempt_rate) / (1 - tilt) ** 2
        barrier = (out_of_p + out_of_ap) / 2
        asymmetry = (out_of_p - out_of_ap) / (2 * barrier) if barrier else 0.0
        return cls(
            barrier=barrier,
            temperature=temperature,
            attempt_rate=attempt_rate,
            critical_current=critical_current,
            balance_current=current - asymmetry * critical_current,
            resistance_p=resistance_p,
            resistance_ap=resistance_ap,
            anisotropy_field=anisotropy_field,
            balance_field=balance_field,
        )

    @property
    def energy(self) -> float:
        """The barrier E_b in joules."""
        return self.barrier * BOLTZMANN * self.temperature

    def barriers(
        self, current: ArrayLike = 0.0, temperature: ArrayLike | None = None, field: ArrayLike = 0.0
    ) -> tuple[Rates, Rates]:
        """Barriers over kT out of states 0 and 1; current (A), temperature (K) and field (T) broadcast.

        Raises
        ------
        ValueError
            For a temperature that is not positive, or a current or field so large that one state is no longer stable.
        """
        kelvin = np.asarray(self.temperature if temperature is None else temperature, dtype=np.float64)
        if not np.all((kelvin > 0) & np.isfinite(kelvin)):
            raise ValueError(f"junction temperature must be positive, in kelvin, not {temperature!r}")
        bias = (np.asarray(current, dtype=np.float64) - self.balance_current) / self.critical_current
        tilt = (np.asarray(field, dtype=np.float64) - self.balance_field) / self.anisotropy_field
        # The slack is for rounding where one barrier is just gone.
        if not np.all(np.abs(bias) <= 1 + 1e-9):
            within = f"{self.critical_current!r} A of the balance {self.balance_current!r}"
            raise ValueError(f"junction current must be within {within}, not {current!r}")
        if not np.all(np.abs(tilt) <= 1 + 1e-9):
            within = f"{self.anisotropy_field!r} T of the balance {self.balance_field!r}"
            raise ValueError(f"junction field must be within {within}, not {field!r}")
        scale = self.barrier * self.temperature / kelvin
        return (
            np.maximum(scale * (1 + tilt) ** 2 * (1 + bias), 0.0),
            np.maximum(scale * (1 - tilt) ** 2 * (1 - bias), 0.0),
        )

    def escape_rates(
        self, current: ArrayLike = 0.0, temperature: ArrayLike | None = None, field: ArrayLike = 0.0
    ) -> tuple[Rates, Rates]:
        """Rates in hertz out of states 0 and 1; see `barriers`."""
        out_of_0, out_of_1 = self.barriers(current, temperature, field)
        return self.attempt_rate * np.exp(-out_of_0), self.attempt_rate * np.exp(-out_of_1)

    def dwell_times(
        self, current: ArrayLike = 0.0, temperature: ArrayLike | None = None, field: ArrayLike = 0.0
    ) -> tuple[Rates, Rates]:
        """Mean seconds in states 0 and 1, each time exponentially distributed; see `barriers`."""
        out_of_0, out_of_1 = self.barriers(current, temperature, field)
        return np.exp(out_of_0) / self.attempt_rate, np.exp(out_of_1) / self.attempt_rate

    def probability_of_1(
        self, current: ArrayLike = 0.0, temperature: ArrayLike | None = None, field: ArrayLike = 0.0
    ) -> Rates:
        """Stationary P(AP); see `barriers`."""
        out_of_0, out_of_1 = self.barriers(current, temperature, field)
        return 1 / (1 + np.exp(out_of_0 - out_of_1))

    def smtj(self, current: float = 0.0, temperature: float | None = None, field: float = 0.0) -> SmtjParameters:
        """The same rates as the dimensionless junction that the emulator takes."""
        out_of_0, out_of_1 = (float(barrier) for barrier in self.barriers(current, temperature, field))
        mean = (out_of_0 + out_of_1) / 2
        asymmetry = (out_of_0 - out_of_1) / (out_of_0 + out_of_1) if mean else 0.0
        return SmtjParameters(barrier=mean, bias=asymmetry, attempt_rate=self.attempt_rate)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the junction as JSON that `load` reads back to the same numbers."""
        write_record(path, FORMAT, asdict(self))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> JunctionParameters:
        """The junction in a JSON file.

        Raises
        ------
        InputError
            One line with file and line: not JSON, another format, a key missing, unknown or repeated, a bad value.
        """
        record = read_record(path, FORMAT, [field.name for field in fields(cls)])
        try:
            return cls(**record.values)
        except _BadField as error:
            record.fail(error.name, str(error))


class _BadField(ValueError):
    """A bad value, with the field that has it."""

    def __init__(self, name: str, what: str) -> None:
        self.name = name
        super().__init__(what)


_Check = tuple[Callable[[float, JunctionParameters], bool], str]


def _positive(unit: str) -> _Check:
    return lambda value, _: value > 0, f"positive, in {unit}"


def _finite(unit: str) -> _Check:
    return lambda value, _: True, f"finite, in {unit}"


_CHECKS: dict[str, _Check] = {
    "barrier": (lambda value, _: 0 <= value < 700, "0 to 700 kT"),
    "temperature": _positive("kelvin"),
    "attempt_rate": _positive("hertz"),
    "critical_current": _positive("ampere"),
    "balance_current": _finite("ampere"),
    "resistance_p": _positive("ohm"),
    "resistance_ap": (lambda value, junction: value > junction.resistance_p, "more than resistance_p, in ohm"),
    "anisotropy_field": _positive("tesla"),
    "balance_field": _finite("tesla"),
}
