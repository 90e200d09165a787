"""Decorrelators: order and number of ones, SCC before and after. Fixed seeds."""

import numpy as np
import pytest
from scipy import stats

from hwpy.stochastic_computing.correlation import scc
from hwpy.stochastic_computing.decorrelator import Decorrelator, DecorrelatorParameters
from hwpy.stochastic_computing.generator import Generator, GeneratorParameters

LEVEL = 0.001
LENGTH = 20_000


def _alike():
    """Two streams on one word, so of SCC 1."""
    words = np.random.default_rng(1).integers(0, 256, LENGTH)
    return Generator(GeneratorParameters(8, 2)).streams(words, [100, 180])


@pytest.mark.parametrize("parameters", [DecorrelatorParameters(1), DecorrelatorParameters(3)], ids=str)
def test_an_isolator_is_a_delay(parameters):
    stream = _alike()[0]
    out = Decorrelator(parameters).run(stream)
    assert (out[parameters.depth :] == stream[: -parameters.depth]).all()


def test_a_shuffle_buffer_keeps_the_ones_but_for_those_at_the_ends():
    stream = _alike()[0]
    words = np.random.default_rng(2).integers(0, 8, LENGTH)
    out = Decorrelator(DecorrelatorParameters(8, "shuffle")).run(stream, words)
    assert abs(int(out.sum()) - int(stream.sum())) <= 4 + 4


def test_delays_of_a_shuffle_buffer_are_geometric():
    # One 1 among zeros comes out t clocks later with probability (7/8)^(t - 1) / 8.
    generator, delays = np.random.default_rng(3), []
    for _ in range(3000):
        buffer = Decorrelator(DecorrelatorParameters(8, "shuffle"))
        for place in range(8):
            buffer.step(0, place)
        buffer.step(1, int(generator.integers(8)))
        wait = 1
        while not buffer.step(0, int(generator.integers(8))):
            wait += 1
        delays.append(wait)
    edges = np.array([0, 1, 2, 4, 8, 16, 32, 10_000])
    found = np.histogram(delays, bins=edges + 0.5)[0]
    expected = 3000 * np.diff(stats.geom(1 / 8).cdf(edges))
    assert stats.chisquare(found, expected).pvalue > LEVEL
    # Power: those of a buffer of 7 are refused.
    other = np.diff(stats.geom(1 / 7).cdf(edges))
    assert stats.chisquare(found, 3000 * other / other.sum()).pvalue < LEVEL


def test_scc_is_one_before_and_falls_with_depth():
    first, second = _alike()
    assert scc(first, second) == pytest.approx(1)
    generator = np.random.default_rng(4)
    # Two independent geometric delays of mean D are equal with probability 1 / (2 D - 1): that much remains.
    for depth in (2, 4, 16):
        shuffled = [
            Decorrelator(DecorrelatorParameters(depth, "shuffle")).run(s, generator.integers(0, depth, LENGTH))
            for s in (first, second)
        ]
        assert scc(*shuffled) == pytest.approx(1 / (2 * depth - 1), abs=0.05)
    assert abs(scc(first, Decorrelator(DecorrelatorParameters(1)).run(second))) < 0.05


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"depth": 0}, "depth must be 1 to 256, not 0"),
        ({"depth": 3, "kind": "shuffle"}, "power of two from 2, not 3"),
        ({"kind": "x"}, "one of isolator, shuffle, not 'x'"),
    ],
)
def test_bad_parameters_are_quoted(arguments, message):
    with pytest.raises(ValueError, match=message):
        DecorrelatorParameters(**arguments)
