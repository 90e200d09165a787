"""The p-bit with weights fixed when the hardware is made: its parameters and its meaning."""

from __future__ import annotations

import operator
from dataclasses import dataclass

MAX_FIELD = 1 << 15


@dataclass(frozen=True)
class PBitParameters:
    """A p-bit s = sgn(tanh(beta I) + r) with I = sum_k weights[k] s_k + bias (Camsari 2017, eqs. 1 and 2).

    Parameters
    ----------
    weights
        One non-zero integer a neighbour, in units of the weights' LSB.
    bias
        The local field h in the same unit.
    levels
        The magnitudes |I| > 0, ascending, for which the noise source sends an outcome bit; it must hold
        every magnitude that this p-bit can reach. None: exactly those.

    Raises
    ------
    ValueError
        On a zero weight, a field beyond +-32767, or a reachable magnitude missing from `levels`.
    """

    weights: tuple[int, ...]
    bias: int = 0
    levels: tuple[int, ...] = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", tuple(operator.index(w) for w in self.weights))
        object.__setattr__(self, "bias", operator.index(self.bias))
        if any(w == 0 for w in self.weights):
            raise ValueError(f"p-bit weights must not be zero, got {self.weights!r}")
        if sum(map(abs, self.weights)) + abs(self.bias) >= MAX_FIELD:
            raise ValueError(f"the local field can exceed {MAX_FIELD - 1} in magnitude")
        reachable = tuple(sorted({abs(i) for i in self.reachable_fields()} - {0}))
        if self.levels is None:
            object.__setattr__(self, "levels", reachable)
        elif not set(reachable) <= set(self.levels):
            missing = sorted(set(reachable) - set(self.levels))
            raise ValueError(f"the noise has no level for the field magnitudes {missing!r}")

    @property
    def degree(self) -> int:
        """How many neighbours."""
        return len(self.weights)

    def reachable_fields(self) -> tuple[int, ...]:
        """Every value that I takes over the 2**degree neighbour states, ascending."""
        fields = {self.bias}
        for weight in self.weights:
            fields = {i + weight for i in fields} | {i - weight for i in fields}
        return tuple(sorted(fields))


def decide(field: int, sign: int, outcomes: dict[int, bool]) -> bool:
    """The new state (True is +1) of a p-bit in the local field `field`.

    The noise X is symmetric, so it is sent as its `sign` (True: X > 0) and a bit a magnitude: |X| > v where
    `outcomes[v]` and those of all lower magnitudes are set. Where the noise outweighs the field, or there is
    no field, its sign decides; otherwise the field's does. With P(|X| > v) = 2 / (1 + exp(2 beta v)) this is
    P(+1) = 1 / (1 + exp(-2 beta I)).
    """
    outweighs = all(beyond for level, beyond in outcomes.items() if level <= abs(field))
    if field == 0 or outweighs:
        return bool(sign)
    return field > 0
