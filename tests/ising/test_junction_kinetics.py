"""Event-driven kinetics against the exact chain and the exact solve. Level 0.001, fixed seeds."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from scipy import stats

from hwpy.entropy.junction import JunctionParameters
from hwpy.ising.junction_expansion import LeadingOrder
from hwpy.ising.junction_generator import SpinGenerator, spin_states
from hwpy.ising.junction_kinetics import JunctionKinetics
from hwpy.ising.junction_network import JunctionNetwork

LEVEL = 0.001
CURRENT = 2e-6
JUNCTION = JunctionParameters(barrier=10, balance_current=CURRENT, resistance_p=5e3, resistance_ap=10e3)
G0 = 1 / 7.5e3


def chain(nodes, ratio):
    return JunctionNetwork.chain(nodes, ratio * G0, JUNCTION, CURRENT)


def states_along(start, switched):
    """The state before each switch and after the last: int[events + 1, n]."""
    flips = np.ones((len(switched) + 1, len(start)), np.int8)
    flips[np.arange(len(switched)) + 1, switched] = -1
    return start * np.cumprod(flips, axis=0, dtype=np.int8)


def seen(network, samples, seed):
    """Counts of the states seen so far apart that each has forgotten the one before."""
    generator = SpinGenerator(network.escape_rates(spin_states(network.nodes)))
    slowest = -np.sort(np.linalg.eigvals(generator.matrix()).real)[-2]
    events = int(samples * 10 / slowest * (generator.stationary @ generator.rates.sum(axis=1)) * 1.05)
    kinetics = JunctionKinetics(network, seed)
    start = kinetics.spins.copy()
    times, switched = kinetics.record(events)
    at = np.searchsorted(times, (1 + np.arange(samples)) * 10 / slowest)
    assert at[-1] < events
    bits = states_along(start, switched)[at] < 0
    return np.bincount(bits @ (1 << np.arange(network.nodes)), minlength=1 << network.nodes)


def test_states_are_seen_as_often_as_the_chain_says():
    network = chain(4, 0.5)
    counts = seen(network, 20_000, seed=6)
    exact = SpinGenerator(network.escape_rates(spin_states(4))).stationary
    assert stats.chisquare(counts, exact * counts.sum()).pvalue > LEVEL
    # Power: the leading order's law, and the chain of resistors half as strong, are told apart.
    off = SpinGenerator(chain(4, 0.25).escape_rates(spin_states(4))).stationary
    for wrong in (LeadingOrder(network).boltzmann(), off):
        assert stats.chisquare(counts, wrong * counts.sum()).pvalue < LEVEL


def test_waiting_times_and_choices_are_those_of_the_rates():
    network = replace(chain(3, 0.5), source=CURRENT * np.array([1.2, 1.0, 0.9]))
    kinetics = JunctionKinetics(network, 6, [1, 1, -1])
    times, switched = kinetics.record(30_000)
    before = states_along(np.array([1, 1, -1]), switched)[:-1]
    rates = network.escape_rates(spin_states(3))[(before < 0) @ (1, 2, 4)]
    total = rates.sum(axis=1)
    waits = np.diff(times, prepend=0) * total
    assert stats.kstest(waits, "expon").pvalue > LEVEL
    assert stats.kstest(waits * 1.03, "expon").pvalue < LEVEL  # power
    expected = (rates / total[:, None]).sum(axis=0)  # the counts vary less about it than a multinomial's
    assert stats.chisquare(np.bincount(switched, minlength=3), expected).pvalue > LEVEL


GRAPHS = {
    "chain": chain(100, 0.01),
    "strong chain": chain(100, 10),
    "crossbar": JunctionNetwork.crossbar(np.random.default_rng(1).uniform(0, 0.02, (40, 60)) * G0, JUNCTION, CURRENT),
    "random": JunctionNetwork.from_graph(
        nx.gnm_random_graph(100, 300, seed=2), JUNCTION, CURRENT * np.linspace(0.9, 1.1, 100), conductance=0.1 * G0
    ),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_voltages_stay_those_of_a_fresh_solve(name):
    network = GRAPHS[name]
    kinetics = JunctionKinetics(network, 7, refresh=1_000_000)
    kinetics.run(100_000)
    assert kinetics.drift == 0  # never refreshed
    assert kinetics.voltages == pytest.approx(network.voltages(kinetics.spins), rel=1e-9)
    refreshed = JunctionKinetics(network, 7, refresh=1_000)
    refreshed.run(10_500)
    assert 0 < refreshed.drift < 1e-12
    assert refreshed.voltages == pytest.approx(network.voltages(refreshed.spins), rel=1e-12)


def test_mean_spins_are_those_of_the_record_and_of_the_chain():
    network = replace(chain(3, 0.5), source=CURRENT * np.array([1.1, 1.0, 1.0]))
    kinetics = JunctionKinetics(network, 8, [1, -1, 1])
    times, switched = kinetics.record(200_000)
    held = np.diff(times, prepend=0)
    states = states_along(np.array([1, -1, 1]), switched)
    assert np.array_equal(states[-1], kinetics.spins)
    assert kinetics.time == times[-1]
    assert kinetics.mean_spin == pytest.approx(held @ states[:-1] / times[-1], rel=1e-9)
    means, _ = SpinGenerator(network.escape_rates(spin_states(3))).moments()
    # 200,000 events are some 50,000 independent looks or more.
    assert kinetics.mean_spin == pytest.approx(means, abs=4 / np.sqrt(50_000))


def test_the_same_seed_gives_the_same_events_recorded_or_not():
    first, second, other = (JunctionKinetics(chain(20, 0.1), seed, refresh=500) for seed in (9, 9, 10))
    times, _ = first.record(2_000)
    second.run(1_500)
    second.run(500)
    other.run(2_000)
    assert np.array_equal(first.spins, second.spins)
    assert times[-1] == first.time == second.time
    assert other.time != first.time


def test_a_current_out_of_range_is_said():
    # In balance at +++...; a neighbour in AP sends one junction beyond its critical current.
    hot = replace(JUNCTION, critical_current=1e-6, barrier=2)
    with pytest.raises(ValueError, match="within I_c of its balance, not"):
        JunctionKinetics(JunctionNetwork.chain(8, 10 * G0, hot, CURRENT), 1, np.ones(8)).run(100)
    with pytest.raises(ValueError, match="not 0"):
        JunctionKinetics(chain(2, 0.1), 1, refresh=0)
