"""Cells of the rounding units alone, by mode and number of random bits: 32 bits to 16, and to floating point.

Logic cells are those after packing (iCE40: a LUT4 with its carry; ECP5: a LUT4, and two for a CCU2C). What makes the
random bits is not in, for it is shared.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from boards.place_route import DEVICES, route
from boards.synthesis import component_rtlil, synthesise
from hwpy.low_precision.fixed import FixedFormat
from hwpy.low_precision.float_rounding import FloatRoundingParameters
from hwpy.low_precision.floating import FloatFormat
from hwpy.low_precision.rounding import Rounding, RoundingUnitParameters
from rtl.low_precision.float_rounding import FloatRoundingUnit
from rtl.low_precision.rounding import RoundingUnit

INPUT, OUTPUT = FixedFormat(7, 24), FixedFormat(7, 8)
ROUNDINGS = (
    Rounding("floor"),
    Rounding("zero"),
    Rounding("nearest"),
    *(Rounding("stochastic", bits) for bits in range(1, 17)),
    *(Rounding(mode, bits) for mode in ("stochastic-fast", "stochastic-naive") for bits in (4, 8)),
)
#: Format, and bits of the significand and of the exponent that it is made from: a product, or a sum of products.
FLOATS = (("e4m3", 8, 6), ("e5m2", 6, 6), ("e6m5", 14, 7), ("bfloat16", 24, 9))
_DEVICE = {"ice40": "ice40-hx8k-ct256", "ecp5": "ecp5-85f-caBGA381"}


def cells(unit: Any, target: str) -> tuple[int, int, int]:
    """Logic cells after packing, and of these LUT4 and carries."""
    with TemporaryDirectory(prefix="trijunction-") as scratch:
        folder = Path(scratch)
        netlist = synthesise(component_rtlil(unit, "block", target), "block", target, folder)
        return route(netlist, DEVICES[_DEVICE[target]], folder).cells, netlist.area.lut4, netlist.area.carry


def _row(name: str, make: Any) -> None:
    counts = (cells(make(), target) for target in ("ice40", "ecp5"))
    print(f"{name:44}" + "".join(f"{packed:15} {lut4:5} {carry:5}" for packed, lut4, carry in counts), flush=True)


def main() -> None:
    """Print a row for each rounding."""
    print(f"{'':44}" + "".join(f"{name:>8}: cells  LUT4 carry" for name in ("iCE40", "ECP5")))
    for rounding in ROUNDINGS:
        parameters = RoundingUnitParameters(INPUT, OUTPUT, rounding)
        _row(f"{INPUT} to {OUTPUT}, {_name(rounding)}", lambda parameters=parameters: RoundingUnit(parameters))
    for name, significand, exponent in FLOATS:
        for rounding in (Rounding("nearest"), Rounding("stochastic", 4), Rounding("stochastic", 8)):
            made = FloatRoundingParameters(significand, exponent, FloatFormat.parse(name), rounding)
            _row(f"{significand} bits to {name}, {_name(rounding)}", lambda made=made: FloatRoundingUnit(made))


def _name(rounding: Rounding) -> str:
    return rounding.mode + (f", {rounding.random_bits}" if rounding.is_stochastic else "")


if __name__ == "__main__":
    main()
