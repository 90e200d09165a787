"""The neurons that the OR gate is compared with: APC, and binary of several kinds."""

import numpy as np
import pytest

from hwpy.stochastic_computing.apc_neuron import ApcNeuron, ApcNeuronParameters
from hwpy.stochastic_computing.binary_mac import BinaryMacParameters
from hwpy.stochastic_computing.dot_product import DotProductParameters


@pytest.mark.parametrize("total", [-2.0, 0.0, 2.0])
def test_an_apc_neuron_has_the_sign_of_its_sum_at_one_half_for_zero(total):
    shape = ApcNeuronParameters(16, approximate=False)
    neuron = ApcNeuron(shape)
    numbers = np.random.default_rng(1)
    ones = 0
    for _ in range(4000):
        products = numbers.random(16) < (1 + total / 16) / 2
        neuron.step(products, np.ones(16, bool))
        ones += neuron.y
    # A step has the variance 16: with 32 states, tanh(32 s / (2 * 16)) of s = 2 is 0.96.
    assert ones / 4000 == pytest.approx((1 + np.tanh(total)) / 2, abs=0.06)


def test_bad_parameters_are_refused():
    with pytest.raises(ValueError, match="even if approximate, not 3"):
        ApcNeuronParameters(3)
    with pytest.raises(ValueError, match="not 7"):
        ApcNeuronParameters(4, states=7)
    with pytest.raises(ValueError, match="2 to 16, not 17"):
        BinaryMacParameters(4, input_bits=17)
    with pytest.raises(ValueError, match="weights must be 4, not 3"):
        DotProductParameters(4, weights=(1, 2, 3))
    with pytest.raises(ValueError, match=r"2\*\*8 - 1, not 256"):
        DotProductParameters(2, weights=(1, 256))
