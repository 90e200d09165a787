"""Generators: exact probabilities by enumeration, junction streams against the chain."""

import numpy as np
import pytest
from scipy import stats

from hwpy.stochastic_computing.encoding import correlated_error
from hwpy.stochastic_computing.generator import Generator, GeneratorParameters, junction_streams, rotate

LEVEL = 0.001


@pytest.mark.parametrize("method", ["comparator", "weighted"])
@pytest.mark.parametrize("rotation", [0, 3])
def test_over_all_words_every_code_has_its_probability_exactly(method, rotation):
    words = np.arange(32)
    for code in range(32):
        bank = Generator(GeneratorParameters(5, method=method, rotations=(rotation,)))
        assert bank.streams(words, [code]).sum() == code


def test_comparator_code_of_the_whole_range_is_always_one():
    assert Generator(GeneratorParameters(3)).streams(np.arange(8), [8]).all()


@pytest.mark.parametrize("method", ["comparator", "weighted"])
@pytest.mark.parametrize("fresh", [False, True])
def test_streams_at_once_are_those_of_the_clocked_model(method, fresh):
    parameters = GeneratorParameters(6, 3, method, fresh, (0, 2, 5), (1, 0, 4))
    generator = np.random.default_rng(1)
    words = generator.integers(0, 64, size=(3, 60) if fresh else (60,))
    codes = [5, 40, 63]
    packed = sum(code << 6 * j for j, code in enumerate(codes))
    model, bits = Generator(parameters), []
    for i in range(60):
        word = sum(int(row[i]) << 6 * j for j, row in enumerate(np.atleast_2d(words)))
        model.step(word, packed, True)
        if model.valid:
            bits.append([model.payload >> j & 1 for j in range(3)])
    assert (Generator(parameters).streams(words, codes) == np.array(bits).T).all()


def test_rotation_is_that_of_the_binary_digits():
    for word in range(32):
        digits = format(word, "05b")
        assert rotate(word, 2, 5) == int(digits[2:] + digits[:2], 2)


@pytest.mark.parametrize("correlation", [0.0, 0.8])
def test_junction_streams_have_the_mean_and_spread_of_the_chain(correlation):
    p, length, count = 0.3, 64, 4000
    means = junction_streams(np.full(count, p), length, np.random.default_rng(2), correlation).mean(axis=1)
    error = correlated_error(p, length, correlation)
    assert stats.norm.sf(abs(means.mean() - p) / error * count**0.5) * 2 > LEVEL
    # The sum of squares over the variance is nearly chi-square: the means are nearly normal.
    tail = stats.chi2(count).sf(((means - p) ** 2).sum() / error**2)
    assert LEVEL < tail < 1 - LEVEL
    # Power: the error of the wrong correlation is refused.
    wrong = correlated_error(p, length, 0.1 if correlation == 0 else 0.75)
    assert not LEVEL < stats.chi2(count).sf(((means - p) ** 2).sum() / wrong**2) < 1 - LEVEL


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"width": 0}, "width must be 1 to 32 bits, not 0"),
        ({"width": 4, "count": 0}, "count must be positive, not 0"),
        ({"width": 4, "method": "x"}, "method must be one of comparator, weighted, not 'x'"),
        ({"width": 4, "rotations": (4,)}, "rotations must be 1 numbers from 0 to 3, not (4,)"),
        ({"width": 4, "count": 2, "delays": (0,)}, "delays must be 2 numbers from 0 to 64, not (0,)"),
    ],
)
def test_bad_parameters_are_quoted(arguments, message):
    with pytest.raises(ValueError, match="generator") as error:
        GeneratorParameters(**arguments)
    assert message in str(error.value)
