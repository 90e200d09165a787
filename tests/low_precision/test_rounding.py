"""Rounding proved by enumeration: every number of 12 bits, every number of dropped bits, every random word.

A narrower number is one of these with its sign extended, so widths below 12 are proved with it. The expected counts
are rounded by Python's exact fractions.
"""

import math
from fractions import Fraction

import numpy as np
import pytest

from benchmarks.rounding_proof import RAW, STOCHASTIC, WIDTH, biases, words_that_go_up
from hwpy.low_precision.rounding import MODES, Rounding, shift_right

SHIFTS = range(WIDTH + 1)

EXACT = {
    "nearest": round,
    "zero": math.trunc,
    "floor": math.floor,
}
# D, the number of words that go up, from d, the wanted one.
COUNTS = {
    "stochastic": round,
    "stochastic-fast": lambda d: math.floor(d + Fraction(1, 2)),
    "stochastic-naive": math.floor,
}


@pytest.mark.parametrize("mode", EXACT)
def test_deterministic_modes_are_those_of_exact_fractions(mode):
    for shift in SHIFTS:
        expected = [EXACT[mode](Fraction(int(raw), 1 << shift)) for raw in RAW]
        assert shift_right(RAW, shift, Rounding(mode)).tolist() == expected


@pytest.mark.parametrize("mode", STOCHASTIC)
def test_stochastic_rounding_with_all_bits_is_exactly_unbiased(mode):
    for shift in range(1, WIDTH + 1):
        assert (biases(mode, shift, shift) == 0).all()
    # Bits beyond those dropped do not harm.
    assert (biases(mode, 4, 8) == 0).all()


@pytest.mark.parametrize("mode", STOCHASTIC)
def test_few_bits_go_up_for_the_defined_number_of_words(mode):
    for shift in range(1, WIDTH + 1):
        rest = RAW & ((1 << shift) - 1)
        for bits in range(1, shift):
            expected = [COUNTS[mode](Fraction(value, 1 << (shift - bits))) for value in range(1 << shift)]
            assert (words_that_go_up(mode, shift, bits) == np.array(expected)[rest]).all()


def test_few_bits_of_the_corrected_scheme_keep_the_bound_and_have_no_mean_bias():
    for shift in range(2, WIDTH + 1):
        for bits in range(1, shift):
            bias = biases("stochastic", shift, bits)
            assert abs(bias).max() == 2.0 ** -(bits + 1)
            assert bias.sum() == 0


def test_few_bits_of_the_fast_scheme_keep_the_bound_and_drift_up_by_half_a_dropped_bit():
    for shift in range(2, WIDTH + 1):
        for bits in range(1, shift):
            bias = biases("stochastic-fast", shift, bits)
            assert abs(bias).max() == 2.0 ** -(bits + 1)
            assert bias.mean() == 2.0 ** -(shift + 1)


def test_few_bits_of_the_naive_scheme_drift_down():
    for shift in range(2, WIDTH + 1):
        for bits in range(1, shift):
            bias = biases("stochastic-naive", shift, bits)
            assert bias.max() == 0
            assert bias.min() == -(2.0**-bits - 2.0**-shift)
            assert bias.mean() == -(2.0**-bits - 2.0**-shift) / 2


def test_a_full_word_added_and_cut_off_is_the_definition():
    numbers = np.random.default_rng(1)
    raw = numbers.integers(-(2**31), 2**31, 10_000)
    words = numbers.integers(0, 2**20, 10_000)
    for mode in STOCHASTIC:
        assert (shift_right(raw, 20, Rounding(mode, 20), words) == (raw + words) // 2**20).all()


@pytest.mark.parametrize("mode", MODES)
def test_numbers_of_64_bits_do_not_overflow(mode):
    raw = np.array([-(2**63), -(2**63) + 1, -1, 0, 1, 2**62, 2**63 - 1])
    bits = 62 if mode in STOCHASTIC else 0
    word = (1 << bits) - 1
    for shift in (1, 31, 61, 62):
        result = shift_right(raw, shift, Rounding(mode, bits), np.full(7, word) if bits else None)
        # The largest word goes up whenever anything is dropped.
        exact = EXACT.get(mode, math.ceil)
        assert result.tolist() == [exact(Fraction(int(r), 1 << shift)) for r in raw]


def test_each_number_can_have_its_own_shift():
    numbers = np.random.default_rng(2)
    raw, shift, words = numbers.integers(-1000, 1000, 500), numbers.integers(0, 11, 500), numbers.integers(0, 32, 500)
    for mode in MODES:
        rounding = Rounding(mode, 5 if mode in STOCHASTIC else 0)
        together = shift_right(raw, shift, rounding, words if mode in STOCHASTIC else None)
        for one in range(500):
            word = words[one] if mode in STOCHASTIC else None
            assert together[one] == shift_right(raw[one], shift[one], rounding, word)


def test_shape_and_a_whole_number_are_kept():
    raw = RAW.reshape(64, 64)
    assert shift_right(raw, 3, Rounding("floor")).shape == (64, 64)
    assert shift_right(5, 1, Rounding("nearest")) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("up", 0), "'up'"),
        (("stochastic", 0), "not 0"),
        (("stochastic-naive", 63), "not 63"),
        (("nearest", 3), "not 3"),
    ],
)
def test_what_is_no_rounding_is_refused_and_quoted(arguments, message):
    with pytest.raises(ValueError, match=message):
        Rounding(*arguments)


@pytest.mark.parametrize(
    ("shift", "rounding", "words", "message"),
    [
        (-1, Rounding("floor"), None, "not -1"),
        (63, Rounding("floor"), None, "not 63"),
        (2, Rounding("stochastic", 2), None, "needs random words"),
        (2, Rounding("nearest"), [1, 2], "takes no random words"),
        (2, Rounding("stochastic", 2), [1], r"\(1,\)"),
        (2, Rounding("stochastic", 2), [1, 4], "not 4"),
        (2, Rounding("stochastic", 2), [1, -1], "not -1"),
    ],
)
def test_wrong_shifts_and_words_are_refused(shift, rounding, words, message):
    with pytest.raises(ValueError, match=message):
        shift_right([5, 6], shift, rounding, words)
