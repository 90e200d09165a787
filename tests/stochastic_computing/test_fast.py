"""Networks: the fast engine against the golden model bit for bit, and against the theory of independent streams."""

import numpy as np
import pytest
from scipy.stats import chi2

from hwpy.stochastic_computing.convolution import Convolution, ConvolutionParameters
from hwpy.stochastic_computing.fast import IMAGES, FastNetwork
from hwpy.stochastic_computing.model import Model
from hwpy.stochastic_computing.network import Network, NetworkParameters
from hwpy.stochastic_computing.network_entropy import ENTROPIES, correlation_of, payloads
from hwpy.stochastic_computing.or_layer import OrLayerParameters

CHECKPOINTS = ((40, 9), (70, 5), (130, 0))


def dense_network(sizes, isolation=None, weight_bits=(5, 4, 3), seed=1, checkpoints=CHECKPOINTS):
    random = np.random.default_rng(seed)
    pairs = zip(sizes, sizes[1:], weight_bits, strict=False)
    layers = tuple(OrLayerParameters(inputs, neurons, bits) for inputs, neurons, bits in pairs)
    weights = [random.integers(-(1 << p.weight_bits), (1 << p.weight_bits) + 1, (p.neurons, p.inputs)) for p in layers]
    return Network(NetworkParameters(layers, checkpoints, isolation=isolation), weights)


def convolutional_model(isolation=None, seed=2):
    random = np.random.default_rng(seed)
    shapes = [ConvolutionParameters((9, 8, 1), (3, 2), 4, 2, 6)]
    shapes.append(ConvolutionParameters(shapes[-1].output_shape, (2, 2), 5, 1, 6))
    shapes.append(ConvolutionParameters(shapes[-1].output_shape, shapes[-1].output_shape[:2], 3, 1, 6))
    kernels = [random.integers(-24, 25, (p.neurons, *p.kernel, p.input_shape[2])).astype(np.int16) for p in shapes]
    return Model(tuple(shapes), tuple(kernels), 3, isolation)


def bits_for(network, seed=3):
    shape = network.parameters
    beats = shape.latency + shape.length
    return np.random.default_rng(seed).integers(0, 2, (beats, shape.random_bits), dtype=np.uint8)


def assert_same(network, images, random):
    fast = FastNetwork(network).classify(images, random)
    for n, image in enumerate(images):
        golden = network.classify(image, random)
        assert (fast.winner[n], fast.length[n]) == (golden.winner, golden.length)
        np.testing.assert_array_equal(fast.scores[n], golden.scores)


@pytest.mark.parametrize("isolation", [None, 1, 3])
@pytest.mark.parametrize("sizes", [(12, 4), (12, 7, 6, 4), (5, 9, 2)])
def test_fast_is_golden_bit_for_bit(sizes, isolation):
    network = dense_network(sizes, isolation)
    images = np.random.default_rng(4).integers(0, 16, (5, sizes[0]))
    assert_same(network, images, bits_for(network))


@pytest.mark.parametrize("isolation", [None, 16])
def test_fast_is_golden_for_convolutions(isolation):
    network = convolutional_model(isolation).network(CHECKPOINTS)
    images = np.random.default_rng(5).integers(0, 8, (4, 72))
    assert_same(network, images, bits_for(network))


def test_an_image_has_the_same_bits_in_every_lane():
    network = dense_network((12, 7, 4))
    image = np.random.default_rng(6).integers(0, 16, 12)
    outcome = FastNetwork(network).classify(np.tile(image, (IMAGES, 1)), bits_for(network))
    assert (outcome.scores == network.classify(image, bits_for(network)).scores).all()


