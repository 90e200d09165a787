"""Floating-point formats against ml_dtypes, NumPy's own half and single precision, and exact fractions."""

import bisect
import math
from fractions import Fraction

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwpy.low_precision.floating import FloatFormat
from hwpy.low_precision.rounding import MODES, Rounding

# name: (what holds it in NumPy, its unsigned integer)
ORACLES = {
    "e4m3": (ml_dtypes.float8_e4m3fn, np.uint8),
    "e5m2": (ml_dtypes.float8_e5m2, np.uint8),
    "bfloat16": (ml_dtypes.bfloat16, np.uint16),
    "e5m10": (np.float16, np.uint16),
}
FP8 = ["e4m3", "e5m2"]
STOCHASTIC = [mode for mode in MODES if mode.startswith("stochastic")]


def oracle_values(name):
    """The values of all codes."""
    kind, unsigned = ORACLES[name]
    with np.errstate(invalid="ignore"):
        return np.arange(1 << np.iinfo(unsigned).bits, dtype=unsigned).view(kind).astype(np.float64)


def oracle_rounds(name, values):
    """To nearest, ties to even; what is beyond the largest number saturates, which the oracle does not do."""
    with np.errstate(over="ignore", invalid="ignore"):
        rounded = values.astype(ORACLES[name][0]).astype(np.float64)
    return np.where(np.isfinite(rounded), rounded, np.copysign(FloatFormat.parse(name).highest, values))


def same(one, other):
    """Equal as numbers, NaN with NaN, and of equal sign."""
    return np.array_equal(one, other, equal_nan=True) and (np.signbit(one) == np.signbit(other))[~np.isnan(one)].all()


@pytest.mark.parametrize("name", ORACLES)
def test_every_code_has_the_value_of_the_oracle_and_is_its_own_encoding(name):
    form = FloatFormat.parse(name)
    codes = np.arange(1 << form.width)
    values = form.decode(codes)
    assert same(values, oracle_values(name))
    finite = np.isfinite(values)
    assert (form.encode(values)[finite] == codes[finite]).all()


@pytest.mark.parametrize("name", FP8)
@pytest.mark.parametrize("operation", [np.multiply, np.add])
def test_every_fp8_pair_rounds_as_the_oracle(name, operation):
    form = FloatFormat.parse(name)
    finite = oracle_values(name)
    finite = finite[np.isfinite(finite)]
    exact = operation.outer(finite, finite)
    assert same(form.decode(form.encode(exact)), oracle_rounds(name, exact))


@pytest.mark.parametrize("name", [*ORACLES, "e8m23"])
def test_sampled_doubles_round_as_the_oracle(name):
    form = FloatFormat.parse(name)
    numbers = np.random.default_rng(5)
    exponents = numbers.integers(form.lowest_exponent - form.fraction_bits - 3, form.bias + 3, 20_000)
    values = np.ldexp(numbers.uniform(-2, 2, 20_000), exponents)
    if name == "e8m23":
        with np.errstate(over="ignore"):
            expected = values.astype(np.float32).astype(np.float64)
        expected = np.clip(expected, -form.highest, form.highest)
    else:
        # The oracle rounds doubles by way of single precision: what that would round twice is left out.
        values = np.ldexp(np.rint(np.ldexp(values, 20 - exponents)), exponents - 20)
        expected = oracle_rounds(name, values)
    assert same(form.decode(form.encode(values)), expected)


