"""Ordinary differential equations on the rounding MAC, after M. Hopkins et al. (Phil. Trans. R. Soc. A 378, 2020),
*Stochastic rounding and reduced-precision fixed-point arithmetic for solving neural ordinary differential equations*.

Systems are ``s' = (A + Q s) s + c``, quadratic at most, and the solver is the explicit midpoint rule, one of theirs. A
step of length h is, twice over (with g = h / 2 from s to the midpoint m, then with g = h from s by the slope at m):

    W = round(h A + h Q m)          a sum of the MAC for each coefficient that depends on the state
    s <- round(s + (g / h) (W m + h c))     a sum for each variable, exact until its end

The constants h A, h Q and h c are rounded once, to nearest, for every arithmetic alike, float64 included: what is
measured is arithmetic, and not how well 16 bits hold 0.04. A factor 1/2 is the place of a binary point. The solvers are
in `hwpy.low_precision.ode_solver`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hwpy.low_precision.fixed import FixedFormat

__all__ = ["COEFFICIENT", "SYSTEMS", "Ode", "Reset", "izhikevich", "lorenz", "oscillator"]

#: Of the constants and of W: with the state's 16 bits, two factors of a multiplier of 18 x 18 bits.
COEFFICIENT = FixedFormat(1, 16)


@dataclass(frozen=True)
class Reset:
    """Where variable 0 has reached ``threshold`` it is set to ``value``, and ``jump`` is added to variable 1: a spike.

    All three in the units of the variables.
    """

    threshold: float
    value: float
    jump: float


@dataclass(frozen=True, eq=False)
class Ode:
    """A quadratic system of n variables and the step to solve it with.

    Parameters
    ----------
    names
        Of the variables.
    linear, quadratic, constant
        A (n, n), Q (n, n, n) with ``(Q s)[i, j] = sum_k Q[i, j, k] s[k]``, and c (n,).
    start
        s at time 0, (n,).
    step_log2
        h = ``2**step_log2``.
    form
        Format of 16 bits that holds all variables.
    reset
        Of a neuron.
    """

    names: tuple[str, ...]
    linear: NDArray[np.float64]
    quadratic: NDArray[np.float64]
    constant: NDArray[np.float64]
    start: NDArray[np.float64]
    step_log2: int
    form: FixedFormat
    reset: Reset | None = None
    step: float = field(init=False)

    def __post_init__(self) -> None:
        n = len(self.names)
        for name, shape in (("linear", (n, n)), ("quadratic", (n, n, n)), ("constant", (n,)), ("start", (n,))):
            if getattr(self, name).shape != shape:
                raise ValueError(f"ODE {name} must have shape {shape}, not {getattr(self, name).shape}")
        object.__setattr__(self, "step", 2.0**self.step_log2)
        if self.form.integer_bits < 1:
            raise ValueError(f"ODE format must have an integer bit, to hold 1, not be {self.form}")
        largest = self.step * float(np.abs(self.constant).max(initial=0))
        if largest > 2.0**self.form.integer_bits - 1:
            raise ValueError(f"ODE constant times the step must fit {self.form} with 1 to spare, not be {largest!r}")
        for name, coefficients in (("linear", self.linear), ("quadratic", self.quadratic)):
            largest = self.step * float(np.abs(coefficients).max())
            if largest >= 2.0**COEFFICIENT.integer_bits:
                raise ValueError(f"ODE {name} coefficients times the step must fit {COEFFICIENT}, not be {largest!r}")

    def raw(self, coefficients: NDArray[np.float64], fraction_bits: int) -> NDArray[np.int64]:
        """These times the step, to nearest."""
        return np.rint(np.ldexp(coefficients, self.step_log2 + fraction_bits)).astype(np.int64)


def izhikevich(kind: str = "regular", current: float = 10.0, form: FixedFormat | None = None) -> Ode:
    """Izhikevich's neuron (IEEE Trans. Neural Networks 14, 2003) in mV and ms, step 1/8 ms.

    Parameters
    ----------
    kind
        'regular' spiking (a, b, c, d = 0.02, 0.2, -65, 8) or 'fast' spiking (0.1, 0.2, -65, 2).
    current
        I, constant.
    form
        Default ``s[7][8]``.
    """
    parameters = {"regular": (0.02, 0.2, -65.0, 8.0), "fast": (0.1, 0.2, -65.0, 2.0)}
    if kind not in parameters:
        raise ValueError(f"Izhikevich neuron must be {' or '.join(parameters)}, not {kind!r}")
    a, b, c, d = parameters[kind]
    quadratic = np.zeros((2, 2, 2))
    quadratic[0, 0, 0] = 0.04
    return Ode(
        names=("v", "u"),
        linear=np.array([[5.0, -1.0], [a * b, -a]]),
        quadratic=quadratic,
        constant=np.array([140.0 + current, 0.0]),
        start=np.array([c, b * c]),
        step_log2=-3,
        form=form or FixedFormat(7, 8),
        reset=Reset(30.0, c, d),
    )


def oscillator(form: FixedFormat | None = None) -> Ode:
    """A damped oscillation of 1 hertz that falls by e in 8 s, step 1/128 s; by default in ``s[3][12]``."""
    rate, omega = 1 / 8, 2 * np.pi
    return Ode(
        names=("x", "y"),
        linear=np.array([[-rate, -omega], [omega, -rate]]),
        quadratic=np.zeros((2, 2, 2)),
        constant=np.zeros(2),
        start=np.array([4.0, 0.0]),
        step_log2=-7,
        form=form or FixedFormat(3, 12),
    )


def lorenz(form: FixedFormat | None = None) -> Ode:
    """Lorenz's chaotic system (J. Atmos. Sci. 20, 1963), sigma, rho, beta = 10, 28, 8/3, step 1/256; ``s[6][9]``."""
    quadratic = np.zeros((3, 3, 3))
    quadratic[1, 0, 2], quadratic[2, 1, 0] = -1.0, 1.0
    return Ode(
        names=("x", "y", "z"),
        linear=np.array([[-10.0, 10.0, 0.0], [28.0, -1.0, 0.0], [0.0, 0.0, -8 / 3]]),
        quadratic=quadratic,
        constant=np.zeros(3),
        start=np.array([3.0, 3.0, 20.0]),
        step_log2=-8,
        form=form or FixedFormat(6, 9),
    )


SYSTEMS: dict[str, Callable[..., Ode]] = {"izhikevich": izhikevich, "oscillator": oscillator, "lorenz": lorenz}
