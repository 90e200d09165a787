"""Superparamagnetic tunnel junctions: the physics, the sampled two-state chain, and golden models of the hardware.

The Néel-Brown model takes a junction for a two-state Markov process in continuous time that leaves state j at rate

    phi_j = phi_0 exp(-(Delta / kT) (1 + (-1)^j (I - I_0) / I_c)).

Equation (1) of *Neural networks three ways* prints it without the 1: there the factor ``exp(-Delta / kT)`` is part of
``phi_0``, which then is the escape rate of the balanced junction and not the attempt rate (about 1 GHz) of the
free layer. Here ``attempt_rate`` is the latter, so that a barrier alone gives a dwell time. The sign is the paper's:
a current above the balancing one I_0 (equation 8) holds state 0, and P(1) falls with it.

Sampled every tau seconds the process is a two-state chain in discrete time, exactly; a clock period short against the
dwell times gives bits that repeat their forerunners.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["FRACTION_BITS", "Replay", "Smtj", "SmtjChain", "SmtjParameters", "SmtjPins"]

FRACTION_BITS = 16
_ONE = 1 << FRACTION_BITS


@dataclass(frozen=True)
class SmtjParameters:
    """A junction and its bias.

    Parameters
    ----------
    barrier
        Delta / kT, the energy barrier in units of the thermal energy; not negative.
    bias
        I / I_c, the current through it in units of its critical current; -1 to 1 (beyond, there is no barrier left).
    balance
        I_0 / I_c, the bias at which both states are equally likely.
    attempt_rate
        phi_0 in hertz.
    """

    barrier: float
    bias: float = 0.0
    balance: float = 0.0
    attempt_rate: float = 1e9

    def __post_init__(self) -> None:
        if not 0 <= self.barrier < 700:
            raise ValueError(f"SMTJ barrier must be 0 to 700 kT, not {self.barrier!r}")
        if not (math.isfinite(self.attempt_rate) and self.attempt_rate > 0):
            raise ValueError(f"SMTJ attempt rate must be positive, in hertz, not {self.attempt_rate!r}")
        if not -1 <= self.bias - self.balance <= 1:
            raise ValueError(
                f"SMTJ bias must be within 1 critical current of the balance {self.balance!r}, not {self.bias!r}"
            )

    @property
    def escape_rates(self) -> tuple[float, float]:
        """Rates in hertz out of state 0 and out of state 1."""
        current = self.bias - self.balance
        return (
            self.attempt_rate * math.exp(-self.barrier * (1 + current)),
            self.attempt_rate * math.exp(-self.barrier * (1 - current)),
        )

    @property
    def dwell_times(self) -> tuple[float, float]:
        """Mean seconds spent in state 0 and in state 1 before leaving; each time is exponentially distributed."""
        out_of_0, out_of_1 = self.escape_rates
        return 1 / out_of_0, 1 / out_of_1

    @property
    def probability_of_1(self) -> float:
        """Stationary P(1) = 1 / (1 + exp(2 (Delta / kT) (I - I_0) / I_c))."""
        out_of_0, out_of_1 = self.escape_rates
        return out_of_0 / (out_of_0 + out_of_1)

    def correlation(self, period: float) -> float:
        """Autocorrelation of the state over a time in seconds, ``exp(-(phi_0 + phi_1) period)``."""
        return math.exp(-sum(self.escape_rates) * period)

    def transition_probabilities(self, period: float) -> tuple[float, float]:
        """Probabilities that a junction seen in state 0 is in 1 a sampling period (seconds) later, and the reverse."""
        if not period > 0:
            raise ValueError(f"SMTJ sampling period must be positive, in seconds, not {period!r}")
        # expm1 keeps the small difference from 1 when the period is far below the dwell times.
        forgotten = -math.expm1(-sum(self.escape_rates) * period)
        return self.probability_of_1 * forgotten, (1 - self.probability_of_1) * forgotten

    def chain(self, period: float) -> SmtjChain:
        """The chain sampled every ``period`` seconds, in the hardware's fractions."""
        return SmtjChain.from_probabilities(*self.transition_probabilities(period))


