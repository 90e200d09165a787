"""Read-out: closed forms against Monte Carlo. Level 0.001, fixed seeds, each with a twin that fails."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from hwpy.entropy.junction import JunctionParameters
from hwpy.entropy.readout import SenseAmplifier, sampled

LEVEL = 0.001
JUNCTION = JunctionParameters(barrier=8)
#: Noisy, with a wide window, so that all of it shows.
POOR = SenseAmplifier(noise=0.05, offset=0.08, resolve_time=60e-12)


@pytest.mark.parametrize("offset", [-0.05, 0.0, 0.05])
def test_errors_of_one_amplifier(offset):
    generator = np.random.default_rng(1)
    for state, error in enumerate(POOR.errors(JUNCTION, offset)):
        bits = POOR.read(np.full(50_000, state), JUNCTION, generator, offset)
        wrong = int((bits != state).sum())
        assert stats.binomtest(wrong, 50_000, error).pvalue > LEVEL / 2
        other = POOR.errors(JUNCTION, offset + 0.015)[state]
        assert stats.binomtest(wrong, 50_000, other).pvalue < LEVEL / 2


def test_errors_over_all_amplifiers():
    generator = np.random.default_rng(2)
    offsets = POOR.offset * generator.standard_normal(50_000)
    for state, error in enumerate(POOR.errors(JUNCTION)):
        d = POOR.signal((JUNCTION.resistance_p, JUNCTION.resistance_ap)[state]) + offsets
        d = d + POOR.noise * generator.standard_normal(len(d))
        bits = np.where(np.abs(d) < POOR.window, generator.random(len(d)) < 0.5, d > 0)
        wrong = int((bits != state).sum())
        assert stats.binomtest(wrong, len(d), error).pvalue > LEVEL / 2
        assert stats.binomtest(wrong, len(d), 1.1 * error).pvalue < LEVEL / 2
        undecided = int((np.abs(d) < POOR.window).sum())
        resistance = (JUNCTION.resistance_p, JUNCTION.resistance_ap)[state]
        assert stats.binomtest(undecided, len(d), POOR.metastable(resistance)).pvalue > LEVEL / 2
        assert stats.binomtest(undecided, len(d), 1.1 * POOR.metastable(resistance)).pvalue < LEVEL / 2


def test_metastability_falls_exponentially_with_the_time_to_resolve():
    at_balance = replace(POOR, noise=0.1, offset=0.0)
    early, late = (
        replace(at_balance, resolve_time=t).metastable(at_balance.reference) for t in (100e-12, 100e-12 + 20e-12 * 3)
    )
    assert early / late == pytest.approx(math.exp(3), rel=1e-3)
    # A small window takes the density of d at 0 times its width.
    window = replace(at_balance, resolve_time=100e-12).window
    assert early == pytest.approx(2 * window / (0.1 * math.sqrt(2 * math.pi)), rel=1e-3)


def test_the_signal_has_the_sign_of_the_state_and_vanishes_at_the_reference():
    amplifier = SenseAmplifier()
    assert amplifier.signal(JUNCTION.resistance_p) < 0 < amplifier.signal(JUNCTION.resistance_ap)
    assert amplifier.signal(amplifier.reference) == 0
    assert max(amplifier.errors(JUNCTION)) < 1e-5


def _simulate(period, read_time, current, latency, samples, generator):
    """States of a junction whose rates change with the read current: each part exactly."""
    state, states = 0, np.empty(samples, dtype=np.int64)
    parts = ((read_time - latency, current), (period - read_time, 0.0), (latency, current))
    rates = [tuple(float(rate) for rate in JUNCTION.escape_rates(i)) for _, i in parts]
    for k in range(samples):
        for (seconds, _), pair in zip(parts, rates, strict=True):
            left = generator.standard_exponential() / pair[state]
            while left < seconds:
                seconds -= left
                state ^= 1
                left = generator.standard_exponential() / pair[state]
        states[k] = state
    return states


def test_read_disturb_gives_bias_and_correlation():
    period, read_time, current, latency = 2e-6, 0.6e-6, 1.5e-6, 0.4e-6
    generator = np.random.default_rng(3)
    states = _simulate(period, read_time, current, latency, 40_000, generator)
    errors = (0.03, 0.08)
    bits = np.where(generator.random(len(states)) < np.array(errors)[states], 1 - states, states)

    def p_values(latency):
        mean, correlation = sampled(JUNCTION, period, read_time, current, errors, latency)
        found = []
        for previous in (0, 1):
            # A pair of bits is as in a two-state chain, though the bits with errors are a hidden one.
            after = bits[1:][bits[:-1] == previous][::4]
            expected = mean + correlation * (previous - mean)
            found.append(stats.binomtest(int(after.sum()), len(after), expected).pvalue)
        return min(found)

    assert p_values(latency) > LEVEL / 2
    assert p_values(0.2e-6) < LEVEL / 2


def test_without_current_the_stream_is_the_free_junction_s():
    mean, correlation = sampled(JUNCTION, 1e-6, 1e-7, 0.0)
    assert mean == pytest.approx(0.5)
    assert correlation == pytest.approx(JUNCTION.smtj().correlation(1e-6))
    assert sampled(JUNCTION, 1.0, 1e-7, 0.0)[1] == pytest.approx(0)


def test_the_state_is_read_before_the_pulse_can_disturb_it():
    slow = sampled(JUNCTION, 1e-3, 1e-6, 2e-6, latency=0.0)
    assert slow[0] == pytest.approx(0.5)
    held = sampled(JUNCTION, 1e-3, 0.9e-3, 2e-6, latency=0.8e-3)
    assert held[0] == pytest.approx(float(JUNCTION.probability_of_1(2e-6)), rel=1e-3)


def test_the_energy_is_that_of_the_charge():
    assert SenseAmplifier(supply=0.8, capacitance=3e-15).energy == pytest.approx(2 * 3e-15 * 0.64)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"supply": 0}, "sense amplifier supply must be positive, in SI units, not 0"),
        ({"noise": -1e-3}, "sense amplifier noise must not be negative, in SI units, not -0.001"),
        ({"time_constant": math.nan}, "sense amplifier time_constant must be positive, in SI units, not nan"),
    ],
)
def test_bad_values_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        SenseAmplifier(**change)


def test_a_read_longer_than_the_period_is_refused():
    with pytest.raises(ValueError, match="read must have latency <= time <= period"):
        sampled(JUNCTION, 1e-6, 2e-6, 0.0)
