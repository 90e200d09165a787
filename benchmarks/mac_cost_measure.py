"""Measure multiply-accumulate units: cells, and Fmax between registers. `benchmarks.mac_cost` prints what it found.

    python -m benchmarks.mac_cost_measure            all that the record does not hold yet; many hours
    python -m benchmarks.mac_cost_measure cells      or 'speed' or 'array' alone

Each synthesis and each placement is a line of `trijunction/figures/mac_cost.csv`, written when it is done, and is not
repeated: stop it and go on. Units are eager and round at each step, but to zero, which cannot be eager. The flow of
synthesis is the one of `boards.synthesis.FLOWS` with fewest LUT4.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import trijunction.figures
from benchmarks import runs
from boards.out_of_context import ScanWrapper
from boards.place_route import DEVICES, Device, route
from boards.synthesis import Netlist, component_rtlil, synthesise
from hwpy.entropy.lfsr import LfsrParameters
from hwpy.entropy.xoshiro import seed_state
from hwpy.low_precision.mac import MacParameters
from hwpy.low_precision.systolic import SystolicParameters
from rtl.entropy.lfsr import Lfsr
from rtl.entropy.smtj import SmtjPins
from rtl.entropy.xoshiro import Xoshiro
from rtl.low_precision.mac import Mac
from rtl.low_precision.systolic import Cell, Systolic

RECORD = Path(trijunction.figures.__file__).with_name("mac_cost.csv")
_ECP5, _UP5K = DEVICES["ecp5-25f-caBGA381"], DEVICES["ice40-up5k-sg48"]
#: Multiplier: device, options of the synthesis, and the frequency that the router aims at.
FAMILIES: dict[str, tuple[Device, tuple[str, ...], float]] = {
    "ECP5, MULT18X18D": (_ECP5, (), 200),
    "UP5K, SB_MAC16": (_UP5K, ("-dsp", "-device", "u"), 60),
    "ECP5, LUTs": (_ECP5, ("-nodsp",), 150),
    "UP5K, LUTs": (_UP5K, ("-device", "u"), 48),
}
#: Factors and total of the unit that is placed many times.
CENTRAL = ("s[0][7]", "s[7][8]")
_FAST = "stochastic-fast"
#: Factors, total, and the random bits; the last are all that are dropped.
FORMATS = (
    ("s[0][7]", "s[3][4]", (4, 8, 10)),
    ("s[0][7]", "s[15][8]", (4, 6)),
    ("s[0][3]", "s[3][4]", (1, 2)),
    ("s[3][12]", "s[7][16]", (4, 8)),
    ("s[3][12]", "s[15][16]", (4, 8)),
    ("s[3][12]", "s[7][12]", (4, 12)),
)
SEEDS = {"ECP5, MULT18X18D": 15, "UP5K, SB_MAC16": 9}
ARRAY_SEEDS = 3


@dataclass(frozen=True)
class Case:
    """A block, and the seed it is placed with; 0 if it is only synthesised."""

    block: str
    family: str
    factors: str
    accumulator: str
    rounding: str
    bits: int
    seed: int = 0

    @property
    def mac(self) -> MacParameters:
        """Of the unit, or of a cell of the array."""
        shape = {"x": self.factors, "w": self.factors, "accumulator": self.accumulator}
        return MacParameters.parse(
            **shape, rounding=self.rounding, random_bits=self.bits, eager=self.rounding != "zero"
        )

    def make(self) -> Any:
        """The component."""
        match self.block:
            case "mac":
                return Mac(self.mac)
            case "cell":
                return Cell(self.mac)
            case "array":
                return Systolic(SystolicParameters(8, 8, self.mac))
            case "lfsr":
                return Lfsr(LfsrParameters(31, leap=self.bits))
            case "xoshiro":
                return Xoshiro(seed_state(1))
        return SmtjPins(self.bits)


@dataclass(frozen=True)
class Found:
    """Cells of a synthesised netlist, and with a seed the Fmax in MHz of one between registers."""

    lut4: int
    carry: int
    cells: int
    ff: int
    dsp: int
    mhz: float = 0.0


def cells() -> Iterator[Case]:
    """Everything that is synthesised, the central unit first."""
    for family in FAMILIES:
        for bits in (6, 4):
            yield Case("lfsr", family, "", "", "", bits)
        for block in ("mac", "cell"):
            for rounding, bits in (("nearest", 0), ("stochastic", 6), ("stochastic", 4)):
                yield Case(block, family, *CENTRAL, rounding, bits)
    for family in list(FAMILIES)[:2]:
        for rounding, bits in (("floor", 0), ("zero", 0), *(("stochastic", bits) for bits in (1, 2, 5)), (_FAST, 4)):
            yield Case("mac", family, *CENTRAL, rounding, bits)
        yield Case("xoshiro", family, "", "", "", 32)
        yield Case("junctions", family, "", "", "", 6)
    for family in FAMILIES:
        for factors, accumulator, choice in FORMATS if "LUTs" not in family else FORMATS[-1:]:
            yield Case("mac", family, factors, accumulator, "nearest", 0)
            for bits in choice:
                yield Case("mac", family, factors, accumulator, "stochastic", bits)
                yield Case("lfsr", family, "", "", "", bits)


def speed() -> Iterator[Case]:
    """The central unit's placements: of all roundings in turn, a few seeds at a time."""
    for first in range(1, max(SEEDS.values()), 3):
        for family, seeds in SEEDS.items():
            for rounding, bits in (("nearest", 0), ("stochastic", 6), ("stochastic", 4), (_FAST, 4)):
                for seed in range(first, min(first + 3, seeds + 1)):
                    yield Case("mac", family, *CENTRAL, rounding, bits, seed)


