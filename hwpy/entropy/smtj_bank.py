"""A bank of emulated junctions, each with rates of its own: parameters, the host's side and golden model.

One junction is visited in a clock, and an escape happens there with the probability that the table has for the junction
and the state that it is in. A code of `hwpy.entropy.escape` gives slow and fast junctions the same relative precision,
so the mean dwell time, exactly (visit period) / (probability), is within 0.025 % of 1 / (rate) for rates over nine
decades, where a plain fraction of 16 bits holds 1 % over three.

Two readings of "the emulated junction" need two probabilities for a period of T seconds between visits:

- `dwells` has rate * T: the dwell times are geometric with the Néel-Brown mean and P(1) is exact, for rates up to
  1 / T. Correlation over a period is 1 - (phi_0 + phi_1) T in the place of exp(-(phi_0 + phi_1) T).
- `samples` has the transition probabilities of the process seen every T seconds: every statistic of the samples is
  exact for any rate, but two escapes within a period are not seen, so the mean dwell time is longer than the
  junction's, by a factor of 1 + (phi_0 + phi_1) T / 2 where that is small.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hwpy.entropy.code_table import CodeTable
from hwpy.entropy.escape import draw, encode
from hwpy.entropy.smtj import SmtjParameters

__all__ = ["SmtjBank", "SmtjBankParameters", "dwells", "samples"]


@dataclass(frozen=True)
class SmtjBankParameters:
    """A bank of ``count`` junctions, 2 to 4096."""

    count: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "count", operator.index(self.count))
        if not 2 <= self.count <= 4096:
            raise ValueError(f"a bank has 2 to 4096 junctions, not {self.count!r}")

    @property
    def index_bits(self) -> int:
        """Bits of a junction's number."""
        return (self.count - 1).bit_length()

    @property
    def address_bits(self) -> int:
        """Bits of the load stream's address: state in bit 0, the junction above."""
        return self.index_bits + 1

    def program(self, probabilities: Iterable[Sequence[float]]) -> list[tuple[int, int]]:
        """The load stream's words (address, code) for the probabilities to leave state 0 and state 1 of each junction.

        Raises
        ------
        ValueError
            If these are not ``count`` pairs, or one is no probability or too small (see `encode`).
        """
        pairs = [tuple(pair) for pair in probabilities]
        if len(pairs) != self.count or any(len(pair) != 2 for pair in pairs):
            raise ValueError(
                f"a bank of {self.count} junctions needs as many pairs of probabilities, not {len(pairs)!r}"
            )
        return [(j << 1 | state, encode(pair[state])) for j, pair in enumerate(pairs) for state in (0, 1)]


def dwells(junction: SmtjParameters, period: float) -> tuple[float, float]:
    """Escape probabilities a visit that give a junction's mean dwell times, for ``period`` seconds between visits.

    Raises
    ------
    ValueError
        If a dwell time is shorter than the period.
    """
    if not max(junction.escape_rates) * period <= 1:
        raise ValueError(f"dwell times of {junction.dwell_times!r} s need visits more often than every {period!r} s")
    from_0, from_1 = junction.escape_rates
    return from_0 * period, from_1 * period


def samples(junction: SmtjParameters, period: float) -> tuple[float, float]:
    """Transition probabilities of a junction seen every ``period`` seconds, see `SmtjParameters`."""
    return junction.transition_probabilities(period)


class SmtjBank(CodeTable):
    """Golden model, see `CodeTable`."""

    def __init__(self, parameters: SmtjBankParameters):
        super().__init__(parameters.count, parameters.address_bits)
        self.parameters = parameters
        self._visited = 0
        self._code = 0

    @property
    def payload(self) -> int:
        """The states from the junction visited on, that one in bit 0; while `valid`, that is junction 0."""
        turned = self.state[self._visited :] + self.state[: self._visited]
        return sum(state << j for j, state in enumerate(turned))

    def _read(self) -> None:
        self._code = self.table[self._visited << 1 | self.state[self._visited]]

    def _step(self, random: int) -> bool:
        self.state[self._visited] ^= draw(self._code, random)
        self._visited = (self._visited + 1) % self.parameters.count
        return self._visited == 0
