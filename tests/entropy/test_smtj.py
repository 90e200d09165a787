"""Junctions: the physics against simulated dwell times, the chain against its statistics, hardware against model.

Statistical tests have fixed seeds and a level of 0.001; each has a twin that shows it can fail.
"""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from hwpy.entropy.smtj import Replay, Smtj, SmtjChain, SmtjParameters
from sim.entropy import bench_emulated_smtj, bench_smtj, bench_smtj_pins
from sim.runner import BenchFailed, simulate

LEVEL = 0.001

junctions = st.builds(SmtjParameters, barrier=st.floats(0, 20), bias=st.floats(-1, 1))


@given(junctions, st.floats(1e-12, 1e3))
def test_the_sampled_chain_has_the_stationary_state_and_correlation_of_the_process(junction, period):
    from_0, from_1 = junction.transition_probabilities(period)
    assert 0 <= from_0 <= 1
    assert 0 <= from_1 <= 1
    assert from_0 / (from_0 + from_1) == pytest.approx(junction.probability_of_1)
    assert 1 - from_0 - from_1 == pytest.approx(junction.correlation(period), abs=1e-12)


@given(junctions)
def test_p1_is_a_logistic_function_of_the_current_that_falls(junction):
    assert junction.probability_of_1 == pytest.approx(1 / (1 + math.exp(2 * junction.barrier * junction.bias)))


@given(junctions, st.floats(1e-10, 1e-3))
def test_two_periods_are_one_of_twice_the_length(junction, period):
    def matrix(time):
        from_0, from_1 = junction.transition_probabilities(time)
        return np.array([[1 - from_0, from_0], [from_1, 1 - from_1]])

    np.testing.assert_allclose(matrix(period) @ matrix(period), matrix(2 * period), atol=1e-12)


def test_a_barrier_alone_gives_the_neel_dwell_time():
    assert SmtjParameters(barrier=10).dwell_times == pytest.approx((math.exp(10) * 1e-9,) * 2)


def test_the_balance_current_makes_both_states_equally_likely():
    assert SmtjParameters(barrier=12, bias=0.25, balance=0.25).probability_of_1 == pytest.approx(0.5)


def _telegraph(junction, period, samples, generator):
    """Samples of a junction simulated from its exponential dwell times alone."""
    dwell_times = junction.dwell_times
    pairs = int(samples * period / sum(dwell_times) * 1.5) + 100
    dwells = np.stack([generator.exponential(mean, pairs) for mean in dwell_times], axis=1).ravel()
    changes = np.cumsum(dwells)
    times = np.arange(samples) * period
    assert changes[-1] > times[-1]
    return np.searchsorted(changes, times, side="right") % 2


def _transition_p_value(bits, from_0, from_1):
    """Exact test of both transition counts, the smaller p-value doubled (Bonferroni)."""
    p_values = []
    for state, probability in ((0, from_0), (1, from_1)):
        after = bits[1:][bits[:-1] == state]
        p_values.append(stats.binomtest(int((after != state).sum()), len(after), probability).pvalue)
    return min(1.0, 2 * min(p_values))


@pytest.mark.parametrize("bias", [-0.05, 0.0, 0.08])
def test_dwell_times_sampled_give_the_transition_probabilities(bias):
    junction = SmtjParameters(barrier=8, bias=bias)
    period = 0.3 * min(junction.dwell_times)
    bits = _telegraph(junction, period, 100_000, np.random.default_rng(1))
    from_0, from_1 = junction.transition_probabilities(period)
    assert _transition_p_value(bits, from_0, from_1) > LEVEL
    # Power: a period 5 % longer is told apart.
    assert _transition_p_value(bits, *junction.transition_probabilities(1.05 * period)) < LEVEL


