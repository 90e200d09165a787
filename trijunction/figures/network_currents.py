"""Detailed balance in a ring of junctions: the cycle affinity with equal and with unequal sources."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from hwpy.ising.junction_departure import JUNCTION, Departure, ring
from hwpy.ising.junction_generator import SpinGenerator
from trijunction.figures._style import BLUE, GREY, VERMILION, canvas

__all__ = ["draw"]


def draw(path: Path) -> None:
    """Save the picture."""
    ratios = np.geomspace(1e-3, 1, 16)
    scale = 1 + 0.2 * np.array([1, -1] * 3)
    junctions = tuple(replace(JUNCTION, balance_current=JUNCTION.balance_current * s) for s in scale)
    exact: dict[bool, list[float]] = {True: [], False: []}
    leading = []
    for x in ratios:
        equal = ring(x, 6)
        unequal = replace(equal, junctions=junctions, source=equal.source * scale)
        for network, same in ((equal, True), (unequal, False)):
            departure = Departure(network)
            exact[same].append(departure.generator.affinity())
        leading.append(SpinGenerator(departure.leading.escape_rates(departure.spins)).affinity())
    stiffness = JUNCTION.barrier * abs(JUNCTION.balance_current) / JUNCTION.critical_current
    with canvas(path, width=6.5, height=4.2) as figure:
        axes = figure.subplots()
        axes.loglog(ratios, exact[False], "s", color=VERMILION, label="sources $\\pm$ 20 %, exact")
        axes.loglog(ratios, leading, color=VERMILION, lw=1, label="the same by equation 10, slope 1")
        axes.loglog(ratios, exact[True], "o", color=BLUE, label="equal sources, exact")
        axes.loglog(ratios, 8 * stiffness / 9 * ratios**2, color=BLUE, lw=1, label="its leading order, slope 2")
        axes.text(0.02, 1.5e-6, "equal sources by equation 10: 0", color=GREY)
        axes.set_ylim(1e-6, 10)
        axes.set_xlabel("g / G")
        axes.set_ylabel("largest cycle affinity (nats)")
        axes.legend(loc="upper left", fontsize=8.5)
