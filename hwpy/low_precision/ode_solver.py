"""Solves `hwpy.low_precision.ode`'s systems on the rounding MAC, and in float32 and float64.

Every addend of the MAC is a product: s is s x 1, with two halves for 1 where the format has none, and h c is its whole
units of the last place x 1 and what is left x one unit. So a sum goes through the MAC as it is, and `FixedSolver` takes
another MAC, such as the hardware, in the place of the golden one.

**Dither** is what Hopkins et al. propose where there is no stochastic rounding: noise on the input, and rounding to
nearest. Here it is uniform over one unit of the last place of the variable that the input drives; the others go
without.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from hwpy.low_precision.entropy import XoshiroWords
from hwpy.low_precision.fixed import FixedFormat
from hwpy.low_precision.mac import MacParameters, mac
from hwpy.low_precision.ode import COEFFICIENT, Ode
from hwpy.low_precision.rounding import Rounding

__all__ = ["FixedSolver", "FloatSolver", "solve"]

_WORDS_AT_ONCE = 256
#: Sums of products as `hwpy.low_precision.mac.mac`: unit, x, w and words give them.
Mac = Callable[[MacParameters, NDArray[np.int64], NDArray[np.int64], NDArray[np.int64] | None], NDArray[np.int64]]


class FixedSolver:
    """The golden MAC, or another with its bits; states are raw integers (runs, n).

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

    Attributes
    ----------
    units
        The three MACs by name: ``coefficient`` makes W, ``half`` the midpoint, ``whole`` the step.
    mac
        What makes their sums.
    """

    def __init__(self, ode: Ode, rounding: Rounding, runs: int = 1, seed: int = 1, *, dithered: bool = False):
        self.ode, self.rounding, self.runs, self.seed, self.dithered = ode, rounding, runs, seed, dithered
        self.mac: Mac = mac
        self.linear, self.quadratic = (ode.raw(c, COEFFICIENT.fraction_bits) for c in (ode.linear, ode.quadratic))
        self._varies = self.quadratic.any(axis=2)
        fraction = ode.form.fraction_bits + COEFFICIENT.fraction_bits
        self.constant = ode.raw(ode.constant, fraction)
        halved = FixedFormat(COEFFICIENT.integer_bits - 1, COEFFICIENT.fraction_bits + 1)
        self.units = {
            "coefficient": _unit(ode.form, COEFFICIENT, COEFFICIENT, rounding),
            "half": _unit(ode.form, halved, ode.form, rounding),
            "whole": _unit(ode.form, COEFFICIENT, ode.form, rounding),
        }
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
        return self._move("whole", state, self._move("half", state, state))

    def reset(self, state: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """States after spikes, and which runs (runs,) have spiked."""
        reset = self.ode.reset
        assert reset is not None
        form = self.ode.form
        spiked = state[:, 0] >= form.to_raw(reset.threshold)
        after = np.stack([np.full(self.runs, form.to_raw(reset.value)), state[:, 1] + form.to_raw(reset.jump)], axis=1)
        return np.where(spiked[:, None], form.saturate(after), state), spiked

    def _move(self, name: str, base: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.int64]:
        """``base + g (W at + c)`` with W at ``at``."""
        unit, n = self.units[name], len(self.ode.names)
        weights = self._weights(at)
        inputs = np.tile(self.constant, (self.runs, 1))
        if self.dithered:
            words = self._draw((self.runs,), unit.shift)
            inputs[:, 0] += words - (1 << (unit.shift - 1))
        one = 1 << COEFFICIENT.fraction_bits
        ones = (1 << unit.shift) // one
        apart = np.stack([base, inputs >> unit.shift] * ones, axis=-1)
        left = inputs & ((1 << unit.shift) - 1)
        x = [apart, np.broadcast_to(at[:, None, :], (self.runs, n, n)), np.ones((self.runs, n, 1), np.int64)]
        w = [np.full(apart.shape, one), weights, left[..., None]]
        return self._sums(unit, x, w, self._draw(base.shape, unit.word_bits) if unit.word_bits else None)

    def _weights(self, at: NDArray[np.int64]) -> NDArray[np.int64]:
        """W, (runs, n, n)."""
        weights = np.tile(self.linear, (self.runs, 1, 1))
        varies = self._varies
        if not varies.any():
            return weights
        unit, shape = self.units["coefficient"], (self.runs, int(varies.sum()))
        # A word for each coefficient, of which those that do not vary take none.
        words = self._draw(weights.shape, unit.word_bits)[:, varies] if unit.word_bits else None
        x = [np.full((*shape, 1), 1 << unit.shift), np.broadcast_to(at[:, None, :], (*shape, at.shape[1]))]
        w = [weights[:, varies, None], np.broadcast_to(self.quadratic[varies], x[1].shape)]
        weights[:, varies] = self._sums(unit, x, w, words)
        return weights

    def _sums(
        self,
        unit: MacParameters,
        x: list[NDArray[np.int64]],
        w: list[NDArray[np.int64]],
        words: NDArray[np.int64] | None,
    ) -> NDArray[np.int64]:
        return self.mac(unit, np.concatenate(x, axis=-1), np.concatenate(w, axis=-1), words)

    def _draw(self, shape: tuple[int, ...], bits: int) -> NDArray[np.int64]:
        """The upper ``bits`` of words: of each run its own."""
        assert self._source is not None
        if not len(self._words):
            self._words = self._source.words(_WORDS_AT_ONCE)
        words, self._words = self._words[0], self._words[1:]
        each = words.reshape(self.runs, -1)[:, : int(np.prod(shape[1:], dtype=int))]
        return each.reshape(shape) >> (self._bits - bits)


def _unit(x: FixedFormat, w: FixedFormat, output: FixedFormat, rounding: Rounding) -> MacParameters:
    """A MAC that rounds sums at their end, with an accumulator of 48 bits, which they cannot leave."""
    fraction = x.fraction_bits + w.fraction_bits
    bits = min(rounding.random_bits, fraction - output.fraction_bits)
    rounding = Rounding(rounding.mode, bits)
    return MacParameters(x=x, w=w, accumulator=FixedFormat(47 - fraction, fraction), output=output, rounding=rounding)


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
