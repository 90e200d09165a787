"""Spin dice: a stable junction, reset and then written with a pulse that switches it half of the time.

A. Fukushima et al., *Spin dice: a scalable truly random number generator based on spintronics*, Appl. Phys. Express 7,
083001 (2014). The junction is a macrospin in P (state 0) that a pulse of i critical currents for t seconds may switch
to AP. `hwpy.entropy.fokker_planck` gives the probability for any pulse; two closed forms say why.

Thermal activation, i well below 1 and long pulses: ``1 - exp(-rate t)`` with Brown's rate over ``Delta (1 - i)^2``,
what is left of the barrier.

Drive, i above 1 and short pulses: the angle to the axis is thermal at first, of variance ``1 / (2 Delta)`` in each of
two directions, and unstable. Growing linearly it is Gaussian at the end with ``V = (i e^(2 (i - 1) s) - 1) / (i - 1)``
times that variance, s the time in units of ``t_D = (1 + alpha^2) / (alpha gamma B_k)``, and

    P = exp(-Delta theta_c^2 / V),    theta_c^2 = (2^i (i - 1) / i)^(2 / (i + 1)).

The usual estimate is theta_c = pi / 2, as if growth stayed linear up to the equator (the approach is that of J. Z. Sun,
*Phys. Rev. B* 62, 570 (2000), and W. H. Butler et al., *IEEE Trans. Magn.* 48, 4684 (2012)). It does not stay so:
``d theta / ds = sin theta (i - cos theta)`` from a small angle reaches the equator when the linear law would be at the
theta_c above (integrate in partial fractions). Nearer to i = 1 than 4 Delta^(-1/2) noise counts
even where growth is no longer linear, and the form does not hold.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from hwpy.entropy.fokker_planck import switching_probability
from hwpy.entropy.macrospin import Macrospin

__all__ = ["SpinDice", "current_for", "drive_probability", "sensitivity", "thermal_probability"]


def thermal_probability(spin: Macrospin, current: float, width: float) -> float:
    """P(switch) of a pulse of ``current`` ampere, below I_c, and ``width`` seconds by thermal activation."""
    return -math.expm1(-spin.brown_rates(-current / spin.critical_current)[0] * width)


def drive_probability(spin: Macrospin, current: float, width: float) -> float:
    """P(switch) of a pulse of ``current`` ampere and ``width`` seconds when the torque drives it.

    Raises
    ------
    ValueError
        If the current is not above ``1 + 4 Delta^(-1/2)`` critical ones.
    """
    i, least = current / spin.critical_current, 1 + 4 / math.sqrt(spin.barrier)
    if not i >= least:
        raise ValueError(f"spin dice current must be at least {least:.3f} critical ones for this form, not {i!r}")
    exponent = 2 * (i - 1) * width * spin.damping / spin.time_unit
    variance = (i * math.exp(min(exponent, 600.0)) - 1) / (i - 1)
    angle_squared = (2**i * (i - 1) / i) ** (2 / (i + 1))
    return math.exp(-spin.barrier * angle_squared / variance)


def sensitivity(spin: Macrospin, current: float, width: float) -> float:
    """dP/dI per ampere at ``current`` ampere and ``width`` seconds: how well a driver must hold the current."""
    i, small = current / spin.critical_current, 1e-3
    high, low = (switching_probability(spin, -(i + d), width)[0] for d in (small, -small))
    return float(high - low) / (2 * small * spin.critical_current)


def current_for(spin: Macrospin, probability: float, width: float) -> float:
    """The current in ampere at which a pulse of ``width`` seconds switches with ``probability``.

    Raises
    ------
    ValueError
        If the probability is not between 0.001 and 0.999, or would take 100 critical currents.
    """
    if not 0.001 <= probability <= 0.999:
        raise ValueError(f"spin dice probability must be 0.001 to 0.999, not {probability!r}")

    def switches(i: float) -> bool:
        return bool(switching_probability(spin, -i, width)[0] > probability)

    low, high = 0.0, 1.0
    while not switches(high):
        low, high = high, 1.5 * high
        if high > 100:
            raise ValueError(f"spin dice width must be longer for probability {probability!r}, not {width!r}")
    for _ in range(20):
        middle = (low + high) / 2
        low, high = (low, middle) if switches(middle) else (middle, high)
    return high * spin.critical_current


@dataclass(frozen=True)
class SpinDice:
    """A junction and its reset-write-read cycle.

    Parameters
    ----------
    spin
        The free layer; a barrier of 30 or more makes it hold a bit between write and read.
    write_width, reset_width, read_width
        Seconds of each part of the cycle, times between them included.
    write_current, reset_current
        Ampere, both positive here: the two pulses have opposite signs.
    resistance_p, resistance_ap
        Ohm.
    read_energy
        Joules for a read, as of `hwpy.entropy.readout.SenseAmplifier.energy`.
    """

    spin: Macrospin
    write_width: float
    write_current: float
    reset_width: float
    reset_current: float
    read_width: float
    resistance_p: float = 5e3
    resistance_ap: float = 10e3
    read_energy: float = 0.0

    def __post_init__(self) -> None:
        widths = ("write_width", "reset_width", "read_width")
        for name in (*widths, "write_current", "reset_current", "resistance_p", "resistance_ap"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise ValueError(f"spin dice {name} must be positive, in SI units, not {value!r}")
        if not (math.isfinite(self.read_energy) and self.read_energy >= 0):
            raise ValueError(f"spin dice read_energy must not be negative, in joules, not {self.read_energy!r}")

    @cached_property
    def write_probability(self) -> float:
        """P(P becomes AP) in the write pulse."""
        tilt = -self.write_current / self.spin.critical_current
        return float(switching_probability(self.spin, tilt, self.write_width)[0])

    @cached_property
    def reset_probability(self) -> float:
        """P(AP becomes P) in the reset pulse: the same law, as the layer is symmetric."""
        tilt = -self.reset_current / self.spin.critical_current
        return float(switching_probability(self.spin, tilt, self.reset_width)[0])

    @property
    def probability_of_1(self) -> float:
        """P(bit is 1). A failed reset leaves a 1, so the bits are a Markov chain and this its stationary state."""
        return self.write_probability / (1 - self.correlation)

    @property
    def correlation(self) -> float:
        """Correlation of successive bits: P(reset fails) times P(write does not switch)."""
        return (1 - self.reset_probability) * (1 - self.write_probability)

    @property
    def bits_per_second(self) -> float:
        """One bit a cycle."""
        return 1 / (self.write_width + self.reset_width + self.read_width)

    @property
    def energy(self) -> float:
        """Joules a bit in the junction, and the read; not in the driver.

        A pulse is taken to see the resistance at its beginning: an estimate, as one that switches sees both.
        """
        ones = self.probability_of_1
        at_reset = ones * self.resistance_ap + (1 - ones) * self.resistance_p
        left = ones * (1 - self.reset_probability)
        at_write = left * self.resistance_ap + (1 - left) * self.resistance_p
        return (
            self.reset_current**2 * at_reset * self.reset_width
            + self.write_current**2 * at_write * self.write_width
            + self.read_energy
        )
