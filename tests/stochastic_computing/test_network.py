"""Streaming networks of OR layers: expectation, isolators, early termination, hardware. Level 0.001, fixed seeds."""

import itertools

import numpy as np
import pytest
from scipy import stats

from hwpy.entropy.lfsr import Lfsr
from hwpy.stochastic_computing.network import Network, NetworkParameters, margins
from hwpy.stochastic_computing.or_layer import OrLayerParameters
from hwpy.stochastic_computing.pool import REGISTER, pool_bits, pool_seeds
from sim.runner import simulate
from sim.stochastic_computing import bench_network

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


def test_early_termination_keeps_its_confidence_and_saves_beats():
    checkpoints = margins([16, 32, 64, 128, 256, 1024], 0.95, 3)
    network = _network([9, 3], tuple(checkpoints), seed=4, limit=60)
    shape = network.parameters
    numbers = np.random.default_rng(3)
    wrong, lengths = 0, []
    for _ in range(200):
        image = numbers.integers(0, 16, 9)
        bits = numbers.integers(0, 2, (shape.latency + shape.length, shape.random_bits), dtype=np.uint8)
        outcome = network.classify(image, bits)
        early = int(outcome.length) < shape.length
        lengths.append(int(outcome.length))
        wrong += early and int(outcome.winner) != network.expectation(image).argmax()
    assert stats.binomtest(wrong, 200, 0.05, alternative="greater").pvalue > LEVEL
    assert np.mean(lengths) < shape.length / 2


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


def test_hardware_is_golden_in_icarus(icarus):
    for case in bench_network.CASES:
        simulate(bench_network.make(case), bench_network.__name__, case, simulator=icarus)


@pytest.mark.verilator
def test_hardware_is_golden_in_verilator(verilator):
    case = bench_network.CASES[0]
    simulate(bench_network.make(case), bench_network.__name__, case, simulator=verilator)
