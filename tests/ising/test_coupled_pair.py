"""Two coupled junctions against divider sums by hand, the Markov chain tree theorem and the master equation."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.linalg import null_space

from hwpy.entropy.junction import JunctionParameters
from hwpy.ising.coupled_pair import CoupledPair
from hwpy.ising.junction_network import JunctionNetwork

JUNCTION = JunctionParameters(barrier=8, resistance_p=5e3, resistance_ap=10e3, critical_current=5e-6)
CURRENT = 2e-6
STATES = [(1, 1), (-1, 1), (1, -1), (-1, -1)]

other = st.builds(
    JunctionParameters,
    barrier=st.floats(2, 12),
    balance_current=st.floats(1.5e-6, 2.5e-6),
    resistance_p=st.floats(4e3, 6e3),
    resistance_ap=st.floats(8e3, 12e3),
)


def rate(junction, current, spin):
    """Equation 8 of the paper, written out."""
    bias = (current - junction.balance_current) / junction.critical_current
    return junction.attempt_rate * math.exp(-junction.barrier * (1 + spin * bias))


def rates_by_hand(pair):
    """{state: (rate of the first, rate of the second)} from the divider in ohms."""
    found = {}
    for s in STATES:
        r = [
            j.resistance_p if spin > 0 else j.resistance_ap
            for j, spin in zip((pair.first, pair.second), s, strict=True)
        ]
        parallel = r[0] * r[1] / (r[0] + r[1])
        v = pair.open_voltage * parallel / (parallel + pair.series_resistance)
        found[s] = (rate(pair.first, v / r[0], s[0]), rate(pair.second, v / r[1], s[1]))
    return found


def tree_theorem(rates):
    """Each state's weight is the sum over the four spanning trees, directed to it, of the ring of states."""
    ring = [(1, 1), (-1, 1), (-1, -1), (1, -1)]

    def step(a, b):
        return rates[a][0 if a[0] != b[0] else 1]

    weight = {}
    for root in range(4):
        total = 0.0
        for cut in range(4):  # the edge from ring[cut] to ring[cut + 1] is left out
            product = 1.0
            for k in range(4):
                if k != cut:
                    a, b = ring[k], ring[(k + 1) % 4]
                    forward = (k - root) % 4 >= (cut - root) % 4
                    product *= step(a, b) if forward else step(b, a)
            total += product
        weight[ring[root]] = total
    return np.array([weight[s] for s in STATES]) / sum(weight.values())


def test_the_divider_by_hand():
    # 5 k || 5 k = 2.5 k, 5 k || 10 k = 10/3 k, 10 k || 10 k = 5 k, below 2.5 k from 42 mV.
    pair = CoupledPair(JUNCTION, JUNCTION, 42e-3, 42e-3 / 2.5e3)
    assert pair.voltages == pytest.approx([21e-3, 24e-3, 24e-3, 28e-3], rel=1e-14)
    assert pair.currents[1] == pytest.approx([2.4e-6, 4.8e-6], rel=1e-14)  # the first is in state -1


@given(other, other, st.floats(10, 1e5))
def test_stationary_distribution_of_unequal_junctions(first, second, resistance):
    mean = 2 / (1 / first.resistance_p + 1 / first.resistance_ap)
    voltage = 2e-6 * (mean + 2 * resistance)
    pair = CoupledPair(first, second, voltage, voltage / resistance)
    expected = tree_theorem(rates_by_hand(pair))
    assert pair.generator.stationary == pytest.approx(expected, rel=1e-9)
    kernel = null_space(pair.generator.matrix().T / pair.generator.rates.max())[:, 0]
    assert pair.generator.stationary == pytest.approx(kernel / kernel.sum(), abs=1e-9)


def test_equal_junctions_obey_detailed_balance_and_unequal_ones_do_not():
    pair = CoupledPair.balanced(JUNCTION, CURRENT, 1e4)
    for p, affinity in ((pair, 0.0), (replace(pair, second=replace(pair.second, resistance_ap=12e3)), None)):
        r = rates_by_hand(p)
        around = math.log(r[1, 1][0] * r[-1, 1][1] * r[-1, -1][0] * r[1, -1][1])
        back = math.log(r[1, 1][1] * r[1, -1][0] * r[-1, -1][1] * r[-1, 1][0])
        assert p.generator.affinity() == pytest.approx(abs(around - back), abs=1e-11)
        if affinity is None:
            assert p.generator.affinity() > 0.01
            assert p.generator.entropy_production() > 0
        else:
            assert p.generator.affinity() == pytest.approx(0, abs=1e-11)
            assert abs(p.generator.currents()).max() < 1e-12 * p.generator.rates.max()


