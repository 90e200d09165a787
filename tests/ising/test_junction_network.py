"""Junction networks: the solve against Kirchhoff's laws by hand, the exact chain against plain linear algebra."""

from dataclasses import replace
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from scipy.linalg import null_space

from hwpy.entropy.junction import JunctionParameters
from hwpy.ising.junction_expansion import currents, ring_coupling
from hwpy.ising.junction_generator import SpinGenerator, relative_entropy, spin_states, walsh
from hwpy.ising.junction_network import JunctionNetwork

R0, RHO = 7.5e3, -2.5e3
CURRENT = 2e-6
BARRIER = 10.0
JUNCTION = JunctionParameters(
    barrier=BARRIER, balance_current=CURRENT, resistance_p=5e3, resistance_ap=10e3, critical_current=5e-6
)


def mixed_network(ratio, seed=1):
    """A graph with a triangle, a square and a leaf; every resistor and source another, the junctions equal."""
    rng = np.random.default_rng(seed)
    graph = nx.Graph([(0, 1), (1, 2), (2, 0), (2, 3), (3, 4), (4, 5), (5, 2), (5, 6)])
    for _, _, data in graph.edges(data=True):
        data["conductance"] = ratio / R0 * rng.uniform(0.5, 1.5)
    return JunctionNetwork.from_graph(graph, JUNCTION, CURRENT * rng.uniform(0.9, 1.1, len(graph)))


def ring(nodes, ratio, **change):
    return JunctionNetwork.chain(nodes, ratio / R0, replace(JUNCTION, **change), CURRENT, ring=True)


# The solve


def test_two_nodes_by_hand():
    # G = 1/5, 1/10 and g = 1/20 mS, i = 2 and 3 uA: cross-multiplied, V1 = (i1 (G2 + g) + i2 g) / det.
    g1, g2, g = Fraction(1, 5000), Fraction(1, 10000), Fraction(1, 20000)
    i1, i2 = Fraction(2, 10**6), Fraction(3, 10**6)
    det = g1 * g2 + g * (g1 + g2)
    expected = [float((i1 * (g2 + g) + i2 * g) / det), float((i2 * (g1 + g) + i1 * g) / det)]
    network = JunctionNetwork.chain(2, float(g), JUNCTION, [2e-6, 3e-6])
    assert network.voltages([1, -1]) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("ratio", [1e-3, 0.3, 100])
def test_equation_2_holds_at_every_node(ratio):
    network = mixed_network(ratio)
    spins = spin_states(7)[::9]
    v = network.voltages(spins)
    conductance = 1 / (R0 + RHO * spins)
    top = np.broadcast_to(network.source, v.shape).copy()
    bottom = conductance.copy()
    for a, b, g in zip(network.row, network.col, network.conductance, strict=True):
        top[:, a] += g * v[:, b]
        top[:, b] += g * v[:, a]
        bottom[:, [a, b]] += g
    assert v == pytest.approx(top / bottom, rel=1e-12)
    assert network.currents(spins).sum(axis=1) == pytest.approx([network.source.sum()] * len(spins), rel=1e-12)


def test_chain_ring_and_crossbar_are_their_graphs():
    for network, graph in (
        (JunctionNetwork.chain(5, 1e-5, JUNCTION, CURRENT), nx.path_graph(5)),
        (JunctionNetwork.chain(5, 1e-5, JUNCTION, CURRENT, ring=True), nx.cycle_graph(5)),
        (JunctionNetwork.crossbar(np.full((2, 3), 1e-5), JUNCTION, CURRENT), nx.complete_bipartite_graph(2, 3)),
    ):
        assert network.laplacian() == pytest.approx(1e-5 * nx.laplacian_matrix(graph).toarray())
    crossed = JunctionNetwork.crossbar([[1e-5, 2e-5]], JUNCTION, CURRENT).laplacian()
    assert crossed == pytest.approx(1e-5 * np.array([[3, -1, -2], [-1, 1, 0], [-2, 0, 2]]))


