"""Streaming networks of OR layers: expectation, isolators, early termination. Level 0.001, fixed seeds."""

import itertools

import numpy as np
import pytest
from amaranth.hdl import Module, Signal
from amaranth.sim import Simulator
from scipy import stats

from hwpy.entropy.lfsr import Lfsr
from hwpy.stochastic_computing.network import Network, NetworkParameters, margins
from hwpy.stochastic_computing.or_layer import OrLayerParameters
from hwpy.stochastic_computing.pool import REGISTER, pool_bits, pool_seeds
from rtl.stochastic_computing.selects import stochastic_bit

LEVEL = 0.001


def _network(sizes, checkpoints=((512, 0),), seed=0, limit=150, **options):
    numbers = np.random.default_rng(seed)
    layers = tuple(OrLayerParameters(k, m) for k, m in itertools.pairwise(sizes))
    weights = [numbers.integers(-limit, limit, (layer.neurons, layer.inputs)) for layer in layers]
    return Network(NetworkParameters(layers, checkpoints, **options), weights)


def _identical_pair(isolation):
    """Two hidden neurons that are the same function of one input, and one class on each sign of their OR."""
    layers = (OrLayerParameters(1, 2), OrLayerParameters(2, 2))
    shape = NetworkParameters(layers, ((1, 0),), isolation=isolation)
    return Network(shape, [[[128], [128]], [[256, 256], [-256, 0]]])


