"""Telegraph traces against Fitzhugh's closed forms.

Statistical tests have fixed seeds and a level of 0.001 over all of their points together (Bonferroni); each has a twin,
a process some ten per cent off, that fails the same test.
"""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from hwpy.entropy.analog import analog, filtered_variance
from hwpy.entropy.digitise import digitise
from hwpy.entropy.junction import JunctionParameters
from hwpy.entropy.telegraph import Telegraph, Trace

LEVEL = 0.001

PROCESS = Telegraph(rate_0=3e3, rate_1=1e3)
#: The same mean, all rates 25 % higher.
FASTER = Telegraph(rate_0=3.75e3, rate_1=1.25e3)


def _z_p_value(samples, expected):
    """Two-sided p-value of the mean of independent samples, shape (samples, points), the least times the points."""
    samples = np.asarray(samples, dtype=float).reshape(len(samples), -1)
    z = (samples.mean(axis=0) - expected) / (samples.std(axis=0, ddof=1) / math.sqrt(len(samples)))
    return min(1.0, float(2 * stats.norm.sf(np.abs(z).max()) * samples.shape[1]))


def _traces(count, duration, seed):
    generator = np.random.default_rng(seed)
    return [PROCESS.trace(duration, generator) for _ in range(count)]


@pytest.mark.parametrize("state", [0, 1])
def test_dwell_times_are_exponential_with_the_rate_of_their_state(state):
    dwells = PROCESS.trace(60.0, np.random.default_rng(1)).dwells(state)
    assert len(dwells) > 40_000

    def p_value(process):
        rate = (process.rate_0, process.rate_1)[state]
        return stats.kstest(dwells, lambda t: 1 - np.exp(-rate * t)).pvalue

    assert p_value(PROCESS) > LEVEL
    assert p_value(FASTER) < LEVEL


def test_the_dwell_density_is_a_density_with_the_mean_dwell_time():
    for state, rate in enumerate((3e3, 1e3)):
        total = integrate.quad(lambda t, s=state: float(PROCESS.dwell_density(s, t)), 0, 50 / rate)[0]
        mean = integrate.quad(lambda t, s=state: t * float(PROCESS.dwell_density(s, t)), 0, 50 / rate)[0]
        assert (total, mean) == pytest.approx((1, 1 / rate))


def test_the_mean_and_the_variance_of_a_time_average():
    duration = 3 / PROCESS.relaxation_rate
    means = np.array([trace.mean for trace in _traces(8000, duration, 2)])
    assert _z_p_value(means, PROCESS.mean) > LEVEL
    assert _z_p_value(means, 0.77) < LEVEL
    squares = (means - PROCESS.mean) ** 2
    assert _z_p_value(squares, PROCESS.time_average_variance(duration)) > LEVEL
    assert _z_p_value(squares, FASTER.time_average_variance(duration)) < LEVEL


def test_the_variance_of_the_mean_of_sampled_bits():
    period, count = 0.4 / PROCESS.relaxation_rate, 20
    means = np.array([trace.bits(period).mean() for trace in _traces(8000, (count - 0.5) * period, 3)])
    squares = (means - PROCESS.mean) ** 2
    assert _z_p_value(squares, PROCESS.sample_average_variance(count, period)) > LEVEL
    assert _z_p_value(squares, FASTER.sample_average_variance(count, period)) < LEVEL


def test_many_close_samples_average_as_the_time_does():
    duration = 5 / PROCESS.relaxation_rate
    sampled = PROCESS.sample_average_variance(100_000, duration / 100_000)
    assert sampled == pytest.approx(float(PROCESS.time_average_variance(duration)), rel=1e-4)


def test_the_state_is_forgotten_exponentially():
    lags = np.array([0.2, 0.5, 1.0, 2.0]) / PROCESS.relaxation_rate
    traces = _traces(20_000, 2.1 / PROCESS.relaxation_rate, 4)
    products = np.array([(trace.states(0.0) - PROCESS.mean) * (trace.states(lags) - PROCESS.mean) for trace in traces])
    assert _z_p_value(products, PROCESS.variance * PROCESS.autocorrelation(lags)) > LEVEL
    assert _z_p_value(products, PROCESS.variance * FASTER.autocorrelation(lags)) < LEVEL


def _expected_periodogram(process, frequency, duration):
    """Of a finite trace: the Fourier transform of the autocovariance under a triangular window."""
    z = process.relaxation_rate + 2j * math.pi * frequency
    return 2 * process.variance * np.real(1 / z - (1 - np.exp(-z * duration)) / (z**2 * duration))


def test_the_power_spectrum_is_a_lorentzian():
    duration = 100 / PROCESS.relaxation_rate
    frequency = np.array([1, 3, 10, 30, 100, 300]) / duration
    powers = np.array([trace.periodogram(frequency) for trace in _traces(3000, duration, 5)])
    assert _z_p_value(powers, _expected_periodogram(PROCESS, frequency, duration)) > LEVEL
    assert _z_p_value(powers, _expected_periodogram(FASTER, frequency, duration)) < LEVEL
    # The window widens the line by no more than 2 / (K T).
    np.testing.assert_allclose(
        PROCESS.power_spectrum(frequency), _expected_periodogram(PROCESS, frequency, duration), rtol=0.02
    )


