"""The bit-serial dot product against plain sums."""

import numpy as np
import pytest

from hwpy.stochastic_computing.dot_product import DotProduct, DotProductParameters


@pytest.mark.parametrize("constant", [False, True])
def test_the_total_is_the_sum_of_products_a_latency_after_the_lowest_bit(constant):
    numbers = np.random.default_rng(3)
    weights = numbers.integers(0, 32, 9)
    shape = DotProductParameters(9, 4, 5, tuple(weights) if constant else None)
    # Four weights are one table if they are constants; the adders are a binary tree behind them.
    assert shape.latency == (3 if constant else 5)
    unit = DotProduct(shape, None if constant else weights)
    samples = [*numbers.integers(0, 16, (5, 9)), np.full(9, 15)]
    totals = []
    for x in [*samples, *[np.zeros(9, int)] * 3]:
        for place in (3, 2, 1, 0):
            unit.step(x >> place & 1, clear=place == 3)
            totals.append(unit.total)
    last = 3 + shape.latency
    assert totals[last::4][: len(samples)] == [int(x @ weights) for x in samples]


def test_bad_parameters_are_refused():
    with pytest.raises(ValueError, match="weights must be 4, not 3"):
        DotProductParameters(4, weights=(1, 2, 3))
    with pytest.raises(ValueError, match=r"2\*\*8 - 1, not 256"):
        DotProductParameters(2, weights=(1, 256))
