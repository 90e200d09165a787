"""Events per second of networks of 100 junctions, and of the plain way: a fresh sparse solve for each event."""

from __future__ import annotations

import argparse
import time

import networkx as nx
import numpy as np

from hwpy.ising.junction_departure import JUNCTION
from hwpy.ising.junction_kinetics import JunctionKinetics
from hwpy.ising.junction_network import JunctionNetwork

#: The mean junction's conductance in siemens, near enough.
UNIT = 1 / 7500


def networks() -> dict[str, JunctionNetwork]:
    """100 junctions each; the ratio is that of all resistors at a node to the mean junction."""
    source = JUNCTION.balance_current
    random = nx.random_regular_graph(6, 100, seed=1)
    return {
        "chain, 0.02": JunctionNetwork.chain(100, 0.01 * UNIT, JUNCTION, source),
        "chain, 0.2": JunctionNetwork.chain(100, 0.1 * UNIT, JUNCTION, source),
        "chain, 2": JunctionNetwork.chain(100, UNIT, JUNCTION, source),
        "crossbar 50 x 50, 0.2": JunctionNetwork.crossbar(np.full((50, 50), 0.004 * UNIT), JUNCTION, source),
        "random, degree 6, 0.2": JunctionNetwork.from_graph(random, JUNCTION, source, conductance=0.2 / 6 * UNIT),
    }


def plain(network: JunctionNetwork, events: int, seed: int) -> float:
    """Seconds of processor time for so many events of the direct method, each with its own solve."""
    rng = np.random.default_rng(seed)
    spins = np.ones(network.nodes, np.int8)
    began = time.process_time()
    for _ in range(events):
        rates = network.escape_rates(spins)
        rng.standard_exponential()
        spins[rng.choice(len(spins), p=rates / rates.sum())] *= -1
    return time.process_time() - began


def main() -> None:
    """Prints a row for each network: times are of the processor, all cores added up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=10_000_000)
    arguments = parser.parse_args()
    print(f"{arguments.events:,} events")
    print("network, g / G at a node    seconds  M events/s  by the solve  times  drift    from a fresh solve")
    for name, network in networks().items():
        kinetics = JunctionKinetics(network, 1)
        kinetics.run(1)  # compiles
        began = time.process_time()
        kinetics.run(arguments.events)
        took = time.process_time() - began
        rate = arguments.events / took
        slow = 300 / plain(network, 300, 1)
        exact = network.voltages(kinetics.spins)
        off = float(abs(kinetics.voltages / exact - 1).max())
        print(
            f"{name:26s} {took:8.1f}  {rate / 1e6:10.2f}  {slow:12,.0f}  {rate / slow:5.0f}  "
            f"{kinetics.drift:.0e}  {off:.0e}",
            flush=True,
        )


if __name__ == "__main__":
    main()
