"""Banks of emulated junctions: dwell times against Néel-Brown over four decades, and the hardware against the model."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from benchmarks.emulation import pairs
from hwpy.entropy.escape import RANDOM_BITS, decode, encode, waits
from hwpy.entropy.smtj import FRACTION_BITS, SmtjParameters
from hwpy.entropy.smtj_bank import SmtjBank, SmtjBankParameters, dwells, samples
from sim.entropy import bench_emulated_smtj_bank, bench_smtj_bank
from sim.runner import BenchFailed, simulate

# 64 junctions, each visited once in 64 clocks of 12 MHz.
PERIOD = 64 / 12e6
# Dwell times of the balanced junction from 10.7 us to 107 ms: four decades of rate.
SLOWEST, FASTEST = 18.487, 9.277
JUNCTIONS = [SmtjParameters(barrier, bias=0.01) for barrier in np.linspace(FASTEST, SLOWEST, 9)]


def test_the_junctions_of_these_tests_span_four_decades_of_rate():
    rates = [junction.escape_rates[0] for junction in JUNCTIONS]
    assert max(rates) / min(rates) > 1e4


@given(st.floats(FASTEST, SLOWEST), st.floats(-0.02, 0.02))
def test_dwell_times_of_the_rounded_codes_are_within_a_hundredth_of_neel_brown(barrier, bias):
    """Deterministic: a geometric dwell of mean (period) / (probability), the probability being the code's."""
    junction = SmtjParameters(barrier, bias)
    for probability, dwell in zip(dwells(junction, PERIOD), junction.dwell_times, strict=True):
        assert PERIOD / decode(encode(probability)) == pytest.approx(dwell, rel=3e-4)


def test_power_plain_fractions_of_16_bits_would_not_do():
    slowest = dwells(JUNCTIONS[-1], PERIOD)[0]
    assert abs(round(slowest * (1 << FRACTION_BITS)) / (1 << FRACTION_BITS) / slowest - 1) > 0.01


@pytest.mark.parametrize("junction", JUNCTIONS[::2], ids=lambda junction: f"{junction.dwell_times[0]:.2e} s")
def test_simulated_dwell_times_are_within_a_hundredth_of_neel_brown(junction):
    """The mean of 200,000 dwells has a standard error of 0.22 % at most, so 1 % is 4.5 of them: level 7e-6 a case."""
    generator = np.random.default_rng(12)
    for probability, dwell in zip(dwells(junction, PERIOD), junction.dwell_times, strict=True):
        visits = waits(encode(probability), 200_000, generator)
        assert PERIOD * visits.mean() == pytest.approx(dwell, rel=0.01)
        # Power: rates 2 % higher fail.
        visits = waits(encode(min(1.02 * probability, 1)), 200_000, generator)
        assert PERIOD * visits.mean() != pytest.approx(dwell, rel=0.01)


def test_the_model_visits_each_junction_with_its_own_probabilities():
    """Transition counts of a bank with device-to-device spread, each at level 0.001 / 8; power: a neighbour's fail."""
    numbers = np.random.default_rng(13)
    probabilities = [(0.5, 0.25), (0.1, 0.9), (0.03, 0.01), (0.7, 0.7)]
    parameters = SmtjBankParameters(4)
    bank = SmtjBank(parameters)
    for load in parameters.program(probabilities):
        bank.tick(load=load)
    bank.tick()
    states = []
    for word in numbers.integers(0, 1 << RANDOM_BITS, 4 * 10_000).tolist():
        bank.tick(random=word, ready=True)
        if bank.valid:
            states.append(bank.payload)
    bits = np.array(states)[:, None] >> np.arange(4) & 1
    assert len(bits) == 10_000
    for j, pair in enumerate(probabilities):
        for state, probability in enumerate(pair):
            after = bits[1:, j][bits[:-1, j] == state]
            leaving = int((after != state).sum())
            assert stats.binomtest(leaving, len(after), probability).pvalue > 0.001 / 8
            wrong = probabilities[j - 1][state]
            assert stats.binomtest(leaving, len(after), wrong).pvalue < 0.001 / 8


@pytest.mark.parametrize(("width", "good"), [(107, True), (168, False), (127, False)])
def test_escapes_with_a_register_are_independent_where_its_taps_are_far_apart(width, good):
    """Pairs of escapes up to 64 visits apart, at level 0.001. Taps next to each other hand on runs of zeros."""
    number, square = pairs(width, 2.0**-8, 1_000_000)
    assert (stats.chi2.sf(64 * square, 64) > 0.001) == good
    assert not good or abs(number) < 3.3


def test_a_sampled_junction_has_its_transition_probabilities():
    assert samples(JUNCTIONS[0], PERIOD) == JUNCTIONS[0].transition_probabilities(PERIOD)


def test_bad_parameters_are_refused_with_their_value():
    with pytest.raises(ValueError, match="a bank has 2 to 4096 junctions, not 1"):
        SmtjBankParameters(1)
    with pytest.raises(ValueError, match="a bank of 3 junctions needs as many pairs of probabilities, not 2"):
        SmtjBankParameters(3).program([(0.5, 0.5), (0.5, 0.5)])
    with pytest.raises(ValueError, match="need visits more often than every 1 s"):
        dwells(SmtjParameters(10), 1)


@pytest.mark.parametrize("bench", [bench_smtj_bank, bench_emulated_smtj_bank], ids=lambda bench: bench.__name__)
def test_hardware_is_golden_in_icarus(icarus, bench):
    for case in bench.CASES:
        simulate(bench.make(case), bench.__name__, case, simulator=icarus)


@pytest.mark.verilator
def test_hardware_is_golden_in_verilator(verilator):
    case = bench_smtj_bank.CASES[1]
    simulate(bench_smtj_bank.make(case), bench_smtj_bank.__name__, case, simulator=verilator)


def test_the_bench_fails_on_hardware_that_draws_with_one_bit_less(icarus, monkeypatch):
    import rtl.entropy.smtj_bank as hardware

    draw = hardware.draw
    monkeypatch.setattr(hardware, "draw", lambda code, random: draw(code, random & ~(1 << 20)))
    case = bench_smtj_bank.CASES[0]
    with pytest.raises(BenchFailed, match="ports_are_golden_every_clock"):
        simulate(bench_smtj_bank.make(case), bench_smtj_bank.__name__, case, simulator=icarus)
