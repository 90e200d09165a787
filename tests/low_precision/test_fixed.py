"""Fixed-point formats: their limits, names, and values against exact fractions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwpy.low_precision.fixed import FixedFormat

FORMATS = st.integers(0, 52).flatmap(
    lambda total: st.integers(0, max(total, 1)).map(lambda integer: FixedFormat(integer, max(total, 1) - integer))
)


def test_s_3_12_is_sixteen_bits_from_minus_eight_up():
    form = FixedFormat(3, 12)
    assert form.width == 16
    assert form.lsb == 2**-12
    assert form.from_raw([form.lowest, form.highest, -1, 1]).tolist() == [-8, 8 - 2**-12, -(2**-12), 2**-12]


@given(FORMATS)
def test_a_name_is_read_back(form):
    assert FixedFormat.parse(str(form)) == form


@given(FORMATS, st.data())
def test_every_raw_integer_is_its_exact_value_and_back(form, data):
    raw = np.array(data.draw(st.lists(st.integers(form.lowest, form.highest), min_size=1)))
    values = form.from_raw(raw)
    assert [Fraction(v) for v in values] == [Fraction(int(r), 2**form.fraction_bits) for r in raw]
    assert (form.to_raw(values) == raw).all()
    assert (form.saturate(raw) == raw).all()


@given(FORMATS, st.floats(allow_nan=False))
def test_a_value_goes_to_the_nearest_raw_integer_within_the_limits(form, value):
    expected = (
        (form.highest if value > 0 else form.lowest)
        if np.isinf(value)
        else max(form.lowest, min(form.highest, round(Fraction(value) * 2**form.fraction_bits)))
    )
    with np.errstate(over="ignore"):
        assert int(form.to_raw(value)) == expected


def test_saturation_clips_at_both_edges():
    form = FixedFormat(1, 2)
    assert form.saturate([-100, -9, -8, 7, 8, 2**62]).tolist() == [-8, -8, -8, 7, 7, 7]


@pytest.mark.parametrize("name", ["s[3]", "s[3][-1]", "u[3][2]", " s[3][2]", "s[3][2]\n", "s[123][1]", "bfloat16"])
def test_what_is_no_name_is_refused_and_quoted(name):
    with pytest.raises(ValueError, match="must be written") as error:
        FixedFormat.parse(name)
    assert repr(name) in str(error.value)


@pytest.mark.parametrize(("bits", "error"), [((-1, 3), ValueError), ((0, 0), ValueError), ((20, 33), ValueError)])
def test_what_is_no_format_is_refused(bits, error):
    with pytest.raises(error, match="not"):
        FixedFormat(*bits)


def test_bits_are_integers():
    with pytest.raises(TypeError, match=r"2\.5"):
        FixedFormat(2.5, 3)


def test_a_raw_integer_outside_and_a_nan_are_refused():
    with pytest.raises(ValueError, match="not 8"):
        FixedFormat(1, 2).from_raw([0, 8])
    with pytest.raises(ValueError, match="not a number"):
        FixedFormat(1, 2).to_raw([0.0, np.nan])
