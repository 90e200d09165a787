"""Stages that map each design to standard cells: area, timing and energy, with OpenSTA's own words kept beside them.

Energy is dynamic and of a clock in which a working design works: every pin is annotated with its changes in a
simulation of the mapped netlist. No wires are laid and no clock tree is made. The value counts glitches as the
cells' delays make them; the range is that between counting none, and all of cells of one delay.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from boards import sta
from boards.liberty import find_library
from boards.synthesis import component_rtlil
from boards.tools import ToolError
from hwpy.entropy.lfsr import LfsrParameters
from hwpy.stochastic_computing.pool import REGISTER, pool_seeds
from rtl.entropy.lfsr import Lfsr
from trijunction.costs.cells import CELLS, Measured
from trijunction.costs.designs import SOURCES, TOP, WAYS, Design
from trijunction.costs.generators import Registers, Xoshiros
from trijunction.costs.quantity import Quantity
from trijunction.costs.stage import Result, Stage

__all__ = ["measure_core", "measure_design", "measure_generator", "stages"]

#: Clocks that count, at least, and lanes.
_CLOCKS, _LANES = 256, 2
_CODE = (
    "rtl", "boards", "hwpy.entropy", "hwpy.ising", "hwpy.stochastic_computing", "hwpy.low_precision",
    "trijunction.costs.cells", "trijunction.costs.designs", "trijunction.costs.generators", "trijunction.costs.ways",
)  # fmt: skip
_PARTS = "core and generator, mapped and measured apart"
#: Of the published two-tap registers the one with most new bits in a clock that are each one exclusive or.
_TWO_TAPS = LfsrParameters(151, leap=148)
#: A source and its bits a clock.
_GENERATORS: dict[str, tuple[Callable[[], Any], int]] = {
    "lfsr": (lambda: _register(REGISTER), REGISTER.leap),
    "lfsr_two_taps": (lambda: _register(_TWO_TAPS), _TWO_TAPS.leap),
    "xoshiro": (lambda: Xoshiros(32), 32),
}


def _register(parameters: LfsrParameters) -> Registers:
    return Registers([Lfsr(parameters, pool_seeds(1)[0])], list(range(parameters.leap)))


_Run = Callable[[Mapping[str, Result], Path], Result]


def stages(liberty: str | None = None) -> list[Stage]:
    """Generators alone, each way's core, and each design, for a Liberty file (by default, that of `find_library`)."""
    depends = _depends(liberty)

    def stage(name: str, run: _Run, *needs: str) -> Stage:
        return Stage(f"asic/{name}", run, needs=needs, code=_CODE, parameters=depends)

    made = [stage(f"generator/{source}", partial(measure_generator, source, liberty)) for source in _GENERATORS]
    for way in WAYS:
        made.append(stage(f"core/{way}", partial(measure_core, way, {}, liberty)))
        for source in SOURCES:
            name = f"{way}/{source}"
            made.append(stage(name, partial(measure_design, name, {}, liberty), f"asic/core/{way}"))
    return made


def measure_generator(source: str, liberty: str | None, results: Mapping[str, Result], folder: Path) -> Result:
    """A generator alone that gives bits in every clock."""
    stage = f"asic/generator/{source}"
    make, bits = _GENERATORS[source]
    ports = {"stream__ready": np.ones((_CLOCKS + 2, 1, 1), np.uint8)}
    try:
        found = Measured.of(component_rtlil(make(), "generator"), "generator", ports, 2, folder, liberty)
    except ToolError as error:
        return _missing(error)
    quantities = {
        "energy_per_bit": found.energy(bits, "bit", stage),
        "energy_per_bit_default": found.default_energy(bits, "bit", stage),
        "area_per_bit": Quantity(found.area / bits, "um2/(bit/clock)", f"measured: {stage}", uncertainty=CELLS),
    }
    return Result(quantities | found.common(stage), tools=found.tools, files=found.files)


def measure_core(
    way: str, parameters: Mapping[str, Any], liberty: str | None, results: Mapping[str, Result], folder: Path
) -> Result:
    """A way's core fed with independent random bits from outside."""
    stage = f"asic/core/{way}"
    design = Design(way, "smtj", **parameters)
    ports = design.core_workload(_clocks(design), _LANES)
    try:
        found = Measured.of(component_rtlil(design.core(), "core"), "core", ports, design.work.warm_up, folder, liberty)
    except ToolError as error:
        return _missing(error)
    quantities = {
        "energy_per_unit": found.energy(design.units_per_clock, design.unit, stage),
        "energy_per_unit_default": found.default_energy(design.units_per_clock, design.unit, stage),
    }
    return Result(quantities | found.common(stage), tools=found.tools, files=found.files)


