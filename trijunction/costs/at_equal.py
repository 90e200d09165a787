"""One source's side of the comparison: a unit of work, and what comes of equal quality, energy and throughput."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np

from trijunction.costs.break_even import Bounds
from trijunction.costs.device import Junction, Range
from trijunction.costs.inputs import UNITS, WORST, Results, number, silicon_energy, span
from trijunction.costs.quantity import Quantity

__all__ = ["Side"]

_RUNS = {"ising": "solution", "stochastic_computing": "image", "low_precision": "dot product"}
_NANO = 1e-6


@dataclass(frozen=True)
class Side:
    """A way with a source.

    Parameters
    ----------
    results
        Of the stages that `trijunction.costs.inputs.needs`.
    way, source
        Which.
    known
        The way's inputs on this chip: those of the design with junctions are `source` "smtj"'s.
    chip
        "asic" or "fpga/ice40".
    """

    results: Results
    way: str
    source: str
    known: Bounds
    chip: str = "asic"

    @property
    def computed(self) -> Any:
        """To make a quantity of the comparison, its range the worst cases."""
        return partial(
            Quantity, source=f"computed: comparison/{self.way}", uncertainty=WORST, estimate=self.chip != "asic"
        )

    @property
    def stage(self) -> str:
        """Where the design was measured."""
        return f"{self.chip}/{self.way}/{self.source}"

    @cached_property
    def joules(self) -> Range:
        """Energy of a unit of work in fJ, the junctions' included."""
        if self.source == "smtj":
            return Junction.of(self.results).energy(self.known)
        if self.chip == "asic":
            return silicon_energy(self.results, self.way, self.source)
        return span(self.results, self.stage, "energy_per_unit")

    @property
    def unit_energy(self) -> Quantity:
        """`joules`, as a quantity."""
        value, low, high = self.joules
        note = "dynamic energy of core and generator, or of core and the junctions taken here, whitened"
        return self.computed(value, f"fJ/{UNITS[self.way]}", low=low, high=high, note=note)

    @property
    def work(self) -> Quantity:
        """Units of work until the quality is that of reference."""
        return self.results[self._quality].quantities["work_at_equal_quality"]

    @property
    def _quality(self) -> str:
        return f"quality/{self.way}/{self.source}"

    def energy_at_equal_quality(self) -> Range:
        """In fJ: energy of a unit times `work`."""
        work = span(self.results, self._quality, "work_at_equal_quality")
        return tuple(a * b for a, b in zip(self.joules, work, strict=True))  # type: ignore[return-value]

    @property
    def energy(self) -> Quantity:
        """`energy_at_equal_quality`, as a quantity."""
        value, low, high = (_NANO * part for part in self.energy_at_equal_quality())
        return self.computed(value, f"nJ/{_RUNS[self.way]}", low=low, high=high, note=self.work.note)

    def quality(self, budget: float) -> Quantity:
        """What comes of so many fJ."""
        figure, note = {
            "ising": (self._solved, "P(ground state) of as many anneals as the best one's energy allows"),
            "stochastic_computing": (
                self._right,
                "digits right, streams as long as the best one's energy allows",
            ),
            "low_precision": (self._error, "RMS error, as many dot products averaged as the best one's energy allows"),
        }[self.way]
        values = [figure(budget / joules, end) for joules in self.joules for end in range(3)]
        unit = "units of the last place" if self.way == "low_precision" else "%"
        return self.computed(values[0], unit, low=min(values), high=max(values), note=note)

    def _solved(self, units: float, end: int) -> float:
        """99 % is met in `work` flips."""
        work = span(self.results, self._quality, "work_at_equal_quality")[end]
        return 100 * (1 - 0.01 ** (units / work))

    def _right(self, units: float, end: int) -> float:
        line = self.results[self._quality].series["accuracy"]
        length = number(self.results, self._quality, "knob_as_built") * self._built(units)
        return _interpolated(line, ("y", "low", "high")[end], length)

    def _error(self, units: float, end: int) -> float:
        return span(self.results, self._quality, "error")[end] / math.sqrt(self._built(units))

    def _built(self, units: float) -> float:
        return units / number(self.results, self._quality, "work_as_built")

    @property
    def junctions(self) -> Quantity:
        """Junctions a bit so that the design need not wait."""
        value, low, high = Junction.of(self.results).count(self.known)
        note = "so that the design need not wait: those that are joined, times the clocks between two reads"
        return self.computed(value, "", low=low, high=high, note=note)

    @property
    def area(self) -> Quantity:
        """Area over throughput, each design at its own fmax; with as many synchronisers as `junctions` need."""
        area, per = (number(self.results, self.stage, name) for name in ("area", "area_per_throughput"))
        counts: Range = (1.0, 1.0, 1.0)
        if self.source == "smtj":
            counts = Junction.of(self.results).count(self.known)
        more = number(self.results, self.stage, "area_generator")
        value, low, high = (per * (area + (count - 1) * more) / area for count in counts)
        note = "cells alone; of SMTJ two flip-flops for each junction, and neither junctions nor their amplifiers"
        return self.computed(value, f"um2 ns/{UNITS[self.way]}", low=low, high=high, note=note)

    def at_node(self, node: str) -> Quantity:
        """`unit_energy` at another node: what the gates take is scaled, what the junctions take is not."""
        factor = self.results["literature"].quantities[f"energy_factor_{node}"]
        scale = span(self.results, "literature", f"energy_factor_{node}")
        fixed = Junction.of(self.results).reads(self.known.nominal) if self.source == "smtj" else 0.0
        values = [(e - min(fixed, e)) * s + min(fixed, e) for e, s in zip(self.joules, scale, strict=True)]
        values[0] = float(np.clip(values[0], values[1], values[2]))
        note = f"scaled from 180 nm by the rule of {factor.origin}; the junctions' own energy is not scaled"
        return Quantity(
            values[0], f"fJ/{UNITS[self.way]}", f"computed: comparison/{self.way}", values[1], values[2], WORST,
            estimate=True, note=note,
        )  # fmt: skip


def _interpolated(line: Mapping[str, Sequence[float]], name: str, x: float) -> float:
    """A series at x, by straight lines over the logarithm of x; at its ends what it ends with."""
    return float(np.interp(math.log(x), np.log(line["x"]), line[name]))