def test_a_voltage_source_couples_nothing():
    pair = CoupledPair.balanced(JUNCTION, CURRENT, 0)
    assert np.ptp(pair.voltages) == 0
    assert pair.correlation() == pytest.approx(0, abs=1e-14)


def test_the_correlation_grows_with_the_series_resistance_to_that_of_a_current_source():
    resistances = [0, *10.0 ** np.arange(0, 8), math.inf]
    sizes = [abs(CoupledPair.balanced(JUNCTION, CURRENT, r).correlation()) for r in resistances]
    assert np.all(np.diff(sizes) > 0)
    assert sizes[-2] == pytest.approx(sizes[-1], rel=1e-3)
    assert sizes[-1] > 0.4


def test_turning_both_junctions_round_turns_the_sign_and_nothing_else():
    # Every ratio of a rate to its reverse becomes the inverse, so every probability does, up to the sum.
    for r in (1e3, 1e5, math.inf):
        straight = CoupledPair.balanced(JUNCTION, CURRENT, r)
        turned = CoupledPair.balanced(JUNCTION, CURRENT, r, (-1, -1))
        assert straight.correlation() < 0  # P, the state that a current holds, is the lower resistance
        assert turned.correlation() == pytest.approx(-straight.correlation(), rel=1e-9)
        assert CoupledPair.balanced(JUNCTION, -CURRENT, r).correlation() == pytest.approx(
            -straight.correlation(), rel=1e-9
        )


def test_turning_one_junction_round_makes_probability_circulate():
    mixed = CoupledPair.balanced(JUNCTION, CURRENT, math.inf, (1, -1))
    currents = mixed.generator.currents()
    # What flows through the four switches ++, -+, --, +- is one current; it flows back nowhere.
    around = [currents[0, 0], currents[1, 1], currents[3, 0], currents[2, 1]]
    assert around == pytest.approx([around[0]] * 4, rel=1e-6)
    assert abs(around[0]) > 0.01 * (mixed.generator.stationary[:, None] * mixed.generator.rates).max()
    lag = 1 / mixed.generator.rates.mean()
    forward, backward = mixed.cross_correlation([lag, -lag])
    assert abs(forward - backward) > 0.05


def test_cross_correlation_follows_the_master_equation():
    pair = CoupledPair.balanced(JUNCTION, CURRENT, 2e3, (1, -1))
    spins, p, q = np.array(STATES), pair.generator.stationary, pair.generator.matrix()
    means = p @ spins
    spread = np.sqrt(p @ (spins - means) ** 2)
    lag = 3 / pair.generator.rates.max()
    for sign, early, late in ((1, 0, 1), (-1, 1, 0)):
        start = p * (spins[:, early] - means[early])
        solved = solve_ivp(lambda _, y: y @ q, (0, lag), start, rtol=1e-10, atol=1e-14)
        expected = solved.y[:, -1] @ spins[:, late] / spread.prod()
        assert pair.cross_correlation(sign * lag) == pytest.approx(expected, rel=1e-6)
    assert pair.cross_correlation(0.0) == pytest.approx(pair.correlation(), rel=1e-12)
    assert pair.cross_correlation(np.array([[-1e3, 1e3]])) == pytest.approx(np.zeros((1, 2)), abs=1e-12)


def test_strongly_joined_nodes_are_a_pair_on_a_current_source():
    pair = CoupledPair.balanced(JUNCTION, CURRENT, math.inf)
    joined = JunctionNetwork.chain(2, 100.0, pair.first, pair.short_current / 2)  # 10 milliohm between kilohms
    assert joined.voltages(STATES)[:, 0] == pytest.approx(pair.voltages, rel=1e-5)
    assert joined.escape_rates(STATES) == pytest.approx(pair.generator.rates, rel=1e-4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"open_voltage": 0.0}, "open_voltage must not be 0"),
        ({"short_current": math.nan}, "not nan"),
        ({"short_current": -1e-6}, "of one sign"),
        ({"open_voltage": math.inf, "short_current": math.inf}, "finite"),
        ({"polarity": (1, 2)}, "polarity must be 1 or -1, not 2"),
    ],
)
def test_bad_values_are_quoted(change, message):
    with pytest.raises(ValueError, match=message):
        _ = replace(CoupledPair(JUNCTION, JUNCTION, 42e-3, 17e-6), **change).voltages


def test_a_current_without_a_barrier_is_refused():
    with pytest.raises(ValueError, match="within I_c"):
        _ = CoupledPair(JUNCTION, JUNCTION, 1.0, math.inf).generator
    with pytest.raises(ValueError, match="not -1"):
        CoupledPair.balanced(JUNCTION, CURRENT, -1.0)
    with pytest.raises(ValueError, match=r"no balance at 2e-05 A"):  # the currents of P and AP are 2 to 1
        CoupledPair.balanced(JUNCTION, 20e-6, 0.0)
