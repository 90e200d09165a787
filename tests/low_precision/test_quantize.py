"""`quantize`: arrays and tensors, every format and mode. Level 0.001, fixed seeds."""

import subprocess
import sys
from fractions import Fraction

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from hwpy.low_precision import quantize
from hwpy.low_precision.fixed import FixedFormat
from hwpy.low_precision.formats import make_rounding, parse_format
from hwpy.low_precision.rounding import MODES

LEVEL = 0.001


@given(
    st.lists(st.floats(-9, 9) | st.floats(-1e-300, 1e-300), min_size=1), st.sampled_from(["nearest", "zero", "floor"])
)
def test_fixed_point_is_exact_fractions_saturated(values, mode):
    exact = {"nearest": round, "zero": int, "floor": lambda x: x.__floor__()}[mode]
    expected = [max(-64, min(63, exact(Fraction(value) * 8))) / 8 for value in values]
    assert quantize(values, "s[3][3]", mode).tolist() == expected


def test_floating_point_is_that_of_the_oracle():
    values = np.random.default_rng(1).normal(size=(40, 5)).astype(np.float32).astype(np.float64)
    assert (quantize(values, "bfloat16") == values.astype(ml_dtypes.bfloat16).astype(np.float64)).all()
    assert (quantize(values, "e4m3") == values.astype(ml_dtypes.float8_e4m3fn).astype(np.float64)).all()


@pytest.mark.parametrize("form", ["s[3][4]", "e4m3"])
@pytest.mark.parametrize("bits", [None, 8])
def test_the_mean_of_stochastic_roundings_is_the_number(form, bits):
    # 1.3 lies between neighbours 1/16 or 1/8 apart: the number of upper ones is binomial.
    value, count = 1.3, 100_000
    rounded = quantize(np.full(count, value), form, "stochastic", bits, seed=1)
    low, high = np.unique(rounded)
    ups = int((rounded == high).sum())
    fraction = (value - low) / (high - low)
    assert stats.binomtest(ups, count, round(fraction * 256) / 256 if bits else fraction).pvalue > LEVEL
    # Power: a hundredth more is seen.
    assert stats.binomtest(ups, count, fraction + 0.01).pvalue < LEVEL


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode.startswith("stochastic")])
def test_the_same_seed_gives_the_same_result(mode):
    values = np.linspace(-2, 2, 1000)
    first, again, other = (quantize(values, "s[1][4]", mode, 3, seed=seed) for seed in (7, 7, 8))
    assert (first == again).all()
    assert (first != other).any()
    # Without a seed the words are fresh.
    assert (quantize(values, "s[1][4]", mode) != quantize(values, "s[1][4]", mode)).any()


def test_saturation_and_infinity():
    assert quantize([1e9, -1e9, np.inf, -np.inf], "s[2][1]", "stochastic", seed=1).tolist() == [3.5, -4, 3.5, -4]
    assert quantize([1e9, -np.inf], "e5m2").tolist() == [57344, -57344]


def test_the_limits_of_a_wide_format_are_exact():
    form = FixedFormat(20, 32)
    edges = form.from_raw([form.lowest, form.lowest + 1, form.highest - 1, form.highest])
    for mode in MODES:
        assert (quantize(edges, form, mode) == edges).all()


def test_a_tensor_gives_the_same_as_its_array():
    torch = pytest.importorskip("torch", reason="PyTorch is the extra 'train'")
    values = np.random.default_rng(2).normal(size=(3, 4))
    tensor = torch.tensor(values, requires_grad=True)
    rounded = quantize(tensor, "s[3][4]", "stochastic", seed=3)
    assert rounded.dtype == torch.float64
    assert not rounded.requires_grad
    assert (rounded.numpy() == quantize(values, "s[3][4]", "stochastic", seed=3)).all()
    # bfloat16 of PyTorch's own.
    assert (quantize(tensor.float(), "bfloat16") == tensor.detach().float().bfloat16().double()).all()


def test_torch_is_not_imported():
    code = (
        "import sys; from hwpy.low_precision import quantize; quantize(1.0, 'e4m3'); sys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", ["s[3]", "e4", "float", "", "e9m3", "s[40][40]"])
def test_no_format_is_refused_in_one_line(name):
    with pytest.raises(ValueError, match=r"must be|written") as error:
        parse_format(name)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(("mode", "bits"), [("up", None), ("stochastic", 0), ("stochastic", 61), ("nearest", 4)])
def test_no_rounding_is_refused(mode, bits):
    with pytest.raises(ValueError, match=r"round"):
        quantize([1.0], "s[3][4]", mode, bits)


def test_a_nan_has_no_fixed_point_value():
    with pytest.raises(ValueError, match="not a number"):
        quantize([np.nan], "s[3][4]")
    assert np.isnan(quantize([np.nan], "e4m3")).all()


def test_all_bits_are_the_default_of_stochastic_rounding_only():
    assert make_rounding("stochastic").random_bits == 60
    assert make_rounding("nearest").random_bits == 0
