"""One netlist of standard cells: its area, OpenSTA's reports of it, and quantities made of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

from boards import sta, tools
from boards.asic import PinActivity, simulate, synthesise
from boards.liberty import read_library
from boards.sta import PowerReport
from trijunction.costs.quantity import Quantity
from trijunction.costs.ways.way import Stimulus

__all__ = ["CELLS", "Measured"]

#: Hz at which OpenSTA reports power; energy of a clock does not depend on it.
_FREQUENCY = 100e6
#: With buffers: unbuffered, an enable of hundreds of registers is slower than all logic, and its slopes cost energy.
_FLOW = "delay"
_GLITCHES = "from no glitches to all at unit delay; wires, clock tree, voltage and temperature are not in it"
#: What an area leaves out.
CELLS = "cells alone, without wires, clock tree and the room between them"


@dataclass(frozen=True)
class Measured:
    """A netlist's area and OpenSTA's reports: of its activity simulated with the cells' delays, and of others.

    ``settled`` counts no glitches, ``unit`` those of cells that all have one delay, and ``default`` is OpenSTA's own.
    ``files`` are the names of what is kept: the first's scripts, and every report.
    """

    area: float
    registers: int
    simulated: PowerReport
    settled: PowerReport
    unit: PowerReport
    default: PowerReport
    files: tuple[str, ...]
    tools: dict[str, str]

    @classmethod
    def of(cls, text: str, name: str, ports: Stimulus, skip: int, folder: Path, liberty: str | None = None) -> Measured:
        """Map RTLIL of a module, simulate its work, and leave OpenSTA's scripts and reports in ``folder``.

        Raises :class:`boards.tools.ToolError` if there is no library or no OpenSTA, in one line with how to get it.
        """
        opensta, library = sta.version(), read_library(liberty)
        with TemporaryDirectory(prefix="trijunction-") as scratch:
            netlist = synthesise(text, name, library, Path(scratch), flow=_FLOW)
            activity, _ = simulate(netlist, ports, skip=skip, delays=sta.delays(netlist, Path(scratch)))
            simulated = sta.power(netlist, folder, frequency=_FREQUENCY, activity=activity, name=f"{name}-simulated")
            # Scripts and netlist as those of the first, but for the activity: their reports are enough.
            others = {
                "settled": PinActivity(activity.settled, activity.settled, activity.duty),
                "unit": simulate(netlist, ports, skip=skip)[0],
                "default": None,
            }
            reports = {}
            for label, each in others.items():
                reports[label] = sta.power(
                    netlist, Path(scratch), frequency=_FREQUENCY, activity=each, name=f"{name}-{label}"
                )
                copyfile(Path(scratch) / f"{name}-{label}.power.txt", folder / f"{name}-{label}.power.txt")
        files = (*simulated.files, *(f"{name}-{label}.power.txt" for label in others))
        versions = {**tools.versions(), "opensta": opensta, "liberty": library.name}
        return cls(netlist.area, netlist.registers, simulated, **reports, files=files, tools=versions)

    @property
    def joules(self) -> float:
        """Dynamic energy of a clock."""
        return self.simulated.energy_per_clock

    def energy(self, per_clock: float, unit: str, stage: str) -> Quantity:
        """Dynamic energy in fJ of what happens so many times a clock."""
        reports = (self.simulated, self.settled, self.unit)
        values = [1e15 * report.energy_per_clock / per_clock for report in reports]
        return Quantity(values[0], f"fJ/{unit}", f"measured: {stage}", min(values), max(values), _GLITCHES)

    def default_energy(self, per_clock: float, unit: str, stage: str) -> Quantity:
        """The same by OpenSTA's default activity."""
        return Quantity(
            1e15 * self.default.energy_per_clock / per_clock, f"fJ/{unit}", f"measured: {stage}",
            uncertainty="not known", note="with OpenSTA's default activity in the place of the workload's",
        )  # fmt: skip

    def common(self, stage: str) -> dict[str, Quantity]:
        """Area, registers, clock rate, leakage and the clock's share."""
        measured = partial(Quantity, source=f"measured: {stage}")
        report = self.simulated
        return {
            "area": measured(self.area, "um2", uncertainty=CELLS),
            "registers": measured(self.registers, "flip-flops", uncertainty="exact count"),
            "fmax": measured(report.fmax / 1e6, "MHz", uncertainty="nominal corner, without wires"),
            "leakage_power": measured(1e9 * report.total.leakage, "nW", uncertainty="nominal corner"),
            "clock_share": measured(
                100 * report.clock_share, "%", uncertainty="without a clock tree's buffers and wires",
                note="of the dynamic energy: the clock's pins, and what registers take inside with their data at rest",
            ),
        }  # fmt: skip
