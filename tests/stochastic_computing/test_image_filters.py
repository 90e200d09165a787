"""Image filters: all words give the exact picture, random ones the PSNR of theory. Level 0.001, fixed seeds."""

import numpy as np
import pytest
from scipy import ndimage

from hwpy.stochastic_computing.image_filters import (
    WindowFilterParameters,
    exact,
    expected_psnr,
    filtered,
    psnr,
)

KINDS = pytest.mark.parametrize("kind", ["roberts", "gaussian", "median"])


def _image():
    return np.random.default_rng(1).integers(0, 256, (20, 24))


def test_exact_filters_are_those_of_scipy():
    image = _image().astype(float)
    assert (exact(image, WindowFilterParameters("median")) == ndimage.median_filter(image, 3)[1:-1, 1:-1]).all()
    kernel = np.outer([1, 2, 1], [1, 2, 1]) / 16
    blurred = ndimage.convolve(image, kernel)[1:-1, 1:-1]
    assert exact(image, WindowFilterParameters("gaussian")) == pytest.approx(blurred)
    edges = abs(image[:-1, :-1] - image[1:, 1:]) + abs(image[:-1, 1:] - image[1:, :-1])
    assert exact(image, WindowFilterParameters("roberts")) == pytest.approx(edges / 2)


@KINDS
def test_every_word_with_every_select_gives_the_exact_picture(kind):
    parameters = WindowFilterParameters(kind)
    selects = 1 << parameters.select_bits
    words, chosen = np.repeat(np.arange(256), selects), np.tile(np.arange(selects), 256)
    image = _image()
    assert filtered(image, parameters, words, chosen) == pytest.approx(exact(image, parameters))


@KINDS
def test_random_words_have_the_psnr_of_the_formula(kind):
    parameters, image, length = WindowFilterParameters(kind), _image(), 32
    wanted, generator = exact(image, parameters), np.random.default_rng(2)
    squares = []
    for _ in range(150):
        words, selects = generator.integers(0, 256, length), generator.integers(0, 1 << parameters.select_bits, length)
        squares.append(((filtered(image, parameters, words, selects) - wanted) ** 2).mean())
    expected = 255**2 / 10 ** (expected_psnr(wanted, length) / 10)
    # A picture has one word a clock, so the runs, not the pixels, are independent.
    spread = np.std(squares) / len(squares) ** 0.5
    assert abs(np.mean(squares) - expected) < 3.29 * spread
    # Power: half the length is told.
    assert abs(np.mean(squares) - 2 * expected) > 3.29 * spread


def test_unshared_words_do_not_subtract():
    image, parameters = np.full((16, 16), 128), WindowFilterParameters("roberts")
    generator = np.random.default_rng(3)
    found = filtered(
        image, parameters, np.zeros(256), generator.integers(0, 2, 256), lambda shape: generator.integers(0, 256, shape)
    )
    # No edge anywhere, but p + q - 2 p q is a half.
    assert abs(found.mean() - 128) < 5


def test_psnr_of_no_error_is_infinite_and_of_one_in_255_is_48_db():
    assert psnr([1, 2], [1, 2]) == float("inf")
    assert psnr([1.0, 1.0], [0.0, 0.0]) == pytest.approx(20 * np.log10(255))


def test_bad_parameters_are_quoted():
    with pytest.raises(ValueError, match="image filter must be one of roberts, gaussian, median, not 'sobel'"):
        WindowFilterParameters("sobel")
