"""Encodings and their errors: against enumeration, simulation and a capacity iteration; SCC against its limits."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from hwpy.stochastic_computing import encoding
from hwpy.stochastic_computing.correlation import scc, scc_matrix
from hwpy.stochastic_computing.generator import Generator, GeneratorParameters, junction_streams
from hwpy.stochastic_computing.sequences import SobolParameters, sobol_words

LEVEL = 0.001


@pytest.mark.parametrize("kind", ["unipolar", "bipolar", "two-rail"])
def test_what_is_encoded_is_decoded_with_the_standard_error_of_the_formula(kind):
    values = np.array([0.0, 0.2, 1.0] if kind == "unipolar" else [-1.0, -0.4, 0.0, 0.7])
    length, count = 64, 5000
    p = encoding.encode(values, kind)
    bits = np.random.default_rng(1).random((count, *p.shape, length)) < p[..., None]
    found = np.array([encoding.decode(one, kind) for one in bits])
    error = encoding.independent_error(values, length, kind)
    certain = error == 0
    assert (found[:, certain] == values[certain]).all()
    z = (found.mean(axis=0) - values)[~certain] / error[~certain] * count**0.5
    squares = (((found - values) ** 2).sum(axis=0))[~certain] / error[~certain] ** 2
    assert (2 * stats.norm.sf(abs(z)) > LEVEL).all()
    assert (abs(stats.chi2(count).cdf(squares) - 0.5) < 0.5 - LEVEL).all()
    # Power: an error a tenth too large is told.
    assert (stats.chi2(count).cdf(squares / 1.1**2) < LEVEL).all()


@pytest.mark.parametrize("kind", ["unipolar", "bipolar", "two-rail"])
def test_a_value_outside_is_quoted(kind):
    with pytest.raises(ValueError, match=f"a {kind} value must be .* to 1, not 1.5"):
        encoding.encode([0.5, 1.5], kind)
    with pytest.raises(ValueError, match="encoding must be one of"):
        encoding.encode(0.5, "x")


def test_correlated_error_is_that_of_every_path_of_the_chain():
    p, r, length = 0.3, 0.6, 6
    matrix = np.array([[1 - p * (1 - r), p * (1 - r)], [(1 - p) * (1 - r), 1 - (1 - p) * (1 - r)]])
    second = 0.0
    for path in itertools.product((0, 1), repeat=length):
        weight = (1 - p, p)[path[0]] * math.prod(matrix[a, b] for a, b in itertools.pairwise(path))
        second += weight * np.mean(path) ** 2
    variance = second - p**2
    assert encoding.correlated_error(p, length, r) ** 2 == pytest.approx(variance)
    mean, found = encoding.chain_variance(matrix, [0, 1], length)
    assert (mean, found) == (pytest.approx(p), pytest.approx(variance))
    assert encoding.correlated_error(p, 100, 0.0) == pytest.approx(encoding.independent_error(p, 100))


def test_stratified_error_is_that_of_a_sobol_stream_whose_low_bits_are_random():
    # The word of each stratum with each offset: only that of the stratum of the code matters, so this is all cases.
    words = sobol_words(SobolParameters(4), 16) * 256 + np.arange(256)[:, None]
    for code in (0, 100, 1000, 2048, 4095):
        errors = (words < code).mean(axis=1) - code / 4096
        assert errors.mean() == pytest.approx(0, abs=1e-12)
        assert errors.std() == pytest.approx(float(encoding.stratified_error(code / 4096, 16)), abs=1e-12)
    assert encoding.stratified_error(np.linspace(0, 1, 999), 16).max() <= 1 / 32


def test_levels_are_those_of_the_paper():
    assert [encoding.levels(length) for length in (64, 1024, 16384)] == [16, 64, 256]
    assert encoding.levels(64, spacing="arcsine") == pytest.approx(8 * math.pi)
    with pytest.raises(ValueError, match="spacing must be even or arcsine, not 'x'"):
        encoding.levels(64, spacing="x")


@pytest.mark.parametrize(("length", "missing"), [(16, 0.42), (64, 0.22), (256, 0.11)])
def test_capacity_is_below_that_of_the_blahut_arimoto_iteration_by_what_it_says(length, missing):
    p = (1 - np.cos(np.linspace(0, np.pi, 101))) / 2
    channel = stats.binom.pmf(np.arange(length + 1), length, p[:, None])
    logarithm = np.log2(np.where(channel > 0, channel, 1))
    prior = np.full(len(p), 1 / len(p))
    for _ in range(1000):
        divergence = (channel * (logarithm - np.log2(prior @ channel))).sum(axis=1)
        prior = prior * np.exp2(divergence)
        prior /= prior.sum()
    assert float(prior @ divergence) - encoding.capacity(length) == pytest.approx(missing, abs=0.015)


def test_scc_is_one_and_minus_one_at_most_and_least_overlap():
    for ones, others in itertools.product(range(1, 10), repeat=2):
        first = np.arange(10) < ones
        assert scc(first, np.arange(10) < others) == 1
        assert scc(first, np.arange(10) >= 10 - others) == -1


def test_scc_of_streams_on_one_word_is_one_and_of_fresh_words_none():
    generator = np.random.default_rng(3)
    shared = Generator(GeneratorParameters(8, 3)).streams(generator.integers(0, 256, 4096), [30, 128, 200])
    assert (scc_matrix(shared) == 1).all()
    fresh = Generator(GeneratorParameters(8, 2, fresh=True)).streams(generator.integers(0, 256, (2, 4096)), [100, 128])
    both = (fresh[0] & fresh[1]).mean()
    assert 2 * stats.norm.sf(abs(both - 50 / 256) / (50 / 256 * 206 / 256 / 4096) ** 0.5) > LEVEL
    assert abs(scc(*fresh)) < 0.1


def test_scc_of_a_constant_stream_is_zero_and_of_junctions_small():
    streams = np.vstack([np.ones(1000), junction_streams([0.5, 0.3], 1000, np.random.default_rng(4))]).astype(int)
    matrix = scc_matrix(streams)
    assert (matrix[0] == 0).all()
    assert abs(matrix[1, 2]) < 0.2
    with pytest.raises(ValueError, match="two streams of one length"):
        scc([0, 1], [1])


def test_scc_by_its_definition():
    generator = np.random.default_rng(5)
    for _ in range(50):
        a, b = generator.integers(0, 2, size=(2, 12))
        p, q, both = a.mean(), b.mean(), (a & b).mean()
        room = min(p, q) - p * q if both > p * q else p * q - max(p + q - 1, 0)
        assert scc(a, b) == pytest.approx((both - p * q) / room if room else 0)
