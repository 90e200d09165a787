"""Emulated junctions whose escape codes are in a memory: what their golden models have in common, clock by clock."""

from __future__ import annotations

from abc import ABC, abstractmethod

__all__ = ["CodeTable"]


class CodeTable(ABC):
    """A golden model, one clock a call of `tick`: a load wins over a step, and codes are read a step ahead.

    A subclass says which codes are read and what a step does with them.

    Attributes
    ----------
    state
        Of each junction, 0 at reset.
    valid
        Of the output stream.
    table
        Codes by address.
    """

    def __init__(self, count: int, address_bits: int):
        self.state = [0] * count
        self.table = [0] * (1 << address_bits)
        self.valid = False
        self._reading_first = True

    @property
    @abstractmethod
    def payload(self) -> int:
        """Of the output stream."""

    @abstractmethod
    def _read(self) -> None:
        """Read the codes of the next step."""

    @abstractmethod
    def _step(self, random: int) -> bool:
        """Draw with the codes read; whether there is a payload now."""

    def random_ready(self, loading: bool, ready: bool) -> bool:
        """Of the random stream, given what is offered to the load stream and the output's ``ready``."""
        return not loading and not self._reading_first and (not self.valid or ready)

    def tick(self, *, load: tuple[int, int] | None = None, random: int | None = None, ready: bool = False) -> None:
        """One clock edge, given what the streams offer: None where ``valid`` is low."""
        random_ready = self.random_ready(load is not None, ready)
        if self.valid and ready:
            self.valid = False
        if load is not None:
            address, code = load
            self.table[address] = code
        elif self._reading_first:
            self._reading_first = False
            self._read()
        elif random_ready and random is not None:
            self.valid = self._step(random)
            self._read()
