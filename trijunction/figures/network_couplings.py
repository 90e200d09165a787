"""Couplings of a ring of junctions at distance 1, 2 and 3 as the resistors get strong."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hwpy.ising.junction_departure import JUNCTION, Departure, ring
from hwpy.ising.junction_expansion import ring_coupling
from trijunction.figures._style import BLACK, BLUE, GREEN, VERMILION, canvas

__all__ = ["draw"]


def draw(path: Path) -> None:
    """Save the picture."""
    resistance = (JUNCTION.resistance_p + JUNCTION.resistance_ap) / 2
    swing = (JUNCTION.resistance_ap - JUNCTION.resistance_p) / 2
    unit = JUNCTION.barrier * abs(JUNCTION.balance_current) / JUNCTION.critical_current * swing / resistance
    lines, points = np.geomspace(1e-2, 3, 100), np.geomspace(1e-2, 3, 14)
    with canvas(path, width=6.5, height=4.2) as figure:
        axes = figure.subplots()
        axes.loglog(lines, unit * lines, "--", color=BLACK, lw=1, label="equation 13: neighbours only")
        found = [Departure(ring(x)).interactions for x in points]
        for distance, colour, marker in ((1, BLUE, "o"), (2, VERMILION, "s"), (3, GREEN, "^")):
            axes.loglog(lines, [unit * ring_coupling(x, distance) for x in lines], color=colour)
            values = [one[1 | 1 << distance] for one in found]
            axes.loglog(points, values, marker, color=colour, label=f"distance {distance}")
        axes.plot([], [], color=BLACK, label="lines: screened, first order in $\\rho$")
        axes.set_ylim(1e-6, 5)
        axes.set_xlabel("g / G")
        axes.set_ylabel("coupling over kT in the exact state")
        axes.legend(loc="lower right", fontsize=8.5)
