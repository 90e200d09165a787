"""What random bits cost in standard cells: area, speed and energy of the generators, and how sure the figures are.

    python -m benchmarks.asic_energy

For a shift register of 31 bits that leaps by 1, 8 and 31, and for xoshiro128++: OpenSTA's energy of a bit with the
activity of the running generator, beside its default activity; the same without glitches, with those of unit delay, and
with 10 fF of wire for each pin; and the clock's share. Then energy of a multiply-accumulate unit that a shift register
feeds, beside the sum of the two alone. Takes Debian's packages opensta and qflow-tech-osu018, or any `sta` on PATH and
the Liberty file of TRIJUNCTION_LIBERTY.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import Out

from boards import sta
from boards.asic import PinActivity, simulate, synthesise
from boards.liberty import Library, read_library
from boards.sta import PowerReport
from boards.synthesis import component_rtlil
from boards.tools import ToolError
from hwpy.entropy.lfsr import LfsrParameters
from hwpy.entropy.xoshiro import seed_state
from hwpy.stochastic_computing.binary_mac import BinaryMacParameters
from rtl.entropy.lfsr import Lfsr
from rtl.entropy.xoshiro import Xoshiro
from rtl.stochastic_computing.binary_mac import BinaryMac

_HERTZ = 100e6
_WIRE = 10e-15
_CLOCKS, _SKIP = 1000, 40
_TERMS = 1 << 12


@dataclass(frozen=True)
class Found:
    """Area in um2, and OpenSTA's report for each of the kinds of activity."""

    area: float
    reports: dict[str, PowerReport]

    def energy(self, kind: str, units: float = 1) -> float:
        """Dynamic energy in fJ of a clock, or of one of so many units in a clock."""
        return 1e15 * self.reports[kind].energy_per_clock / units


def measure(component: Any, library: Library, stimulus: Mapping[str, np.ndarray]) -> Found:
    """Map a component and measure it under a stimulus."""
    with TemporaryDirectory(prefix="trijunction-") as scratch:
        folder = Path(scratch)
        netlist = synthesise(component_rtlil(component), "top", library, folder)
        unit, _ = simulate(netlist, stimulus, skip=_SKIP)
        delayed, _ = simulate(netlist, stimulus, skip=_SKIP, delays=sta.delays(netlist, folder))
        settled = PinActivity(unit.settled, unit.settled, unit.duty)
        kinds: dict[str, tuple[PinActivity | None, float]] = {
            "delays": (delayed, 0.0),
            "settled": (settled, 0.0),
            "unit": (unit, 0.0),
            "wire": (delayed, _WIRE),
            "default": (None, 0.0),
        }
        return Found(
            netlist.area,
            {
                name: sta.power(netlist, folder, frequency=_HERTZ, activity=activity, wire_capacitance=wire)
                for name, (activity, wire) in kinds.items()
            },
        )


class _Fed(wiring.Component):
    """A multiply-accumulate unit whose factors are the bits of a shift register."""

    def __init__(self):
        self._mac, self._lfsr = _mac(), Lfsr(LfsrParameters(31, leap=16))
        super().__init__({"total": Out(self._mac.total.shape())})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.mac, m.submodules.lfsr = mac, lfsr = self._mac, self._lfsr
        m.d.comb += [
            mac.x.eq(lfsr.stream.payload[:8]),
            mac.w.eq(lfsr.stream.payload[8:]),
            mac.enable.eq(1),
            lfsr.stream.ready.eq(1),
            self.total.eq(mac.total),
        ]
        return m


def _mac() -> BinaryMac:
    return BinaryMac(BinaryMacParameters(_TERMS, weight_bits=8, signed=False))


def main() -> None:
    """Print the tables."""
    try:
        library = read_library()
        print(f"{library.name}, {library.voltage} V, OpenSTA {sta.version()}, {_CLOCKS - _SKIP} clocks")
    except ToolError as error:
        sys.exit(f"asic_energy: {error}")
    always = np.ones((_CLOCKS, 1, 1), np.uint8)
    generators = {f"LFSR of 31, leap {leap}": (Lfsr(LfsrParameters(31, leap=leap)), leap) for leap in (1, 8, 31)}
    generators["xoshiro128++"] = (Xoshiro(seed_state(1)), 32)
    print("\nfJ a bit          um2   MHz  delays  settled  unit delay  wires  default  clock, %  leakage, nW")
    for name, (component, bits) in generators.items():
        found = measure(component, library, {"stream__ready": always})
        report = found.reports["delays"]
        energies = [found.energy(kind, bits) for kind in ("delays", "settled", "unit", "wire", "default")]
        print(
            f"{name:17} {found.area:6.0f} {report.fmax / 1e6:5.0f}"
            + "".join(f"{energy:{width}.0f}" for energy, width in zip(energies, (8, 9, 12, 7, 9), strict=True))
            + f"{100 * report.clock_share:10.0f} {1e9 * report.total.leakage:12.1f}",
            flush=True,
        )
    rng = np.random.default_rng(1)
    random = {name: rng.integers(0, 2, (_CLOCKS, 1, 8), np.uint8) for name in ("x", "w")}
    whole = measure(_Fed(), library, {"clk": 0 * always})
    mac = measure(_mac(), library, {**random, "enable": always, "clear": 0 * always})
    lfsr = measure(Lfsr(LfsrParameters(31, leap=16)), library, {"stream__ready": always})
    print("\npJ a clock, and um2: unit fed by a shift register, unit, register, sum over whole")
    for kind in ("delays", "settled", "unit"):
        values = [each.energy(kind) / 1000 for each in (whole, mac, lfsr)]
        print(f"{kind:8}" + "".join(f"{value:9.2f}" for value in values) + f"{sum(values[1:]) / values[0]:9.3f}")
    areas = [each.area for each in (whole, mac, lfsr)]
    print(f"{'area':8}" + "".join(f"{area:9.0f}" for area in areas) + f"{sum(areas[1:]) / areas[0]:9.3f}")


if __name__ == "__main__":
    main()
