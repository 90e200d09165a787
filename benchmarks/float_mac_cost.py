"""What stochastic rounding costs in a floating-point multiply-accumulate unit, lazy against eager.

    python -m benchmarks.float_mac_cost            logic cells; some minutes
    python -m benchmarks.float_mac_cost --route    and Fmax between registers, median of seeds 1 to 3; an hour

Factors e5m2, total e6m5, with subnormals, infinities and NaN, as one unit with its streams; the formats of S. Ben Ali,
S.-I. Filip and O. Sentieys (DATE 2024). Logic cells: on ECP5 LUT4 and two for a CCU2C, on iCE40 LUT4 and carries that
share their cell with none. The flow of the synthesis is 'area' for all. The words come from outside.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.mac_cost_measure import FAMILIES, logic_cells
from boards.out_of_context import ScanWrapper
from boards.place_route import fmax_spread, route_seeds
from boards.synthesis import Netlist, component_rtlil, synthesise
from hwpy.low_precision.float_mac import FloatMacParameters
from rtl.low_precision.float_mac import FloatMac

SEEDS = (1, 2, 3)
#: What the router aims at in MHz.
AIMS = {"ECP5, LUTs": 100.0, "UP5K, LUTs": 30.0}


def unit(bits: int = 0, eager: bool = False, sums: int = 1) -> FloatMacParameters:
    """Parameters of one unit; to nearest without random bits."""
    rounding = "stochastic" if bits else "nearest"
    return FloatMacParameters.parse(rounding=rounding, random_bits=bits, eager=eager, sums=sums)


UNITS: dict[str, FloatMacParameters] = {
    "nearest": unit(),
    "lazy, r = 4": unit(4),
    "eager, r = 4": unit(4, True),
    "lazy, r = 8": unit(8),
    "eager, r = 8": unit(8, True),
    "lazy, r = 8, 2 sums": unit(8, sums=2),
    "eager, r = 8, 2 sums": unit(8, True, 2),
    "eager, r = 8, 4 sums": unit(8, True, 4),
}


def table(family: str, routed: bool) -> None:
    """A row for each unit, compared with the first."""
    heading = f"  rounding              LUT4 carry   FF  DSP  cells     +{'    MHz     +  (seeds)' * routed}"
    print(f"\n{family}\n{heading}", flush=True)
    first: tuple[int, float] | None = None
    for name, parameters in UNITS.items():
        with TemporaryDirectory(prefix="trijunction-") as scratch:
            netlist = build(FloatMac(parameters), family, Path(scratch))
            cells, area = logic_cells(netlist), netlist.area
        seeds = fmax(parameters, family) if routed else {}
        mhz = seeds.get("median", 0.0)
        first = first or (cells, mhz)
        row = f"  {name:20} {area.lut4:5} {area.carry:5} {area.ff:4} {area.dsp:4} {cells:6} {_over(cells, first[0])}"
        if routed:
            row += f" {mhz:6.1f} {_over(mhz, first[1])}  ({seeds['min']:.1f} to {seeds['max']:.1f})"
        print(row, flush=True)


def build(component: Any, family: str, folder: Path) -> Netlist:
    """A component synthesised for a family."""
    device, options, _ = FAMILIES[family]
    text = component_rtlil(component, "block", device.target)
    return synthesise(text, "block", device.target, folder, options=options)


def fmax(parameters: FloatMacParameters, family: str) -> dict[str, float]:
    """MHz between registers, over the seeds."""
    with TemporaryDirectory(prefix="trijunction-") as scratch:
        folder = Path(scratch)
        netlist = build(ScanWrapper(FloatMac(parameters)), family, folder)
        device, aim = FAMILIES[family][0], AIMS[family]
        found = fmax_spread(route_seeds(netlist, device, folder, seeds=SEEDS, frequency_mhz=aim, processes=1))
    assert found is not None
    return found


def _over(value: float, reference: float) -> str:
    return f"{100 * (value / reference - 1):+4.0f}%"


def main() -> None:
    """What the arguments ask for; multipliers of 3 by 3 bits are of look-up tables in both families."""
    for family in AIMS:
        table(family, "--route" in sys.argv[1:])


if __name__ == "__main__":
    main()
