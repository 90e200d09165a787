"""Feedback elements: streams against the exact chain, the chain's bias against what was asked for. Level 0.001."""

import numpy as np
import pytest
from scipy import stats

from hwpy.stochastic_computing.encoding import chain_variance
from hwpy.stochastic_computing.feedback import Feedback, FeedbackParameters, chain

LEVEL = 0.001
LENGTH = 40_000
CASES = [("divide", 0.3, 0.6, 0.5), ("divide", 0.1, 0.4, 0.25), ("square root", 0.3, 1.0, 0.3**0.5)]


@pytest.mark.parametrize(("kind", "x", "z", "result"), CASES)
def test_streams_have_mean_and_variance_of_the_chain(kind, x, z, result):
    parameters = FeedbackParameters(4, kind)
    matrix, output = chain(parameters, x, z)
    mean, variance = chain_variance(matrix, output, LENGTH)
    generator = np.random.default_rng(1)
    inputs = (generator.random(LENGTH) < x) + 2 * (generator.random(LENGTH) < z) * (kind == "divide")
    model = Feedback(parameters)
    words = generator.integers(0, 16, LENGTH)
    bits = np.array([model.step(int(a), int(w)) for a, w in zip(inputs, words, strict=True)])
    assert 2 * stats.norm.sf(abs(bits.mean() - mean) / variance**0.5) > LEVEL
    # Power: 0.02 off is told.
    assert 2 * stats.norm.sf(abs(bits.mean() - mean - 0.02) / variance**0.5) < LEVEL
    # Variance, over runs of 100 clocks a little apart.
    runs = bits[: LENGTH // 125 * 125].reshape(-1, 125)[:, :100].mean(axis=1)
    squares = ((runs - mean) ** 2).sum() / chain_variance(matrix, output, 100)[1]
    assert abs(stats.chi2(len(runs)).cdf(squares) - 0.5) < 0.5 - LEVEL
    assert stats.chi2(len(runs)).sf(squares * 1.3**2) < LEVEL


@pytest.mark.parametrize(("kind", "x", "z", "result"), CASES)
def test_bias_falls_with_the_width_of_the_counter(kind, x, z, result):
    biases = [chain_variance(*chain(FeedbackParameters(width, kind), x, z), 1)[0] - result for width in (4, 6, 7)]
    assert abs(biases[2]) < abs(biases[0]) / 3 < 0.02


def test_rows_of_the_chain_are_probabilities():
    for kind in ("divide", "square root"):
        matrix, _ = chain(FeedbackParameters(3, kind), 0.3, 0.7)
        assert matrix.sum(axis=1) == pytest.approx(np.ones(16))


def test_bad_parameters_are_quoted():
    with pytest.raises(ValueError, match="width must be 2 to 16 bits, not 1"):
        FeedbackParameters(1)
    with pytest.raises(ValueError, match="one of divide, square root, not 'x'"):
        FeedbackParameters(4, "x")
