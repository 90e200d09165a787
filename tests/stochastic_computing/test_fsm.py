"""Saturating counters: the closed response against the exact chain, streams against both. Level 0.001."""

import numpy as np
import pytest
from scipy import stats

from hwpy.stochastic_computing.encoding import chain_variance
from hwpy.stochastic_computing.fsm import Fsm, FsmParameters, chain, response

LEVEL = 0.001
LENGTH, RUNS = 128, 300


@pytest.mark.parametrize("kind", ["tanh", "relu"])
@pytest.mark.parametrize("states", [2, 8, 20])
def test_response_is_that_of_the_stationary_chain(kind, states):
    parameters = FsmParameters(states, kind)
    for x in (-0.9, -0.3, 0.0, 0.2, 0.8):
        mean, _ = chain_variance(*chain(parameters, x), 1)
        assert 2 * mean - 1 == pytest.approx(float(response(parameters, x)), abs=1e-9)


def test_response_of_a_small_slope_is_tanh_of_half_the_states():
    x = np.linspace(-0.2, 0.2, 9)
    assert response(FsmParameters(8), x) == pytest.approx(np.tanh(4 * x), abs=0.01)


def test_response_reaches_its_ends():
    assert response(FsmParameters(8, "tanh"), [-1, 1]).tolist() == [-1, 1]
    assert response(FsmParameters(8, "relu"), [-1, 1]).tolist() == [0, 1]


@pytest.mark.parametrize("kind", ["tanh", "relu"])
@pytest.mark.parametrize("x", [-0.2, 0.1, 0.5])
def test_mean_and_variance_of_streams_are_those_of_the_chain(kind, x):
    parameters = FsmParameters(8, kind)
    mean, variance = chain_variance(*chain(parameters, x), LENGTH)
    bits = np.random.default_rng(5).random(1000 + RUNS * LENGTH) < (1 + x) / 2
    out = Fsm(parameters).run(bits)[1000:]
    whole = (chain_variance(*chain(parameters, x), RUNS * LENGTH)[1]) ** 0.5
    assert 2 * stats.norm.sf(abs(out.mean() - mean) / whole) > LEVEL
    squares = ((out.reshape(RUNS, LENGTH).mean(axis=1) - mean) ** 2).sum() / variance
    # Neighbouring runs touch, so the sum of squares is only nearly chi-square: its level is 0.001 to within that.
    assert abs(stats.chi2(RUNS).cdf(squares) - 0.5) < 0.5 - LEVEL
    # Power: the variance of independent bits of that mean, and a mean 0.05 off, are refused.
    if kind == "tanh":
        assert abs(stats.chi2(RUNS).cdf(squares * variance * LENGTH / (mean * (1 - mean))) - 0.5) > 0.5 - LEVEL
    assert 2 * stats.norm.sf(abs(out.mean() - mean - 0.05) / whole) < LEVEL


def test_far_below_zero_the_relu_gives_zeros_and_ones_by_turns():
    out = Fsm(FsmParameters(8, "relu")).run(np.zeros(100))
    assert (out[10:-1] != out[11:]).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"states": 3}, "even, 2 to 4096, not 3"), ({"kind": "exp"}, "one of tanh, relu, not 'exp'")],
)
def test_bad_parameters_are_quoted(arguments, message):
    with pytest.raises(ValueError, match=message):
        FsmParameters(**arguments)