def array() -> Iterator[Case]:
    """The array's placements on an LFE5U-85F."""
    for rounding, bits in (("stochastic", 6), ("nearest", 0)):
        for seed in range(ARRAY_SEEDS + 1):
            yield Case("array", "ECP5, MULT18X18D", *CENTRAL, rounding, bits, seed)


EXPERIMENTS = {"cells": cells, "speed": speed, "array": array}


def read_record(path: Path = RECORD) -> dict[Case, Found]:
    """All that was measured."""
    return {_row(Case, row): _row(Found, row) for row in runs.read(path)}


def _row(kind: type, row: dict[str, str]) -> Any:
    convert = {"int": int, "float": float, "str": str}
    return kind(**{field.name: convert[str(field.type)](row[field.name]) for field in fields(kind)})


def build(case: Case, folder: Path) -> Netlist:
    """The netlist, between registers if it is to be placed."""
    device, options, _ = FAMILIES[case.family]
    flow = "area" if case.block == "array" else "smallest"
    # A multiplier of LUTs must not be named as the family's own.
    target = None if "-nodsp" in options else device.target
    component = ScanWrapper(case.make()) if case.seed else case.make()
    return synthesise(
        component_rtlil(component, "block", target), "block", device.target, folder, flow=flow, options=options
    )


def logic_cells(netlist: Netlist) -> int:
    """Cells that LUTs and carries take: on ECP5 LUT4 and two for a CCU2C, on iCE40 LUT4 and carries alone in theirs."""
    area = netlist.area
    return area.lut4 + (2 * area.carry if netlist.target == "ecp5" else lone_carries(netlist))


def lone_carries(netlist: Netlist) -> int:
    """SB_CARRY that no SB_LUT4 shares its cell with: one of the same I1, I2 and, as I3, carry in."""
    found = netlist.module()["cells"].values()

    def ports(kind: str, names: str) -> list[tuple]:
        return [
            tuple(cell["connections"].get(name, [None])[0] for name in names.split())
            for cell in found
            if cell["type"] == kind
        ]

    luts = set(ports("SB_LUT4", "I1 I2 I3"))
    return sum(carry not in luts for carry in ports("SB_CARRY", "I0 I1 CI"))


def measure(cases: list[Case]) -> Iterator[tuple[Case, Found]]:
    """Cases that differ in the seed alone: one synthesis without, and one for all seeds."""
    for _, group in groupby(cases, key=lambda case: bool(case.seed)):
        chosen = list(group)
        device, _, aim = FAMILIES[chosen[0].family]
        if chosen[0].block == "array":
            device, aim = DEVICES["ecp5-85f-caBGA381"], 150
        with TemporaryDirectory(prefix="trijunction-") as scratch:
            netlist = build(chosen[0], Path(scratch))
            area = netlist.area
            counts = (area.lut4, area.carry, logic_cells(netlist), area.ff, area.dsp)
            for case in chosen:
                mhz = 0.0
                if case.seed:
                    mhz = route(netlist, device, Path(scratch), frequency_mhz=aim, seed=case.seed).fmax_mhz or 0.0
                yield case, Found(*counts, mhz)


def main() -> None:
    """Measures what is missing."""
    for name in sys.argv[1:] or EXPERIMENTS:
        if name not in EXPERIMENTS:
            sys.exit(f"mac_cost_measure: expected one of {', '.join(EXPERIMENTS)}, not {name!r}")
        done = read_record()
        missing = [case for case in dict.fromkeys(EXPERIMENTS[name]()) if case not in done]
        for _, group in groupby(missing, key=lambda case: replace(case, seed=0)):
            for case, found in measure(list(group)):
                runs.append(RECORD, asdict(case) | asdict(found))
                print(f"{name}: {case} {found}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
