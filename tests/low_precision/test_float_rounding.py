"""The floating-point rounding unit: FP8 and bfloat16 proved for all inputs, and with it every product."""

import numpy as np
import pytest

from benchmarks.float_rounding_proof import FloatClaim
from boards.proof import Refuted, prove
from hwpy.low_precision.float_rounding import FloatRoundingParameters, round_float
from hwpy.low_precision.floating import FloatFormat
from hwpy.low_precision.rounding import Rounding

E4M3, E5M2 = FloatFormat(4, 3), FloatFormat(5, 2)


def products(rounding, form=E4M3):
    """A unit that takes every product of two numbers of an FP8 format."""
    return FloatRoundingParameters(2 * (form.fraction_bits + 1), 6, form, rounding)


@pytest.mark.parametrize("rounding", [Rounding("nearest"), Rounding("stochastic", 4)], ids=str)
def test_hardware_rounds_every_number_and_word_by_the_definition(rounding):
    prove(FloatClaim(products(rounding)))


def test_bfloat16_too():
    prove(FloatClaim(FloatRoundingParameters(24, 9, FloatFormat.parse("bfloat16"), Rounding("nearest"))))


def test_hardware_of_another_rounding_is_refuted():
    with pytest.raises(Refuted) as error:
        prove(FloatClaim(products(Rounding("zero")), claimed=Rounding("nearest")))
    sign, significand, exponent = (error.value.inputs[name] for name in ("sign", "significand", "exponent"))
    to_zero, nearest = (
        round_float(products(Rounding(mode)), sign, significand, exponent) for mode in ("zero", "nearest")
    )
    assert to_zero != nearest


@pytest.mark.parametrize("form", [E4M3, E5M2], ids=str)
def test_every_fp8_product_fits_the_proved_unit(form):
    fraction = form.fraction_bits
    codes = np.arange(form.highest_code + 1)
    field = codes >> fraction
    significand = (codes & ((1 << fraction) - 1)) + ((field > 0) << fraction)
    exponent = np.maximum(field, 1) - form.bias - fraction
    assert (np.ldexp(significand.astype(float), exponent) == form.decode(codes)).all()
    p = products(Rounding("nearest"), form)
    both = np.add.outer(exponent, exponent)
    assert -(2 ** (p.exponent_bits - 1)) <= both.min() <= both.max() < 2 ** (p.exponent_bits - 1)
    product = np.multiply.outer(significand, significand)
    assert product.max() < 2**p.significand_bits
    values = np.multiply.outer(form.decode(codes), form.decode(codes))
    assert (round_float(p, 0, product, both) == form.encode(values)).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1, 6, E4M3, Rounding("floor")), "significand_bits must be 2 to 53, not 1"),
        ((8, 11, E4M3, Rounding("floor")), "exponent_bits must be 2 to 10, not 11"),
        ((8, 6, E4M3, Rounding("stochastic", 61)), "at most 60 random bits, not 61"),
    ],
)
def test_what_is_no_unit_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        FloatRoundingParameters(*arguments)
