"""Low-precision training is the golden MAC's, its gradient is the loss's, and rounding decides whether it learns."""

import json

import numpy as np
import pytest

from hwpy.low_precision.entropy import XoshiroWords
from hwpy.low_precision.fixed import FixedFormat
from hwpy.low_precision.mac import MacParameters, accumulate, mac
from hwpy.low_precision.rounding import Rounding, shift_right
from hwpy.low_precision.training import FixedArithmetic, FloatArithmetic, Recipe, accuracy, step, train
from hwpy.stochastic_computing.data import digits
from trijunction.cli import main
from trijunction.errors import CommandError
from trijunction.training import low_precision

SIGNALS, WEIGHTS = FixedFormat(5, 8), FixedFormat(4, 9)
RATE_LOG2 = -9
LANES = 8


class GoldenArithmetic(FixedArithmetic):
    """The same by the golden MAC, one product a step."""

    def _words(self, count, dropped):
        """A source gives all its bits; the MAC takes the upper ones that it can use."""
        clocks = -(-count // LANES)
        return self.source.words(clocks).ravel()[:count] >> max(self.rounding.random_bits - dropped, 0)

    def _unit(self, x, w, output):
        dropped = x.fraction_bits + w.fraction_bits - output.fraction_bits
        rounding = Rounding("stochastic", min(self.rounding.random_bits, dropped))
        accumulator = FixedFormat(16, x.fraction_bits + w.fraction_bits)
        return MacParameters(x=x, w=w, accumulator=accumulator, output=output, rounding=rounding), dropped

    def signal(self, values):
        wide = np.rint(values * 2.0 ** (SIGNALS.fraction_bits + 20)).astype(np.int64)
        return SIGNALS.saturate(shift_right(wide, 20, self.rounding, self._words(wide.size, 20).reshape(wide.shape)))

    def product(self, signal, weight):
        unit, dropped = self._unit(SIGNALS, WEIGHTS, SIGNALS)
        shape = (len(signal), weight.shape[1], len(weight))
        words = self._words(shape[0] * shape[1], dropped).reshape(shape[:2])
        factors = np.broadcast_to(signal[:, None], shape), np.broadcast_to(weight.T, shape)
        return mac(unit, factors[0].astype(np.int64), factors[1].astype(np.int64), words)

    def update(self, weight, x, error, rate_log2):
        # The learning rate is where the binary point of the error is put.
        unit, dropped = self._unit(
            FixedFormat(0, SIGNALS.fraction_bits), FixedFormat(0, SIGNALS.fraction_bits - rate_log2), WEIGHTS
        )
        products = x.astype(np.int64).T[:, None, :] * error.astype(np.int64).T[None]
        start = weight.astype(np.int64)[..., None] << dropped
        words = self._words(weight.size, dropped).reshape(weight.shape)
        return accumulate(unit, np.concatenate([start, products], axis=-1), words)


@pytest.mark.parametrize("bits", [3, 12])
def test_a_step_is_the_golden_macs(bits):
    generator = np.random.default_rng(1)
    rounding = Rounding("stochastic", bits)
    fast = FixedArithmetic(WEIGHTS, SIGNALS, rounding, XoshiroWords(LANES, bits, 3))
    golden = GoldenArithmetic(WEIGHTS, SIGNALS, rounding, XoshiroWords(LANES, bits, 3))
    weights = [generator.integers(-400, 400, shape).astype(np.float64) for shape in ((14, 9), (10, 4))]
    x = np.concatenate([generator.integers(0, 256, (6, 13)), np.full((6, 1), 256)], axis=1).astype(np.float64)
    targets = np.eye(4)[generator.integers(0, 4, 6)]
    expected = [weight.astype(np.int64) for weight in weights]
    for _ in range(3):
        weights = step(fast, weights, x, targets, RATE_LOG2)
        expected = step(golden, expected, x.astype(np.int64), targets, RATE_LOG2)
    for weight, wanted in zip(weights, expected, strict=True):
        assert np.array_equal(weight, wanted)


def test_a_float_step_goes_down_the_gradient_of_the_cross_entropy():
    generator = np.random.default_rng(2)
    weights = [generator.normal(0, 0.5, shape) for shape in ((6, 5), (6, 5), (6, 3))]
    x = np.concatenate([generator.random((7, 5)), np.ones((7, 1))], axis=1)
    targets = np.eye(3)[generator.integers(0, 3, 7)]

    def loss(weights):
        y = x
        for weight in weights[:-1]:
            y = np.concatenate([np.maximum(y @ weight, 0), np.ones((7, 1))], axis=1)
        y = y @ weights[-1]
        return float((np.log(np.exp(y).sum(axis=1)) - (targets * y).sum(axis=1)).sum())

    held = [weight.astype(np.float32) for weight in weights]
    moved = step(FloatArithmetic(), held, x.astype(np.float32), targets, 0)
    for place, weight in enumerate(weights):
        gradient = np.empty_like(weight)
        for index in np.ndindex(*weight.shape):
            shifted = [w.copy() for w in weights]
            shifted[place][index] += 1e-6
            up = loss(shifted)
            shifted[place][index] -= 2e-6
            gradient[index] = (up - loss(shifted)) / 2e-6
        assert np.allclose(held[place] - moved[place], gradient, atol=1e-4)


def test_updates_below_half_a_bit_are_lost_to_nearest_and_kept_in_the_mean_by_stochastic_rounding():
    form = FixedFormat(7, 8)
    weight, x, error = np.zeros((1, 4096)), np.array([[64.0]]), np.full((1, 4096), 100.0)
    # 0.25 * 100/256 / 32 is 0.78 units of 2**-8; over 128 it is 0.195.
    for rate_log2, nearest in ((-5, 1), (-7, 0)):
        exact = 64 * 100 / 256 * 2.0**rate_log2
        rounded = FixedArithmetic(form, form, Rounding("nearest")).update(weight, x, error, rate_log2)
        assert (rounded == nearest).all()
        stochastic = FixedArithmetic(form, form, Rounding("stochastic", 12), XoshiroWords(64, 12, 1))
        mean = stochastic.update(weight, x, error, rate_log2).mean()
        assert abs(mean - exact) < 3.3 * np.sqrt(exact * (1 - exact) / 4096)  # level 0.001
        assert abs(mean - nearest) > 3.3 * np.sqrt(exact * (1 - exact) / 4096)


def test_digits_are_learned_with_stochastic_and_not_with_nearest_rounding():
    form = FixedFormat(7, 8)
    recipe = Recipe(hidden=(32,), epochs=20, batch=20, rate_log2=-10)
    images, test = digits("train"), digits("test")

    def learned(arithmetic, seed=1):
        return train(arithmetic, recipe, images, test, seed)[1][-1]

    stochastic = [FixedArithmetic(form, form, Rounding("stochastic", 16), XoshiroWords(64, 16, 1)) for _ in range(2)]
    exact = learned(FloatArithmetic())
    assert exact > 0.9
    assert learned(FixedArithmetic(form, form, Rounding("nearest"))) < exact - 0.3
    result = learned(stochastic[0])
    assert result > exact - 0.02
    assert learned(stochastic[1]) == result  # the same seeds, the same result


def test_refuses_a_recipe_without_steps():
    with pytest.raises(ValueError, match="batch must be positive, not 0"):
        Recipe(batch=0)
    with pytest.raises(ValueError, match=r"hidden layers must be positive, not \(32, 0\)"):
        Recipe(hidden=(32, 0))


def test_a_trained_network_is_saved_as_raw_integers_with_its_record(tmp_path):
    images = digits("train").first(200)
    how = low_precision.arithmetic("s[5][10]", "stochastic-fast", bits=8, seed=3)
    weights, record = low_precision.train_network(how, images, images, (8,), epochs=2, rate=1.0, seed=3)
    low_precision.save(weights, record, str(tmp_path / "net.npz"))
    assert [path.name for path in tmp_path.iterdir()] == ["net.npz"]
    with np.load(tmp_path / "net.npz", allow_pickle=False) as file:
        assert file["weight_0"].dtype == np.int16
        assert np.array_equal(file["weight_1"], weights[1])
        assert json.loads(str(file["record"])) == record
    assert record["rate"] == 100 / 128  # the nearest power of two
    assert record["accuracy"] == record["accuracies"][1] == accuracy(how, weights, images)


def test_refuses_formats_that_are_too_wide_or_none():
    with pytest.raises(ValueError, match=r"at most 16 bits, not s\[8\]\[8\]"):
        low_precision.arithmetic("s[8][8]")
    with pytest.raises(ValueError, match="rounding mode must be one of"):
        low_precision.arithmetic("s[7][8]", "sometimes")


def test_the_command_trains_prints_and_refuses_in_one_line(tmp_path, capsys):
    def run(output="net.npz", hidden=(8, 0, 1), form="s[7][8]"):
        path = str(tmp_path / output)
        low_precision.run("digits", path, [hidden], 1, 0.5, form, "stochastic", 8, seed=1, as_json=True)

    run()
    record = json.loads(capsys.readouterr().out)
    assert (record["format"], record["random_bits"], record["hidden"]) == ("s[7][8]", 8, [8])
    for wrong, message in (
        ({"output": "none/net.npz"}, "directory that there is"),
        ({"hidden": (8, 5, 1)}, "has no kernels"),
        ({"form": "s[8][8]"}, "at most 16 bits"),
    ):
        with pytest.raises(CommandError, match=message):
            run(**wrong)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--way", "low-precision", "--isolation", "3"], "--isolation is of --way or-gates"),
        (["--way", "low-precision", "--epochs", "0"], "--epochs 0 is of a --start"),
        (["--bits", "3"], "--bits is of --way low-precision"),
    ],
)
def test_options_of_the_other_way_are_refused(options, message, tmp_path, capsys):
    path = tmp_path / "net.npz"
    assert main(["train", "digits", str(path), *options]) == 2
    assert message in capsys.readouterr().err
    assert not path.exists()
