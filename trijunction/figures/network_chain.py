"""A hundred junctions in a chain as they switch, for weaker and stronger resistors: event-driven kinetics."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hwpy.ising.junction_departure import JUNCTION
from hwpy.ising.junction_kinetics import JunctionKinetics
from hwpy.ising.junction_network import JunctionNetwork
from trijunction.figures._style import canvas, letter

__all__ = ["draw"]

NODES = 100
COLUMNS = 500


def draw(path: Path) -> None:
    """Save the picture."""
    resistance = (JUNCTION.resistance_p + JUNCTION.resistance_ap) / 2
    with canvas(path, height=5) as figure:
        panels = figure.subplots(3, 1, sharex=True)
        for axes, ratio, name in zip(panels, (0.01, 0.3, 3.0), "abc", strict=True):
            network = JunctionNetwork.chain(NODES, ratio / resistance, JUNCTION, JUNCTION.balance_current)
            kinetics = JunctionKinetics(network, 1)
            kinetics.run(20_000)
            start, began = kinetics.spins.copy(), kinetics.time
            times, switched = kinetics.record(8_000)
            # One unit of time is what a junction takes on average to switch once.
            ends = np.linspace(0, 50, COLUMNS + 1)[1:] * (times[-1] - began) / 80
            image = np.empty((NODES, COLUMNS))
            for junction in range(NODES):
                own = times[switched == junction] - began
                image[junction] = start[junction] * (-1.0) ** np.searchsorted(own, ends)
            axes.imshow(image, aspect="auto", cmap="cividis", extent=(0, 50, 0, NODES), interpolation="nearest")
            letter(axes, name, f"g / G = {ratio:g}")
            axes.set_ylabel("junction")
        panels[-1].set_xlabel("time (mean time between two switches of one junction); yellow P, blue AP")
