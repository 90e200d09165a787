"""The binary MAC, parallel and serial, against plain products."""

import numpy as np
import pytest

from hwpy.stochastic_computing.binary_mac import BinaryMacParameters, accumulate


@pytest.mark.parametrize("signed", [False, True])
def test_both_ways_give_the_sum_of_products_and_their_width_holds_its_extremes(signed):
    shape = BinaryMacParameters(5, input_bits=3, weight_bits=4, signed=signed)
    low, high = (-8, 7) if signed else (0, 15)
    numbers = np.random.default_rng(2)
    draws = [(numbers.integers(0, 8, 5), numbers.integers(low, high + 1, 5)) for _ in range(50)]
    for x, w in [*draws, (np.full(5, 7), np.full(5, low)), (np.full(5, 7), np.full(5, high))]:
        total = 0
        for i in range(5):
            total = accumulate(total, int(x[i]), int(w[i]), clear=i == 0)
        horner = 0
        for place in (2, 1, 0):
            for i in range(5):
                bit = int(x[i]) >> place & 1
                horner = accumulate(horner, bit, int(w[i]), clear=(place, i) == (2, 0), double=i == 0)
        assert total == horner == x @ w
        least = -(1 << shape.sum_bits - 1) if signed else 0
        assert least <= total < least + (1 << shape.sum_bits)


def test_clocks_are_one_a_product_or_one_a_bit():
    assert BinaryMacParameters(16).clocks == 16
    assert BinaryMacParameters(16, input_bits=6, serial=True).clocks == 96


def test_bad_parameters_are_refused():
    with pytest.raises(ValueError, match="2 to 16, not 17"):
        BinaryMacParameters(4, input_bits=17)
    with pytest.raises(ValueError, match="positive, not 0"):
        BinaryMacParameters(0)