@dataclass(frozen=True)
class SmtjChain:
    """The discrete chain as the hardware has it: 16-bit fractions of the probability to toggle in one sample.

    Parameters
    ----------
    escape_from_0, escape_from_1
        Probability to leave the state, times ``2**16``: 0 to 65535.
    """

    escape_from_0: int
    escape_from_1: int

    def __post_init__(self) -> None:
        for name in ("escape_from_0", "escape_from_1"):
            value = operator.index(getattr(self, name))
            if not 0 <= value < _ONE:
                raise ValueError(f"SMTJ {name} must be 0 to {_ONE - 1}, not {value!r}")

    @classmethod
    def from_probabilities(cls, from_0: float, from_1: float) -> SmtjChain:
        """The nearest chain to two probabilities.

        Raises
        ------
        ValueError
            If one is not from 0 to 1, or is positive and rounds to 0, which would freeze the junction.
        """
        fractions = []
        for probability in (from_0, from_1):
            if not 0 <= probability <= 1:
                raise ValueError(f"SMTJ escape probability must be 0 to 1, not {probability!r}")
            fraction = min(round(probability * _ONE), _ONE - 1)
            if probability > 0 and fraction == 0:
                raise ValueError(
                    f"SMTJ escape probability {probability!r} is below 2**-{FRACTION_BITS + 1}: sample less often"
                )
            fractions.append(fraction)
        return cls(*fractions)

    @classmethod
    def from_statistics(cls, probability_of_1: float, correlation: float = 0.0) -> SmtjChain:
        """The nearest chain with a stationary P(1) and a correlation (0 to 1) between successive bits."""
        return cls.from_probabilities(probability_of_1 * (1 - correlation), (1 - probability_of_1) * (1 - correlation))

    @property
    def probability_of_1(self) -> float:
        """Stationary P(1) of the fractions as rounded."""
        return self.escape_from_0 / (self.escape_from_0 + self.escape_from_1)

    @property
    def correlation(self) -> float:
        """Correlation of successive bits, of the fractions as rounded; k samples apart it is its k-th power."""
        return 1 - (self.escape_from_0 + self.escape_from_1) / _ONE


class Smtj:
    """Golden model of emulated junctions: one step of the chain of each a transfer.

    Parameters
    ----------
    count
        Junctions, each a bit of the payload.
    initial
        Their states at reset, bit j for junction j. Not drawn from the stationary distribution: let some dwell
        times pass before you measure.
    """

    def __init__(self, count: int, initial: int = 0):
        if count < 1:
            raise ValueError(f"SMTJ count must be positive, not {count!r}")
        if not 0 <= initial < 1 << count:
            raise ValueError(f"SMTJ initial states must be 0 to 2**{count} - 1, not {initial!r}")
        self.count = count
        self.state = initial

    def step(self, random: int, chain: SmtjChain) -> int:
        """Toggle junction j if bits 16 j to 16 j + 15 of ``random``, a number u, have u < escape. Gives the states."""
        for j in range(self.count):
            u = random >> (FRACTION_BITS * j) & (_ONE - 1)
            escape = chain.escape_from_1 if self.state >> j & 1 else chain.escape_from_0
            if u < escape:
                self.state ^= 1 << j
        return self.state

    def run(self, random: ArrayLike, chain: SmtjChain) -> NDArray[np.uint8]:
        """Many steps at once: ``random`` of shape (steps, count), 0 to 65535, to states of the same shape."""
        numbers = np.asarray(random)
        if numbers.ndim != 2 or numbers.shape[1] != self.count:
            raise ValueError(f"SMTJ random numbers must have shape (steps, {self.count}), not {numbers.shape!r}")
        toggles_0, toggles_1 = numbers < chain.escape_from_0, numbers < chain.escape_from_1
        state = np.array([self.state >> j & 1 for j in range(self.count)], dtype=bool)
        states = np.empty(numbers.shape, dtype=np.uint8)
        for i in range(len(numbers)):
            state = state ^ np.where(state, toggles_1[i], toggles_0[i])
            states[i] = state
        self.state = sum(int(bit) << j for j, bit in enumerate(state))
        return states


class SmtjPins:
    """Golden model of junctions on pins: two-flop synchroniser, then a sample every so many clocks.

    ``valid`` and ``payload`` are those of the present clock. The first sample is taken in the third clock after reset,
    when the synchroniser has filled.
    """

    def __init__(self) -> None:
        self.valid = False
        self.payload = 0
        self._synchronised = [0, 0]
        self._wait = 2

    def step(self, pins: int, ready: bool, interval: int) -> None:
        """One clock edge, with what was on the inputs before it."""
        due = self._wait == 0 and (ready or not self.valid)
        if due:
            self.payload, self.valid = self._synchronised[1], True
            self._wait = max(interval, 1) - 1
        else:
            self.valid = self.valid and not ready
            self._wait = max(self._wait - 1, 0)
        self._synchronised = [pins, self._synchronised[0]]


class Replay:
    """A recording in place of a source: the payloads of an array, each given once.

    In a bench the same array drives the stream of the design through `sim.streams.Source`.

    Parameters
    ----------
    recording
        Payloads in order, each of ``width`` bits.
    width
        Bits of a payload.
    """

    def __init__(self, recording: Iterable[int], width: int):
        self.width = width
        self._words = [operator.index(word) for word in recording]
        self._next = 0
        for place, word in enumerate(self._words):
            if not 0 <= word < 1 << width:
                raise ValueError(f"recording must be of {width}-bit words, not {word!r} at {place}")

    @property
    def payload(self) -> int:
        """The word offered now.

        Raises
        ------
        EOFError
            If the recording is used up: it does not start again, since no bit is used twice.
        """
        if self._next >= len(self._words):
            raise EOFError(f"the recording of {len(self._words)} words is used up")
        return self._words[self._next]

    def step(self) -> None:
        """Take the word."""
        _ = self.payload
        self._next += 1

    def words(self, count: int) -> list[int]:
        """The next ``count`` words, which are thereby taken."""
        if self._next + count > len(self._words):
            raise EOFError(f"the recording of {len(self._words)} words is used up")
        self._next += count
        return self._words[self._next - count : self._next]
