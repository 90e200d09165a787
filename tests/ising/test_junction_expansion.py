"""The paper's expansion of a junction network against the exact solve: orders, the law, and what lies beyond."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from scipy.linalg import null_space

from hwpy.ising.junction_departure import Departure
from hwpy.ising.junction_departure import ring as study_ring
from hwpy.ising.junction_expansion import LeadingOrder, currents, ring_coupling, screened_couplings
from hwpy.ising.junction_generator import SpinGenerator, relative_entropy, spin_states, total_variation, walsh
from hwpy.ising.junction_network import JunctionNetwork
from tests.ising.test_junction_network import BARRIER, CURRENT, JUNCTION, R0, RHO, mixed_network, ring

#: b i / kT: what equation 12 has before its sum.
STIFFNESS = BARRIER * CURRENT / 5e-6


def exact(network):
    return SpinGenerator(network.escape_rates(spin_states(network.nodes)))


# The expansion: an error of order m falls by 2**m when the resistors are halved.


def order_of(error, ratio=1e-3):
    return np.log2(error(ratio) / error(ratio / 2))


@pytest.mark.parametrize("terms", [0, 1, 2, 3])
def test_the_series_of_currents_has_its_order(terms):
    def error(ratio):
        network = mixed_network(ratio)
        return abs(currents(network, spin_states(7), terms) - network.currents(spin_states(7))).max()

    assert order_of(error, 1e-2) == pytest.approx(terms + 1, abs=0.1)


def equation_7(network, spins, own):
    """Written out; `own` is the sign of the term in the junction's own state, + as printed."""
    found = np.broadcast_to(network.source, spins.shape).copy()
    for a, b, g in zip(network.row, network.col, network.conductance, strict=True):
        for j, k in ((a, b), (b, a)):
            i_j, i_k = network.source[j], network.source[k]
            found[:, j] += R0 * g * (i_k - i_j) + own * i_j * spins[:, j] * RHO * g + RHO * g * spins[:, k] * i_k
    return found


def test_equation_7_needs_a_minus_before_its_own_state():
    spins = spin_states(7)

    def error(own):
        return lambda ratio: abs(
            equation_7(mixed_network(ratio), spins, own) - mixed_network(ratio).currents(spins)
        ).max()

    assert order_of(error(-1)) == pytest.approx(2, abs=0.05)
    assert order_of(error(+1)) == pytest.approx(1, abs=0.05)  # as printed: wrong at the order that it keeps
    assert equation_7(mixed_network(0.01), spins, -1) == pytest.approx(currents(mixed_network(0.01), spins), rel=1e-12)


def test_equation_10_has_the_ratio_of_rates_to_second_order():
    spins = spin_states(7)

    def error(ratio):
        network = mixed_network(ratio)
        return abs(np.log(LeadingOrder(network).escape_rates(spins) / network.escape_rates(spins))).max()

    assert order_of(error) == pytest.approx(2, abs=0.05)


def test_equation_13_is_stationary_for_equation_12_if_pairs_count_twice():
    # Equation 12 on a ring of 6, by its own words; its generator's null vector is the oracle.
    nodes, j = 6, 0.3
    spins = spin_states(nodes).astype(float)
    around = spins * (np.roll(spins, 1, axis=1) + np.roll(spins, -1, axis=1))
    generator = SpinGenerator(np.exp(-j * around))
    kernel = null_space(generator.matrix().T)[:, 0]
    kernel /= kernel.sum()
    pairs = (spins * np.roll(spins, 1, axis=1)).sum(axis=1)  # each pair once
    for factor, holds in ((1, True), (0.5, False)):
        weights = np.exp(factor * j * pairs)
        assert (total_variation(weights / weights.sum(), kernel) < 1e-12) is holds
    leading = LeadingOrder(ring(nodes, -j / (STIFFNESS * RHO / R0), balance_current=CURRENT))
    assert leading.boltzmann() == pytest.approx(np.exp(-j * pairs) / np.exp(-j * pairs).sum(), rel=1e-9)


