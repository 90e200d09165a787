"""`trijunction train --way low-precision`: a network in fixed point or float32, to a file. Without PyTorch."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from hwpy.low_precision.entropy import XoshiroWords
from hwpy.low_precision.fixed import FixedFormat
from hwpy.low_precision.rounding import Rounding
from hwpy.low_precision.training import Arithmetic, FixedArithmetic, FloatArithmetic, Recipe, Weights, train
from hwpy.stochastic_computing.data import Images
from trijunction.errors import CommandError, checked_parameters
from trijunction.whole_file import whole_file

__all__ = ["arithmetic", "run", "save", "train_network"]

_LANES = 64


def run(
    data: str,
    output: str,
    hidden: list[tuple[int, int, int]],
    epochs: int,
    rate: float,
    form: str,
    rounding: str,
    bits: int,
    seed: int,
    as_json: bool,
) -> None:
    """The command: trains on ``data``, writes ``output``, and prints the record. ``hidden`` is of `train`'s option."""
    from trijunction.commands.infer import load_images
    from trijunction.commands.output import progress_bar, write_json, write_table

    if not Path(output).absolute().parent.is_dir():
        raise CommandError(f"train: {output}: expected a file in a directory that there is")
    if any(kernel for _, kernel, _ in hidden):
        raise CommandError("train: --way low-precision has no kernels: --hidden takes NEURONS, by commas")
    with checked_parameters():
        how = arithmetic(form, rounding, bits, seed)
    images, test = load_images(data, "train"), load_images(data, "test")
    neurons = tuple(count for count, _, _ in hidden)
    with progress_bar("Training") as progress:
        weights, record = train_network(
            how,
            images,
            test,
            neurons,
            epochs,
            rate,
            seed,
            lambda epoch, _: progress(epoch / epochs) if progress else None,
        )
    try:
        save(weights, record, output)
    except OSError as error:
        raise CommandError(f"train: {output}: cannot be written: {error.strerror}") from None
    record = {"file": output, "data": data, **record}
    if as_json:
        write_json(record)
    else:
        write_table(output, [(name.replace("_", " "), value) for name, value in record.items() if name != "accuracies"])


def arithmetic(form: str, rounding: str = "stochastic", bits: int = 16, seed: int = 1) -> Arithmetic:
    """``float32``, or a format such as ``s[7][8]`` for everything, with ``bits`` a rounding if it is stochastic.

    Raises
    ------
    ValueError
        If there is no such format or rounding, or it has more than 16 bits.
    """
    if form == "float32":
        return FloatArithmetic()
    fixed = FixedFormat.parse(form)
    if fixed.width > 16:
        raise ValueError(f"format to train in must have at most 16 bits, not {fixed}")
    how = Rounding(rounding, bits if rounding.startswith("stochastic") else 0)
    return FixedArithmetic(fixed, fixed, how, XoshiroWords(_LANES, bits, seed) if how.is_stochastic else None)


def train_network(
    how: Arithmetic,
    images: Images,
    test: Images,
    hidden: tuple[int, ...],
    epochs: int,
    rate: float,
    seed: int,
    report: Callable[[int, float], None] | None = None,
) -> tuple[Weights, dict[str, Any]]:
    """The weights as held, and the record of the training.

    Parameters
    ----------
    rate
        Learning rate of the mean of a minibatch of 100; the nearest power of two to a hundredth of it is taken.
    """
    recipe = Recipe(hidden, epochs, rate_log2=round(math.log2(rate / 100)))
    weights, accuracies = train(how, recipe, images, test, seed, report)
    record = {
        "format": str(how.weights) if isinstance(how, FixedArithmetic) else "float32",
        "rounding": how.rounding.mode if isinstance(how, FixedArithmetic) else None,
        "random_bits": how.rounding.random_bits if isinstance(how, FixedArithmetic) else None,
        "hidden": list(hidden),
        "epochs": epochs,
        "batch": recipe.batch,
        "rate": recipe.batch * 2.0**recipe.rate_log2,
        "seed": seed,
        "training_images": len(images),
        "test_images": len(test),
        "accuracy": accuracies[-1],
        "accuracies": accuracies,
    }
    return weights, record


def save(weights: Weights, record: dict[str, Any], path: str) -> None:
    """An npz of ``weight_0``, ..., (inputs + 1, outputs), raw if fixed-point, and the record as JSON.

    Raises
    ------
    OSError
        If it cannot be written; then nothing is left.
    """
    held = np.float32 if record["format"] == "float32" else np.int16
    arrays: dict[str, Any] = {f"weight_{place}": weight.astype(held) for place, weight in enumerate(weights)}
    with whole_file(path) as unfinished, open(unfinished, "wb") as file:
        np.savez_compressed(file, record=np.array(json.dumps(record)), **arrays)