@pytest.mark.parametrize("name", ["e4m3", "e5m2", "e6m5", "e2m1", "bfloat16"])
@settings(max_examples=60)
@given(data=st.data())
def test_every_mode_is_that_of_exact_fractions_between_the_two_neighbours(name, data):
    form = FloatFormat.parse(name)
    magnitudes = form.decode(np.arange(form.highest_code + 1)).tolist()
    top = math.frexp(form.highest)[1]
    value = data.draw(st.floats(-form.highest, form.highest) | st.floats(-1, 1).map(lambda x: math.ldexp(x, -top)))
    below = bisect.bisect_right(magnitudes, abs(value)) - 1
    if magnitudes[below] == abs(value):
        fraction = Fraction(0)
    else:
        low, high = Fraction(magnitudes[below]), Fraction(magnitudes[below + 1])
        fraction = (Fraction(abs(value)) - low) / (high - low)
    negative = math.copysign(1, value) < 0
    sign = negative << (form.width - 1)
    assert form.encode(value, Rounding("zero")) == below | sign
    assert form.encode(value, Rounding("floor")) == below + (negative and fraction > 0) | sign
    to_nearest = fraction > Fraction(1, 2) or (fraction == Fraction(1, 2) and below % 2)
    assert form.encode(value) == below + to_nearest | sign
    bits = data.draw(st.integers(1, 60))
    counts = (round(fraction * 2**bits), math.floor(fraction * 2**bits + Fraction(1, 2)), int(fraction * 2**bits))
    for mode, count in zip(STOCHASTIC, counts, strict=True):
        for word in {0, 2**bits - count - 1, min(2**bits - count, 2**bits - 1), 2**bits - 1} - {-1}:
            up = word + count >= 2**bits
            assert form.encode(value, Rounding(mode, bits), word) == below + up | sign


@pytest.mark.parametrize("name", ["e4m3", "e5m2", "e6m5", "bfloat16"])
def test_stochastic_rounding_of_a_few_more_bits_is_exactly_unbiased_over_all_words(name):
    form = FloatFormat.parse(name)
    codes = np.arange(min(form.highest_code, 3000))
    low, high = form.decode(codes), form.decode(codes + 1)
    for part in range(16):
        exact = low + (high - low) * part / 16
        values, words = np.broadcast_arrays(exact[:, None], np.arange(16))
        assert (form.decode(form.encode(values, Rounding("stochastic", 4), words)).mean(axis=1) == exact).all()


def test_the_extremes_of_fp8_are_those_of_the_ocp_specification():
    e4m3, e5m2 = FloatFormat(4, 3), FloatFormat(5, 2)
    assert (e4m3.highest, e5m2.highest) == (448, 57344)
    assert (e4m3.decode(1), e5m2.decode(1)) == (2**-9, 2**-16)
    assert (e4m3.decode(8), e5m2.decode(4)) == (2**-6, 2**-14)
    assert np.isnan(e4m3.decode([0x7F, 0xFF])).all()
    assert e5m2.decode([0x7C, 0xFC]).tolist() == [np.inf, -np.inf]


def test_infinity_saturates_and_nan_stays():
    for name in ("e4m3", "e5m2", "e6m5", "bfloat16"):
        form = FloatFormat.parse(name)
        for mode in ("nearest", "floor"):
            values = form.decode(form.encode([np.inf, -np.inf, np.nan, 1e300], Rounding(mode)))
            assert same(values, np.array([form.highest, -form.highest, np.nan, form.highest]))


@pytest.mark.parametrize("name", ["e8m7", "e4m3 ", "e4", "e44m3", "float16"])
def test_names_are_read_back_or_refused(name):
    if name == "e8m7":
        assert str(FloatFormat.parse(name)) == "bfloat16"
        assert FloatFormat.parse("bfloat16") == FloatFormat(8, 7)
        assert str(FloatFormat.parse("e6m5")) == "e6m5"
    else:
        with pytest.raises(ValueError, match="must be bfloat16") as error:
            FloatFormat.parse(name)
        assert repr(name) in str(error.value)


def test_what_is_no_format_or_no_code_is_refused():
    with pytest.raises(ValueError, match="exponent_bits must be 2 to 8, not 9"):
        FloatFormat(9, 3)
    with pytest.raises(ValueError, match="fraction_bits must be 1 to 23, not 0"):
        FloatFormat(4, 0)
    with pytest.raises(TypeError, match="True"):
        FloatFormat(True, 3)
    for code in (256, -1):
        with pytest.raises(ValueError, match=f"not {code}"):
            FloatFormat(4, 3).decode([0, code])
    with pytest.raises(ValueError, match="at most 60"):
        FloatFormat(4, 3).encode(1.0, Rounding("stochastic", 61), 0)
