"""Population coding: rates from the junction's dwell times, counts against renewal theory. Level 0.001, fixed seeds."""

import numpy as np
import pytest
from scipy import stats

from hwpy.stochastic_computing.population import Perceptron, PopulationParameters, counts, fit, rates

LEVEL = 0.001
PARAMETERS = PopulationParameters(5, 0.2)


def test_rates_are_one_over_the_two_dwell_times():
    for stimulus in (0.0, 0.3, 1.0):
        found = rates(PARAMETERS, stimulus)
        for index in range(5):
            assert found[index] == pytest.approx(1 / sum(PARAMETERS.junction(stimulus, index).dwell_times))


def test_each_curve_is_highest_at_its_balance():
    assert (rates(PARAMETERS, PARAMETERS.balances).argmax(axis=0) == np.arange(5)).all()
    fall = rates(PARAMETERS, 0.2)[0] / rates(PARAMETERS, 0.0)[0]
    assert fall == pytest.approx(1 / np.cosh(1))


def test_counts_have_mean_and_variance_of_the_renewal_process():
    # Cycles of mean m and variance v: after a long time T the count has mean T/m + (v/m^2 - 1)/2 and variance v T/m^3.
    dwells = np.array(PARAMETERS.junction(0.3, 0).dwell_times)
    m, v = dwells.sum(), (dwells**2).sum()
    time = 200 * m
    found = counts(PARAMETERS, np.full(4000, 0.3), time, np.random.default_rng(1))[:, 0]
    mean, variance = time / m + (v / m**2 - 1) / 2, v * time / m**3
    assert 2 * stats.norm.sf(abs(found.mean() - mean) / (variance / 4000) ** 0.5) > LEVEL
    squares = ((found - mean) ** 2).sum() / variance
    assert abs(stats.chi2(4000).cdf(squares) - 0.5) < 0.5 - LEVEL
    # Power: a Poisson process of that rate is refused.
    assert abs(stats.chi2(4000).cdf(squares * variance / mean) - 0.5) > 0.5 - LEVEL


def test_weights_of_a_function_in_the_span_are_found():
    grid = np.linspace(0, 1, 50)
    basis = rates(PARAMETERS, grid) / rates(PARAMETERS, 0.0).max()
    wanted = np.array([1.0, -2.0, 0.5, 0.0, 3.0, 0.25])
    assert fit(basis, (basis @ wanted[:-1] + wanted[-1])[:, None], 0)[:, 0] == pytest.approx(wanted, abs=1e-9)


def test_a_perceptron_on_a_population_separates_what_a_line_cannot():
    stimuli = np.linspace(0, 1, 101)[:, None]
    labels = (abs(stimuli[:, 0] - 0.5) < 0.2).astype(int)
    perceptron = Perceptron.trained(PARAMETERS, stimuli, labels)
    assert (perceptron.classify(stimuli) == labels).mean() > 0.95
    cycle = 1 / rates(PARAMETERS, 0.0)[0]
    assert (perceptron.classify(stimuli, 1000 * cycle, np.random.default_rng(2)) == labels).mean() > 0.9
    # Power: a look of three cycles does not do.
    assert (perceptron.classify(stimuli, 3 * cycle, np.random.default_rng(3)) == labels).mean() < 0.9


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((0,), "count must be positive, not 0"), ((3, -1.0), "width must be positive"), ((3, 0.05), "above 1 / barrier")],
)
def test_bad_parameters_are_quoted(arguments, message):
    with pytest.raises(ValueError, match=message):
        PopulationParameters(*arguments)
