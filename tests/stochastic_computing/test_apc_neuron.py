"""The APC neuron against the law of its up/down counter."""

import numpy as np
import pytest

from hwpy.stochastic_computing.apc_neuron import ApcNeuron, ApcNeuronParameters, chain


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


def test_the_chain_of_a_small_neuron_is_that_of_every_product():
    shape = ApcNeuronParameters(2, states=6, approximate=False)
    matrix, output = chain(shape, [0.25, 0.5])
    # Both 0 with 3/8, both 1 with 1/8, else the state stays.
    assert matrix[2] == pytest.approx([3 / 8, 0, 4 / 8, 0, 1 / 8, 0])
    assert matrix[0] == pytest.approx([7 / 8, 0, 1 / 8, 0, 0, 0])
    assert output.tolist() == [0, 0, 0, 1, 1, 1]


def test_bad_parameters_are_refused():
    with pytest.raises(ValueError, match="even if approximate, not 3"):
        ApcNeuronParameters(3)
    with pytest.raises(ValueError, match="not 7"):
        ApcNeuronParameters(4, states=7)
