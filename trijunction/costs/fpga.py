"""Stages that build each design for an FPGA family: cells, clock rate, and an estimate of its energy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from boards import tools
from boards.activity import simulate
from boards.energy import ICE40UP5K
from boards.out_of_context import ScanWrapper
from boards.place_route import DEVICES, route
from boards.synthesis import Netlist, synthesise
from boards.tools import ToolError
from trijunction.costs.currents import Current
from trijunction.costs.designs import SOURCES, TOP, WAYS, Design
from trijunction.costs.quantity import Quantity
from trijunction.costs.stage import Result, Stage

__all__ = ["FAMILIES", "logic_cells", "measure", "stages"]

FAMILIES = {
    "ice40": DEVICES["ice40-hx8k-ct256"],
    # The smallest that all fit: a larger one is no faster, and takes longer to route.
    "ecp5": DEVICES["ecp5-25f-caBGA381"],
}
#: MHz that place and route aims at.
_AIM = {"ising": 90.0, "stochastic_computing": 100.0, "low_precision": 100.0}
#: Clocks, at least, and lanes of the workload that the activity is the mean of.
_CLOCKS, _LANES = 256, 2
_CODE = ("rtl", "boards", "hwpy.entropy", "hwpy.ising", "hwpy.stochastic_computing", "hwpy.low_precision")
_MINE = ("trijunction.costs.designs", "trijunction.costs.generators", "trijunction.costs.ways")


def stages(currents: Mapping[str, Current] | None = None) -> list[Stage]:
    """A stage for each family and design; ``currents`` are those that a user measured on the iCE40."""
    made = []
    for family in FAMILIES:
        for name in (f"{way}/{source}" for way in WAYS for source in SOURCES):
            current = (currents or {}).get(name) if family == "ice40" else None
            run = partial(measure, family, name, {}, current)
            parameters = {"current": current.to_dict() if current else None}
            made.append(Stage(f"fpga/{family}/{name}", run, code=(*_CODE, *_MINE), parameters=parameters))
    return made


def measure(
    family: str,
    name: str,
    parameters: Mapping[str, Any],
    current: Current | None,
    results: Mapping[str, Result],
    folder: Path,
) -> Result:
    """Build the design WAY/SOURCE with those parameters of its way. Nothing is kept in ``folder``."""
    way, source = name.split("/")
    design = Design(way, source, **parameters)
    stage = f"fpga/{family}/{name}"
    measured: Any = partial(Quantity, source=f"measured: {stage}")
    computed: Any = partial(Quantity, source=f"computed: {stage}")
    with TemporaryDirectory(prefix="trijunction-") as scratch:
        netlist = synthesise(design.rtlil(family), TOP, family, Path(scratch) / "alone")
        fmax, note = _fmax(design, family, Path(scratch) / "wrapped")
        energy = _energy(design, netlist, current, measured, computed) if family == "ice40" else None
        cells = logic_cells(netlist)
    rate = None if fmax is None else fmax * 1e6 * design.units_per_clock
    routed = {"uncertainty": "one placement seed", "note": note}
    found = {kind: measured(count, unit, uncertainty="exact count") for kind, unit, count in _counts(netlist)} | {
        "cells": measured(cells, "logic cells", uncertainty="exact count"),
        "fmax": measured(fmax, "MHz", **routed),
        "throughput": computed(rate, f"{design.unit}s/s", **routed),
        "lut_seconds_per_unit": computed(rate and 1e9 * cells / rate, f"cell ns/{design.unit}", **routed),
        "units_per_clock": computed(design.units_per_clock, f"{design.unit}s/clock", uncertainty="exact count"),
        "random_bits_per_unit": computed(design.random_bits_per_unit, f"bits/{design.unit}", uncertainty="exact count"),
    }
    return Result(found | ({"energy_per_unit": energy} if energy else {}), tools=tools.versions())


def logic_cells(netlist: Netlist) -> int:
    """Logic cells that a netlist takes, each with its LUT4.

    On iCE40 a cell is a LUT4, a carry and a flip-flop: a flip-flop alone takes one, where no LUT4 drives it alone, and
    so does a carry that no LUT4 shares its two inputs with. On ECP5 a CCU2C takes two LUT4, a flip-flop none.
    """
    area = netlist.area
    if netlist.target == "ecp5":
        return area.lut4 + 2 * area.carry
    module = netlist.module()
    cells = module["cells"].values()

    def at(cell: Mapping[str, Any], pins: str) -> tuple[Any, ...]:
        return tuple(cell["connections"].get(pin, [None])[0] for pin in pins.split())

    luts = [cell for cell in cells if cell["type"] == "SB_LUT4"]
    sharing = Counter(at(cell, "I1 I2") for cell in luts)
    sharing.subtract(at(cell, "I0 I1") for cell in cells if cell["type"] == "SB_CARRY")
    carries = sum(-count for count in sharing.values() if count < 0)
    inputs = Counter(
        bit
        for cell in cells
        for pin, bits in cell["connections"].items()
        if cell["port_directions"][pin] == "input"
        for bit in bits
    )
    inputs.update(bit for port in module["ports"].values() if port["direction"] == "output" for bit in port["bits"])
    driven = {at(cell, "O")[0] for cell in luts}
    registers = [at(cell, "D")[0] for cell in cells if cell["type"].startswith("SB_DFF")]
    return len(luts) + carries + sum(bit not in driven or inputs[bit] > 1 for bit in registers)


def _counts(netlist: Netlist) -> list[tuple[str, str, int]]:
    area = netlist.area
    carry = "CCU2C" if netlist.target == "ecp5" else "SB_CARRY"
    return [
        ("lut4", "LUT4", area.lut4),
        ("carry", carry, area.carry),
        ("ff", "flip-flops", area.ff),
        ("bram", "block RAMs", area.bram),
        ("dsp", "multipliers", area.dsp),
    ]


def _fmax(design: Design, family: str, folder: Path) -> tuple[float | None, str]:
    """MHz between registers, or why not."""
    wrapper = synthesise(design.rtlil(family, ScanWrapper), TOP, family, folder)
    device = FAMILIES[family]
    try:
        routed = route(wrapper, device, folder, frequency_mhz=_AIM[design.way])
    except ToolError as error:
        return None, f"not placed and routed on {device.name}: {str(error).partition(' (in ')[0]}"
    return routed.fmax_mhz, ""


def _energy(design: Design, netlist: Netlist, current: Current | None, measured: Any, computed: Any) -> Quantity:
    unit = f"fJ/{design.unit}"
    if current is not None:
        value = 1e15 * current.joules / design.units_per_clock
        return measured(value, unit, uncertainty="not known", note=f"the user's own current: {current}")
    clocks = design.clocks(-(-_CLOCKS // design.work.period))
    activity, _ = simulate(netlist, design.workload(clocks, _LANES), skip=design.work.warm_up)
    joules = [1e15 * joule / design.units_per_clock for joule in ICE40UP5K.energy(activity)]
    return computed(
        sum(joules) / len(joules), unit, low=min(joules), high=max(joules), estimate=True,
        uncertainty="spread of four measures of activity; placement, part and temperature are not in it",
        note="dynamic energy of logic and wires, without what the chip takes whatever is on it",
    )  # fmt: skip