def test_a_convolution_is_the_dense_layer_of_its_weights():
    model = convolutional_model()
    patches = model.network(CHECKPOINTS)
    dense = Network(patches.parameters, [layer.weights for layer in patches.layers])
    image, random = np.random.default_rng(7).integers(0, 8, 72), bits_for(patches)
    for one, other in zip(patches.streams(image, random), dense.streams(image, random), strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_allclose(patches.expectation(image), dense.expectation(image))


def test_a_convolution_looks_at_the_patches_that_scipy_does():
    from scipy.signal import correlate2d

    shape = ConvolutionParameters((6, 7, 1), (3, 2), 1, 2, 8)
    kernel = np.random.default_rng(8).integers(-99, 99, (1, 3, 2, 1))
    image = np.random.default_rng(9).random((6, 7))
    linear = (Convolution(shape, kernel).weights @ image.ravel()).reshape(shape.output_shape[:2])
    np.testing.assert_allclose(linear, correlate2d(image, kernel[0, :, :, 0], "valid")[::2, ::2])


def _chi_square(isolation, correlation=0.0):
    """Squared deviations of scores from their expectation, over those of N independent beats; their number."""
    length = 4096
    network = dense_network((6, 24, 10), isolation, (6, 6), 10, ((length, 0),))
    images = np.random.default_rng(11).integers(0, 16, (1, 6))
    total = count = 0
    for block in range(12):
        random = payloads("smtj", network.parameters, network.parameters.latency + length, 1, correlation, block)
        score = FastNetwork(network).classify(images, random).scores[0] / length
        values = images / 16
        plus, minus = network.layers[0].expectation(values)
        plus, minus = network.layers[1].expectation(plus * (1 - minus))
        variance = (plus * (1 - plus) + minus * (1 - minus))[0] / length
        # A class at a time is independent from block to block; the classes of a block are not, so one is looked at.
        total += ((score - (plus - minus)[0]) ** 2 / variance)[block % 10]
        count += 1
    return total, count


def test_isolated_streams_have_the_expectation_and_variance_of_independent_ones():
    """Level 1e-4: the sum of squared normal deviations is chi-square."""
    total, count = _chi_square(None)
    assert total < chi2.isf(1e-4, count)


def test_the_chi_square_sees_neurons_that_are_not_isolated_and_junctions_read_too_fast():
    for total, count in (_chi_square(1), _chi_square(None, 0.9)):
        assert total > 1.5 * chi2.isf(1e-4, count)


@pytest.mark.parametrize("entropy", [*ENTROPIES, "lfsr:8"])
def test_the_bits_of_every_entropy_are_balanced(entropy):
    """Each column of n bits of a source has a mean within 6 standard deviations of independent bits."""
    shape = dense_network((12, 7, 4), weight_bits=(5, 5)).parameters
    bits = payloads(entropy, shape, 2040)
    assert bits.shape == (2040, shape.random_bits)
    assert np.abs(bits.mean(axis=0) - 0.5).max() < 3 / np.sqrt(2040)


def test_junctions_are_correlated_as_asked():
    shape = dense_network((12, 7, 4)).parameters
    correlation = correlation_of(0.25)
    bits = payloads("smtj", shape, 4000, correlation=correlation).astype(float) - 0.5
    measured = 4 * (bits[1:] * bits[:-1]).mean()
    assert correlation == pytest.approx(np.exp(-0.5))
    assert measured == pytest.approx(correlation, abs=6 / np.sqrt(bits.size))


def test_blocks_of_junction_bits_differ_and_generators_restart():
    shape = dense_network((12, 7, 4), weight_bits=(5, 5)).parameters
    assert (payloads("smtj", shape, 99, block=0) != payloads("smtj", shape, 99, block=1)).any()
    for entropy in ("lfsr", "sobol", "xoshiro"):
        np.testing.assert_array_equal(payloads(entropy, shape, 99, block=0), payloads(entropy, shape, 99, block=1))


def test_bad_arguments_are_refused():
    network = dense_network((12, 7, 4), weight_bits=(5, 4))
    shape, fast = network.parameters, FastNetwork(network)
    with pytest.raises(ValueError, match="entropy must be one of lfsr, sobol, xoshiro, smtj or lfsr:WIDTH, not 'dice'"):
        payloads("dice", shape, 9)
    with pytest.raises(ValueError, match="equal weight bits"):
        payloads("sobol", shape, 9)
    with pytest.raises(ValueError, match="correlation must be 0 to below 1, not 1"):
        payloads("smtj", shape, 9, correlation=1)
    with pytest.raises(ValueError, match="1 to 512 images, not 513"):
        fast.classify(np.zeros((513, 12), int), bits_for(network))
    with pytest.raises(ValueError, match="random bits must have shape"):
        fast.classify(np.zeros((1, 12), int), bits_for(network)[1:])
    with pytest.raises(ValueError, match="kernel must fit the inputs"):
        ConvolutionParameters((4, 4, 1), (5, 1), 1)
