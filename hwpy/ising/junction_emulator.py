"""Coupled junctions emulated in gates: parameters, the host's side and golden model.

Each junction has a table of its own with the probability to leave its state in one step, for each state of itself and
its neighbours: a pair, a chain, or any graph of small degree. The tables come from the host, which computes them from
whatever law it likes (`JunctionEmulatorParameters.program`), so a divider's physics costs the hardware no logic.

All junctions step at once, each from the states before the step: a chain in discrete time on the 2^n states with

    T(s, s') = prod_j (p_j(s) if s'_j != s_j else 1 - p_j(s)).

It stands for the network in continuous time with rates p_j(s) / tau for steps of tau seconds. In one step the two
differ by the chance of two escapes, of the order of (rate tau)^2, so the stationary distribution does by the order of
(largest rate) tau: make the steps short. `hwpy.entropy.escape` has probabilities within a 4096th, down to 2^-31.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hwpy.entropy.code_table import CodeTable
from hwpy.entropy.escape import RANDOM_BITS, draw, encode

__all__ = ["JunctionEmulator", "JunctionEmulatorParameters"]

LARGEST_DEGREE = 7


@dataclass(frozen=True)
class JunctionEmulatorParameters:
    """A network of emulated junctions.

    Parameters
    ----------
    neighbours
        For each junction those that its escape depends on, in the order of its table's address; 7 at the most. They
        need not depend on it in turn.
    """

    neighbours: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        rows = tuple(tuple(operator.index(k) for k in row) for row in self.neighbours)
        object.__setattr__(self, "neighbours", rows)
        if not rows:
            raise ValueError(f"an emulator needs junctions, not {self.neighbours!r}")
        for j, row in enumerate(rows):
            if len(row) > LARGEST_DEGREE or len(set(row)) < len(row) or not set(row) <= set(range(len(rows))) - {j}:
                raise ValueError(
                    f"junction {j} must have at most {LARGEST_DEGREE} others of 0 to {len(rows) - 1} as neighbours, "
                    f"each once, not {row!r}"
                )

    @property
    def count(self) -> int:
        """Junctions."""
        return len(self.neighbours)

    @property
    def input_bits(self) -> int:
        """Bits of an address within a junction's table: its own state in bit 0, then its neighbours'."""
        return 1 + max(map(len, self.neighbours))

    @property
    def address_bits(self) -> int:
        """Bits of the load stream's address: that within the table, and the junction above."""
        return self.input_bits + (self.count - 1).bit_length()

    @property
    def random_bits(self) -> int:
        """Random bits a step: those of junction 0 lowest."""
        return self.count * RANDOM_BITS

    def program(self, probability: Callable[[int, int, Sequence[int]], float]) -> list[tuple[int, int]]:
        """The load stream's words (address, code).

        Parameters
        ----------
        probability
            The chance to leave its state in one step, of (junction, its state, its neighbours' states in their order).

        Raises
        ------
        ValueError
            If one is no probability, or too small (see `encode`).
        """
        words = []
        for j, row in enumerate(self.neighbours):
            for inputs in range(2 << len(row)):
                states = [inputs >> k & 1 for k in range(1 + len(row))]
                words.append((j << self.input_bits | inputs, encode(probability(j, states[0], states[1:]))))
        return words


class JunctionEmulator(CodeTable):
    """Golden model, see `CodeTable`."""

    def __init__(self, parameters: JunctionEmulatorParameters):
        super().__init__(parameters.count, parameters.address_bits)
        self.parameters = parameters
        self._codes: list[int] = []

    @property
    def payload(self) -> int:
        """The states, junction j in bit j."""
        return sum(state << j for j, state in enumerate(self.state))

    def _read(self) -> None:
        p = self.parameters
        self._codes = []
        for j, row in enumerate(p.neighbours):
            inputs = sum(self.state[k] << bit for bit, k in enumerate((j, *row)))
            self._codes.append(self.table[j << p.input_bits | inputs])

    def _step(self, random: int) -> bool:
        words = [random >> RANDOM_BITS * j & (1 << RANDOM_BITS) - 1 for j in range(len(self.state))]
        self.state = [s ^ draw(c, word) for s, c, word in zip(self.state, self._codes, words, strict=True)]
        return True
