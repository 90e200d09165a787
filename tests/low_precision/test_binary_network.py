"""Binary networks: scores against real sums, gradients against differences, the hardware against the model."""

import itertools
import random

import numpy as np
import pytest

from boards.netlist import COPIES, netlist_verilog
from boards.synthesis import TARGETS, component_rtlil, synthesise
from hwpy.low_precision.binary import sign, ternary_sign
from hwpy.low_precision.binary_network import BinaryNetwork, BinaryNetworkParameters, thermometer
from hwpy.low_precision.binary_training import BinaryRecipe, gradients, train_binary
from hwpy.stochastic_computing.data import load
from sim.low_precision import bench_binary_network
from sim.runner import simulate
from tests.boards.test_netlist import Copies


def random_network(sizes, generator, **pixels):
    """Weights of -1, 0, 1, real biases of hidden neurons, and whole halves for the classes."""
    weights = [generator.integers(-1, 2, shape).astype(np.int8) for shape in itertools.pairwise(sizes)]
    biases = [generator.normal(0, 2, w.shape[1]) for w in weights[:-1]]
    counted = (weights[-1] != 0).sum(axis=0)
    biases.append(counted - 2 * generator.integers(-2, 3, len(counted)))
    return weights, biases, BinaryNetworkParameters.from_biases(tuple(weights), tuple(biases), **pixels)


def test_classes_are_those_of_the_real_sums_for_every_input():
    weights, biases, parameters = random_network([8, 5, 4, 3], np.random.default_rng(1))
    images = np.array(list(itertools.product((0, 1), repeat=8)))
    values = 2.0 * images - 1
    for w, b in zip(weights[:-1], biases[:-1], strict=True):
        values = np.where(values @ w + b >= 0, 1, -1)
    sums = values @ weights[-1] + biases[-1]
    network = BinaryNetwork(parameters)
    scores = network.scores(images)
    # An agreement more is a sum of 2 more, and one offset is common to all classes.
    assert (2 * (scores - scores[:, :1]) == sums - sums[:, :1]).all()
    assert (network.classify(images) == sums.argmax(axis=1)).all()
    assert len(set(network.classify(images))) > 1


def test_a_pixel_is_a_bit_for_each_level_that_it_reaches():
    assert thermometer([[0, 4, 5, 9]], (1, 5)).tolist() == [[-1, -1, 1, -1, 1, 1, 1, 1]]


def test_a_stream_has_the_latency_of_its_layers():
    """20 inputs: 5 fours, 3 levels, 1; 6 inputs: 2 fours, 1 level, 1; tournament of 3."""
    parameters = BinaryNetworkParameters(
        (np.ones((20, 6), np.int8), np.ones((6, 3), np.int8)), (np.full(6, 20), np.arange(3)), lanes=10
    )
    assert parameters.latency == 5 + 3 + 2
    network = BinaryNetwork(parameters)
    network.step([1] * 10, True)
    assert network.stages == [None] * 10
    network.step([1] * 10, True)
    # All six hidden neurons are +1: 6 agreements and the offset 2 of the last class.
    assert network.stages[0] == (2, 8)
    for _ in range(9):
        network.step(None, True)
    assert network.stages[-1] == (2, 8)
    assert not network.ready(False)
    network.step([1] * 10, False)
    assert network.stages[-1] == (2, 8)


def test_gradients_are_differences_of_a_network_whose_signs_move_as_their_sums():
    generator = np.random.default_rng(2)
    x = generator.choice([-1.0, 1.0], (30, 7))
    labels = generator.integers(0, 3, 30)
    weights = [generator.choice([-1.0, 1.0], shape) for shape in ((7, 6), (6, 3))]
    biases = [generator.normal(0, 1, size) for size in (6, 3)]
    fixed = (x @ weights[0] + biases[0]) / 7**0.5
    assert 0.2 < (abs(fixed) <= 1).mean() < 0.9

    def loss(numbers):
        sums = (x @ numbers[0] + numbers[2]) / 7**0.5
        hidden = np.where(fixed >= 0, 1, -1) + np.where(abs(fixed) <= 1, sums - fixed, 0)
        logits = 2 * (hidden @ numbers[1] + numbers[3]) / 6**0.5
        return (np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(30), labels]).mean()

    numbers = [*weights, *biases]
    for place, slope in enumerate(gradients(x, labels, weights, biases)):
        for at in np.ndindex(slope.shape):
            moved = [[number.copy() for number in numbers] for _ in range(2)]
            moved[0][place][at] += 1e-5
            moved[1][place][at] -= 1e-5
            assert abs((loss(moved[0]) - loss(moved[1])) / 2e-5 - slope[at]) < 1e-6


