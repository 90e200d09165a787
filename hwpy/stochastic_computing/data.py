"""Images to classify: the 8 x 8 digits of scikit-learn, and Fashion-MNIST or MNIST from IDX files.

A pixel is an unsigned byte X and stands for the unipolar value X / 256, what an 8-bit comparator makes of it.

IDX (LeCun, Cortes and Burges, *The MNIST database*): two zero bytes, a type byte (8: unsigned byte), the number of
dimensions, each dimension as a big-endian 32-bit number, then the data, nothing after it; often under gzip.
"""

from __future__ import annotations

import gzip
import os
import zlib
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hwpy.formats.errors import InputError

__all__ = ["FASHION_MNIST", "Images", "digits", "load", "mnist", "read_idx"]

#: Where Debian's package dataset-fashion-mnist puts its files.
FASHION_MNIST = Path("/usr/share/datasets/fashion-mnist")

_LARGEST = 1 << 30


@dataclass(frozen=True)
class Images:
    """Labelled images.

    Parameters
    ----------
    pixels
        uint8 of shape (images, rows, columns).
    labels
        uint8 of shape (images,), the class of each.
    """

    pixels: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    def __post_init__(self) -> None:
        if self.pixels.ndim != 3 or self.pixels.dtype != np.uint8:
            raise ValueError(f"images must be bytes of three dimensions, not {self.pixels.dtype} {self.pixels.shape!r}")
        if self.labels.shape != self.pixels.shape[:1]:
            raise ValueError(f"images and labels must be as many, not {len(self.pixels)} and {self.labels.shape!r}")

    def __len__(self) -> int:
        return len(self.labels)

    def first(self, count: int) -> Images:
        """The first `count` of them, or all if there are fewer."""
        return Images(self.pixels[:count], self.labels[:count])


def digits(part: str = "test") -> Images:
    """scikit-learn's 1,797 digits of 8 x 8 pixels (UCI's optical recognition of handwritten digits, test set).

    Parameters
    ----------
    part
        'test': the held-out third, images 2, 5, 8, ... (599 of them); 'train': the other 1,198. Pixel 16 becomes 255.

    Raises
    ------
    ModuleNotFoundError
        Without scikit-learn.
    """
    from sklearn.datasets import load_digits

    data = load_digits()
    held_out = np.arange(len(data.target)) % 3 == 2
    chosen = held_out if part == "test" else ~held_out
    pixels = np.minimum(16 * data.images, 255).astype(np.uint8)
    return Images(pixels[chosen], data.target.astype(np.uint8)[chosen])


def mnist(directory: str | os.PathLike[str], part: str = "test") -> Images:
    """The images and labels of a directory with the four IDX files of MNIST's names, each plain or ``.gz``.

    Parameters
    ----------
    part
        'test' (``t10k-...``) or 'train'.

    Raises
    ------
    InputError
        If a file is missing or bad, or there are not as many labels as images.
    """
    stem = {"test": "t10k", "train": "train"}[part]
    images_path = _find(Path(directory), f"{stem}-images-idx3-ubyte")
    labels_path = _find(Path(directory), f"{stem}-labels-idx1-ubyte")
    pixels, labels = read_idx(images_path, 3), read_idx(labels_path, 1)
    if len(pixels) != len(labels):
        raise InputError(
            f"expected {len(pixels)} labels as {images_path.name} has images, found {len(labels)}", labels_path
        )
    return Images(pixels, labels)


def load(source: str, part: str = "test") -> Images:
    """Images by name: ``digits``, ``fashion`` (Debian's files), or a directory of IDX files."""
    if source == "digits":
        return digits(part)
    if source == "fashion":
        if not FASHION_MNIST.is_dir():
            raise InputError("expected the files of Debian's package dataset-fashion-mnist", FASHION_MNIST)
        return mnist(FASHION_MNIST, part)
    return mnist(source, part)


def read_idx(path: str | os.PathLike[str], dimensions: int) -> NDArray[np.uint8]:
    """The bytes of an IDX file, which is under gzip if its name ends in ``.gz``.

    Parameters
    ----------
    dimensions
        How many the file must have.

    Raises
    ------
    InputError
        If it cannot be read, or has another magic number, no element, too few bytes, or too many.
    """
    try:
        with gzip.open(path) if os.fspath(path).endswith(".gz") else open(path, "rb") as file:
            header = file.read(4 + 4 * dimensions)
            shape = _shape(header, dimensions, path)
            data = file.read(prod(shape) + 1)
    except InputError:
        raise
    except EOFError:
        raise InputError("expected a whole gzip file, found it cut short", path) from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"expected a gzip file, found another: {error}", path) from None
    except OSError as error:
        raise InputError(f"expected an IDX file, found that it cannot be read: {error.strerror}", path) from None
    if len(data) != prod(shape):
        found = "more" if len(data) > prod(shape) else len(data)
        raise InputError(f"expected {prod(shape)} bytes after the header, found {found}", path)
    return np.frombuffer(data, np.uint8).reshape(shape)


def _shape(header: bytes, dimensions: int, path: str | os.PathLike[str]) -> tuple[int, ...]:
    magic = bytes((0, 0, 8, dimensions))
    if header[:4] != magic:
        raise InputError(f"expected the IDX magic number {magic.hex()}, found {header[:4].hex() or 'nothing'}", path)
    if len(header) < 4 + 4 * dimensions:
        raise InputError(f"expected an IDX header of {4 + 4 * dimensions} bytes, found {len(header)}", path)
    shape = tuple(int(n) for n in np.frombuffer(header, ">u4", offset=4))
    if not 0 < prod(shape) <= _LARGEST:
        raise InputError(f"expected 1 to {_LARGEST} elements, found a header that gives {prod(shape)}", path)
    return shape


def _find(directory: Path, name: str) -> Path:
    if not directory.is_dir():
        raise InputError("expected a directory of IDX files", directory)
    for path in (directory / name, directory / f"{name}.gz"):
        if path.exists():
            return path
    raise InputError(f"expected the file {name} or {name}.gz in it", directory)
