"""Streaming image filters by single gates on correlated bitstreams: Roberts cross, Gaussian, median. Golden models.

All pixels are compared with one word r a clock, so all their streams have SCC 1: a pixel's bit is ``r < value``. Then

roberts
    the XOR of two streams is the absolute difference, and a multiplexer halves the sum of the two diagonals':
    (abs(a - d) + abs(b - c)) / 2 over windows a b / c d (A. Alaghi, C. Li and J. P. Hayes, *Stochastic circuits for
    real-time image-processing applications*, DAC 2013).
gaussian
    a multiplexer whose select, of 4 random bits, takes the 9 pixels with the weights 1 2 1 / 2 4 2 / 1 2 1.
median
    a sorting network whose exchanges are an AND, the minimum, and an OR, the maximum (M. H. Najafi et al., *Low-cost
    sorting network circuits using unary processing*, IEEE TVLSI 26, 1471, 2018). As the bits are thresholds of one
    word, that is exact: the output is 1 where at least 5 of the 9 are.

In each clock the bit of every output of value 256 y is 1 with probability y, so for words that are independent from
clock to clock the mean square error is 256^2 y (1 - y) / N (`expected_psnr`). The errors of neighbours are alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "GAUSSIAN",
    "WindowFilter",
    "WindowFilterParameters",
    "exact",
    "expected_psnr",
    "filtered",
    "photograph",
    "psnr",
]

#: The pixel that each value of the Gaussian's select takes.
GAUSSIAN = tuple(pixel for pixel, weight in enumerate((1, 2, 1, 2, 4, 2, 1, 2, 1)) for _ in range(weight))
_SIDES = {"roberts": 2, "gaussian": 3, "median": 3}
_SELECT_BITS = {"roberts": 1, "gaussian": 4, "median": 0}


@dataclass(frozen=True)
class WindowFilterParameters:
    """A filter: kind is 'roberts', 'gaussian' or 'median'."""

    kind: str

    def __post_init__(self) -> None:
        if self.kind not in _SIDES:
            raise ValueError(f"image filter must be one of {', '.join(_SIDES)}, not {self.kind!r}")

    @property
    def side(self) -> int:
        """Pixels along a side of the window."""
        return _SIDES[self.kind]

    @property
    def select_bits(self) -> int:
        """Random bits a clock."""
        return _SELECT_BITS[self.kind]


class WindowFilter:
    """Golden model, without state, on bits or on whole planes of bits."""

    def __init__(self, parameters: WindowFilterParameters):
        self.parameters = parameters

    def output(self, window: ArrayLike, select: ArrayLike = 0) -> NDArray[np.uint8]:
        """Bits (..., side**2), pixels row by row, and a select of the leading shape, to bits of that shape."""
        bits, chosen = np.asarray(window, dtype=np.uint8), np.asarray(select, dtype=np.int64)
        if self.parameters.kind == "median":
            return (bits.sum(axis=-1) >= 5).astype(np.uint8)
        if self.parameters.kind == "roberts":
            return np.where(chosen, bits[..., 1] ^ bits[..., 2], bits[..., 0] ^ bits[..., 3])
        place = np.broadcast_to(np.array(GAUSSIAN)[chosen], bits.shape[:-1])
        return np.take_along_axis(bits, place[..., None], axis=-1)[..., 0]


def exact(image: ArrayLike, parameters: WindowFilterParameters) -> NDArray[np.float64]:
    """What the filter means: of pixels (H, W) the values over every whole window, (H - side + 1, W - side + 1)."""
    windows = _windows(np.asarray(image, dtype=np.float64), parameters.side)
    if parameters.kind == "median":
        return np.median(windows, axis=-1)
    if parameters.kind == "gaussian":
        return windows @ (np.bincount(GAUSSIAN) / len(GAUSSIAN))
    return (abs(windows[..., 0] - windows[..., 3]) + abs(windows[..., 1] - windows[..., 2])) / 2


def filtered(
    image: ArrayLike,
    parameters: WindowFilterParameters,
    words: ArrayLike,
    selects: ArrayLike,
    fresh: Callable[[tuple[int, ...]], NDArray[np.int64]] | None = None,
) -> NDArray[np.float64]:
    """Values by streams of N bits, of the shape and scale of `exact`.

    Parameters
    ----------
    image
        Pixels (H, W), 0 to 255.
    words, selects
        N words of 8 bits for all pixels, and N selects for all windows.
    fresh
        Gives words of their own to all pixels, of a shape, in each clock, instead of ``words``: independent streams,
        which is what junctions biased to the pixels would be.
    """
    pixels, filter_ = np.asarray(image, dtype=np.int64), WindowFilter(parameters)
    numbers, chosen = np.asarray(words, dtype=np.int64), np.asarray(selects, dtype=np.int64)
    side = parameters.side
    total = np.zeros((pixels.shape[0] - side + 1, pixels.shape[1] - side + 1), dtype=np.int64)
    for word, select in zip(numbers, chosen, strict=True):
        bits = (word if fresh is None else fresh(pixels.shape)) < pixels
        total += filter_.output(_windows(bits, side), select)
    return 256 * total / len(numbers)


def expected_psnr(wanted: ArrayLike, length: int) -> float:
    """PSNR in dB of N = ``length`` independent words, for values as `exact` gives them."""
    y = np.asarray(wanted, dtype=np.float64) / 256
    return float(10 * np.log10(255**2 * length / (256**2 * (y * (1 - y)).mean())))


def photograph() -> NDArray[np.int64]:
    """A photograph of 143 x 214 grey pixels, 0 to 255: scikit-learn's sample of a Chinese temple, every third pixel.

    Raises
    ------
    ImportError
        If scikit-learn is not installed.
    """
    try:
        from sklearn.datasets import load_sample_image
    except ImportError:
        raise ImportError("the photograph is scikit-learn's: pip install scikit-learn") from None
    colours = load_sample_image("china.jpg")[::3, ::3]
    # Luma of ITU-R BT.601.
    return np.rint(colours @ np.array([0.299, 0.587, 0.114])).astype(np.int64)


def psnr(found: ArrayLike, wanted: ArrayLike) -> float:
    """Peak signal-to-noise ratio in dB for a peak of 255; infinite if nothing differs."""
    error = ((np.asarray(found) - np.asarray(wanted)) ** 2).mean()
    return float("inf") if error == 0 else float(10 * np.log10(255**2 / error))


def _windows(image: NDArray, side: int) -> NDArray:
    windows = np.lib.stride_tricks.sliding_window_view(image, (side, side))
    return windows.reshape(*windows.shape[:2], side * side)
