"""Who takes less, stochastic or binary neurons, against stream length, fan-in and precision.

Drawn from the record that `python -m benchmarks.or_neuron_cost --measure` makes. All energies are estimates.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from hwpy.stochastic_computing.break_even import Unit, best, crossing, device_energy, equal_length
from trijunction.figures import _style as style

__all__ = ["RECORD", "draw", "pick", "units"]

RECORD = Path(__file__).with_suffix(".json")

_LENGTHS = np.geomspace(1, 4096, 60)
_NEURONS = (
    ("OR, lfsr", "OR, LFSR", style.BLUE),
    ("OR, constant, lfsr", "OR, constant weights", style.SKY),
    ("OR, junctions", "OR, gates alone", style.GREEN),
    ("APC, lfsr", "APC, LFSR", style.ORANGE),
)
#: Joules a bit, by the figures' authors: simulated circuits on the junction's own chip, not measured.
_LITERATURE = ((20e-15, "Vodenicarevic 2018"), (2e-15, "Singh 2024"))


def units(record: dict[str, Any], target: str) -> list[Unit]:
    """Those of a target, 'ice40' or 'ecp5', of the record."""
    rows = [{key: row[key] for key in row if key != "target"} for row in record["units"] if row["target"] == target]
    return sorted((Unit(**row) for row in rows), key=lambda unit: (unit.fan_in, -unit.bits))


def pick(found: list[Unit], name: str, fan_in: int, bits: int) -> Unit:
    """The unit of that name with as many bits or the fewest more that were measured.

    A stochastic weight has no scale: where the workload's bound 8 / K is no more than a step, no weight would be left.
    """
    fits = [
        unit
        for unit in found
        if (unit.name, unit.fan_in) == (name, fan_in) and unit.bits >= bits and 2.0**-unit.bits < 8 / fan_in
    ]
    return min(fits, key=lambda unit: unit.bits)


def draw(path: Path) -> None:
    """LUT-cycles and energy against N, crossings against fan-in and bits, and what a junction's bit may take."""
    record = json.loads(RECORD.read_text())
    found = units(record, "ice40")
    with style.canvas(path, 10.5, 6.6) as figure:
        (cycles, energy, device), (tables, joules, precision) = figure.subplots(2, 3)
        _evaluation(cycles, found, "lut4", "LUT-cycles of an evaluation", 1.0)
        style.letter(cycles, "a", "fan-in 16, 8 bits, iCE40")
        _evaluation(energy, found, "energy", "pJ an evaluation (estimate)", 1e12)
        style.letter(energy, "b", "fan-in 16, 8 bits, iCE40UP5K")
        _device(device, found, float(np.mean(record["lfsr_bit_joules"])))
        _map(tables, found, "lut4")
        style.letter(tables, "d", "stochastic wins below: LUT-cycles")
        _map(joules, found, "energy")
        style.letter(joules, "e", "the same: energy (estimate)")
        _precision(precision, found)


def _evaluation(axes: Any, found: list[Unit], kind: str, label: str, scale: float) -> None:
    for name, text, colour in _NEURONS:
        cost = pick(found, name, 16, 8).costs(kind) * scale
        axes.loglog(_LENGTHS, _LENGTHS * cost.mean(), color=colour, label=text)
        axes.fill_between(_LENGTHS, _LENGTHS * cost.min(), _LENGTHS * cost.max(), color=colour, alpha=0.15, linewidth=0)
    for constant, style_of in ((False, "--"), (True, ":")):
        rival = best(found, kind, 16, 8, constant)
        cost = rival.clocks * rival.costs(kind) * scale
        axes.axhline(cost.mean(), color=style.BLACK, linestyle=style_of, label=f"binary: {rival.name}")
        axes.axhspan(cost.min(), cost.max(), color=style.BLACK, alpha=0.08, linewidth=0)
    axes.set(xlabel="N", ylabel=label)
    axes.legend(fontsize=6, loc="upper left")


def _map(axes: Any, found: list[Unit], kind: str) -> None:
    fan_ins = sorted({unit.fan_in for unit in found})
    for name, text, colour in _NEURONS:
        lines = [
            crossing(pick(found, name, fan_in, 8), best(found, kind, fan_in, 8, "constant" in name), kind)
            for fan_in in fan_ins
        ]
        middle = np.array([line.mean() for line in lines])
        spread = [middle - [line.min() for line in lines], [line.max() for line in lines] - middle]
        axes.errorbar(fan_ins, middle, yerr=spread, color=colour, marker="o", capsize=2, label=text)
    for bits, colour in ((2, style.GREY), (4, style.BLACK)):
        lengths = [equal_length(fan_in, bits) for fan_in in fan_ins]
        axes.plot(fan_ins, lengths, color=colour, linestyle=":", label=f"N with the error of {bits} bits")
    axes.set(xlabel="fan-in", ylabel="N", xscale="log", yscale="log", ylim=(0.1, 1000))
    axes.set_xticks(fan_ins, [str(fan_in) for fan_in in fan_ins])
    axes.minorticks_off()
    axes.legend(fontsize=7, loc="lower left")


def _precision(axes: Any, found: list[Unit]) -> None:
    bits = sorted({unit.bits for unit in found})
    for name, text, colour in _NEURONS[:3]:
        for kind, line in (("lut4", "-"), ("energy", "--")):
            lengths = [
                crossing(pick(found, name, 16, b), best(found, kind, 16, b, "constant" in name), kind).mean()
                for b in bits
            ]
            axes.semilogy(bits, lengths, color=colour, linestyle=line, marker="o", label=text if line == "-" else None)
    fine = np.arange(1, 9)
    axes.semilogy(fine, [equal_length(16, int(b)) for b in fine], color=style.BLACK, label="N of equal error")
    axes.semilogy(fine, 4.0 ** (fine - 1), color=style.BLACK, linestyle=":", label="N by the paper's rule")
    axes.set(xlabel="bits of the binary neuron", ylabel="N (dashed: energy, estimate)")
    axes.legend(fontsize=7)
    style.letter(axes, "f", "crossing, fan-in 16")


def _device(axes: Any, found: list[Unit], register: float) -> None:
    for name, text, colour in (
        ("OR, smtj", "words", style.BLUE),
        ("OR, junctions", "biased to the weights", style.GREEN),
    ):
        for fan_in, line in ((16, "-"), (64, "--")):
            rival = best(found, "energy", fan_in, 8)
            prices = np.array([device_energy(pick(found, name, fan_in, 8), rival, n) for n in _LENGTHS])
            middle = prices.mean(axis=1)
            shown = middle > 0
            axes.loglog(
                _LENGTHS[shown], 1e15 * middle[shown], color=colour, linestyle=line, label=f"{text}, fan-in {fan_in}"
            )
    for joules, text in ((register, "a bit of the LFSR here (estimate)"), *_LITERATURE):
        axes.axhline(1e15 * joules, color=style.GREY, linestyle=":")
        axes.text(1.1, 1.1e15 * joules, text, fontsize=7)
    axes.set(xlabel="N", ylabel="fJ a bit (estimate)", ylim=(1, 1e7))
    axes.legend(fontsize=7)
    style.letter(axes, "c", "a junction's bit must cost less")
