"""Spread, drift and warming against closed forms. Level 0.001, fixed seeds; tests of chance have a twin that fails."""

import math

import numpy as np
import pytest
from scipy import stats

from hwpy.entropy.junction import JunctionParameters
from hwpy.entropy.variation import OrnsteinUhlenbeck, RandomWalk, Variation, drifting, warmed

LEVEL = 0.001
NOMINAL = JunctionParameters(barrier=12, balance_current=2e-7)
COUNT = 4000


def _dwells(variation, state, current):
    devices = variation.draw(COUNT, np.random.default_rng(1))
    return np.array([device.dwell_times(current)[state] for device in devices])


@pytest.mark.parametrize("spread", [{"barrier": 0.8}, {"balance_current": 3e-7}])
@pytest.mark.parametrize("state", [0, 1])
def test_dwell_times_are_lognormal(spread, state):
    variation = Variation(NOMINAL, **spread)
    mean, deviation = variation.log_dwell(state, 4e-7)
    dwells = _dwells(variation, state, 4e-7)
    assert stats.kstest(dwells, stats.lognorm(deviation, scale=math.exp(mean)).cdf).pvalue > LEVEL
    assert stats.kstest(dwells, stats.lognorm(1.25 * deviation, scale=math.exp(mean)).cdf).pvalue < LEVEL


def test_both_spreads_together_have_the_moments_of_the_product():
    variation = Variation(NOMINAL, barrier=1.5, balance_current=8e-7)
    for state in (0, 1):
        mean, deviation = variation.log_dwell(state, 1e-6)
        logs = np.log(_dwells(variation, state, 1e-6))
        assert stats.ttest_1samp(logs, mean).pvalue > LEVEL
        squares = (logs - mean) ** 2
        assert stats.ttest_1samp(squares, deviation**2).pvalue > LEVEL
        assert stats.ttest_1samp(squares, 1.3 * deviation**2).pvalue < LEVEL


def test_the_moments_are_those_of_the_integral_over_both_spreads():
    """By Gauss-Hermite quadrature, exact for the polynomials that they are."""
    variation = Variation(NOMINAL, barrier=2.0, balance_current=1e-6)
    nodes, weights = np.polynomial.hermite_e.hermegauss(8)
    weights = np.outer(weights, weights) / (2 * math.pi)
    for state, sign in ((0, 1), (1, -1)):
        barrier = 12 + 2.0 * nodes[:, None]
        logs = barrier * (1 + sign * (1e-6 - 2e-7 - 1e-6 * nodes) / 5e-6) - math.log(1e9)
        mean = (weights * logs).sum()
        deviation = math.sqrt((weights * (logs - mean) ** 2).sum())
        assert variation.log_dwell(state, 1e-6) == pytest.approx((mean, deviation), rel=1e-9)


def test_a_spread_of_temperature_spreads_dwell_times_by_the_inverse_temperature():
    variation = Variation(NOMINAL, temperature=5.0)
    dwells = _dwells(variation, 0, NOMINAL.balance_current)

    def below(spread):
        # The dwell time is below t where the temperature is above 12 * 300 / ln(t phi_0).
        return lambda t: stats.norm.sf(12 * 300 / np.log(t * 1e9), 300, spread)

    assert stats.kstest(dwells, below(5.0)).pvalue > LEVEL
    assert stats.kstest(dwells, below(6.5)).pvalue < LEVEL


def test_one_kt_of_spread_is_a_factor_e_in_a_dwell_time():
    assert Variation(NOMINAL, barrier=1.0).log_dwell(0, NOMINAL.balance_current)[1] == pytest.approx(1)


def test_resistances_and_critical_currents_are_lognormal_and_balances_normal():
    variation = Variation(
        NOMINAL, resistance=0.1, magnetoresistance=0.2, critical_current=0.15, balance_field=1e-3, balance_current=1e-7
    )
    devices = variation.draw(COUNT, np.random.default_rng(2))
    low = np.array([device.resistance_p for device in devices])
    ratio = np.array([device.resistance_ap / device.resistance_p - 1 for device in devices])
    critical = np.array([device.critical_current for device in devices])
    for values, deviation, median in ((low, 0.1, 5e3), (ratio, 0.2, 1.0), (critical, 0.15, 5e-6)):
        assert stats.kstest(values, stats.lognorm(deviation, scale=median).cdf).pvalue > LEVEL / 5
        assert stats.kstest(values, stats.lognorm(1.2 * deviation, scale=median).cdf).pvalue < LEVEL / 5
    for name, mean, deviation in (("balance_field", 0.0, 1e-3), ("balance_current", 2e-7, 1e-7)):
        values = np.array([getattr(device, name) for device in devices])
        assert stats.kstest(values, stats.norm(mean, deviation).cdf).pvalue > LEVEL / 5
    assert abs(np.corrcoef(low, ratio)[0, 1]) < 4 / math.sqrt(COUNT)