def test_the_law_is_approached_with_its_order():
    def distance(measure, fixed_coupling):
        def error(ratio):
            barrier = 5 / ratio if fixed_coupling else BARRIER
            network = ring(6, ratio, barrier=barrier)
            return measure(exact(network).stationary, LeadingOrder(network).boltzmann())

        return error

    assert order_of(distance(total_variation, False), 0.01) == pytest.approx(2, abs=0.1)
    assert order_of(distance(relative_entropy, False), 0.01) == pytest.approx(4, abs=0.2)
    assert order_of(distance(total_variation, True), 0.02) == pytest.approx(1, abs=0.1)
    assert order_of(distance(relative_entropy, True), 0.02) == pytest.approx(2, abs=0.2)


# Beyond the expansion


def test_couplings_reach_further_as_the_resistors_get_stronger():
    network = ring(8, 0.2)
    logs = walsh(np.log(exact(network).stationary))
    screened = screened_couplings(network)
    for r in range(1, 4):
        # The other way around the ring is 8 - r long.
        both_ways = ring_coupling(0.2, r) + ring_coupling(0.2, 8 - r)
        assert screened[0, r] == pytest.approx(STIFFNESS * RHO / R0 * both_ways, rel=1e-5)
        assert logs[1 | 1 << r] == pytest.approx(screened[0, r], rel=0.05)
    # To leading order the next-nearest is x times the nearest, of the same sign.
    weak = walsh(np.log(exact(ring(7, 1e-3)).stationary))
    assert weak[0b101] / weak[0b11] == pytest.approx(1e-3, rel=0.01)


def test_equal_sources_leave_a_current_of_second_order():
    # Three in a row: the pull of a and c together on b is not that of b and c on a. 8 (b i / kT) (rho / R0)**2 x**2.
    ratio = 1e-3
    network = ring(6, ratio)
    assert SpinGenerator(LeadingOrder(network).escape_rates(spin_states(6))).affinity() < 1e-12
    assert exact(network).affinity() == pytest.approx(8 * STIFFNESS * (RHO / R0) ** 2 * ratio**2, rel=0.02)
    pair = JunctionNetwork.chain(2, 0.3 / R0, JUNCTION, CURRENT)
    complete = JunctionNetwork.from_graph(nx.complete_graph(4), JUNCTION, CURRENT, conductance=0.2 / R0)
    assert exact(pair).affinity() < 1e-12
    assert exact(complete).affinity() < 1e-12


def test_unequal_sources_make_a_current_of_first_order():
    ratio, sources = 1e-4, CURRENT * np.array([1.2, 0.8])
    junctions = [replace(JUNCTION, balance_current=i) for i in sources]
    network = JunctionNetwork.chain(2, ratio / R0, junctions, sources)
    leading = LeadingOrder(network)
    assert not leading.hermitian
    expected = 4 * STIFFNESS * abs(RHO) / R0 * ratio * 0.4
    assert SpinGenerator(leading.escape_rates(spin_states(2))).affinity() == pytest.approx(expected, rel=1e-6)
    assert exact(network).affinity() == pytest.approx(expected, rel=2e-3)
    with pytest.raises(ValueError, match="no energy"):
        leading.energy([1, 1])


def test_opposite_polarities_and_sources_turn_the_coupling_and_leave_a_field():
    turned = JunctionNetwork.chain(2, 0.01 / R0, JUNCTION, [CURRENT, -CURRENT], polarity=[1, -1])
    straight = LeadingOrder(JunctionNetwork.chain(2, 0.01 / R0, JUNCTION, CURRENT))
    leading = LeadingOrder(turned)
    assert leading.hermitian
    assert leading.coupling == pytest.approx(-straight.coupling)
    assert straight.field == pytest.approx(np.zeros(2), abs=1e-12)
    assert leading.field == pytest.approx([-2 * STIFFNESS * 0.01] * 2)
    # One turned round alone, the current as before: it is pulled and does not pull.
    alone = JunctionNetwork.chain(2, 0.01 / R0, [JUNCTION, replace(JUNCTION, balance_current=-CURRENT)], CURRENT)
    coupling = LeadingOrder(replace(alone, polarity=[1, -1])).coupling
    assert coupling[0, 1] == pytest.approx(-coupling[1, 0])


