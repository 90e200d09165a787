"""`trijunction train`: train an OR-gate network, or take over a trained one."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Any

import typer

from hwpy.formats.errors import quote
from trijunction.commands.infer import load_images
from trijunction.commands.options import Json, positive, whole
from trijunction.errors import CommandError, checked_parameters

__all__ = ["run"]


def _hidden(text: str) -> list[tuple[int, int, int]]:
    """``16:5:2,64``: 16 neurons of kernel 5 and stride 2, then a dense layer of 64."""
    layers = []
    for part in text.split(","):
        numbers = re.fullmatch(r"([0-9]{1,5})(?::([0-9]{1,3}))?(?::([0-9]{1,3}))?", part)
        if not numbers:
            raise typer.BadParameter(f"{quote(part)} is not NEURONS or NEURONS:KERNEL:STRIDE.")
        layers.append((int(numbers[1]), int(numbers[2] or 0), int(numbers[3] or 1)))
    return layers


def run(
    data: Annotated[str, typer.Argument(metavar="DATA", help="digits, fashion, or a directory of MNIST's IDX files.")],
    output: Annotated[str, typer.Argument(metavar="FILE.npz", help="The model.")],
    hidden: Annotated[
        Any, typer.Option(metavar="LAYERS", parser=_hidden, help="NEURONS or NEURONS:KERNEL:STRIDE, by commas.")
    ] = "32",
    epochs: Annotated[int, typer.Option(metavar="N", parser=whole(1, 10**5), help="Passes over the images.")] = 60,
    rate: Annotated[float, typer.Option(metavar="RATE", parser=positive, help="Adam's greatest step.")] = 0.01,
    length: Annotated[
        int, typer.Option(metavar="N", parser=whole(1, 2**20), help="Bits of a stream, for the noise.")
    ] = 128,
    input_bits: Annotated[int, typer.Option(metavar="N", parser=whole(1, 8), help="Bits of a pixel.")] = 4,
    weight_bits: Annotated[int, typer.Option(metavar="N", parser=whole(1, 14), help="Bits of a weight.")] = 8,
    isolation: Annotated[
        int | None,
        typer.Option(
            metavar="N", parser=whole(1, 10**4), help="Delays of a layer's isolators.", show_default="one a neuron"
        ),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", parser=whole(0, 2**63 - 1), help="Same seed, same result.")] = 1,
    json: Json = False,
) -> None:
    """Train an OR-gate network on DATA by its expectation, with the noise of N beats and whole weights."""
    try:
        import torch
    except ImportError:
        raise CommandError("train: needs PyTorch: pip install 'trijunction[train]'") from None
    from trijunction.commands.output import progress_bar, write_json, write_table
    from trijunction.training.train import Recipe, float_accuracy, layers_from, train

    if not Path(output).absolute().parent.is_dir():
        raise CommandError(f"train: {output}: expected a file in a directory that there is")
    images, test = load_images(data, "train"), load_images(data, "test")
    with checked_parameters():
        classes = int(images.labels.max()) + 1
        layers = layers_from((*images.pixels.shape[1:], 1), hidden, classes, weight_bits)
        recipe = Recipe(epochs=epochs, rate=rate, length=length)
    with progress_bar("Training") as progress:
        model = train(
            layers,
            images,
            recipe,
            input_bits,
            isolation,
            seed,
            lambda epoch, _: progress(epoch / epochs) if progress else None,
        )
    model.provenance.update(
        data=data,
        training_images=len(images),
        epochs=epochs,
        batch=recipe.batch,
        rate=rate,
        noise_length=length,
        seed=seed,
        torch=torch.__version__,
        float_accuracy=float_accuracy(model, test),
    )
    unfinished = f"{output}.unfinished"
    try:
        model.save(unfinished)
        os.replace(unfinished, output)
    except OSError as error:
        raise CommandError(f"train: {output}: cannot be written: {error.strerror}") from None
    record = {"file": output, "synapses": model.synapses, **model.provenance}
    if json:
        write_json(record)
    else:
        write_table(output, [(name.replace("_", " "), value) for name, value in record.items()])