def test_without_spread_all_are_the_nominal_device():
    assert Variation(NOMINAL).draw(3, np.random.default_rng(0)) == [NOMINAL] * 3


@pytest.mark.parametrize(
    ("drift", "other"),
    [
        (OrnsteinUhlenbeck(1e-7, 5.0), OrnsteinUhlenbeck(1e-7, 7.0)),
        (RandomWalk(1e-8), RandomWalk(1.2e-8)),
    ],
)
def test_drift_has_its_increments(drift, other):
    """Squares of increments over 2 s, taken 40 s apart so that they are independent enough, are chi-square."""
    path = drift.path(80_000, 0.5, np.random.default_rng(3))
    increments = (path[4:] - path[:-4])[::80]
    scaled = (increments**2).sum() / drift.increment_variance(2.0)
    assert LEVEL / 2 < stats.chi2.sf(scaled, len(increments)) < 1 - LEVEL / 2
    # All of the increments, not only those far apart, for the twin's power: an average of many more.
    everything = (path[4:] - path[:-4]) ** 2
    blocks = everything[: len(everything) // 80 * 80].reshape(-1, 80).mean(axis=1)
    assert stats.ttest_1samp(blocks, drift.increment_variance(2.0)).pvalue > LEVEL
    assert stats.ttest_1samp(blocks, other.increment_variance(2.0)).pvalue < LEVEL


def test_an_ornstein_uhlenbeck_drift_is_stationary():
    generator = np.random.default_rng(4)
    starts = np.array([OrnsteinUhlenbeck(1e-7, 5.0).path(2, 1.0, generator) for _ in range(COUNT)])
    for column in starts.T:
        assert stats.kstest(column, stats.norm(0, 1e-7).cdf).pvalue > LEVEL
        assert stats.kstest(column, stats.norm(0, 1.25e-7).cdf).pvalue < LEVEL


def test_a_drifting_junction_only_moves_its_balance():
    walk = list(drifting(NOMINAL, RandomWalk(1e-8), 5, 1.0, np.random.default_rng(5)))
    offsets = RandomWalk(1e-8).path(5, 1.0, np.random.default_rng(5))
    np.testing.assert_allclose([device.balance_current for device in walk], 2e-7 + offsets)
    assert {device.barrier for device in walk} == {12.0}


def test_warming_with_a_fixed_energy_changes_no_rate_and_with_bloch_s_law_raises_them():
    hot = warmed(NOMINAL, 350.0)
    np.testing.assert_allclose(hot.escape_rates(), NOMINAL.escape_rates(temperature=350.0))
    softer = warmed(NOMINAL, 350.0, curie_temperature=1000.0, exponent=2)
    left = ((1 - 0.35**1.5) / (1 - 0.3**1.5)) ** 2
    assert softer.barrier == pytest.approx(hot.barrier * left)
    assert warmed(softer, 300.0, 1000.0).barrier == pytest.approx(NOMINAL.barrier)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"barrier": -0.1}, "variation barrier must be a standard deviation, not -0.1"),
        ({"barrier": 3.0}, "variation barrier must be at most a fifth of 12.0, not 3.0"),
        ({"balance_current": 2e-6}, "variation balance_current must be at most a fifth of 5e-06, not 2e-06"),
    ],
)
def test_bad_spreads_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Variation(NOMINAL, **arguments)


def test_other_bad_values_are_refused():
    with pytest.raises(ValueError, match="takes no spread of critical_current"):
        Variation(NOMINAL, critical_current=0.1).log_dwell(0)
    with pytest.raises(ValueError, match="drift must have spread >= 0"):
        OrnsteinUhlenbeck(-1, 1)
    with pytest.raises(ValueError, match="drift rate must not be negative"):
        RandomWalk(math.nan)
    with pytest.raises(ValueError, match=r"junction temperature must be above 0 and below 1000\.0 K, not 1100"):
        warmed(NOMINAL, 1100, 1000.0)
