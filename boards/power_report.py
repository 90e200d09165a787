"""Power of a netlist of standard cells and what follows from it: energy of a clock, the clock's share, speed."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Power", "PowerReport"]


@dataclass(frozen=True)
class Power:
    """Watts: inside the cells, to charge the nets, and leaking."""

    internal: float = 0.0
    switching: float = 0.0
    leakage: float = 0.0

    @property
    def dynamic(self) -> float:
        """Without leakage."""
        return self.internal + self.switching

    @property
    def total(self) -> float:
        """All three."""
        return self.dynamic + self.leakage

    def __add__(self, other: Power) -> Power:
        return Power(self.internal + other.internal, self.switching + other.switching, self.leakage + other.leakage)

    def __sub__(self, other: Power) -> Power:
        return self + Power(-other.internal, -other.switching, -other.leakage)


@dataclass(frozen=True)
class PowerReport:
    """What OpenSTA says of a netlist at ``frequency`` Hz.

    Attributes
    ----------
    sequential, combinational
        Power of the registers and of the logic, as OpenSTA groups it.
    clock
        The clock's part: inside the registers with every data net at rest (in ``sequential`` too), and the clock net,
        its pins and ``wire_capacitance``, computed here, since OpenSTA has no driver for it. No buffers are in it.
    inputs
        To charge the data inputs' pins, computed here likewise: whoever drives them pays it, inside the chip.
    period
        Shortest clock period in s, of paths from registers or inputs to registers or outputs.
    files
        Names of the scripts and reports in the folder.
    """

    frequency: float
    sequential: Power
    combinational: Power
    clock: Power
    inputs: Power
    period: float
    files: tuple[str, ...]

    @property
    def total(self) -> Power:
        """The whole, with the clock net and the inputs."""
        return self.sequential + self.combinational + Power(switching=self.clock.switching) + self.inputs

    @property
    def fmax(self) -> float:
        """Highest clock frequency in Hz."""
        return 1 / self.period

    @property
    def energy_per_clock(self) -> float:
        """Joules of a clock, without leakage."""
        return self.total.dynamic / self.frequency

    @property
    def clock_share(self) -> float:
        """The clock's part of the dynamic power."""
        return self.clock.dynamic / self.total.dynamic
