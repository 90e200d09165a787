"""OR-gate neurons: their law by enumeration of all random words."""

import itertools

import numpy as np
import pytest

from hwpy.stochastic_computing.or_layer import OrLayer, OrLayerParameters, leading_one, rails, words_of
from rtl.stochastic_computing.or_plane import common_fours


def test_a_weights_bit_has_exactly_its_probability():
    words = np.arange(256)
    for weight in range(257):
        layer = OrLayer(OrLayerParameters(1, 1), [[weight]])
        plus, minus = layer.run(np.ones((256, 1)), words[:, None])
        assert plus.sum() == weight
        assert not minus.any()


def test_the_leading_one_is_the_highest():
    assert leading_one([0, 1, 2, 3, 12, 255, 65535]).tolist() == [0, 1, 2, 2, 8, 128, 32768]


def test_common_fours_are_of_a_window_in_all_their_subsets_and_taken_once():
    numbers = np.random.default_rng(5)
    subsets = [set(np.flatnonzero(row).tolist()) for row in numbers.random((12, 50)) < 0.4]
    fours = list(common_fours(50, subsets, 16))
    assert len(fours) > 5
    for four, members in fours:
        assert len(set(four)) == 4
        assert len({place // 16 for place in four}) == 1
        assert len(members) >= 2
        for member in members:
            assert subsets[member] >= set(four)
            subsets[member] -= set(four)


def test_common_fours_are_those_of_most_subsets():
    subsets = [{1, 2, 3, 4}, {1, 2, 3, 4, 5}, {1, 2, 3, 4}, {0, 5, 6, 7}, {0, 5, 6, 7}]
    assert [(sorted(four), members) for four, members in common_fours(8, subsets, 8)] == [
        ([1, 2, 3, 4], [0, 1, 2]),
        ([0, 5, 6, 7], [3, 4]),
    ]
    assert not list(common_fours(8, subsets, 4))


@pytest.mark.parametrize("weights", [(3, -2), (4, 1), (-1, -4), (0, 3)])
def test_the_expectation_is_the_mean_over_all_words_and_inputs(weights):
    shape = OrLayerParameters(2, 1, weight_bits=2)
    layer = OrLayer(shape, [weights])
    # Inputs of P = 1/2: each word of both inputs with each pair of input bits comes once.
    words = list(itertools.product(range(4), repeat=2))
    cases = [(x, word) for x in itertools.product((0, 1), repeat=2) for word in words]
    plus, minus = layer.run([x for x, _ in cases], [word for _, word in cases])
    magnitude = np.abs(weights) / 4 / 2
    for bits, expected, sign in zip((plus, minus), layer.expectation([0.5, 0.5]), (1, -1), strict=True):
        y = 1 - np.prod([1 - m for m, weight in zip(magnitude, weights, strict=True) if weight * sign > 0])
        assert bits.mean() == pytest.approx(y)
        assert expected[0] == pytest.approx(y)
    # The rails are independent: the neuron's output has the product law.
    assert (plus & ~minus & 1).mean() == pytest.approx(plus.mean() * (1 - minus.mean()))


def test_the_or_is_nearly_the_exponential_of_the_sum_for_small_weights():
    weights = np.full((1, 200), 1)
    plus, _ = OrLayer(OrLayerParameters(200, 1), weights).expectation(np.ones(200))
    assert plus[0] == pytest.approx(1 - np.exp(-200 / 256), abs=1e-3)


def test_own_entropy_makes_neurons_independent_that_shared_entropy_makes_alike():
    numbers = np.random.default_rng(5)
    for entropy, alike in (("shared", True), ("own", False)):
        shape = OrLayerParameters(3, 2, entropy=entropy)
        words = words_of(numbers.integers(0, 2, (500, shape.random_bits)), shape.words_shape, 8)
        plus, _ = OrLayer(shape, [[90, 40, 20]] * 2).run(np.ones((500, 3)), words)
        assert (plus[:, 0] == plus[:, 1]).all() == alike


def test_words_take_bits_from_the_lowest_on():
    assert words_of([1, 0, 0, 1, 1, 1, 0], (2,), 3).tolist() == [1, 7]


def test_rails_are_the_parts_of_the_weights():
    plus, minus = rails([3, -5, 0])
    assert plus.tolist() == [3, 0, 0]
    assert minus.tolist() == [0, 5, 0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"inputs": 0, "neurons": 1}, "inputs must be positive, not 0"),
        ({"inputs": 1, "neurons": 1, "weight_bits": 17}, "1 to 16, not 17"),
        ({"inputs": 1, "neurons": 1, "entropy": "none"}, "not 'none'"),
    ],
)
def test_bad_shapes_are_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        OrLayerParameters(**arguments)


def test_bad_weights_are_refused():
    for weights, words in (([[257]], "not 257"), ([[1, 2]], r"not \(1, 2\)"), ([[0.5]], "not float64")):
        with pytest.raises(ValueError, match=words):
            OrLayer(OrLayerParameters(1, 1), weights)
