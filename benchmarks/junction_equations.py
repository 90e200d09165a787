"""Equations 2 to 13 of *Neural networks three ways*, one by one against the exact solve: a table.

Each is written out here as the paper prints it, in the paper's symbols, and evaluated in every state of seven junctions
on a graph with a triangle, a square and a leaf; resistors are within 50 % and sources within 10 % of their means. An
equation that drops terms of order (g / G)**2 has an error that falls fourfold when the resistors are halved: order 2.
"""

from __future__ import annotations

from collections.abc import Callable

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from hwpy.ising.junction_departure import JUNCTION, ring
from hwpy.ising.junction_generator import SpinGenerator, spin_states
from hwpy.ising.junction_network import JunctionNetwork

EDGES = ((0, 1), (1, 2), (2, 0), (2, 3), (3, 4), (4, 5), (5, 2), (5, 6))
S = spin_states(7).astype(float)
R0 = (JUNCTION.resistance_p + JUNCTION.resistance_ap) / 2
RHO = (JUNCTION.resistance_p - JUNCTION.resistance_ap) / 2
BALANCE = JUNCTION.balance_current
BETA = JUNCTION.barrier / JUNCTION.critical_current
PHI_0 = JUNCTION.attempt_rate * np.exp(-JUNCTION.barrier)
R = R0 + RHO * S

Values = NDArray[np.float64]


def network(ratio: float, equal: bool) -> tuple[JunctionNetwork, Values, Values]:
    """The network, its g_jk as a matrix, and its i_j."""
    rng = np.random.default_rng(1)
    graph = nx.Graph(EDGES)
    for _, _, data in graph.edges(data=True):
        data["conductance"] = ratio / R0 * rng.uniform(0.5, 1.5)
    source = BALANCE * (np.ones(7) if equal else rng.uniform(0.9, 1.1, 7))
    net = JunctionNetwork.from_graph(graph, JUNCTION, source)
    return net, nx.to_numpy_array(graph, range(7), weight="conductance"), source


# name, equal sources, error in every state from (network, g, i)
Equation = tuple[str, bool, Callable[[JunctionNetwork, Values, Values], Values]]


def _equation_2(net, g, i):
    v = net.voltages(S)
    return v - (i + v @ g) / (1 / R + g.sum(0))


def _equation_4(net, g, i):
    gamma = 1 / R + g.sum(0)
    u = i / gamma
    return net.voltages(S) - (u + u @ g / gamma)


def _equation_5(net, g, i):
    return 1 / (1 / R + g.sum(0)) - R * (1 - R * g.sum(0))


def _equation_6(net, g, i):
    return net.currents(S) - (i * (1 - R * g.sum(0)) + (i * R) @ g)


def _equation_7(own):
    def error(net, g, i):
        return net.currents(S) - (i + R0 * (g @ i - g.sum(0) * i) + own * i * S * RHO * g.sum(0) + RHO * (S * i) @ g)

    return error


def _rates(net, exponent, prefactor=1.0):
    return np.log(net.escape_rates(S)) - np.log(PHI_0 * prefactor) + BETA * exponent


def _equation_9(own):
    def error(net, g, i):
        mean = S * (i - BALANCE) + S * R0 * (g @ i - g.sum(0) * i)
        return _rates(net, mean + own * i * RHO * g.sum(0) + RHO * S * ((S * i) @ g))

    return error


def _equation_10(own):
    def error(net, g, i):
        mean = S * (i - BALANCE) + S * R0 * (g @ i - g.sum(0) * i)
        return _rates(net, mean + RHO * S * ((S * i) @ g), np.exp(-BETA * own * i * RHO * g.sum(0)))

    return error


def _equation_12(net, g, i):
    return _rates(net, BALANCE * RHO * S * (S @ g), np.exp(BETA * BALANCE * RHO * g.sum(0)))


