"""WAGE's integers against the equations of the paper in real numbers, and what its random bits are for."""

import numpy as np
import pytest

from hwpy.low_precision.entropy import XoshiroWords
from hwpy.low_precision.rounding import Rounding
from hwpy.low_precision.training_wage import Wage, train_wage
from hwpy.stochastic_computing.data import Images, digits


def _shift(x):
    return 2.0 ** round(float(np.log2(np.abs(x).max())))


def _q(x, bits):
    sigma = 2.0 ** (1 - bits)
    return np.clip(sigma * np.rint(x / sigma), sigma - 1, 1 - sigma)


def _one_step(images, hidden, weight_bits, rate, seed):
    """One step over all images, in real numbers."""
    generator = np.random.default_rng(seed)
    x = (images.pixels.reshape(len(images), -1) // 2) / 128
    target = np.eye(int(images.labels.max()) + 1)[images.labels] * (1 - 2.0**-7)
    least, sigma = 1.5 * 2.0 ** (1 - weight_bits), 2.0**-7
    weights, alphas = [], []
    for shape in ((x.shape[1], hidden), (hidden, target.shape[1])):
        limit = (6 / shape[0]) ** 0.5
        weights.append(_q(generator.uniform(-max(limit, least), max(limit, least), shape), 8))
        alphas.append(max(_shift(least / limit), 1))
    read = [_q(weight, weight_bits) for weight in weights]
    a = np.maximum(_q(x @ read[0] / alphas[0], 8), 0)
    y = _q(a @ read[1] / alphas[1], 8)
    e = _q((y - target) / _shift(y - target), 8)
    back = e @ read[1].T * (a > 0)
    gradients = x.T @ _q(back / _shift(back), 8), a.T @ e
    changes = [sigma * np.rint(rate * g / _shift(g)) for g in gradients]
    return [np.clip(w - c, sigma - 1, 1 - sigma) for w, c in zip(weights, changes, strict=True)]


@pytest.mark.parametrize("weight_bits", [2, 5, 8])
def test_a_step_is_that_of_the_papers_equations(weight_bits):
    images = digits("train").first(60)
    wage = Wage(weight_bits, 4.0, hidden=(12,), epochs=1, batch=60)
    weights, _ = train_wage(wage, images, images, seed=3)
    expected = _one_step(images, 12, weight_bits, 4.0, seed=3)
    for weight, wanted in zip(weights, expected, strict=True):
        assert np.array_equal(weight / 128, wanted)


def test_ternary_weights_learn_with_random_updates():
    images, test = digits("train"), digits("test")
    accuracies = {}
    for mode, bits in (("nearest", 0), ("stochastic", 16)):
        source = XoshiroWords(64, bits, 1) if bits else None
        wage = Wage(2, 0.5, Rounding(mode, bits), source, hidden=(64,), epochs=15, batch=20)
        weights, curve = train_wage(wage, images, test, seed=1)
        assert all((np.abs(weight) <= 127).all() and (weight == np.rint(weight)).all() for weight in weights)
        accuracies[mode] = curve[-1]
    assert accuracies["stochastic"] > accuracies["nearest"] + 0.2


def test_errors_of_zero_change_nothing():
    # A blank image, whose outputs are 0, of the only class there is: the last error is -127/128, the first layer's 0.
    images = Images(np.zeros((1, 2, 2), np.uint8), np.zeros(1, np.uint8))
    wage = Wage(8, 1.0, hidden=(3,), epochs=1, batch=1)
    weights, _ = train_wage(wage, images, images)
    again, _ = train_wage(Wage(8, 1.0, hidden=(3,), epochs=5, batch=1), images, images)
    assert all(np.array_equal(a, b) for a, b in zip(weights, again, strict=True))


def test_refuses_other_widths_and_rates():
    with pytest.raises(ValueError, match="2 to 8 bits, not 9"):
        Wage(9)
    with pytest.raises(ValueError, match=r"power of two from 1/16 to 16, not 0\.3"):
        Wage(8, 0.3)
