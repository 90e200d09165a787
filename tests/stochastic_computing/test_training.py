"""Training: the forward pass is the hardware's expectation, gradients are its, and a small network learns."""

# ruff: noqa: E402 (PyTorch first, as it may not be there)

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch")

from hwpy.stochastic_computing.data import Images
from hwpy.stochastic_computing.inference import classify
from hwpy.stochastic_computing.model import Model
from hwpy.stochastic_computing.network_entropy import payloads
from tests.stochastic_computing.test_fast import convolutional_model
from trijunction.cli import main
from trijunction.training import train as training
from trijunction.training.network import OrNetwork
from trijunction.training.train import Recipe, Streams, float_accuracy, layers_from, split, train


def bright_quarters(count, seed=1):
    """Noisy images of 6 x 6 pixels, one quarter of which is brighter: its number is the class."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 4, count).astype(np.uint8)
    pixels = random.integers(0, 100, (count, 6, 6))
    for image, label in zip(pixels, labels, strict=True):
        image[3 * (label // 2) :, 3 * (label % 2) :][:3, :3] += 80
    return Images(pixels.astype(np.uint8), labels)


def small_network(seed=1):
    torch.manual_seed(seed)
    return OrNetwork(layers_from((6, 6, 1), [(6, 3, 3)], 4))


def scores_of(weights, x):
    """y+ - y- of two dense layers in float64, written from the definition alone."""
    for weight in weights:
        plus, minus = (1 - (1 - x[:, None, :] * np.maximum(sign * weight, 0)).prod(-1) for sign in (1, -1))
        x = plus * (1 - minus)
    return plus - minus


@pytest.mark.parametrize(("exact", "tolerance"), [(True, 1e-6), (False, 0.02)])
def test_the_gradient_is_that_of_the_expectation_by_finite_differences(exact, tolerance):
    """The cubic of the training pass is within 1 % for weights up to 1/2, its slope within 2 % of the steepest."""
    random = np.random.default_rng(3)
    torch.manual_seed(1)
    network = OrNetwork(layers_from((3, 3, 1), [(5, 0, 1)], 2)).double()
    weights = [random.uniform(-0.5, 0.5, tuple(weight.shape)) for weight in network.weights]
    with torch.no_grad():
        for parameter, weight in zip(network.weights, weights, strict=True):
            parameter.copy_(torch.tensor(weight))
    x, target = random.random((4, 9)), random.random((4, 2))
    plus, minus = network(torch.tensor(x), exact=exact)
    ((plus - minus) * torch.tensor(target)).sum().backward()
    for place, weight in enumerate(weights):
        slope = np.empty_like(weight)
        for index in np.ndindex(weight.shape):
            ends = []
            for step in (1e-6, -1e-6):
                moved = [array.copy() for array in weights]
                moved[place][index] += step
                ends.append((scores_of(moved, x) * target).sum())
            slope[index] = (ends[0] - ends[1]) / 2e-6
        found = network.weights[place].grad.numpy()
        np.testing.assert_allclose(found, slope, atol=tolerance * np.abs(slope).max())
        assert np.abs(slope).max() > 0.1


@pytest.mark.parametrize(("weight", "error"), [(0.5, 0.01), (0.75, 0.06), (0.9, 0.18)])
def test_the_cubic_is_too_large_by_no_more_than_it_says(weight, error):
    network = OrNetwork(layers_from((1, 1, 1), [], 2)).double()
    with torch.no_grad():
        network.weights[0].fill_(weight)
    x = torch.linspace(0.01, 1, 100, dtype=torch.float64)[:, None]
    ratio = torch.log1p(-network(x)[0][:, 0].detach()) / torch.log1p(-weight * x[:, 0])
    assert ratio.min() > 1 - 1e-9
    assert error / 2 < ratio.max() - 1 < error


@pytest.mark.parametrize("model", [convolutional_model(), convolutional_model(seed=8)])
def test_the_exact_forward_pass_is_the_golden_models_expectation(model):
    numbers = np.random.default_rng(1).integers(0, 8, (6, 72))
    plus, minus = OrNetwork.of(model)(torch.tensor(numbers / 8, dtype=torch.float32), exact=True)
    expected = model.network(((1, 0),)).expectation(numbers)
    np.testing.assert_allclose((plus - minus).detach(), expected, atol=1e-5)


def test_quantised_weights_are_levels_of_the_generator_and_hand_on_the_gradient():
    network = small_network()
    network.quantised = True
    weight = network.weight(0)
    levels = weight.detach().numpy() * 2**8
    np.testing.assert_array_equal(levels, np.rint(levels))
    np.testing.assert_allclose(weight.detach(), network.weights[0].detach(), atol=2**-9)
    weight.sum().backward()
    np.testing.assert_array_equal(network.weights[0].grad, 1)
    np.testing.assert_array_equal(network.kernels()[0].reshape(6, 9), levels)


def test_noise_at_hidden_layers_is_that_of_the_count_of_n_beats():
    """A hidden bit of P = 1/2, and a last weight so small that its neuron is linear: deviation w / 2 / sqrt(N).

    The deviation of 20,000 has a standard error of 0.5 %; 3 % is six of them.
    """
    torch.manual_seed(1)
    network = OrNetwork(layers_from((1, 1, 1), [(1, 0, 1)], 2))
    with torch.no_grad():
        network.weights[0].fill_(0.5)
        network.weights[1].fill_(0.01)
    x = torch.ones(20000, 1)
    assert network(x)[0].std() < 1e-5
    network.noise_length = 64
    assert network(x, exact=True)[0].std() < 1e-5
    assert network(x)[0][:, 0].std().item() == pytest.approx(0.01 * 0.5 / 8, rel=0.03)


@pytest.mark.parametrize("entropy", [None, "lfsr:8"])
def test_a_small_network_learns_and_keeps_what_it_learnt_in_streams(entropy):
    network, test = small_network(), bright_quarters(200, seed=2)
    untrained = Model(tuple(network.layers), network.kernels(), 4)
    recipe = Recipe(8, batch=25, rate=0.05, length=64, quantise_from=0.5, entropy=entropy)
    trained = train(network, bright_quarters(400), None, recipe, 4)
    assert float_accuracy(untrained, test) < 0.7
    assert float_accuracy(trained.model, test) > 0.95
    outcome = classify(trained.model.network(((256, 0),)), trained.model.numbers(test.pixels), "lfsr:8")
    assert (outcome.winner == test.labels).mean() > 0.9


def test_the_scores_of_streams_are_the_golden_models():
    network, images = small_network(), bright_quarters(3)
    numbers = images.pixels.reshape(3, -1) >> 4
    scores = Streams(Recipe(length=50, entropy="lfsr:8"), 4, None).score(network, numbers)
    golden = Model(tuple(network.layers), network.kernels(), 4).network(((50, 0),))
    random = payloads("lfsr:8", golden.parameters, golden.parameters.latency + 50)
    expected = [golden.classify(image, random).scores / 50 for image in numbers]
    np.testing.assert_allclose(scores, expected, atol=1e-7)


def test_the_same_seed_is_the_same_model():
    first, second, other = (
        train(small_network(seed), bright_quarters(100), None, Recipe(2), 4).model for seed in (1, 1, 2)
    )
    for one, same in zip(first.kernels, second.kernels, strict=True):
        np.testing.assert_array_equal(one, same)
    assert any((one != two).any() for one, two in zip(first.kernels, other.kernels, strict=True))


def test_validation_images_are_a_part_of_their_own():
    images = Images(np.arange(200 * 4).astype(np.uint8).reshape(200, 2, 2), np.zeros(200, np.uint8))
    images.pixels[:, 0, 0] = np.arange(200)
    rest, held_out = split(images, 0.25, seed=3)
    assert (len(rest), len(held_out)) == (150, 50)
    assert sorted([*rest.pixels[:, 0, 0], *held_out.pixels[:, 0, 0]]) == list(range(200))
    np.testing.assert_array_equal(split(images, 0.25, seed=3)[1].pixels, held_out.pixels)
    assert (split(images, 0.25, seed=4)[1].pixels != held_out.pixels).any()
    assert split(images, 0, seed=3) == (images, None)
    for fraction in (-0.1, 1, 0.999, float("nan")):
        with pytest.raises(ValueError, match="validation fraction must"):
            split(images, fraction, 1)


def test_the_best_epoch_by_validation_is_kept(monkeypatch):
    accuracies, seen = iter([0.5, 0.9, 0.7, 0.9, 0.6]), []

    def accuracy(model, images):
        seen.append((model, images))
        return next(accuracies)

    monkeypatch.setattr(training, "float_accuracy", accuracy)
    held_out = bright_quarters(10, seed=5)
    reports = []
    trained = train(
        small_network(),
        bright_quarters(50),
        held_out,
        Recipe(10, quantise_from=0.5),
        4,
        None,
        lambda *r: reports.append(r),
    )
    assert (trained.epoch, trained.validation_accuracy) == (9, 0.9)  # the later of equals
    assert trained.model is seen[3][0]
    assert all(images is held_out for _, images in seen)
    assert [accuracy for _, _, accuracy in reports] == [None] * 5 + [0.5, 0.9, 0.7, 0.9, 0.6]


@pytest.mark.parametrize("values", [{"epochs": 0}, {"length": 0}, {"batch": 513}])
def test_a_recipe_refuses_bad_values(values):
    with pytest.raises(ValueError, match=f"not .*{next(iter(values.values()))}"):
        Recipe(**values)


def test_training_from_the_command_line_goes_on_from_a_model(tmp_path, capsys):
    first, second = tmp_path / "first.npz", tmp_path / "second.npz"
    assert main(["train", "digits", str(first), "--hidden", "8", "--epochs", "3", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["training_images"], record["validation_images"]) == (1078, 120)
    more = ["--start", str(first), "--epochs", "6", "--entropy", "lfsr:8", "--length", "64", "--json"]
    assert main(["train", "digits", str(second), *more]) == 0
    after = json.loads(capsys.readouterr().out)
    assert (after["start"], after["noise"]) == ("first.npz", "lfsr:8")
    assert after["float_accuracy"] > record["float_accuracy"]
    assert Model.load(second).layers[0].neurons == 8


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--epochs", "0"], "--epochs 0 is of a --start"),
        (["--start", "digits.npz", "--hidden", "8"], "--hidden is not for a --start"),
        (["--start", "nothing.npz"], "nothing.npz: expected a model file"),
        (["--validation", "1"], "is not 0 to below 1"),
        (["--entropy", "lfsr:99"], "is not lfsr, lfsr:WIDTH (3 to 24), sobol, xoshiro or smtj"),
        (["--hidden", "8,x"], "is not NEURONS or NEURONS:KERNEL:STRIDE"),
    ],
)
def test_bad_usage_is_one_line_and_status_2(arguments, message, tmp_path, capsys):
    assert main(["train", "digits", str(tmp_path / "m.npz"), *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_an_interrupt_or_a_full_disk_leaves_the_old_file(tmp_path, capsys, monkeypatch):
    path = tmp_path / "m.npz"
    path.write_text("old")

    def interrupted(*arguments):
        raise KeyboardInterrupt

    def full(model, path):
        path = tmp_path / path
        path.write_text("half")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(training, "train", interrupted)
        assert main(["train", "digits", str(path)]) == 130
    monkeypatch.setattr(Model, "save", full)
    assert main(["train", "digits", str(path), "--hidden", "2", "--epochs", "1"]) == 2
    assert capsys.readouterr().err.splitlines()[-1].endswith("m.npz: cannot be written: No space left on device")
    assert [item.name for item in tmp_path.iterdir()] == ["m.npz"]
    assert path.read_text() == "old"