TABLE: tuple[Equation, ...] = (
    ("2  V, at the exact V", False, _equation_2),
    ("4  V", False, _equation_4),
    ("5  1 / Gamma", False, _equation_5),
    ("6  I", False, _equation_6),
    ("7  I, as printed: + i_j s_j rho sum g", False, _equation_7(+1)),
    ("7  I, with - i_j s_j rho sum g", False, _equation_7(-1)),
    ("9  log rate, as printed: + i_j rho sum g", False, _equation_9(+1)),
    ("9  log rate, with - i_j rho sum g", False, _equation_9(-1)),
    ("10 log rate, phi_0~ = phi_0 exp(-beta i rho sum g)", False, _equation_10(+1)),
    ("10 log rate, phi_0~ = phi_0 exp(+beta i rho sum g)", False, _equation_10(-1)),
    ("12 log rate, i_j = i_*, the latter phi_0~", True, _equation_12),
)


def main() -> None:
    """Prints the errors and their orders, the series of equation 3, the degree in equation 4, the factor of 13."""
    ratios = (1e-2, 5e-3, 2.5e-3)
    print("equation, largest relative error at g / G =         0.01     0.005    0.0025   order")
    scales = {"2": BALANCE * R0, "4": BALANCE * R0, "5": R0, "6": BALANCE, "7": BALANCE}
    for name, equal, error in TABLE:
        scale = abs(scales.get(name.split()[0], 1.0))
        found = [abs(error(*network(ratio, equal))).max() / scale for ratio in ratios]
        order = f"{np.log2(found[1] / found[2]):.2f}" if found[2] > 1e-14 else "exact"
        print(f"{name:50s} " + "  ".join(f"{value:.1e}" for value in found) + f"   {order}")

    print("\nequation 3: spectral radius of M, and terms of its series to 1e-9, largest over the states")
    for ratio in (0.01, 0.1, 1.0, 10.0, 100.0):
        _, g, _ = network(ratio, True)
        radius = max(max(abs(np.linalg.eigvals(g / (1 / r + g.sum(0))[:, None]))) for r in R)
        print(f"  g / G = {ratio:6.2f}  radius {radius:.4f}  terms {int(np.ceil(np.log(1e-9) / np.log(radius)))}")

    print("\nequation 4 on complete graphs, all s = +1, g / G = 0.1 at every degree D: relative error")
    for degree in (2, 9, 99):
        net = JunctionNetwork.from_graph(nx.complete_graph(degree + 1), JUNCTION, BALANCE, conductance=0.1 / R0)
        gamma = 1 / JUNCTION.resistance_p + degree * 0.1 / R0
        share = degree * 0.1 / R0 / gamma
        error = 1 - BALANCE / gamma * (1 + share) / net.voltages(np.ones(degree + 1))[0]
        print(f"  D = {degree:3d}  g / Gamma {share / degree:.4f}  error {error:.4f}  (D g / Gamma)**2 {share**2:.4f}")

    print("\nequation 13: largest |log| of flow over backward flow under equation 12, ring of 8, g / G = 0.01")
    net = ring(0.01)
    coupling = BETA * BALANCE * RHO * 0.01 / R0
    spins = spin_states(8).astype(float)
    pairs = (spins * np.roll(spins, 1, axis=1)).sum(axis=1)
    rates = np.exp(-coupling * spins * (np.roll(spins, 1, axis=1) + np.roll(spins, -1, axis=1)))
    for text, factor in (("as printed, every pair once: 1/2", 0.5), ("every pair once, without the 1/2", 1.0)):
        weights = np.exp(factor * coupling * pairs)
        flow = weights[:, None] * rates
        back = flow[np.arange(256)[:, None] ^ 1 << np.arange(8), np.arange(8)]
        far = abs(SpinGenerator(net.escape_rates(spins)).stationary - weights / weights.sum()).sum() / 2
        print(f"  {text:34s} {abs(np.log(flow / back)).max():.1e}  total variation from the exact state {far:.1e}")


if __name__ == "__main__":
    main()
