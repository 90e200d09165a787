"""Single gates as arithmetic on bitstreams: golden model, and what each computes for independent and correlated inputs.

With p and q the values of the inputs, SCC their correlation (`hwpy.stochastic_computing.correlation`):

| gate | SCC = 0 | SCC = 1 | SCC = -1 |
| --- | --- | --- | --- |
| and | p q | min(p, q) | max(0, p + q - 1) |
| or | p + q - p q | max(p, q) | min(1, p + q) |
| xor | p + q - 2 p q | abs(p - q) | min(p + q, 2 - p - q) |
| xnor | bipolar product | 1 - abs(p - q) | abs(p + q - 1) |
| mux | (1 - s) p + s q, s the value of the select stream, whatever the SCC of the other two | | |
| divide | p | min(p / q, 1) | max(0, p + q - 1) / q |

The divider is CORDIV (T.-H. Chen and J. P. Hayes, *Design of division circuits for stochastic computing*, ISVLSI 2016):
where the divisor's bit is 1 the dividend's bit is the quotient's, elsewhere the last such bit is repeated. So it gives
P(1, 1) / q, which is a quotient at SCC 1 only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwpy.stochastic_computing.encoding import correlated_error

__all__ = ["Gate", "GateParameters", "expectation", "standard_error"]

_INPUTS = {"not": 1, "and": None, "or": None, "xor": None, "xnor": 2, "mux": 3, "divide": 2}


@dataclass(frozen=True)
class GateParameters:
    """A gate.

    Parameters
    ----------
    kind
        'not', 'and', 'or', 'xor', 'xnor', 'mux' or 'divide'.
    inputs
        Of 'and', 'or' and 'xor': 2 or more, default 2. The others have 1 ('not'), 2 ('xnor'; 'divide': dividend, then
        divisor) or 3 ('mux': two data, then the select, which takes the second where it is 1).
    """

    kind: str
    inputs: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in _INPUTS:
            raise ValueError(f"gate kind must be one of {', '.join(_INPUTS)}, not {self.kind!r}")
        fixed = _INPUTS[self.kind]
        inputs = fixed or 2 if self.inputs is None else self.inputs
        if inputs < 1 or (fixed is None and inputs < 2) or (fixed is not None and inputs != fixed):
            raise ValueError(f"a gate {self.kind!r} has {fixed or 'at least 2'} inputs, not {self.inputs!r}")
        object.__setattr__(self, "inputs", inputs)

    @property
    def width(self) -> int:
        """The inputs, never None."""
        assert self.inputs is not None
        return self.inputs


class Gate:
    """Golden model: bits of one clock in, the bit of the same clock out."""

    def __init__(self, parameters: GateParameters):
        self.parameters = parameters
        self._last = 0

    def output(self, bits: int) -> int:
        """The output for input bits packed with input 0 lowest, without a clock edge."""
        inputs = [bits >> k & 1 for k in range(self.parameters.width)]
        kind = self.parameters.kind
        if kind == "not":
            return 1 - inputs[0]
        if kind == "and":
            return int(all(inputs))
        if kind == "or":
            return int(any(inputs))
        if kind == "mux":
            return inputs[1] if inputs[2] else inputs[0]
        if kind == "divide":
            return inputs[0] if inputs[1] else self._last
        return (sum(inputs) + (kind == "xnor")) % 2

    def step(self, bits: int) -> int:
        """A transfer."""
        self._last = self.output(bits)
        return self._last

    def run(self, streams: ArrayLike) -> NDArray[np.uint8]:
        """Streams of shape (inputs, N) to one of shape (N,)."""
        bits = np.asarray(streams, dtype=np.int64)
        packed = (bits << np.arange(self.parameters.width)[:, None]).sum(axis=0)
        return np.array([self.step(int(word)) for word in packed], dtype=np.uint8)


def expectation(kind: str, probabilities: ArrayLike, scc: float = 0.0) -> float:
    """P(1) of a gate's output for inputs of P(1) given, in the order of the inputs.

    Parameters
    ----------
    kind
        As in `GateParameters`.
    probabilities
        Of each input. The select of a 'mux' is independent of the rest.
    scc
        Of the two data inputs, -1 to 1; not for more than two unless 0.
    """
    p = [float(value) for value in np.asarray(probabilities, dtype=np.float64)]
    parameters = GateParameters(kind, len(p))
    if not -1 <= scc <= 1:
        raise ValueError(f"SCC must be -1 to 1, not {scc!r}")
    if kind == "not":
        return 1 - p[0]
    if kind == "mux":
        return p[0] * (1 - p[2]) + p[1] * p[2]
    if parameters.width > 2:
        if scc:
            raise ValueError(f"SCC {scc!r} of more than two inputs does not give the output")
        if kind == "and":
            return float(np.prod(p))
        if kind == "or":
            return float(1 - np.prod(1 - np.array(p)))
        return float(1 - np.prod(1 - 2 * np.array(p))) / 2
    first, second = p
    product = first * second
    room = min(first, second) - product if scc > 0 else product - max(first + second - 1, 0.0)
    both = product + scc * room
    if kind == "and":
        return both
    if kind == "divide":
        if not second:
            raise ValueError(f"a divisor must be above 0, not {second!r}")
        return both / second
    if kind == "or":
        return first + second - both
    unequal = first + second - 2 * both
    return unequal if kind == "xor" else 1 - unequal


def standard_error(kind: str, probabilities: ArrayLike, length: int, scc: float = 0.0) -> float:
    """Of the mean of the output over ``length`` clocks, if the inputs of different clocks are independent.

    A divider repeats itself with probability 1 - q: its output is a two-state chain of that correlation, taken here in
    its steady state.
    """
    y = expectation(kind, probabilities, scc)
    repeats = 1 - float(np.asarray(probabilities)[1]) if kind == "divide" else 0.0
    return float(correlated_error(y, length, repeats))