@pytest.mark.parametrize(("isolation", "is_independent"), [(None, True), (1, False)])
def test_isolators_make_the_expectation_that_of_independent_streams(isolation, is_independent):
    network = _identical_pair(isolation)
    shape = network.parameters
    beats = 40_000
    random = np.random.default_rng(1).integers(0, 2, (shape.latency + beats, shape.random_bits), dtype=np.uint8)
    plus, _ = network.streams([12], random)
    assert len(plus) == beats
    h = 12 / 16 / 2
    # Each second beat only: with a delay of one beat, successive ones share a hidden bit.
    p = stats.binomtest(int(plus[::2, 0].sum()), beats // 2, 1 - (1 - h) ** 2).pvalue
    assert (p > LEVEL) == is_independent
    assert network.expectation([12])[0] == pytest.approx(1 - (1 - h) ** 2)


def test_scores_have_the_expectation():
    network = _network([9, 6, 3])
    shape = network.parameters
    numbers = np.random.default_rng(2)
    image = numbers.integers(0, 16, 9)
    runs = []
    for _ in range(100):
        bits = numbers.integers(0, 2, (shape.latency + shape.length, shape.random_bits), dtype=np.uint8)
        runs.append(network.classify(image, bits).scores / shape.length)
    for k, expected in enumerate(network.expectation(image)):
        values = np.array(runs)[:, k]
        assert stats.ttest_1samp(values, expected).pvalue > LEVEL
        # Power: an error of a fiftieth is seen.
        assert stats.ttest_1samp(values, expected + 0.02).pvalue < LEVEL


def _stops(network, image, checkpoints, numbers, walks=200):
    """Lengths (walks,) by the law of one beat of a single layer, not by its streams.

    The leading one of an 8-bit word is bit k with probability 2^(k - 8), so input i sets the rails whose magnitude has
    that bit with probability x 2^(k - 8). That the rails set by all inputs are among a set S has the product of the
    inputs' probabilities; inclusion and exclusion gives each joint state, and the scores of a stretch are multinomial.
    """
    weights = network.layers[0].weights
    magnitudes = np.concatenate([np.maximum(weights, 0), np.maximum(-weights, 0)])
    rails = len(magnitudes)
    law = np.ones(1 << rails)
    for x, column in zip(np.asarray(image) / 16, magnitudes.T, strict=True):
        own = np.zeros(1 << rails)
        for k in range(8):
            own[sum((int(m) >> k & 1) << r for r, m in enumerate(column))] += x * 2.0 ** (k - 8)
        own[0] += 1 - own.sum()
        law *= _over_subsets(own, rails, 1)
    law = np.maximum(_over_subsets(law, rails, -1), 0)
    state = np.arange(1 << rails)[:, None] >> np.arange(rails) & 1
    score = state[:, : rails // 2] - state[:, rails // 2 :]
    total, before, lengths = 0, 0, np.zeros(walks, int)
    for length, margin in checkpoints:
        total = total + numbers.multinomial(length - before, law / law.sum(), walks) @ score
        lead = np.diff(np.sort(total, axis=1)[:, -2:])[:, 0]
        lengths[(lengths == 0) & (lead >= margin)] = length
        before = length
    return lengths


def _over_subsets(values, count, sign):
    """Sums over all subsets of each set (sign 1), or back again (-1)."""
    values = values.copy().reshape((2,) * count)
    for axis in range(count):
        high, low = (np.take(values, k, axis) for k in (1, 0))
        values = np.stack([low, high + sign * low], axis)
    return values.ravel()


def test_early_termination_keeps_its_confidence_and_stops_where_the_law_of_a_beat_says():
    lengths = [16, 32, 64, 128, 256, 1024]
    checkpoints, bolder = margins(lengths, 0.95, 3), margins(lengths, 0.85, 3)
    network = _network([9, 3], tuple(checkpoints), seed=4, limit=60)
    shape = network.parameters
    numbers = np.random.default_rng(3)
    wrong, found, laws = 0, [], {0.95: [], 0.85: []}
    for _ in range(200):
        image = numbers.integers(0, 16, 9)
        bits = numbers.integers(0, 2, (shape.latency + shape.length, shape.random_bits), dtype=np.uint8)
        outcome = network.classify(image, bits)
        found.append(int(outcome.length))
        wrong += found[-1] < shape.length and int(outcome.winner) != network.expectation(image).argmax()
        for confidence, points in ((0.95, checkpoints), (0.85, bolder)):
            laws[confidence].append(_stops(network, image, points, numbers))
    assert stats.binomtest(wrong, 200, 0.05, alternative="greater").pvalue > LEVEL
    p = {}
    for confidence, walks in laws.items():
        expected, variance = np.mean(walks, axis=1), np.var(walks, axis=1) * (1 + 1 / len(walks[0]))
        p[confidence] = 2 * stats.norm.sf(abs(np.sum(found - expected)) / variance.sum() ** 0.5)
    assert p[0.95] > LEVEL
    # Power: the lengths of margins for a confidence of 0.85 are refused.
    assert p[0.85] < LEVEL


def test_margins_are_the_normal_quantiles():
    assert margins([100, 400], 0.9, 2) == [(100, 17), (400, 0)]
    with pytest.raises(ValueError, match="not 1"):
        margins([1], 1, 2)


def test_registers_of_a_pool_are_those_of_the_seeds():
    bits = pool_bits(300, 4, seed=7)
    assert bits.shape == (4, 300)
    second = Lfsr(REGISTER, pool_seeds(300, seed=7)[1]).words(4)
    assert [sum(int(bit) << k for k, bit in enumerate(row[128:256])) for row in bits] == second


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"checkpoints": ((8, 1),)}, "last 0"),
        ({"checkpoints": ((8, 1), (8, 0))}, r"rising positive lengths, not \[8, 8\]"),
        ({"lanes": 2}, "divide the 3 inputs, not be 2"),
        ({"input_bits": 9}, "1 to 8, not 9"),
        ({"isolation": 0}, "positive, not 0"),
        ({"layers": (OrLayerParameters(3, 1),)}, "at least 2 classes, not 1"),
        ({"layers": (OrLayerParameters(3, 4), OrLayerParameters(3, 2))}, "4 neurons must not feed one of 3"),
    ],
)
def test_bad_shapes_are_refused(change, words):
    arguments = {"layers": (OrLayerParameters(3, 2),), "checkpoints": ((8, 0),), **change}
    with pytest.raises(ValueError, match=words):
        NetworkParameters(**arguments)


def test_bad_images_are_refused():
    with pytest.raises(ValueError, match="numbers 0 to 15, not 16"):
        _network([2, 2]).check_image([0, 16])
    with pytest.raises(ValueError, match="2 numbers"):
        _network([2, 2]).check_image([0])


def test_the_input_bit_is_that_of_the_number_at_the_leading_one_for_every_number_and_word():
    m = Module()
    number, word, bit = Signal(4), Signal(4), Signal()
    m.d.comb += bit.eq(stochastic_bit(number, word))

    async def every(ctx):
        for q, r in itertools.product(range(16), repeat=2):
            ctx.set(number, q)
            ctx.set(word, r)
            assert ctx.get(bit) == (bool(q >> r.bit_length() - 1 & 1) if r else 0), (q, r)

    simulator = Simulator(m)
    simulator.add_testbench(every)
    simulator.run()
