"""Probabilities in 16 bits: every code, against IEEE 754 and against the count of the draws that succeed."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from hwpy.entropy.escape import CODE_BITS, RANDOM_BITS, decode, draw, draws, encode, waits

codes = st.integers(0, (1 << CODE_BITS) - 1)


def test_codes_are_in_the_order_of_their_probabilities_and_come_back_from_them():
    values = [decode(code) for code in range(1 << CODE_BITS)]
    assert values[0] == 0
    assert values[-1] == 1 - 2**-12
    assert values == sorted(set(values))
    assert [encode(value) for value in values] == list(range(1 << CODE_BITS))


@given(st.integers(0, (1 << 15) - 1))
def test_the_format_is_that_of_half_precision_with_one_more_fraction_bit(half):
    """Codes with an even fraction are IEEE 754 binary16 without its sign, scaled; the infinities are numbers here."""
    if half >> 10 == 31:
        return
    value = float(np.array(half, np.uint16).view(np.float16))
    assert decode(half << 1) == value * 2**-17


@given(codes)
def test_a_draw_succeeds_for_as_many_random_words_as_the_probability_says(code):
    # The low 12 bits, all others 0; then how many of the others must be 0, one at a time.
    low = np.arange(1 << 12)
    by_low = draws(code, low)
    needed = [bit for bit in range(12, RANDOM_BITS) if not draw(code, 1 << bit) and draw(code, 0)]
    if code:
        assert by_low.mean() * 2.0 ** -len(needed) == decode(code)
    else:
        assert not by_low.any()
    # That these bits act one by one, whatever the rest: so the counts multiply.
    for random in (1 << 12 | 3, (1 << RANDOM_BITS) - 1 - 0xFFF, 0x2AAAAAAA << 12, 5 << 30):
        assert draw(code, random) == (by_low[random & 0xFFF] and not any(random >> bit & 1 for bit in needed))


@given(codes, st.lists(st.integers(0, (1 << RANDOM_BITS) - 1), min_size=1))
def test_many_draws_are_the_single_draws(code, random):
    assert draws(code, random).tolist() == [draw(code, word) for word in random]


@pytest.mark.parametrize("code", [3, 2048, 20_000, 40_000, 60_000, 65_535])
def test_waits_have_the_law_of_trials_one_by_one(code):
    """Their probability is drawn anew for the bits that are jumped over; power: a probability 5 % off."""
    found = waits(code, 20_000, np.random.default_rng(code))
    assert len(found) == 20_000
    p = decode(code)
    spread = np.random.default_rng(code + 1).random(len(found))

    def p_value(p):
        # A geometric number, spread evenly within its last trial, is uniform by its distribution function.
        before = np.exp((found - 1) * np.log1p(-p))
        return stats.kstest(1 - before * (1 - spread * p), "uniform").pvalue

    assert p_value(p) > 0.001
    if p < 0.9:
        assert p_value(1.05 * p) < 0.001
    with pytest.raises(ValueError, match="an event needs a code above 0, not 0"):
        waits(0, 1, np.random.default_rng(1))


@given(st.floats(2**-31, 1))
def test_rounding_is_within_a_4096th(probability):
    assert decode(encode(probability)) == pytest.approx(probability, rel=2**-12)


@pytest.mark.parametrize("bad", [-0.1, 1.1, math.nan, 1e-14])
def test_what_is_no_probability_or_would_be_rounded_to_never_is_refused(bad):
    with pytest.raises(ValueError, match=f"a probability.* {bad!r}"):
        encode(bad)


def test_a_code_of_more_than_16_bits_is_refused():
    with pytest.raises(ValueError, match="an escape code must be 0 to 65535, not 65536"):
        decode(65536)
