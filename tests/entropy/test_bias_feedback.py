"""Bias feedback: closed forms against the exact chain, a drifting junction held at its set point, the hardware."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.emulation import BARRIER, BITS, CODE_BITS, DRIFT, STEP, drifting
from hwpy.entropy.bias_feedback import BiasFeedback, BiasFeedbackParameters
from hwpy.entropy.smtj import SmtjParameters
from sim.entropy import bench_bias_feedback
from sim.runner import BenchFailed, simulate

# A small loop, whose exact chain has few states: set points in quarters, a code of 5 bits.
SMALL = BiasFeedbackParameters(code_bits=5, gain=2)
SLOPE = 0.01


def probability_of_1(code, set_point):
    """P(1) of the small loop's junction: a logistic function, of slope SLOPE in mid-range, at the set point."""
    steepness = SLOPE / (set_point * (1 - set_point))
    return 1 / (1 + np.exp(-steepness * (code - 15.5)) * (1 / set_point - 1))


def exact_chain(set_point, correlation=0.0):
    """Transition matrix of (total in quarters of 2^-gain, last bit), index 2 total + bit, and P(1) for each total."""
    totals = np.arange(1 << SMALL.code_bits + SMALL.gain + 2)
    p = probability_of_1(totals >> SMALL.gain + 2, set_point)
    matrix = np.zeros((2 * len(totals),) * 2)
    for old in (0, 1):
        for new in (0, 1):
            chance = np.where(new, p, 1 - p) * (1 - correlation) + correlation * (old == new)
            following = np.clip(totals + round(4 * set_point) - 4 * new, 0, len(totals) - 1)
            matrix[2 * totals + old, 2 * following + new] += chance
    return matrix, p


