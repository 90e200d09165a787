"""Feedback that holds P(1) of a junction at a set point while it drifts: parameters, golden model and closed forms.

An integrator: each bit b moves the bias code by 2^-gain (set point - b), so the code stops moving on average where P(1)
is the set point. With a junction whose P(1) changes by ``slope`` for one step of the code, and a = slope 2^-gain much
smaller than 1, the error of P(1) is a first-order recursion with the factor 1 - a in each bit. Hence

- an error decays as exp(-n / tau) over n bits, tau = 2^gain / slope;
- a drift of d per bit (in P(1), were there no feedback) leaves an error of d tau;
- the bits' own noise moves P(1) by a standard deviation of sqrt(a P (1 - P) F / (2 - a)), about
  sqrt(P (1 - P) F / (2 tau)), with F = (1 + r) / (1 - r) where the bits are a two-state chain of correlation r, as long
  as it forgets much faster than tau;
- independent bits get a correlation of -a (1 - a)^(k-1) / (2 - a) at lag k, about -1 / (2 tau): the loop pays for each
  1 with later 0s, which is the price in entropy.

And whatever the junction does, while the code is within its range the bits' sum is that of the set points but for
2^(code_bits + gain).
"""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass

__all__ = ["SET_POINT_BITS", "BiasFeedback", "BiasFeedbackParameters"]

SET_POINT_BITS = 16
_ONE = 1 << SET_POINT_BITS


@dataclass(frozen=True)
class BiasFeedbackParameters:
    """A feedback loop.

    Parameters
    ----------
    code_bits
        Bits of the bias code, an unsigned word for a converter, at mid-range after reset.
    gain
        The code moves by 2^-gain for an error of 1 in one bit; 0 to 16.
    rising
        Whether P(1) rises with the code. The current of `hwpy.entropy.smtj.SmtjParameters` lowers it.
    """

    code_bits: int = 12
    gain: int = 4
    rising: bool = True

    def __post_init__(self) -> None:
        for name, least, most in (("code_bits", 1, 24), ("gain", 0, 16)):
            value = operator.index(getattr(self, name))
            object.__setattr__(self, name, value)
            if not least <= value <= most:
                raise ValueError(f"bias feedback {name} must be {least} to {most}, not {value!r}")

    @property
    def total_bits(self) -> int:
        """Bits of the integrator, whose upper ones are the code."""
        return self.code_bits + self.gain + SET_POINT_BITS

    def time_constant(self, slope: float) -> float:
        """Tau in bits, for a magnitude of dP(1) / d(code) of ``slope``."""
        return 2.0**self.gain / slope

    def jitter(self, slope: float, set_point: float = 0.5, correlation: float = 0.0) -> float:
        """Standard deviation of P(1), for the correlation of successive bits at constant code."""
        a = slope / 2.0**self.gain
        variance = set_point * (1 - set_point) * (1 + correlation) / (1 - correlation)
        return math.sqrt(variance * a / (2 - a))

    def lag(self, slope: float, drift: float) -> float:
        """Error of P(1) under a drift of P(1) per bit."""
        return drift * self.time_constant(slope)


class BiasFeedback:
    """Golden model. ``code`` is that of the present clock, `step` is one bit passed on."""

    def __init__(self, parameters: BiasFeedbackParameters):
        self.parameters = parameters
        self.total = 1 << parameters.total_bits - 1

    @property
    def code(self) -> int:
        """The bias code."""
        return self.total >> self.parameters.total_bits - self.parameters.code_bits

    def step(self, bit: int, set_point: int) -> None:
        """One bit, and P(1) as it should be, times ``2**16``."""
        error = set_point - _ONE * bit
        moved = self.total + (error if self.parameters.rising else -error)
        self.total = min(max(moved, 0), (1 << self.parameters.total_bits) - 1)