def test_escape_rates_are_equation_8():
    network = replace(mixed_network(0.1), polarity=[1, 1, 1, 1, 1, 1, -1], junctions=(JUNCTION,) * 6 + (
        replace(JUNCTION, balance_current=-CURRENT, barrier=6, attempt_rate=2e9),
    ))  # fmt: skip
    spins = np.array([1, -1, 1, 1, -1, -1, 1])
    current = network.voltages(spins) / (R0 + RHO * spins)
    expected = 1e9 * np.exp(-BARRIER * (1 + spins * (current - CURRENT) / 5e-6))
    expected[6] = 2e9 * np.exp(-6 * (1 + (-current[6] + CURRENT) / 5e-6))
    assert network.escape_rates(spins) == pytest.approx(expected, rel=1e-12)


# The chain


def test_generator_functions_against_plain_ones():
    rng = np.random.default_rng(2)
    generator = SpinGenerator(np.exp(rng.normal(size=(16, 4))))
    q = np.zeros((16, 16))
    for k in range(16):
        for j in range(4):
            q[k, k ^ 1 << j] = generator.rates[k, j]
            q[k, k] -= generator.rates[k, j]
    assert generator.matrix() == pytest.approx(q)
    kernel = null_space(q.T)[:, 0]
    p = kernel / kernel.sum()
    assert generator.stationary == pytest.approx(p, rel=1e-10)
    flow = p[:, None] * q
    net = flow - flow.T
    assert generator.currents() == pytest.approx(net[np.arange(16)[:, None], generator._targets], abs=1e-12)
    ratio = np.where(q > 0, np.log(np.where(q > 0, q, 1) / np.where(q > 0, q, 1).T), 0)
    assert generator.entropy_production() == pytest.approx((net * ratio).sum() / 2)
    spins = spin_states(4)
    means, products = generator.moments()
    assert means == pytest.approx(sum(p[k] * spins[k] for k in range(16)))
    assert products == pytest.approx(sum(p[k] * np.outer(spins[k], spins[k]) for k in range(16)))
    other = np.full(16, 1 / 16)
    assert relative_entropy(p, other) == pytest.approx((p * np.log(p / other)).sum())


def test_walsh_gives_back_an_energy():
    spins = spin_states(3)
    values = 0.5 + 2 * spins[:, 0] - spins[:, 1] * spins[:, 2] + 3 * spins.prod(axis=1)
    assert walsh(values) == pytest.approx([0.5, 2, 0, 0, 0, 0, -1, 3])


# Bad values


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: JunctionNetwork((), [], [], [], 0.0), "must have a junction"),
        (lambda: JunctionNetwork((JUNCTION,), [0], [1], 1.0, 0.0), r"nodes 0 to 0, not \[1\]"),
        (lambda: JunctionNetwork((JUNCTION,) * 2, [0], [0], 1.0, 0.0), "different nodes"),
        (lambda: JunctionNetwork((JUNCTION,) * 2, [0, 1], [1], 1.0, 0.0), "one length"),
        (lambda: JunctionNetwork.chain(2, -1e-5, JUNCTION, 0.0), "not -1e-05"),
        (lambda: JunctionNetwork.chain(2, 1e-5, JUNCTION, np.nan), "not nan"),
        (lambda: JunctionNetwork.chain(2, 1e-5, JUNCTION, 0.0, polarity=0), "1 or -1, not 0"),
        (lambda: JunctionNetwork.chain(2, 1e-5, JUNCTION, 0.0, ring=True), "not 2"),
        (lambda: JunctionNetwork.crossbar([1e-5], JUNCTION, 0.0), "matrix"),
        (lambda: JunctionNetwork.from_graph(nx.path_graph(2), JUNCTION, 0.0), "on every edge"),
        (lambda: ring(3, 0.1).voltages([1, 0, 1]), r"not \[1, 0, 1\]"),
        (lambda: ring(3, 0.1, balance_current=-4e-6).escape_rates([1, 1, 1]), "junction 0's current .* 1.2 I_c"),
        (lambda: spin_states(13), "1 to 12 junctions, not 13"),
        (lambda: SpinGenerator(np.zeros((2, 1))), "not 0.0"),
        (lambda: SpinGenerator(np.ones((3, 1))), "shape"),
        (lambda: currents(ring(3, 0.1), [1, 1, 1], -1), "not -1"),
        (lambda: ring_coupling(0.0, 1), "not 0.0"),
        (lambda: ring_coupling(0.1, 0), "not 0"),
    ],
)
def test_bad_values_are_quoted(make, message):
    with pytest.raises(ValueError, match=message):
        make()
