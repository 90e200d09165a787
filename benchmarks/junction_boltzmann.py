"""Where a network of junctions samples the Boltzmann law of equation 13, and where not: tables of rings of eight.

The exact stationary state of the exact rates against the law, as the resistors get weaker and stronger. x is g / G, the
resistors' conductance over the mean junction's. All from the chain of 256 states: nothing is sampled.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import networkx as nx
import numpy as np

from hwpy.ising.junction_departure import JUNCTION, Departure, ring
from hwpy.ising.junction_expansion import ring_coupling, screened_couplings
from hwpy.ising.junction_generator import SpinGenerator, total_variation
from hwpy.ising.junction_network import JunctionNetwork

WEAK = (0.16, 0.08, 0.04, 0.02, 0.01)
RESISTANCE = (JUNCTION.resistance_p + JUNCTION.resistance_ap) / 2


def _orders(values: list[float]) -> list[str]:
    return ["", *(f"{np.log2(a / b):.2f}" for a, b in pairwise(values))]


def approach(coupling: float | None) -> None:
    """Distance from the law, with the barrier or with the nearest coupling kept."""
    kept = "barrier 10 kT" if coupling is None else f"coupling {coupling}, the barrier raised as 1 / x"
    print(f"\nTo the law of equation 13 as g / G falls; {kept}; i_j = i_*")
    print("    x     barrier  coupling   TV       order  KL       order  TV, 1/2 and pairs once  TV, screened")
    departures = [Departure(ring(x, coupling=coupling)) for x in WEAK]
    variations = [d.total_variation for d in departures]
    entropies = [d.relative_entropy for d in departures]
    orders = zip(_orders(variations), _orders(entropies), strict=True)
    for x, d, tv, kl, (tv_order, kl_order) in zip(WEAK, departures, variations, entropies, orders, strict=True):
        p, energy = d.generator.stationary, d.leading.energy(d.spins)
        halved = np.exp(-energy / 2) / np.exp(-energy / 2).sum()
        pull = np.einsum("kj,jm,km->k", d.spins, screened_couplings(d.network), d.spins) / 2
        screened = np.exp(pull) / np.exp(pull).sum()
        print(
            f"  {x:5.3f}  {d.network.junctions[0].barrier:7.1f}  {d.leading.coupling[0, 1]:.4f}    {tv:.1e}  "
            f"{tv_order:5s}  {kl:.1e}  {kl_order:5s}  {total_variation(p, halved):.1e}                 "
            f"{total_variation(p, screened):.1e}"
        )


def couplings() -> None:
    """Interactions of the exact state, and the closest Ising models."""
    print("\nCouplings beta J at distance 1, 2, 3 (barrier 10 kT, i_j = i_*), and the KL distance that is left in nats")
    for x in (0.01, 0.1, 0.5, 2.0):
        d = Departure(ring(x))
        screened = screened_couplings(d.network)[0]
        print(f"  x = {x}: equation 13 has {d.leading.coupling[0, 1]:.5f} at distance 1; KL {d.relative_entropy:.1e}")
        print("    screened, 1st order in rho  " + "  ".join(f"{screened[r]:.5f}" for r in (1, 2, 3)))
        print("    in log of the exact state   " + "  ".join(f"{d.interactions[1 | 1 << r]:.5f}" for r in (1, 2, 3)))
        for reach in (1, 2, 3):
            found, left = d.fit([d.pairs_at(r) for r in range(1, reach + 1)])
            print(f"    fit, distances up to {reach}      " + "  ".join(f"{j:.5f}" for j in found), f"  KL {left:.1e}")
        fields, threes = float(d.interactions[1]), float(d.interactions[7])
        print(f"    field on one junction {fields:.1e}, interaction of three in a row {threes:.1e}")
    best = max(np.geomspace(0.1, 10, 2001), key=lambda x: ring_coupling(x, 1))
    most = ring_coupling(best, 1)
    unit = ring(best).junctions[0].barrier * abs(JUNCTION.balance_current) / JUNCTION.critical_current / 3
    print(
        f"  most at distance 1 on a long chain: {most:.4f} (b i rho / kT R0), here {most * unit:.3f}, at x = {best:.2f}"
    )


def circulation() -> None:
    """Probability currents: whether there is an energy at all."""
    print("\nDetailed balance: cycle affinity; largest current over largest flow; entropy made, nats per switch")
    rows: list[tuple[str, JunctionNetwork]] = []
    for x in (0.04, 0.02):
        rows.append((f"ring of 8, x {x}, equal i_j", ring(x)))
    spread = 1 + 0.2 * np.array([1, -1] * 4)
    for x in (0.04, 0.02):
        net = ring(x)
        junctions = tuple(replace(JUNCTION, balance_current=JUNCTION.balance_current * f) for f in spread)
        unequal = replace(net, junctions=junctions, source=net.source * spread)
        rows.append((f"the same, i_j = i_*j = (1 +- 0.2) i_*, x {x}", unequal))
    alternate = replace(JUNCTION, balance_current=-JUNCTION.balance_current)
    turned = replace(ring(0.02), junctions=(JUNCTION, alternate) * 4, polarity=[1, -1] * 4)
    rows.append(("every other junction turned round, x 0.02", turned))
    complete = nx.complete_graph(6)
    rows.append(
        (
            "complete graph of 6, x 0.02, equal i_j",
            JunctionNetwork.from_graph(complete, JUNCTION, JUNCTION.balance_current, conductance=0.02 / RESISTANCE),
        )
    )
    for name, net in rows:
        d = Departure(net)
        for kind, generator in (
            ("exact", d.generator),
            ("equation 10", SpinGenerator(d.leading.escape_rates(d.spins))),
        ):
            flow = generator.stationary[:, None] * generator.rates
            current = abs(generator.currents()).max() / flow.max()
            produced = generator.entropy_production() / flow.sum()
            print(f"  {name:46s} {kind:11s}  {generator.affinity():.1e}  {current:.1e}  {produced:.1e}")
    constant = 8 * JUNCTION.barrier * abs(JUNCTION.balance_current) / JUNCTION.critical_current / 9
    print(
        f"  a ring's exact affinity to leading order, 8 (b i / kT) (rho x / R0)**2: {constant * 0.02**2:.1e} at x 0.02"
    )


def field() -> None:
    """Off the balance current."""
    x = 0.05
    print(f"\nSources off the balance: i_0 = (1 + e) i_*, ring of 8, x = {x}, barrier 10 kT")
    print("      e      field   2 K    mean spin  one alone  <s s'> - <s>^2  field's share of the energy's variance")
    for bias in (0.0, 0.001, 0.01, 0.03, 0.1, 0.3, 1.0):
        d = Departure(ring(x, bias=bias))
        means, products = d.generator.moments()
        h, k = d.leading.field[0], d.leading.coupling[0, 1]
        print(
            f"  {bias:5.3f}  {h:9.4f}  {2 * k:.4f}   {means[0]:8.4f}   {np.tanh(h):8.4f}   "
            f"{products[0, 1] - means[0] ** 2:.4f}          {h**2 / (h**2 + k**2):.3f}"
        )


def main() -> None:
    """Prints the tables."""
    approach(None)
    approach(0.4)
    couplings()
    circulation()
    field()


if __name__ == "__main__":
    main()
