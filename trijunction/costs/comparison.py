"""The sources side by side in each way: energy at equal quality, quality at equal energy, area at equal throughput.

And the price of a junction's bit at which it is even with the best generator: see `trijunction.costs.break_even` for
what is counted, and `trijunction.costs.inputs` for where it is from. Ranges are the worst cases over all inputs'
ranges, not standard deviations.

Quantities ``ROW_lfsr``, ``ROW_xoshiro`` and ``ROW_smtj`` are a row of a table; the others are of the way alone. Series
``statements`` are sentences in which ``{NAME}`` is the quantity of that name.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from trijunction.costs.at_equal import Side
from trijunction.costs.break_even import STRATEGIES, Bounds, Inputs, bounds, break_even, clocks_a_read, fold
from trijunction.costs.inputs import (
    CMOS,
    SOURCES,
    UNITS,
    WORST,
    Known,
    Results,
    Unknown,
    gate_energy,
    known,
    needs,
    span,
)
from trijunction.costs.quantity import Quantity
from trijunction.costs.sentences import fpga_sentences, silicon_sentences
from trijunction.costs.stage import Result, Stage

__all__ = ["DWELLS", "compare", "price", "stages"]

#: Dwell times in ns of which the break-even is told.
DWELLS = {"1ns": 1.0, "10ns": 10.0, "100ns": 100.0, "1us": 1e3, "10us": 1e4}
NODES = {"45nm": 45, "7nm": 7}
_CODE = tuple(f"trijunction.costs.{name}" for name in ("at_equal", "break_even", "device", "inputs", "sentences"))
#: What a junction may be biased to in place of whitened bits and comparators.
_BIASED = {"ising": "local field", "stochastic_computing": "weight"}


def stages() -> list[Stage]:
    """One a way."""
    return [
        Stage(f"comparison/{way}", partial(compare, way=way), needs=needs(way), code=_CODE, parameters={"way": way})
        for way in UNITS
    ]


def compare(results: Results, folder: Path, *, way: str) -> Result:
    """The stage of a way; it is missing only if neither silicon nor FPGA can be reckoned."""
    quantities: dict[str, Quantity] = {}
    texts: list[str] = []
    missing: list[str] = []
    for case, part in (("asic", _silicon), ("fpga_pins", _fpga)):
        try:
            found = part(results, way, known(results, way, case))
        except Unknown as error:
            missing.append(f"{case.partition('_')[0]}: {error}")
            continue
        quantities |= found[0]
        texts += found[1]
    if not texts:
        return Result(missing="; ".join(missing))
    return Result(quantities, {"statements": {"text": texts + [f"Not compared, {each}." for each in missing]}})


def price(known: Bounds, dwell: float, bias: float, way: str, strategy: str = "") -> Quantity:
    """The break-even of a read, by a strategy or the better of both; 0 where none is low enough."""

    def of(inputs: Inputs, each: str) -> np.ndarray:
        return break_even(inputs, dwell, bias, strategy or each)

    value, low, high = (max(0.0, float(part)) for part in bounds(of, known, np.maximum))
    joined, clocks = fold(known.nominal, bias), int(clocks_a_read(known.nominal, dwell, bias))
    note = f"of a read; a bit takes {joined}, and a junction is read every {clocks} clocks; 0: no price is low enough"
    return Quantity(value, "fJ/bit", f"computed: comparison/{way}", low, high, WORST, note=note)


def _silicon(results: Results, way: str, found: Known) -> tuple[dict[str, Quantity], list[str]]:
    sides = {source: Side(results, way, source, found.bounds) for source in SOURCES}
    best = min(sides[source].energy_at_equal_quality()[0] for source in CMOS)
    quantities: dict[str, Quantity] = {}
    rows: dict[str, Callable[[Side], Quantity]] = {
        "work_at_equal_quality": lambda side: side.work,
        "energy_per_unit": lambda side: side.unit_energy,
        "energy_at_equal_quality": lambda side: side.energy,
        "quality_at_equal_energy": lambda side: side.quality(best),
        "area_at_equal_throughput": lambda side: side.area,
        **{f"energy_per_unit_at_{node}": partial(_at_node, node) for node in NODES},
    }
    for name, make in rows.items():
        quantities |= {f"{name}_{source}": make(side) for source, side in sides.items()}
    bias = span(results, "literature", "bias_error")[0]
    quantities |= _prices(found.bounds, bias, way)
    computed = partial(Quantity, source=f"computed: comparison/{way}")
    for node, size in NODES.items():
        quantities[f"node_{node}"] = computed(size, "nm", uncertainty="chosen")
        ten, factor = quantities["break_even_10ns"], results["literature"].quantities[f"energy_factor_{node}"]
        values = [a * b for a, b in zip(_triple(ten), _triple(factor), strict=True)]
        quantities[f"break_even_10ns_at_{node}"] = computed(
            values[0], "fJ/bit", low=values[1], high=values[2], uncertainty=WORST, estimate=True,
            note=f"scaled from 180 nm by the rule of {factor.origin}, the clock as it is",
        )  # fmt: skip
    inputs = found.bounds.nominal
    gate, low, high = gate_energy(results, way)
    quantities["gate_energy"] = computed(
        gate, "fJ", low=low, high=high, uncertainty="from nothing to a flip-flop's", estimate=True,
        note="of a gate that joins two reads, or chooses between two junctions: what a bit of a register of two "
        "taps takes without its flip-flop",
    )  # fmt: skip
    quantities["most_saved"] = computed(
        100 * (1 - inputs.gates / inputs.rival), "%", uncertainty="as the energies",
        note="of the energy of a unit of work: what bits that cost nothing would save",
    )  # fmt: skip
    quantities["clock"] = computed(1e3 / inputs.clock, "MHz", uncertainty="nominal corner, without wires")
    quantities["junctions_a_bit"] = sides["smtj"].junctions
    if way in _BIASED:
        rival = sides[found.rival].unit_energy
        quantities["biased_junction"] = computed(
            rival.value, "fJ", low=rival.low, high=rival.high, uncertainty=WORST,
            note=f"what a junction that is biased to its {_BIASED[way]} must stay below for a {UNITS[way]}, conversion "
            "and read, if all gates besides it were free: the energy of the best generator's whole design",
        )  # fmt: skip
    for name in ("smtj_energy", "dwell", "bias_error", "conversion_energy"):
        quantities[f"junction_{name.removeprefix('smtj_')}"] = results["literature"].quantities[name]
    return quantities, silicon_sentences(way, found.rival, quantities)


def _prices(known: Bounds, bias: float, way: str) -> dict[str, Quantity]:
    """Break-evens: over the dwell times, of a junction without bias, and of each strategy for a slow one."""
    found: dict[str, Quantity] = {}
    for name, dwell in DWELLS.items():
        found[f"dwell_{name}"] = Quantity(dwell, "ns", f"computed: comparison/{way}", uncertainty="chosen")
        found[f"break_even_{name}"] = price(known, dwell, bias, way)
    found["break_even_10ns_unbiased"] = price(known, DWELLS["10ns"], 0.0, way)
    for strategy in STRATEGIES:
        found[f"break_even_100ns_{strategy}"] = price(known, DWELLS["100ns"], bias, way, strategy)
    return found


def _fpga(results: Results, way: str, found: Known) -> tuple[dict[str, Quantity], list[str]]:
    sides = {source: Side(results, way, source, found.bounds, "fpga/ice40") for source in SOURCES}
    quantities = {f"energy_per_unit_on_fpga_{source}": side.unit_energy for source, side in sides.items()}
    bias = span(results, "literature", "bias_error")[0]
    quantities["break_even_on_pins"] = price(found.bounds, DWELLS["10ns"], bias, way)
    quantities["pin_energy"] = results["literature"].quantities["pin_energy"]
    return quantities, fpga_sentences(way, quantities)


def _at_node(node: str, side: Side) -> Quantity:
    return side.at_node(node)


def _triple(quantity: Quantity) -> tuple[float, float, float]:
    assert quantity.value is not None
    return tuple(quantity.value if end is None else end for end in (quantity.value, quantity.low, quantity.high))  # type: ignore[return-value]
