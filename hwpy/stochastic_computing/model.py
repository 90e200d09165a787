"""A trained OR-gate network as a file: a NumPy archive of the whole weights and a description, without pickles.

``about`` is the description in JSON (`Model`'s fields but the kernels), ``kernel_0``, ``kernel_1``, ... the weights,
int16 of shape (neurons, rows, columns, channels): the weight times ``2**weight_bits``.
"""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwpy.formats.errors import InputError
from hwpy.stochastic_computing.convolution import Convolution, ConvolutionParameters
from hwpy.stochastic_computing.network import Network, NetworkParameters

__all__ = ["Model"]

#: What NumPy, JSON and the layers say of other archives.
_NOT_A_MODEL = (KeyError, IndexError, TypeError, ValueError, AttributeError, EOFError)


@dataclass(frozen=True)
class Model:
    """Layers, and how images are fed to them.

    Parameters
    ----------
    layers
        First to last; a dense layer has a kernel of the size of its inputs.
    kernels
        For each, integers of shape (neurons, rows, columns, channels).
    input_bits
        A pixel X of 8 bits becomes the number ``X >> (8 - input_bits)``.
    isolation
        As in `NetworkParameters`.
    provenance
        What it was trained on and how, for reports.
    """

    layers: tuple[ConvolutionParameters, ...]
    kernels: tuple[NDArray[np.int16], ...]
    input_bits: int = 4
    isolation: int | None = None
    provenance: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.kernels) != len(self.layers):
            raise ValueError(f"model of {len(self.layers)} layers must not have {len(self.kernels)} kernels")
        for before, after in zip(self.layers, self.layers[1:], strict=False):
            if before.output_shape != after.input_shape:
                raise ValueError(f"model layer of {after.input_shape!r} inputs must not follow {before.output_shape!r}")
        if self.layers and self.layers[-1].output_shape[:2] != (1, 1):
            raise ValueError(f"model must end in one row and column, not {self.layers[-1].output_shape!r}")
        for layer, kernel in zip(self.layers, self.kernels, strict=True):
            Convolution(layer, kernel)
        self._parameters(((1, 0),))

    @property
    def classes(self) -> int:
        """Neurons of the last layer."""
        return self.layers[-1].neurons

    @property
    def synapses(self) -> int:
        """Weights that are not 0, of all places."""
        return sum(
            int(np.count_nonzero(kernel)) * layer.output_shape[0] * layer.output_shape[1]
            for layer, kernel in zip(self.layers, self.kernels, strict=True)
        )

    def network(self, checkpoints: tuple[tuple[int, int], ...]) -> Network:
        """The golden model, for the checkpoints of `NetworkParameters`."""
        golden = [Convolution(layer, kernel) for layer, kernel in zip(self.layers, self.kernels, strict=True)]
        network = Network(self._parameters(checkpoints), [layer.weights for layer in golden])
        # The same layers, but each patch is looked at by itself: a dense one with all those zeros would take for ever.
        network.layers = [layer.neurons if layer.is_dense else layer for layer in golden]  # type: ignore[misc]
        return network

    def numbers(self, pixels: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Pixels (images, rows, columns) as the network's input numbers (images, K).

        Raises
        ------
        ValueError
            If the images have another size.
        """
        rows, columns, channels = self.layers[0].input_shape
        if channels != 1 or pixels.shape[1:] != (rows, columns):
            size = " x ".join(str(n) for n in pixels.shape[1:])
            raise ValueError(f"images must be {rows} x {columns} pixels for this model, not {size}")
        return (pixels >> (8 - self.input_bits)).reshape(len(pixels), -1).astype(np.int64)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the file."""
        about = {
            "format": "trijunction OR-gate network 1",
            "input_bits": self.input_bits,
            "isolation": self.isolation,
            "layers": [
                {"input_shape": layer.input_shape, "stride": layer.stride, "weight_bits": layer.weight_bits}
                for layer in self.layers
            ],
            "provenance": self.provenance,
        }
        arrays = {f"kernel_{place}": kernel.astype(np.int16) for place, kernel in enumerate(self.kernels)}
        with open(path, "wb") as file:
            np.savez_compressed(file, allow_pickle=False, about=np.array(json.dumps(about)), **arrays)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Model:
        """Read a file.

        Raises
        ------
        InputError
            If it cannot be read or is not one.
        """
        try:
            # Opened here: NumPy leaves a file open whose archive is cut short.
            with open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
                about = json.loads(str(archive["about"]))
                kernels = tuple(archive[f"kernel_{place}"] for place in range(len(about["layers"])))
            layers = tuple(
                ConvolutionParameters(
                    tuple(layer["input_shape"]),
                    (kernel.shape[1], kernel.shape[2]),
                    kernel.shape[0],
                    layer["stride"],
                    layer["weight_bits"],
                )
                for layer, kernel in zip(about["layers"], kernels, strict=True)
            )
            return cls(layers, kernels, about["input_bits"], about["isolation"], dict(about["provenance"]))
        except FileNotFoundError:
            raise InputError("expected a model file, found no file of this name", path) from None
        except OSError as error:
            raise InputError(f"expected a model file, found that it cannot be read: {error.strerror}", path) from None
        except (*_NOT_A_MODEL, zipfile.BadZipFile, zlib.error) as error:
            what = " ".join(str(error).split()) or type(error).__name__
            raise InputError(f"expected a model file, found another: {what}", path) from None

    def _parameters(self, checkpoints: tuple[tuple[int, int], ...]) -> NetworkParameters:
        dense = tuple(layer.dense for layer in self.layers)
        return NetworkParameters(dense, checkpoints, self.input_bits, isolation=self.isolation)