def measure_design(
    name: str, parameters: Mapping[str, Any], liberty: str | None, results: Mapping[str, Result], folder: Path
) -> Result:
    """The design WAY/SOURCE, its generator alone, and how well that and the core add up to the whole."""
    way, source = name.split("/")
    design = Design(way, source, **parameters)
    core = results[f"asic/core/{way}"]
    if core.missing:
        return Result(missing=core.missing)
    clocks, skip = _clocks(design), design.work.warm_up
    try:
        whole = Measured.of(design.rtlil(), TOP, design.workload(clocks, _LANES), skip, folder, liberty)
        text, ports = component_rtlil(design.generator(), "generator"), design.generator_workload(clocks, _LANES)
        alone = Measured.of(text, "generator", ports, skip, folder, liberty)
    except ToolError as error:
        return _missing(error)
    quantities = _quantities(f"asic/{name}", design, whole, alone, core)
    return Result(quantities, tools=whole.tools, files=whole.files + alone.files)


def _quantities(stage: str, design: Design, whole: Measured, alone: Measured, core: Result) -> dict[str, Quantity]:
    units, unit = design.units_per_clock, design.unit
    rate = units * whole.simulated.fmax
    generator, of_core = alone.energy(units, unit, stage), core.quantities
    area = of_core["area"].value
    assert area is not None
    total = _sum(of_core["energy_per_unit"], generator, stage)
    assert total.value is not None
    measured = partial(Quantity, source=f"measured: {stage}")
    computed = partial(Quantity, source=f"computed: {stage}")
    return {
        **whole.common(stage),
        "area": computed(area + alone.area, "um2", uncertainty=CELLS, note=_PARTS),
        "area_generator": measured(alone.area, "um2", uncertainty=CELLS),
        "area_whole": measured(whole.area, "um2", uncertainty=CELLS),
        "throughput": computed(rate, f"{unit}s/s", uncertainty="nominal corner, without wires"),
        "area_per_throughput": computed(
            1e9 * (area + alone.area) / rate, f"um2 ns/{unit}", uncertainty="cells, nominal corner, without wires"
        ),
        "energy_per_unit": total,
        "energy_per_unit_default": _sum(
            of_core["energy_per_unit_default"], alone.default_energy(units, unit, stage), stage
        ),
        "energy_core_per_unit": of_core["energy_per_unit"],
        "energy_generator_per_unit": generator,
        "energy_generator_per_bit": alone.energy(design.random_bits_per_clock, "bit", stage),
        "energy_whole_per_unit": whole.energy(units, unit, stage),
        "sum_of_parts": computed(
            1e-13 * total.value * units / whole.joules, "%", uncertainty="of one workload",
            note="energy of core and generator, mapped and measured apart, over that of the whole",
        ),
        "units_per_clock": computed(units, f"{unit}s/clock", uncertainty="exact count"),
        "random_bits_per_unit": computed(design.random_bits_per_unit, f"bits/{unit}", uncertainty="exact count"),
    }  # fmt: skip


def _sum(core: Quantity, generator: Quantity, stage: str) -> Quantity:
    """Of one core for all sources: mapped anew with each, its energy differs by more than a generator takes."""

    def add(name: str) -> float | None:
        ends = getattr(core, name), getattr(generator, name)
        return None if None in ends else sum(ends)

    note = f"{_PARTS}; {generator.note}" if generator.note else _PARTS
    return Quantity(
        add("value"), core.unit, f"computed: {stage}", add("low"), add("high"), generator.uncertainty, note=note
    )


def _clocks(design: Design) -> int:
    return design.clocks(-(-_CLOCKS // design.work.period))


def _missing(error: ToolError) -> Result:
    """Where library and program are both there, a tool that fails is a failure."""
    if "no Liberty file" in str(error) or "no OpenSTA" in str(error):
        return Result(missing=str(error))
    raise error


def _depends(liberty: str | None) -> dict[str, str]:
    """What is outside the project: the library's contents, and OpenSTA's version."""
    found = {"library": "", "opensta": ""}
    try:
        found["library"] = sha256(find_library(liberty).read_bytes()).hexdigest()
        found["opensta"] = sta.version()
    except ToolError:
        pass  # the stages say what is missing
    return found