@pytest.mark.parametrize("draw", [sign, ternary_sign])
def test_digits_are_learnt_and_shuffled_labels_are_not(draw):
    train, test = load("digits", "train"), load("digits", "test")
    x, x_test = (thermometer(images.pixels.reshape(len(images), -1) >> 4, (4, 8, 12)) for images in (train, test))
    recipe = BinaryRecipe(hidden=(24,), epochs=10)

    def accuracy(labels):
        latent, biases = train_binary(recipe, x, labels, 1, [draw] * 2)
        values = x_test
        for w, b in zip(latent, biases, strict=True):
            sums = values @ draw(w).astype(float) + b
            values = np.where(sums >= 0, 1, -1)
        return (sums.argmax(axis=1) == test.labels).mean()

    assert accuracy(train.labels) > 0.8
    assert accuracy(np.random.default_rng(1).permutation(train.labels)) < 0.3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"thresholds": (np.zeros(3, int),)}, "as many layers of weights as of thresholds, not 2 and 1"),
        ({"weights": (np.full((4, 3), 2), np.ones((3, 2)))}, "layer 0 must have weights of -1, 0, 1 of 4 inputs"),
        ({"weights": (np.ones((4, 3)), np.ones((2, 2)))}, "layer 1 must have weights of -1, 0, 1 of 3 inputs"),
        ({"thresholds": (np.zeros(3, int), np.zeros(3, int))}, "layer 1 must have 2 thresholds"),
        ({"levels": (2, 1), "pixel_bits": 2}, "must ascend from 1 to 3, not be"),
        ({"pixel_bits": 9}, "1 to 8 bits, not 9"),
        ({"lanes": 3}, "whole transfers of 3 pixels"),
    ],
)
def test_bad_parameters_are_refused(changes, message):
    good = {"weights": (np.ones((4, 3)), np.ones((3, 2))), "thresholds": (np.zeros(3, int), np.zeros(2, int))}
    with pytest.raises(ValueError, match=message):
        BinaryNetworkParameters(**{**good, **changes})
    with pytest.raises(ValueError, match="at least a batch of 50 images, not 4"):
        train_binary(BinaryRecipe(), np.ones((4, 3), np.int8), np.arange(4))


def test_hardware_is_golden_in_icarus(icarus):
    for case in bench_binary_network.CASES:
        simulate(bench_binary_network.make(case), bench_binary_network.__name__, case, simulator=icarus)


@pytest.mark.verilator
def test_hardware_is_golden_in_verilator(verilator):
    case = bench_binary_network.CASES[0]
    simulate(bench_binary_network.make(case), bench_binary_network.__name__, case, simulator=verilator)


@pytest.mark.parametrize("target", TARGETS)
def test_the_netlist_with_its_look_up_tables_is_golden(tmp_path, target):
    """64 networks with transfers and stalls of their own."""
    case = bench_binary_network.CASES[0]
    parameters = bench_binary_network.parameters_of(case)
    netlist = synthesise(component_rtlil(bench_binary_network.make(case), "top", target), "top", target, tmp_path)
    copies, numbers = Copies(netlist_verilog(netlist)), random.Random(1)
    models = [BinaryNetwork(parameters) for _ in range(COPIES)]
    width = parameters.winner_width + parameters.score_width
    results = 0
    for _ in range(40):
        offered = [[numbers.getrandbits(3) for _ in range(2)] if numbers.random() < 0.8 else None for _ in models]
        ready = [numbers.random() < 0.8 for _ in models]
        payloads = [pixels[0] | pixels[1] << 3 if pixels else 0 for pixels in offered]
        words = copies.settle(
            _words("rst", 1, [0] * COPIES)
            | _words("image__valid", 1, [pixels is not None for pixels in offered])
            | _words("image__payload", 6, payloads)
            | _words("result__ready", 1, ready)
        )
        valid = sum((model.stages[-1] is not None) << copy for copy, model in enumerate(models))
        assert words["result__valid[0]"] == valid
        due = [result[0] | result[1] << parameters.winner_width if (result := m.stages[-1]) else 0 for m in models]
        for place, word in enumerate(_words("", width, due).values()):
            assert words[f"result__payload[{place}]"] & valid == word
        results += valid.bit_count()
        for model, pixels, sink_ready in zip(models, offered, ready, strict=True):
            model.step(pixels, sink_ready)
        copies.clock()
    assert results > 100


def _words(port, width, values):
    """Bit k of a port in all copies, for each k."""
    return {
        f"{port}[{k}]": sum((int(value) >> k & 1) << copy for copy, value in enumerate(values)) for k in range(width)
    }
