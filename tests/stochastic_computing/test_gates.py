"""Gates: mean and variance of each against theory for independent and correlated inputs. Level 0.001, fixed seeds."""

import itertools

import numpy as np
import pytest
from scipy import stats

from hwpy.stochastic_computing.gates import Gate, GateParameters, expectation, standard_error
from hwpy.stochastic_computing.generator import Generator, GeneratorParameters

LEVEL = 0.001
LENGTH, RUNS = 100, 400


def _inputs(probabilities, scc, runs=RUNS):
    """Streams (inputs, runs * LENGTH): the first two with the SCC given, 0 or +-1, the rest independent."""
    numbers = np.random.default_rng(7).random((len(probabilities), runs * LENGTH))
    if scc:
        numbers[1] = numbers[0] if scc == 1 else 1 - numbers[0]
    return (numbers < np.array(probabilities)[:, None]).astype(int)


CASES = [
    ("not", [0.3], 0),
    ("and", [0.6, 0.5], 0),
    ("and", [0.6, 0.5], 1),
    ("and", [0.6, 0.5], -1),
    ("and", [0.9, 0.8, 0.7, 0.6], 0),
    ("or", [0.3, 0.4], 0),
    ("or", [0.3, 0.4], 1),
    ("or", [0.3, 0.4], -1),
    ("or", [0.1, 0.2, 0.3, 0.1], 0),
    ("xor", [0.3, 0.4], 0),
    ("xor", [0.3, 0.8], 1),
    ("xor", [0.7, 0.8], -1),
    ("xor", [0.3, 0.2, 0.4], 0),
    ("xnor", [0.8, 0.3], 0),
    ("xnor", [0.8, 0.3], 1),
    ("mux", [0.2, 0.9, 0.5], 0),
    ("mux", [0.2, 0.9, 0.3], 1),
    ("divide", [0.2, 0.5], 1),
    ("divide", [0.6, 0.8], 1),
    ("divide", [0.4, 0.5], 0),
    ("divide", [0.4, 0.8], -1),
]


@pytest.mark.parametrize(("kind", "p", "scc"), CASES)
def test_mean_and_variance_are_those_of_theory(kind, p, scc):
    bits = Gate(GateParameters(kind, len(p))).run(_inputs(p, scc))
    y, error = expectation(kind, p, scc), standard_error(kind, p, LENGTH, scc)
    whole = standard_error(kind, p, LENGTH * RUNS, scc)
    assert 2 * stats.norm.sf(abs(bits.mean() - y) / whole) > LEVEL
    squares = ((bits.reshape(RUNS, LENGTH).mean(axis=1) - y) ** 2).sum() / error**2
    assert abs(stats.chi2(RUNS).cdf(squares) - 0.5) < 0.5 - LEVEL
    # Power: a mean 0.02 off and an error a quarter off are told.
    assert 2 * stats.norm.sf(abs(bits.mean() - y - 0.02) / whole) < LEVEL
    assert stats.chi2(RUNS).sf(squares * 1.25**2) < LEVEL


@pytest.mark.parametrize("kind", ["and", "or", "xor", "xnor"])
def test_correlation_between_is_linear_in_the_overlap(kind):
    p = [0.3, 0.6]
    ends = [expectation(kind, p, scc) for scc in (-1, 0, 1)]
    assert expectation(kind, p, 0.5) == pytest.approx((ends[1] + ends[2]) / 2)
    assert expectation(kind, p, -0.25) == pytest.approx(0.25 * ends[0] + 0.75 * ends[1])


def test_xnor_multiplies_bipolar_values():
    for x, y in itertools.product(np.linspace(-1, 1, 9), repeat=2):
        p = expectation("xnor", [(1 + x) / 2, (1 + y) / 2])
        assert 2 * p - 1 == pytest.approx(x * y)


def test_streams_on_one_word_subtract_and_take_extremes_exactly():
    words = np.arange(64)
    for a, b in itertools.product(range(0, 65, 5), repeat=2):
        streams = Generator(GeneratorParameters(6, 2)).streams(words, [a, b])
        for kind, value in (("xor", abs(a - b)), ("or", max(a, b)), ("and", min(a, b))):
            assert Gate(GateParameters(kind)).run(streams).sum() == value


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: GateParameters("nand"), "gate kind must be one of .*, not 'nand'"),
        (lambda: GateParameters("and", 1), "gate 'and' has at least 2 inputs, not 1"),
        (lambda: GateParameters("mux", 2), "gate 'mux' has 3 inputs, not 2"),
        (lambda: expectation("and", [0.5, 0.5], 2), "SCC must be -1 to 1, not 2"),
        (lambda: expectation("or", [0.5] * 3, 1), "SCC 1 of more than two inputs"),
        (lambda: expectation("divide", [0.5, 0.0], 1), "a divisor must be above 0, not 0.0"),
    ],
)
def test_bad_parameters_are_quoted(call, message):
    with pytest.raises(ValueError, match=message):
        call()
