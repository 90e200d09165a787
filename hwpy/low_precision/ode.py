"""Ordinary differential equations on the rounding MAC, after M. Hopkins et al. (Phil. Trans. R. Soc. A 378, 2020),
*Stochastic rounding and reduced-precision fixed-point arithmetic for solving neural ordinary differential equations*.

Systems are ``s' = (A + Q s) s + c``, quadratic at most, and the solver is the explicit midpoint rule, one of theirs. A
step of length h is, twice over (with g = h / 2 from s to the midpoint m, then with g = h from s by the slope at m):

    W = round(h A + h Q m)          a sum of the MAC for each coefficient that depends on the state
    s <- round(s + (g / h) (W m + h c))     a sum for each variable, exact until its end

The constants h A, h Q and h c are rounded once, to nearest, for every arithmetic alike, float64 included: what is
measured is arithmetic, and not how well 16 bits hold 0.04. A factor 1/2 is the place of a binary point.

**Dither** is what Hopkins et al. propose where there is no stochastic rounding: noise on the input, and rounding to
nearest. Here it is uniform over one unit of the last place of the variable that the input drives; the others go
without.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hwpy.low_precision.entropy import XoshiroWords
from hwpy.low_precision.fixed import FixedFormat
from hwpy.low_precision.mac import MacParameters, accumulate
from hwpy.low_precision.rounding import Rounding

__all__ = ["SYSTEMS", "FixedSolver", "FloatSolver", "Ode", "Reset", "izhikevich", "lorenz", "oscillator", "solve"]

#: Of the constants and of W: with the state's 16 bits, two factors of a multiplier of 18 x 18 bits.
COEFFICIENT = FixedFormat(1, 16)
_WORDS_AT_ONCE = 256


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


class FixedSolver:
    """The golden MAC; states are raw integers (runs, n).

    Parameters
    ----------
    ode
        What to solve, in its format.
    rounding
        Of every sum; of more random bits than a sum drops the lowest go unused.
    runs
        Side by side, each with its own random words.
    seed
        Of them.
    dithered
        Add dither to variable 0.
    """

    def __init__(self, ode: Ode, rounding: Rounding, runs: int = 1, seed: int = 1, *, dithered: bool = False):
        self.ode, self.runs, self.dithered = ode, runs, dithered
        self.linear, self.quadratic = (ode.raw(c, COEFFICIENT.fraction_bits) for c in (ode.linear, ode.quadratic))
        fraction = ode.form.fraction_bits + COEFFICIENT.fraction_bits
        self.constant = ode.raw(ode.constant, fraction)
        self._coefficient = _unit(ode.form, COEFFICIENT, COEFFICIENT, rounding)
        halved = FixedFormat(COEFFICIENT.integer_bits - 1, COEFFICIENT.fraction_bits + 1)
        self._half, self._whole = (_unit(ode.form, w, ode.form, rounding) for w in (halved, COEFFICIENT))
        lanes = runs * len(ode.names) ** 2
        self._bits = rounding.random_bits or (COEFFICIENT.fraction_bits + 1 if dithered else 0)
        self._source = XoshiroWords(lanes, self._bits, seed) if self._bits else None
        self._words = np.empty((0, lanes), np.int64)

    def start(self) -> NDArray[np.int64]:
        """Raw states at time 0."""
        return np.tile(self.ode.form.to_raw(self.ode.start), (self.runs, 1))

    def real(self, state: NDArray[np.int64]) -> NDArray[np.float64]:
        """States as real numbers."""
        return self.ode.form.from_raw(state)

    def step(self, state: NDArray[np.int64]) -> NDArray[np.int64]:
        """A step of the midpoint rule, without reset."""
        return self._move(self._whole, state, self._move(self._half, state, state))

    def reset(self, state: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """States after spikes, and which runs (runs,) have spiked."""
        reset = self.ode.reset
        assert reset is not None
        form = self.ode.form
        spiked = state[:, 0] >= form.to_raw(reset.threshold)
        after = np.stack([np.full(self.runs, form.to_raw(reset.value)), state[:, 1] + form.to_raw(reset.jump)], axis=1)
        return np.where(spiked[:, None], form.saturate(after), state), spiked

    def _move(self, unit: MacParameters, base: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.int64]:
        """``base + g (W at + c)`` with W at ``at``."""
        weights = self._weights(at)
        products = weights * at[:, None, :]
        inputs = np.tile(self.constant, (self.runs, 1))
        if self.dithered:
            words = self._draw((self.runs,), unit.shift)
            inputs[:, 0] += words - (1 << (unit.shift - 1))
        addends = np.concatenate([(base << unit.shift)[..., None], products, inputs[..., None]], axis=-1)
        return accumulate(unit, addends, self._draw(base.shape, unit.word_bits) if unit.word_bits else None)

    def _weights(self, at: NDArray[np.int64]) -> NDArray[np.int64]:
        """W, (runs, n, n)."""
        if not self.quadratic.any():
            return np.broadcast_to(self.linear, (self.runs, *self.linear.shape))
        unit = self._coefficient
        constant = np.broadcast_to(self.linear << unit.shift, (self.runs, *self.linear.shape))
        products = self.quadratic * at[:, None, None, :]
        addends = np.concatenate([constant[..., None], products], axis=-1)
        return accumulate(unit, addends, self._draw(constant.shape, unit.word_bits) if unit.word_bits else None)

    def _draw(self, shape: tuple[int, ...], bits: int) -> NDArray[np.int64]:
        """The upper ``bits`` of words: of each run its own."""
        assert self._source is not None
        if not len(self._words):
            self._words = self._source.words(_WORDS_AT_ONCE)
        words, self._words = self._words[0], self._words[1:]
        each = words.reshape(self.runs, -1)[:, : int(np.prod(shape[1:], dtype=int))]
        return each.reshape(shape) >> (self._bits - bits)


def _unit(x: FixedFormat, w: FixedFormat, output: FixedFormat, rounding: Rounding) -> MacParameters:
    """A MAC that rounds sums at their end, with an accumulator that they cannot leave."""
    fraction = x.fraction_bits + w.fraction_bits
    bits = min(rounding.random_bits, fraction - output.fraction_bits)
    rounding = Rounding(rounding.mode, bits)
    return MacParameters(x=x, w=w, accumulator=FixedFormat(52 - fraction, fraction), output=output, rounding=rounding)


class FloatSolver:
    """float32 or float64, with the constants of `FixedSolver`; states (1, n)."""

    def __init__(self, ode: Ode, dtype: type[np.floating] = np.float64):
        self.ode, self.dtype = ode, dtype
        fraction = COEFFICIENT.fraction_bits
        self.linear, self.quadratic = (
            np.ldexp(ode.raw(c, fraction), -fraction).astype(dtype) for c in (ode.linear, ode.quadratic)
        )
        fraction += ode.form.fraction_bits
        self.constant = np.ldexp(ode.raw(ode.constant, fraction), -fraction).astype(dtype)

    def start(self) -> NDArray[np.floating]:
        """The start of the fixed-point solvers."""
        return self.ode.form.from_raw(self.ode.form.to_raw(self.ode.start)).astype(self.dtype)[None]

    def real(self, state: NDArray[np.floating]) -> NDArray[np.float64]:
        """States as float64."""
        return state.astype(np.float64)

    def step(self, state: NDArray[np.floating]) -> NDArray[np.floating]:
        """A step of the midpoint rule, without reset."""
        return state + self._change(state + self._change(state) / self.dtype(2))

    def reset(self, state: NDArray[np.floating]) -> tuple[NDArray[np.floating], NDArray[np.bool_]]:
        """As `FixedSolver`'s."""
        reset = self.ode.reset
        assert reset is not None
        spiked = state[:, 0] >= reset.threshold
        after = np.stack([np.full(len(state), reset.value), state[:, 1] + reset.jump], axis=1).astype(self.dtype)
        return np.where(spiked[:, None], after, state), spiked

    def _change(self, at: NDArray[np.floating]) -> NDArray[np.floating]:
        weights = self.linear + self.quadratic @ at[0]
        return (weights @ at[0] + self.constant)[None]


def solve(solver: FixedSolver | FloatSolver, steps: int) -> tuple[NDArray[np.float64], list[NDArray[np.float64]]]:
    """The trajectory (steps + 1, runs, n), and the spike times of each run, none without a reset."""
    state = solver.start()
    trajectory = np.empty((steps + 1, *state.shape))
    trajectory[0] = solver.real(state)  # type: ignore[arg-type]
    spikes = np.zeros((steps + 1, len(state)), bool)
    for place in range(1, steps + 1):
        state = solver.step(state)  # type: ignore[arg-type]
        if solver.ode.reset:
            state, spikes[place] = solver.reset(state)  # type: ignore[arg-type]
        trajectory[place] = solver.real(state)  # type: ignore[arg-type]
    return trajectory, [np.flatnonzero(run).astype(np.float64) * solver.ode.step for run in spikes.T]
