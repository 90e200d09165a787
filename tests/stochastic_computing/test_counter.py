"""Counters: exhaustive sums, the approximate counter's error against its law."""

import numpy as np
import pytest
from scipy import stats

from hwpy.stochastic_computing.counter import Counter, CounterParameters, approximate_count, approximate_error

LEVEL = 0.001


@pytest.mark.parametrize("inputs", [1, 2, 7, 8])
def test_an_exact_increment_is_the_number_of_ones(inputs):
    for encoding, value in (("unipolar", lambda n: n), ("bipolar", lambda n: 2 * n - inputs)):
        counter = Counter(CounterParameters(inputs, 4, encoding))
        assert all(counter.increment(word) == value(bin(word).count("1")) for word in range(1 << inputs))


def test_totals_are_those_of_the_whole_streams():
    generator = np.random.default_rng(1)
    for encoding in ("unipolar", "bipolar", "two-rail"):
        for approximate in (False, True):
            parameters = CounterParameters(6, 50, encoding, approximate)
            shape = (2, 6, 50) if encoding == "two-rail" else (6, 50)
            bits = generator.integers(0, 2, size=shape)
            flat = bits.reshape(-1, 50)
            model = Counter(parameters)
            for clock in range(50):
                model.step(sum(int(bit) << k for k, bit in enumerate(flat[:, clock])), False)
            assert model.valid
            assert model.payload == model.total(bits)


def test_the_total_of_two_rails_is_their_difference():
    bits = np.zeros((2, 3, 10), dtype=int)
    bits[0, :, :4], bits[1, 0, :] = 1, 1
    assert Counter(CounterParameters(3, 10, "two-rail")).total(bits) == 12 - 10


def test_error_of_the_approximate_count_is_that_of_all_words_by_their_probability():
    p = np.array([0.1, 0.3, 0.5, 0.9, 0.7, 0.2])
    words = (np.arange(64)[:, None] >> np.arange(6)) & 1
    weight = np.where(words, p, 1 - p).prod(axis=1)
    error = approximate_count(words) - words.sum(axis=1)
    mean, variance = approximate_error(p)
    assert mean == pytest.approx((weight * error).sum())
    assert variance == pytest.approx((weight * error**2).sum() - mean**2)


def test_error_of_the_approximate_count_is_found_in_streams():
    p = np.linspace(0.1, 0.8, 16)
    bits = np.random.default_rng(2).random((20_000, 16)) < p
    errors = approximate_count(bits) - bits.sum(axis=1)
    mean, variance = approximate_error(p)
    z = (errors.mean() - mean) / (variance / len(errors)) ** 0.5
    assert 2 * stats.norm.sf(abs(z)) > LEVEL
    # Power: it is told from an unbiased one.
    assert 2 * stats.norm.sf(abs(errors.mean()) / (variance / len(errors)) ** 0.5) < LEVEL


def test_alike_pairs_leave_the_approximate_count_unbiased():
    mean, variance = approximate_error(np.full(16, 0.3))
    assert mean == pytest.approx(0)
    assert variance == pytest.approx(8 * 0.42 * 0.58)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"inputs": 0}, "inputs must be positive, not 0"),
        ({"length": 0}, "length must be 1 to 2\\*\\*24, not 0"),
        ({"encoding": "x"}, "encoding must be one of unipolar, bipolar, two-rail, not 'x'"),
        ({"inputs": 3, "approximate": True}, "even number of inputs, not 3"),
    ],
)
def test_bad_parameters_are_quoted(arguments, message):
    with pytest.raises(ValueError, match=message):
        CounterParameters(**arguments)
