"""What stochastic rounding costs over rounding to nearest in the same multiply-accumulate unit, and a systolic array.

    python -m benchmarks.mac_cost            logic cells; ten minutes
    python -m benchmarks.mac_cost --route    and Fmax between registers, median of seeds 1 to 3; an hour
    python -m benchmarks.mac_cost --array    the 8 x 8 array on an LFE5U-85F, routed; an hour

Both units are eager and round at each step. Logic cells: on ECP5 LUT4 and two for a CCU2C, on iCE40 LUT4 and carries
that share their cell with none. The synthesis flow is the smallest of `boards.synthesis.FLOWS` for each unit. The
entropy is a 31-bit shift register that gives a word a clock to 8 units, as to a row of the array, of which each is
charged an eighth; junctions on pins take no logic.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from boards.out_of_context import ScanWrapper, measure
from boards.place_route import DEVICES, Device, fmax_spread, route_seeds
from boards.synthesis import Netlist, component_rtlil, synthesise
from hwpy.entropy.lfsr import LfsrParameters
from hwpy.low_precision.mac import MacParameters
from hwpy.low_precision.systolic import SystolicParameters
from rtl.entropy.lfsr import Lfsr
from rtl.low_precision.mac import Mac
from rtl.low_precision.systolic import Cell, Systolic

SHARED_BY = 8
SEEDS = (1, 2, 3)
_ECP5 = DEVICES["ecp5-85f-caBGA381"]
_UP5K = Device("ice40-up5k-sg48", "ice40", ("--up5k", "--package", "sg48"), "ICESTORM_LC")
#: Multiplier: device, options of the synthesis, and the frequency that the router aims at.
FAMILIES: dict[str, tuple[Device, tuple[str, ...], float]] = {
    "ECP5, MULT18X18D": (_ECP5, (), 200),
    "ECP5, LUTs": (_ECP5, ("-nodsp",), 150),
    "UP5K, SB_MAC16": (_UP5K, ("-dsp", "-device", "u"), 60),
    "UP5K, LUTs": (_UP5K, ("-device", "u"), 48),
}
#: Factors, accumulator, and the random bits.
FORMATS = (
    ("s[0][7]", "s[7][8]", (4, 6)),
    ("s[0][7]", "s[3][4]", (4, 10)),
    ("s[3][12]", "s[7][12]", (4, 12)),
)


def build(make: Callable[[], Any], family: str, folder: Path, flow: str = "smallest") -> Netlist:
    """A component synthesised for a family."""
    device, options, _ = FAMILIES[family]
    text = component_rtlil(make(), "block", device.target)
    return synthesise(text, "block", device.target, folder, flow=flow, options=options)


def logic_cells(netlist: Netlist) -> int:
    """Cells that the netlist's LUTs and carries take."""
    area = netlist.area
    return area.lut4 + (2 * area.carry if netlist.target == "ecp5" else lone_carries(netlist))


def lone_carries(netlist: Netlist) -> int:
    """SB_CARRY that no SB_LUT4 shares its cell with: one of the same I1, I2 and, as I3, carry in."""
    cells = netlist.module()["cells"].values()

    def ports(kind: str, names: str) -> list[tuple]:
        return [
            tuple(cell["connections"].get(name, [None])[0] for name in names.split())
            for cell in cells
            if cell["type"] == kind
        ]

    luts = set(ports("SB_LUT4", "I1 I2 I3"))
    return sum(carry not in luts for carry in ports("SB_CARRY", "I0 I1 CI"))


def fmax(make: Callable[[], Any], family: str, flow: str) -> float:
    """Median MHz between registers."""
    device, _, aim = FAMILIES[family]
    with TemporaryDirectory(prefix="trijunction-") as scratch:
        netlist = build(lambda: ScanWrapper(make()), family, Path(scratch), flow)
        spread = fmax_spread(route_seeds(netlist, device, Path(scratch), seeds=SEEDS, frequency_mhz=aim, processes=1))
    assert spread is not None
    return spread["median"]


def units(factor: str, accumulator: str, bits: tuple[int, ...]) -> dict[str, MacParameters]:
    """The unit to compare with, first, and the stochastic ones."""
    shape = {"x": factor, "w": factor, "accumulator": accumulator, "eager": True}
    return {"nearest": MacParameters.parse(**shape)} | {
        f"stochastic, r = {r}": MacParameters.parse(**shape, rounding="stochastic", random_bits=r) for r in bits
    }


@cache
def share(family: str, bits: int) -> float:
    """Logic cells of the shift register, for each of the units that it serves."""
    with TemporaryDirectory(prefix="trijunction-") as scratch:
        netlist = build(lambda: Lfsr(LfsrParameters(31, leap=bits)), family, Path(scratch))
        return logic_cells(netlist) / SHARED_BY


def table(routed: bool) -> None:
    """A row for each unit."""
    print(f"LFSR: share of a 31-bit shift register for {SHARED_BY} units; '+' over nearest without and with it")
    for family in FAMILIES:
        heading = "  factors   accumulator  rounding            cells     +  LFSR     +   FF"
        print(f"\n{family}\n{heading}{'   MHz     +' * routed}")
        for factor, accumulator, bits in FORMATS:
            first: tuple[int, float] | None = None
            for name, parameters in units(factor, accumulator, bits).items():
                with TemporaryDirectory(prefix="trijunction-") as scratch:
                    netlist = build(partial(Mac, parameters), family, Path(scratch))
                    cells, ff, flow = logic_cells(netlist), netlist.area.ff, netlist.flow
                mhz = fmax(partial(Mac, parameters), family, flow) if routed else 0.0
                first = first or (cells, mhz)
                row = f"  {factor:9} {accumulator:12} {name:18} {cells:6} {_over(cells, first[0])}"
                entropy = share(family, parameters.word_bits) if parameters.word_bits else 0.0
                row += f" {entropy:5.2f} {_over(cells + entropy, first[0])} {ff:4}"
                row += f" {mhz:5.1f} {_over(mhz, first[1])}" if routed else ""
                print(row, flush=True)


def _over(value: float, reference: float) -> str:
    return f"{100 * (value / reference - 1):+4.1f}%"


def array() -> None:
    """The 8 x 8 array of 8-bit factors and 16-bit totals, rounded to nearest and stochastically."""
    shapes = units("s[0][7]", "s[7][8]", (4, 6))
    for name, mac in shapes.items():
        with TemporaryDirectory(prefix="trijunction-") as scratch:
            netlist = build(partial(Cell, mac), "ECP5, MULT18X18D", Path(scratch), "area")
        print(f"one cell of the array, {name}: {logic_cells(netlist)} logic cells", flush=True)
    for name, mac in shapes.items():
        parameters = SystolicParameters(8, 8, mac)
        found = measure(partial(Systolic, parameters), "ecp5", route=True, seeds=len(SEEDS), frequency_mhz=150)
        print(
            f"8 x 8, {name}: {found['lut4']} LUT4, {found['carry']} CCU2C, {found['ff']} FF, {found['dsp']} DSP, "
            f"{found['fmax_mhz']:.1f} MHz of {found['fmax_mhz_seeds']}, {64e-3 * found['fmax_mhz']:.2f} GMAC/s, "
            f"{parameters.word_bits * found['fmax_mhz'] * 1e-3:.2f} Gbit/s of entropy",
            flush=True,
        )


def main() -> None:
    """What the arguments ask for."""
    if "--array" in sys.argv[1:]:
        array()
    else:
        table("--route" in sys.argv[1:])


if __name__ == "__main__":
    main()