def test_unequal_degrees_make_a_field_of_second_order():
    # The part of rho**2 L S L s that is even in s_j, averaged over the others: d_j**2 - sum_k g_jk d_k.
    ratio = 1e-3
    network = JunctionNetwork.from_graph(nx.star_graph(3), JUNCTION, CURRENT, conductance=ratio / R0)
    spins = spin_states(4)
    log_ratio = -spins * np.log(network.escape_rates(spins))
    field = log_ratio.mean(axis=0)
    in_units = np.array([3**2 - (1 + 1 + 1), 1**2 - 3, 1**2 - 3, 1**2 - 3])  # of g**2
    assert field == pytest.approx(STIFFNESS * (RHO / R0) ** 2 * ratio**2 * in_units, rel=0.02)


def test_the_closest_ising_model_has_the_same_correlations_and_is_a_boltzmann_law_where_there_is_one():
    departure = Departure(study_ring(0.3, 6))
    parameters, left = departure.fit([departure.pairs_at(r) for r in (1, 2, 3)])
    energy = -sum(j * departure.pairs_at(r) for r, j in zip((1, 2, 3), parameters, strict=True))
    law = np.exp(-energy) / np.exp(-energy).sum()
    p = departure.generator.stationary
    for r, count in ((1, 6), (2, 6), (3, 3)):
        assert departure.pairs_at(r).max() == count  # each pair once
        assert law @ departure.pairs_at(r) == pytest.approx(p @ departure.pairs_at(r), rel=1e-9)
    assert left == pytest.approx((p * np.log(p / law)).sum(), abs=1e-12)
    assert left < departure.relative_entropy
    # On a complete graph of equal junctions there is a law, of the total spin alone.
    complete = JunctionNetwork.from_graph(nx.complete_graph(4), JUNCTION, CURRENT, conductance=0.2 / R0)
    departure = Departure(complete)
    total = departure.spins.sum(axis=1).astype(float)
    assert departure.fit([total, total**2, total**3, total**4])[1] == pytest.approx(0, abs=1e-12)


def test_a_ring_of_given_coupling_has_it():
    network = study_ring(0.02, 5, coupling=0.4)
    assert LeadingOrder(network).coupling[0, 1] == pytest.approx(0.4)
    assert study_ring(0.02, 5, bias=0.1).source == pytest.approx(-2.2e-6)


def test_the_nearest_coupling_of_a_chain_has_a_largest_value():
    best = (1 + np.sqrt(2)) / 2
    most = 3 - 2 * np.sqrt(2)
    assert ring_coupling(best, 1) == pytest.approx(most, rel=1e-14)
    assert max(ring_coupling(best * f, 1) for f in (0.5, 0.9, 1.1, 2, 10)) < most
    # The couplings of one junction, its own weight 1 / u included, add up to 1: 1 L = 0.
    for x in (0.01, best, 50):
        total = 1 / np.sqrt(1 + 4 * x) + 2 * sum(ring_coupling(x, r) for r in range(1, 400))
        assert total == pytest.approx(1, rel=1e-12)


def test_screened_couplings_are_the_response_to_a_small_swing():
    network = mixed_network(0.5)
    nearly = replace(JUNCTION, resistance_p=R0 - 1e-2, resistance_ap=R0 + 1e-2)
    network = replace(network, junctions=(nearly,) * 7, polarity=[1, 1, 1, -1, 1, 1, 1])
    response = np.empty((7, 7))
    for k in range(7):
        up, down = np.ones(7), np.ones(7)
        down[k] = -1
        response[:, k] = network.polarity * (network.currents(up) - network.currents(down)) / 2
    np.fill_diagonal(response, 0)
    assert screened_couplings(network) == pytest.approx(BARRIER / 5e-6 * response, rel=1e-4)