def test_the_two_sided_spectrum_integrates_to_the_variance():
    width = PROCESS.relaxation_rate / (2 * math.pi)
    total = integrate.quad(lambda x: float(PROCESS.power_spectrum(x * width)) * width, -math.inf, math.inf)[0]
    assert total == pytest.approx(PROCESS.variance)


def test_the_periodogram_of_a_known_trace():
    # 1 from 1 s to 3 s of 4 s: its transform is sin(2 pi f) / (pi f), up to a phase.
    trace = Trace(0, np.array([1.0, 3.0]), 4.0)
    frequency = np.array([0.25, 0.75, 1.25])
    np.testing.assert_allclose(
        trace.periodogram(frequency), (np.sin(2 * np.pi * frequency) / (np.pi * frequency)) ** 2 / 4
    )
    assert trace.mean == 0.5
    assert trace.dwells(1).tolist() == [2.0]
    assert trace.dwells(0).tolist() == []
    assert trace.bits(0.5).tolist() == [0, 0, 1, 1, 1, 1, 0, 0]


def test_a_trace_that_begins_in_1_is_the_other_way_round():
    trace = Trace(1, np.array([1.0, 3.0, 3.5]), 4.0)
    assert trace.mean == pytest.approx(1.5 / 4)
    assert trace.dwells(0).tolist() == [2.0]
    assert trace.dwells(1).tolist() == [0.5]
    ones = Trace(0, np.array([1.0, 3.0, 3.5]), 4.0)
    frequency = np.array([0.25, 0.5])
    np.testing.assert_allclose(trace.periodogram(frequency), ones.periodogram(frequency))


def test_sampled_bits_are_the_chain_of_the_emulated_junction():
    junction = JunctionParameters(barrier=8).smtj(current=2e-7)
    process = Telegraph(*junction.escape_rates)
    period = 0.5 / process.relaxation_rate
    bits = process.trace(50_000 * period, np.random.default_rng(6)).bits(period)
    for state, probability in enumerate(junction.transition_probabilities(period)):
        after = bits[1:][bits[:-1] == state]
        assert stats.binomtest(int((after != state).sum()), len(after), probability).pvalue > LEVEL / 2
        assert stats.binomtest(int((after != state).sum()), len(after), 1.15 * probability).pvalue < LEVEL / 2


def test_a_filtered_trace_has_the_variance_of_the_filtered_spectrum():
    bandwidth = PROCESS.relaxation_rate / (2 * math.pi)
    generator = np.random.default_rng(7)
    last = np.array(
        [analog(trace, 2000.0, generator, bandwidth=bandwidth)[1][-1] for trace in _traces(10_000, 3.2e-3, 8)]
    )
    squares = (last - PROCESS.mean) ** 2
    assert filtered_variance(PROCESS, bandwidth) == pytest.approx(PROCESS.variance / 2)
    assert _z_p_value(squares, filtered_variance(PROCESS, bandwidth)) > LEVEL
    assert _z_p_value(squares, filtered_variance(PROCESS, 1.3 * bandwidth)) < LEVEL


def test_the_filter_answers_a_step_as_one_pole_does():
    trace = Trace(0, np.array([0.35, 1.0]), 2.0)
    times, voltage = analog(trace, 10.0, np.random.default_rng(0), low=1.0, high=3.0, bandwidth=1 / (2 * math.pi))
    rise = 1 - np.exp(-np.maximum(times - 0.35, 0))
    fall = 1 - np.exp(-np.maximum(times - 1.0, 0))
    np.testing.assert_allclose(voltage, 1 + 2 * (rise - fall))


def test_noise_has_its_standard_deviation_and_the_correlation_of_the_filter():
    quiet = Trace(0, np.array([]), 50.0)
    bandwidth = 1000 / (2 * math.pi)
    _, voltage = analog(quiet, 2000.0, np.random.default_rng(9), noise=0.1, bandwidth=bandwidth)
    apart = voltage[::12]  # exp(-6): as good as independent
    assert stats.kstest(apart, stats.norm(scale=0.1).cdf).pvalue > LEVEL
    assert stats.kstest(apart, stats.norm(scale=0.12).cdf).pvalue < LEVEL
    products = (voltage[:-1] * voltage[1:])[::12] / 0.01
    assert _z_p_value(products, math.exp(-0.5)) > LEVEL
    assert _z_p_value(products, math.exp(-0.8)) < LEVEL


def test_a_noisy_voltage_is_digitised_to_the_states_that_made_it():
    trace = PROCESS.trace(1.0, np.random.default_rng(10))
    times, voltage = analog(trace, 1e6, np.random.default_rng(11), low=0.05, high=0.10, noise=0.003)
    assert (digitise(voltage).states == trace.states(times)).all()


@pytest.mark.parametrize(("rates", "name"), [((0, 1), "rate_0"), ((1, math.nan), "rate_1"), ((1, -2), "rate_1")])
def test_a_rate_that_cannot_be_is_refused(rates, name):
    with pytest.raises(ValueError, match=f"telegraph {name} must be positive, in hertz, not"):
        Telegraph(*rates)


def test_bad_sampling_is_refused():
    trace = PROCESS.trace(1e-3, np.random.default_rng(0))
    with pytest.raises(ValueError, match="telegraph rate and bandwidth must be positive"):
        analog(trace, 0.0, np.random.default_rng(0))
    with pytest.raises(ValueError, match="telegraph duration must be positive, in seconds, not 0"):
        PROCESS.trace(0, np.random.default_rng(0))
