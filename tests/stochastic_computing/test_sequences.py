"""Words for generators: SciPy's Sobol points, a register's whole period, and the seed search against brute force."""

import itertools

import numpy as np
import pytest
from scipy.stats import qmc

from hwpy.entropy.lfsr import LfsrParameters
from hwpy.stochastic_computing import seed_search
from hwpy.stochastic_computing.generator import Generator, GeneratorParameters
from hwpy.stochastic_computing.sequences import SobolParameters, counter_words, lfsr_words, sobol_words


@pytest.mark.parametrize("width", [1, 5, 10])
def test_sobol_words_are_the_points_of_joe_and_kuo(width):
    points = qmc.Sobol(32, scramble=False, bits=30).random_base2(width)
    assert (np.floor(points * 2**width) == sobol_words(SobolParameters(width, 32), 2**width).T).all()


def test_dimensions_beyond_the_table_continue_it():
    points = qmc.Sobol(50, scramble=False, bits=30).random_base2(8)
    assert (np.floor(points * 256) == sobol_words(SobolParameters(8, 50), 256).T).all()


def test_each_sobol_dimension_gives_each_word_once_a_period_and_starts_again():
    words = sobol_words(SobolParameters(6, 9), 128)
    assert (np.sort(words[:, :64], axis=1) == np.arange(64)).all()
    assert (words[:, 64:] == words[:, :64]).all()


@pytest.mark.parametrize("form", ["fibonacci", "galois"])
def test_a_register_gives_every_word_but_zero_once_a_period(form):
    words = lfsr_words(LfsrParameters(8, form=form), 5, 255)
    assert sorted(words) == list(range(1, 256))


def test_the_counter_counts():
    assert counter_words(2, 6).tolist() == [0, 1, 2, 3, 0, 1]


def test_product_errors_are_those_of_the_streams_themselves():
    generator = np.random.default_rng(3)
    words = generator.integers(0, 8, size=(2, 20))
    errors = seed_search.product_errors(*words, 3)
    for a, b in itertools.product(range(8), repeat=2):
        bits = Generator(GeneratorParameters(3, 2, fresh=True)).streams(words, [a, b])
        assert errors[a, b] == pytest.approx((bits[0] & bits[1]).mean() - a * b / 64, abs=1e-12)


def test_independent_rms_is_that_of_random_words():
    generator = np.random.default_rng(4)
    squares = [seed_search.product_rms(*generator.integers(0, 16, size=(2, 64)), 4) ** 2 for _ in range(1000)]
    spread = np.std(squares) / 1000**0.5
    assert abs(np.mean(squares) - seed_search.independent_rms(4, 64) ** 2) < 3.3 * spread
    # Power: a length off by a tenth is told.
    assert abs(np.mean(squares) - seed_search.independent_rms(4, 71) ** 2) > 3.3 * spread


def test_maximal_taps_are_as_many_as_there_are_primitive_polynomials():
    # Euler's phi(2^w - 1) / w.
    assert [len(seed_search.maximal_taps(width)) for width in (3, 4, 5, 6, 7, 8)] == [2, 2, 6, 6, 18, 16]


def test_the_best_shared_pairing_does_what_it_says():
    best, *_, worst = seed_search.search_shared(6, 63)
    words = lfsr_words(LfsrParameters(6, best.taps[0]), best.seeds[0], 63 + 3)
    parameters = GeneratorParameters(6, 2, rotations=(0, best.rotation), delays=(0, best.delay))
    squares = []
    for a, b in itertools.product(range(64), repeat=2):
        bits = Generator(parameters).streams(words[3 - best.delay :], [a, b])
        squares.append(((bits[0] & bits[1]).mean() - a * b / 4096) ** 2)
    assert best.error == pytest.approx(np.mean(squares) ** 0.5)
    assert best.error < seed_search.independent_rms(6, 63) / 3
    assert worst.error > seed_search.independent_rms(6, 63)


def test_chosen_views_are_distinct_and_better_than_rotation_in_order():
    words = lfsr_words(LfsrParameters(8), 1, 255 + 7)
    views = seed_search.choose_views(words, 8, 6)
    assert len(set(views)) == 6

    def worst(chosen):
        bank = [seed_search.rotate(words[7 - d : len(words) - d], r, 8) for d, r in chosen]
        return max(seed_search.product_rms(a, b, 8) for a, b in itertools.combinations(bank, 2))

    assert worst(views) < 0.5 * worst([(0, k) for k in range(6)])


def test_bad_parameters_are_quoted():
    with pytest.raises(ValueError, match="Sobol width must be 1 to 16 bits, not 17"):
        SobolParameters(17)
    with pytest.raises(ValueError, match="Sobol dimensions must be 1 to 21201, not 0"):
        SobolParameters(8, 0)
    with pytest.raises(ValueError, match="8 views do not make 9 streams"):
        seed_search.choose_views(np.arange(20), 8, 9, delays=(0,))
