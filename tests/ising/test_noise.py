"""Noise words: their probabilities, and that any two of a clock are independent."""

import itertools
import math

import numpy as np
import pytest

from hwpy.entropy.taps import WIDE_TAPS
from hwpy.ising.noise import Noise, NoiseParameters


@pytest.mark.parametrize("step_bits", [None, 0, 2])
@pytest.mark.parametrize("beta", [0.0, 0.3, 1.0])
def test_thresholds_are_those_of_the_logistic_law(step_bits, beta):
    p = NoiseParameters(3, (2, 4, 6), 4, 12, step_bits)
    found = np.array(p.thresholds(beta)) / (1 << p.threshold_bits)
    beyond = np.array([1 - math.tanh(beta * v) for v in p.levels])  # P(|X| > v), X logistic
    given = beyond if step_bits is None else beyond / np.array([1, *beyond[:-1]])
    # Rounded to the nearest, but 1 is not to be had.
    assert np.abs(found - np.minimum(given, 1 - 2.0**-16)).max() <= 2.0**-17


@pytest.mark.parametrize("step_bits", [None, 0, 1])
def test_the_dither_makes_each_outcomes_mean_exact(step_bits):
    """Over every random magnitude, and a whole period of the Weyl sequence, an outcome comes threshold times."""
    p = NoiseParameters(1, (2, 4), 3, 4, step_bits, "direct", dither_delays=1)
    thresholds = (77, 33)
    noise = Noise(p)
    magnitudes = list(itertools.product((0, 1), repeat=p.word_bits - 1))
    counts = np.zeros(2, int)
    for _ in range(1 << p.threshold_bits):
        weyl = list(noise.weyl)
        for bits in magnitudes:
            noise.weyl = list(weyl)
            counts += noise.step(np.array([0, *bits], np.uint8), thresholds)[1][0]
    assert (counts == np.array(thresholds) * len(magnitudes)).all()


def rank(rows):
    """Rank over GF(2) of sets of places."""
    basis = []
    for row in rows:
        number = sum(1 << place for place in row)
        for leader in basis:
            number = min(number, number ^ leader)
        if number:
            basis.append(number)
    return len(basis)


def dependent_words(taps):
    """Pairs of words whose bits, as sums of pool bits, are not linearly independent."""
    words = [[tuple(t for t in bit if t >= 0) for bit in word] for word in taps.tolist()]
    places = [{t for bit in word for t in bit} for word in words]
    # Words that share no two places have no cycle between them.
    near = [(a, b) for a, b in itertools.combinations(range(len(words)), 2) if len(places[a] & places[b]) >= 2]
    return [(a, b) for a, b in near if rank(words[a] + words[b]) < len(words[a]) + len(words[b])]


ARRANGEMENTS = [(4, 4, 2), (200, 4, None), (400, 4, 2), (60, 8, None)]


@pytest.mark.parametrize(("units", "fresh_bits", "step_bits"), ARRANGEMENTS)
def test_any_two_words_are_independent(units, fresh_bits, step_bits):
    p = NoiseParameters(units, (2, 4), fresh_bits, 16 - fresh_bits, step_bits)
    assert all(rank([[t for t in bit if t >= 0] for bit in word]) == p.word_bits for word in p.taps.tolist())
    assert dependent_words(p.taps) == []


def test_power_a_pool_whose_pairs_come_round_again_is_seen():
    p = NoiseParameters(400, (2, 4), 4, 12, 2)
    taps = p.taps.copy()
    taps[207:, 1:] = taps[:193, 1:]
    assert len(dependent_words(taps)) >= 193


@pytest.mark.parametrize(("units", "fresh_bits", "step_bits"), ARRANGEMENTS)
def test_no_pair_is_as_far_apart_as_two_taps_of_the_register(units, fresh_bits, step_bits):
    p = NoiseParameters(units, (2, 4), fresh_bits, 16 - fresh_bits, step_bits)
    distances = {abs(a - b) for a, b in p.taps[:, 1:].reshape(-1, 2).tolist()}
    assert distances.isdisjoint(abs(a - b) for a, b in itertools.combinations(WIDE_TAPS[p.pool_width], 2))