def stationary(matrix):
    """By doubling: the chain forgets its start long before 2^14 steps, but for a period of 4 (moves are quarters)."""
    power = matrix
    for _ in range(14):
        power = power @ power
    laws = [power[len(matrix) // 2]]
    for _ in range(3):
        laws.append(laws[-1] @ matrix)
    return np.mean(laws, axis=0)


@pytest.mark.parametrize("set_point", [0.25, 0.5])
@pytest.mark.parametrize("correlation", [0.0, 0.5])
def test_the_closed_form_of_the_jitter_is_that_of_the_exact_chain(set_point, correlation):
    matrix, p = exact_chain(set_point, correlation)
    law = stationary(matrix).reshape(-1, 2).sum(axis=1)
    mean = law @ p
    assert mean == pytest.approx(set_point, abs=1e-4)
    jitter = math.sqrt(law @ (p - mean) ** 2)
    # Linear around the set point: the junction's curve bends by some per cent over the jitter.
    assert SMALL.jitter(SLOPE, set_point, correlation) == pytest.approx(jitter, rel=0.03)


@pytest.mark.parametrize("set_point", [0.25, 0.5])
def test_the_closed_form_of_the_time_constant_is_that_of_the_exact_chain(set_point):
    """From errors of 2 steps of the code, one up and one down, to 1/e of their difference on average."""
    matrix, p = exact_chain(set_point)
    difference, middle = np.zeros(len(matrix)), len(p) // 2
    for sign in (1, -1):
        for quarter in range(4):  # evenly within a step of 2^-gain
            difference[2 * (middle + sign * 2 * (4 << SMALL.gain) + quarter)] += sign / 4
    errors = []
    for _ in range(round(SMALL.time_constant(SLOPE)) + 1):
        errors.append(difference.reshape(-1, 2).sum(axis=1) @ p)
        difference = difference @ matrix
    assert errors[-1] / errors[0] == pytest.approx(math.exp(-1), rel=0.03)


def test_the_closed_form_of_the_bits_correlation_is_that_of_the_exact_chain():
    matrix, _ = exact_chain(0.5)
    law = stationary(matrix)
    bit = np.arange(len(law)) % 2 - 0.5
    a = SLOPE / 2.0**SMALL.gain
    later = bit
    for lag in range(1, 200):
        later = matrix @ later
        if lag in (1, 10, 199):
            expected = -a * (1 - a) ** (lag - 1) / (2 - a)
            assert 4 * law @ (bit * later) == pytest.approx(expected, rel=0.05)


def test_the_model_walks_the_exact_chain():
    """Its time at each code against the stationary law, with the effective number of samples; power: half the gain."""
    matrix, p = exact_chain(0.5)
    law = stationary(matrix).reshape(-1, 2).sum(axis=1)
    steps, burn = 150_000, 5_000
    numbers = np.random.default_rng(3).random(steps)

    def variance(parameters):
        model, codes = BiasFeedback(parameters), np.empty(steps)
        table = probability_of_1(np.arange(32), 0.5)
        for i, u in enumerate(numbers.tolist()):
            model.step(int(u < table[model.code]), 1 << 15)
            codes[i] = model.code
        return codes[burn:].var()

    codes = np.arange(len(p)) >> SMALL.gain + 2
    exact = law @ codes**2 - (law @ codes) ** 2
    # A variance over n independent samples has a relative deviation of sqrt(2 / n), n being steps / tau here.
    tolerance = 3.3 * math.sqrt(2 * SMALL.time_constant(SLOPE) / steps)
    assert variance(SMALL) == pytest.approx(exact, rel=tolerance)
    assert variance(BiasFeedbackParameters(5, 3)) != pytest.approx(exact, rel=tolerance)


@given(st.lists(st.integers(0, 1), max_size=300), st.integers(0, 65535), st.booleans())
def test_the_bits_sum_is_that_of_the_set_points_within_the_range(bits, set_point, rising):
    parameters = BiasFeedbackParameters(code_bits=10, gain=1, rising=rising)
    model = BiasFeedback(parameters)
    before = model.total
    for bit in bits:
        model.step(bit, set_point)
    moved = model.total - before if rising else before - model.total
    assert moved / 65536 == pytest.approx(len(bits) * set_point / 65536 - sum(bits))


def test_the_code_stays_at_the_ends_of_its_range():
    model = BiasFeedback(BiasFeedbackParameters(code_bits=2, gain=0))
    for bit, end in ((1, 0), (0, 3), (1, 0)):
        for _ in range(5):
            model.step(bit, 1 << 15 if bit else 65535)
        assert model.code == end
        model.step(1 - bit, 1 << 15)


# The closed loop of `python -m benchmarks.emulation`: a junction of 8 kT whose balance drifts by 0.2 critical currents.

LOOP = BiasFeedbackParameters(CODE_BITS, gain=1, rising=False)
SLOPE_OF_JUNCTION = 2 * BARRIER * STEP / 4


def test_a_drifting_junction_is_held_within_the_stated_bound():
    """P(1) is within (lag) + 4.5 (jitter) of the set point at all times but the first four time constants."""
    junction = SmtjParameters(BARRIER)
    period = 2 * junction.dwell_times[0]
    true, bits = drifting(LOOP, period)
    free, _ = drifting(None, period)
    tau = LOOP.time_constant(SLOPE_OF_JUNCTION)
    lag = LOOP.lag(SLOPE_OF_JUNCTION, 2 * BARRIER / 4 * DRIFT / BITS)
    jitter = LOOP.jitter(SLOPE_OF_JUNCTION, 0.5, junction.correlation(period))
    bound = lag + 4.5 * jitter
    held = true[round(4 * tau) :]
    assert abs(held - 0.5).max() < bound < 0.1
    # The lag and the jitter are each what is said, not only below it.
    assert held.mean() - 0.5 == pytest.approx(lag, abs=3.3 * jitter * math.sqrt(2 * tau / len(held)))
    assert held.std() == pytest.approx(jitter, rel=3.3 * math.sqrt(tau / len(held)))
    # Without feedback it leaves the bound by far.
    assert abs(free - 0.5).max() > 3 * bound
    assert abs(sum(bits) - BITS / 2) < 1 << LOOP.code_bits + LOOP.gain


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"code_bits": 0}, "bias feedback code_bits must be 1 to 24, not 0"),
        ({"gain": 17}, "bias feedback gain must be 0 to 16, not 17"),
    ],
)
def test_bad_parameters_are_refused_with_their_value(arguments, message):
    with pytest.raises(ValueError, match=message):
        BiasFeedbackParameters(**arguments)


def test_hardware_is_golden_in_icarus(icarus):
    for case in bench_bias_feedback.CASES:
        simulate(bench_bias_feedback.make(case), bench_bias_feedback.__name__, case, simulator=icarus)


@pytest.mark.verilator
def test_hardware_is_golden_in_verilator(verilator):
    case = bench_bias_feedback.CASES[-1]
    simulate(bench_bias_feedback.make(case), bench_bias_feedback.__name__, case, simulator=verilator)


def test_the_bench_fails_on_hardware_with_another_gain(icarus):
    case = bench_bias_feedback.CASES[0]
    with pytest.raises(BenchFailed, match="the_code_is_golden_every_clock"):
        simulate(bench_bias_feedback.make({**case, "gain": 3}), bench_bias_feedback.__name__, case, simulator=icarus)
