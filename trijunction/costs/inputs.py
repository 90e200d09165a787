"""From the results of other stages to what `trijunction.costs.break_even` takes, with ranges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from boards.energy import ICE40UP5K
from trijunction.costs.break_even import Bounds, Inputs
from trijunction.costs.quantity import Quantity
from trijunction.costs.stage import Result

__all__ = [
    "CASES",
    "CMOS",
    "SOURCES",
    "UNITS",
    "WORST",
    "Known",
    "Results",
    "Unknown",
    "known",
    "needs",
    "number",
    "span",
]

CMOS = ("lfsr", "xoshiro")
SOURCES = (*CMOS, "smtj")
#: A unit of work of each way.
UNITS = {"ising": "flip", "stochastic_computing": "synapse-bit", "low_precision": "rounded MAC"}
#: What a range of a computed quantity is.
WORST = "worst cases over the inputs' ranges"
#: On silicon with amplifiers that the clock fires, on silicon with junctions that are read all the time, and on pins.
CASES = ("asic", "asic_static_read", "fpga_pins")

#: The shift register of two taps.
_REGISTER = "asic/generator/lfsr_two_taps"

Range = tuple[float, float, float]
Results = Mapping[str, Result]


class Unknown(Exception):
    """A case cannot be reckoned: the message is one sentence that says what is missing."""


class Known(NamedTuple):
    """The inputs of a case, and the generator that is the junctions' rival."""

    bounds: Bounds
    rival: str


def needs(way: str) -> tuple[str, ...]:
    """The stages whose results `known` takes."""
    parts = [f"{kind}/{way}/{source}" for kind in ("asic", "fpga/ice40", "quality") for source in SOURCES]
    return (*parts, _REGISTER, "literature")


def known(results: Results, way: str, case: str) -> Known:
    """The inputs of one of `CASES`.

    Of energies low goes with low and high with high: their ranges are of one choice, how activity is counted.

    Raises
    ------
    Unknown
        If a stage is missing.
    """
    chip = _fpga if case == "fpga_pins" else _silicon
    groups, rival, place = chip(results, way, case)
    own = f"{place}/smtj"
    clock = 1e3 / min(number(results, stage, "fmax") for stage in (f"{place}/{rival}", own))
    quality = f"quality/{way}/smtj"
    groups.append({"interval": span(results, quality, "read_interval")})
    groups.append({"tolerance": span(results, quality, "bias_tolerance")})
    nominal = {name: values[0] for group in groups for name, values in group.items()}
    bits = number(results, own, "random_bits_per_unit")
    ends = tuple(tuple({name: r[end] for name, r in group.items()} for end in (1, 2)) for group in groups)
    return Known(Bounds(Inputs(bits=bits, clock=clock, **nominal), ends), rival)


#: Groups of inputs whose ranges go together, the rival, and where the designs were measured.
_Parts = tuple[list[dict[str, Range]], str, str]


def _silicon(results: Results, way: str, case: str) -> _Parts:
    """Core and generators as they are measured apart, for the mapping of a whole differs by more than a generator.

    An amplifier that the design's clock fires needs no synchroniser; a junction that is read all the time does.
    """
    place = f"asic/{way}"
    costs = {source: silicon_energy(results, way, source, case != "asic") for source in SOURCES}
    rival = min(CMOS, key=lambda source: costs[source][0])
    own = f"{place}/smtj"
    # Without a clock tree: what the registers take with data at rest, and leakage for a period.
    share = number(results, own, "clock_share") / 100
    leakage = 1e6 * number(results, own, "leakage_power") / number(results, own, "throughput")
    value, low, high = (share * gates + leakage for gates in costs["smtj"])
    gate = gate_energy(results, way)
    groups = [
        {"rival": costs[rival], "gates": costs["smtj"], "idle": (value, low, high)},
        {"joined": gate, "level": gate},
    ]
    if case == "asic_static_read":
        value, _, high = span(results, own, "energy_generator_per_bit")
        # Out of turn a synchroniser's clock may be gated.
        groups.append({"spare": (value, 0.0, high)})
        groups.append({"static": span(results, "literature", "static_read_power")})
    else:
        groups.append({"spare": (0.0, 0.0, 0.0)})
    return groups, rival, place


def silicon_energy(results: Results, way: str, source: str, synchronised: bool = False) -> Range:
    """Energy of a unit of work: core, and generator or synchronisers; times the work that a poor source takes more."""
    stage = f"asic/{way}/{source}"
    parts = [span(results, stage, "energy_core_per_unit")]
    if source != "smtj" or synchronised:
        parts.append(span(results, stage, "energy_generator_per_unit"))
    return _worked(results, way, source, tuple(sum(ends) for ends in zip(*parts, strict=True)))  # type: ignore[arg-type]


def gate_energy(results: Results, way: str) -> Range:
    """Of a gate of two inputs on random data, fJ: a bit of a two-tap register takes an exclusive or and a flip-flop.

    A synchroniser is two flip-flops. The range is from nothing to a flip-flop's.
    """
    register = number(results, _REGISTER, "energy_per_bit")
    flip_flop = number(results, f"asic/{way}/smtj", "energy_generator_per_bit") / 2
    gate = max(0.0, register - flip_flop)
    return gate, 0.0, max(gate, flip_flop)


def _fpga(results: Results, way: str, case: str) -> _Parts:
    place = f"fpga/ice40/{way}"
    costs = {s: _worked(results, way, s, span(results, f"{place}/{s}", "energy_per_unit")) for s in SOURCES}
    rival = min(CMOS, key=lambda source: costs[source][0])
    register = 1e15 * ICE40UP5K.clocked
    resting = register * number(results, f"{place}/smtj", "ff") / number(results, f"{place}/smtj", "units_per_clock")
    held = 2 * register, 2 * register, 2 * register
    groups = [
        {"rival": costs[rival], "gates": costs["smtj"], "idle": (resting, resting, resting)},
        {"joined": held, "level": held, "spare": held},
        {"wire": span(results, "literature", "pin_energy")},
    ]
    return groups, rival, place


def _worked(results: Results, way: str, source: str, energy: Range) -> Range:
    """Times the work that takes a source to equal quality, where that can be told from 1."""
    ratio = span(results, f"quality/{way}/{source}", "work_ratio")
    factor = 1.0 if ratio[1] <= 1 <= ratio[2] else ratio[0]
    return energy[0] * factor, energy[1] * factor, energy[2] * factor


def _quantity(results: Results, stage: str, name: str) -> Quantity:
    result = results[stage]
    found = result.quantities.get(name)
    if found is None or found.value is None:
        reason = result.missing or (found.note if found is not None else f"it has no {name}")
        raise Unknown(f"not reckoned for want of {stage}: {reason}")
    return found


def number(results: Results, stage: str, name: str) -> float:
    """The value. Raises Unknown if there is none."""
    value = _quantity(results, stage, name).value
    assert value is not None
    return value


def span(results: Results, stage: str, name: str) -> Range:
    """Value, low and high; all the same where no range is given. Raises Unknown if there is no value."""
    found = _quantity(results, stage, name)
    assert found.value is not None
    if found.low is None or found.high is None:
        return found.value, found.value, found.value
    return found.value, found.low, found.high