@pytest.mark.parametrize("chain", [SmtjChain(30000, 20000), SmtjChain(1000, 1500), SmtjChain(50000, 60000)])
def test_the_model_has_the_transition_probabilities_of_its_chain(chain):
    numbers = np.random.default_rng(2).integers(0, 1 << 16, size=(30_000, 4))
    states = Smtj(4).run(numbers, chain)
    for j in range(4):
        expected = chain.escape_from_0 / 65536, chain.escape_from_1 / 65536
        assert _transition_p_value(states[:, j], *expected) > LEVEL / 4
    # Power: 20 % more escapes from 0 are told apart.
    assert _transition_p_value(states[:, 0], 1.2 * expected[0], expected[1]) < LEVEL


@given(st.integers(1, 6), st.data())
def test_many_steps_are_the_single_steps(count, data):
    number = st.integers(0, 65535)
    rows = data.draw(st.lists(st.lists(number, min_size=count, max_size=count), min_size=1, max_size=20))
    chain = SmtjChain(data.draw(number), data.draw(number))
    many, single = Smtj(count, 1), Smtj(count, 1)
    states = many.run(np.array(rows), chain)
    for row, state in zip(rows, states, strict=True):
        word = sum(u << 16 * j for j, u in enumerate(row))
        assert single.step(word, chain) == sum(int(bit) << j for j, bit in enumerate(state))
    assert many.state == single.state


@given(st.floats(0.01, 0.99), st.floats(0, 0.9))
def test_a_chain_from_its_statistics_has_them_to_rounding(probability, correlation):
    chain = SmtjChain.from_statistics(probability, correlation)
    assert chain.correlation == pytest.approx(correlation, abs=2**-15)
    assert chain.probability_of_1 == pytest.approx(probability, abs=2**-15 / (1 - correlation))


def test_sampling_that_would_freeze_the_junction_is_refused():
    with pytest.raises(ValueError, match="sample less often"):
        SmtjParameters(barrier=20).chain(1e-9)
    assert SmtjParameters(barrier=20).chain(10.0) == SmtjChain(32768, 32768)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"barrier": -1}, "SMTJ barrier must be 0 to 700 kT, not -1"),
        ({"barrier": math.nan}, "SMTJ barrier must be 0 to 700 kT, not nan"),
        ({"barrier": 5, "attempt_rate": 0}, "SMTJ attempt rate must be positive, in hertz, not 0"),
        ({"barrier": 5, "bias": 1.5}, "SMTJ bias must be within 1 critical current of the balance 0.0, not 1.5"),
    ],
)
def test_bad_parameters_are_refused_with_their_value(arguments, message):
    with pytest.raises(ValueError, match=message):
        SmtjParameters(**arguments)


@pytest.mark.parametrize("value", [-1, 65536])
def test_an_escape_fraction_of_more_than_16_bits_is_refused(value):
    with pytest.raises(ValueError, match=f"SMTJ escape_from_1 must be 0 to 65535, not {value}"):
        SmtjChain(1, value)


def test_a_recording_gives_each_word_once_and_ends():
    recording = Replay([3, 1, 2], width=2)
    assert recording.words(2) == [3, 1]
    assert recording.payload == 2
    recording.step()
    with pytest.raises(EOFError, match="the recording of 3 words is used up"):
        recording.step()
    with pytest.raises(ValueError, match="recording must be of 2-bit words, not 4 at 1"):
        Replay([0, 4], width=2)


@pytest.mark.parametrize("bench", [bench_smtj, bench_emulated_smtj, bench_smtj_pins], ids=lambda b: b.__name__)
def test_hardware_is_golden_in_icarus(icarus, bench):
    for case in bench.CASES:
        simulate(bench.make(case), bench.__name__, case, simulator=icarus)


@pytest.mark.verilator
@pytest.mark.parametrize("bench", [bench_smtj, bench_emulated_smtj, bench_smtj_pins], ids=lambda b: b.__name__)
def test_hardware_is_golden_in_verilator(verilator, bench):
    case = bench.CASES[-1]
    simulate(bench.make(case), bench.__name__, case, simulator=verilator)


def test_the_bench_fails_on_hardware_with_another_initial_state(icarus):
    case = bench_smtj.CASES[1]
    with pytest.raises(BenchFailed, match="states_are_golden_every_clock"):
        simulate(bench_smtj.make({**case, "initial": 0}), bench_smtj.__name__, case, simulator=icarus)
