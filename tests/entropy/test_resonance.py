"""Stochastic resonance: the exact rate equation, McNamara and Wiesenfeld's weak drive, and thinned traces.

Statistical tests: level 0.001, fixed seeds, with a twin that fails.
"""

import math

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from hwpy.entropy.junction import JunctionParameters
from hwpy.entropy.resonance import DrivenJunction, first_harmonic, locking
from hwpy.entropy.telegraph import Trace

JUNCTION = JunctionParameters(barrier=12)
WEAK = DrivenJunction(JUNCTION, amplitude=2e-8, frequency=2e3)
STRONG = DrivenJunction(JUNCTION, amplitude=4e-7, frequency=2e3)


@pytest.mark.parametrize("temperature", [250, 330, 500])
def test_the_exact_response_tends_to_mcnamara_and_wiesenfeld_s_as_the_square_of_the_drive(temperature):
    departures = []
    for amplitude in (4e-8, 2e-8):
        driven = DrivenJunction(JUNCTION, amplitude, 2e3)
        weak = driven.weak_response(temperature)
        departures.append(abs(driven.response(temperature) / weak - 1))
    assert departures[1] < 0.003
    assert departures[0] / departures[1] == pytest.approx(4, rel=0.05)


@pytest.mark.parametrize("temperature", [280, 330, 450])
def test_the_exact_response_is_that_of_the_rate_equation(temperature):
    """By a general solver of differential equations, after the start has been forgotten."""
    strength, rate = STRONG.strength(temperature), STRONG.relaxation_rate(temperature)
    omega, period = 2 * math.pi * 2e3, 1 / 2e3

    def change(t, s):
        tilt = strength * math.cos(omega * t)
        return -rate * math.cosh(tilt) * s + rate * math.sinh(tilt)

    settle = math.ceil(20 / (rate * period)) + 1
    solution = integrate.solve_ivp(
        change, (0, (settle + 1) * period), [0.0], method="LSODA", rtol=1e-9, atol=1e-11, dense_output=True
    )
    times = (settle + np.arange(1024) / 1024) * period
    harmonic = 2 * np.mean(solution.sol(times)[0] * np.exp(-1j * omega * times))
    assert STRONG.response(temperature) == pytest.approx(harmonic, abs=1e-4)


@pytest.mark.parametrize("temperature", [280, 330, 450])
def test_traces_have_the_exact_response(temperature):
    generator = np.random.default_rng(1)
    settle = math.ceil(10 * 2e3 / STRONG.relaxation_rate(temperature))
    samples = []
    for _ in range(40):
        trace = STRONG.trace(temperature, settle + 60, generator)
        start = settle / 2e3
        first = int(np.searchsorted(trace.switches, start))
        tail = Trace((trace.initial + first) & 1, trace.switches[first:] - start, trace.duration - start)
        samples.append(first_harmonic(tail, 2e3))
    samples = np.array(samples)

    def p_value(expected):
        parts = np.stack([samples.real - expected.real, samples.imag - expected.imag])
        z = parts.mean(axis=1) / (parts.std(axis=1, ddof=1) / math.sqrt(len(samples)))
        return min(1.0, 2 * float((2 * stats.t.sf(np.abs(z), len(samples) - 1)).min()))

    expected = STRONG.response(temperature)
    assert p_value(expected) > 0.001
    assert p_value(expected * (1.0 + 0.3j)) < 0.001
    assert p_value(1.4 * expected) < 0.001


def test_without_drive_to_speak_of_thinning_gives_the_rates_of_the_junction():
    driven = DrivenJunction(JUNCTION, 1e-15, 1e3)
    trace = driven.trace(300.0, 3000, np.random.default_rng(2))
    rate = float(JUNCTION.escape_rates()[0])
    assert len(trace.switches) > 10_000
    for state in (0, 1):
        assert stats.kstest(trace.dwells(state), stats.expon(scale=1 / rate).cdf).pvalue > 0.0005
        assert stats.kstest(trace.dwells(state), stats.expon(scale=1.1 / rate).cdf).pvalue < 0.0005


def test_the_response_is_largest_in_between_where_the_closed_form_says():
    found = optimize.minimize_scalar(lambda t: -abs(WEAK.weak_response(t)), bounds=(200, 600), method="bounded").x
    best = WEAK.best_temperature()
    assert best == pytest.approx(found, rel=1e-4)
    for temperature in (0.7 * best, 1.5 * best):
        assert abs(WEAK.response(temperature)) < 0.75 * abs(WEAK.response(best))
    energy = 12 * 300
    assert WEAK.relaxation_rate(best) == pytest.approx(2 * math.pi * 2e3 * math.sqrt(energy / best - 1))


def test_the_signal_to_noise_ratio_is_line_over_lorentzian():
    temperature = 330.0
    rate, omega = WEAK.relaxation_rate(temperature), 2 * math.pi * WEAK.frequency
    line = abs(WEAK.weak_response(temperature)) ** 2 / 2
    assert WEAK.weak_signal_to_noise(temperature) == pytest.approx(line / (4 * rate / (rate**2 + omega**2)))
    # It has its maximum too, at Delta = 2 whatever the frequency: d/dT of T^-2 exp(-E / kT).
    snr = [WEAK.weak_signal_to_noise(t) for t in (1500.0, 1800.0, 2100.0)]
    assert snr[1] > max(snr[0], snr[2])


def test_harmonic_and_locking_of_a_square_wave():
    # P in the first half of each period, of 1 s: the harmonic of a square wave is 4 / pi, a quarter period late.
    trace = Trace(0, np.arange(1, 8) / 2, 4.0)
    assert first_harmonic(trace, 1.0) == pytest.approx(-4j / math.pi)
    assert locking(trace, 1.0) == pytest.approx(7 / 8)


@pytest.mark.parametrize("amplitude", [0.0, 6e-6, math.nan])
def test_a_drive_that_cannot_be_is_refused(amplitude):
    with pytest.raises(ValueError, match="drive amplitude must be positive and at most I_c, in ampere, not"):
        DrivenJunction(JUNCTION, amplitude, 1e3)


def test_a_frequency_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match="drive frequency must be positive, in hertz, not 0"):
        DrivenJunction(JUNCTION, 1e-7, 0)
