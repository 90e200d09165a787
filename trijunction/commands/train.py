"""`trijunction train`: train an OR-gate network, or take over a trained one."""

from __future__ import annotations

import re
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hwpy.formats.errors import quote
from trijunction.commands.infer import entropy_source, load_images
from trijunction.commands.options import Json, RoundingMode, positive, whole
from trijunction.errors import CommandError, checked_parameters
from trijunction.whole_file import whole_file

if TYPE_CHECKING:
    from hwpy.stochastic_computing.model import Model

__all__ = ["run"]


class Way(Enum):
    """The arithmetic that a network is trained for."""

    or_gates = "or-gates"
    low_precision = "low-precision"


def _hidden(text: str) -> list[tuple[int, int, int]]:
    """``16:5:2,64``: 16 neurons of kernel 5 and stride 2, then a dense layer of 64."""
    layers = []
    for part in text.split(","):
        numbers = re.fullmatch(r"([0-9]{1,5})(?::([0-9]{1,3}))?(?::([0-9]{1,3}))?", part)
        if not numbers:
            raise typer.BadParameter(f"{quote(part)} is not NEURONS or NEURONS:KERNEL:STRIDE.")
        layers.append((int(numbers[1]), int(numbers[2] or 0), int(numbers[3] or 1)))
    return layers


def _fraction(text: str | float) -> float:
    value = 0.0 if str(text) in ("0", "0.0") else positive(text)
    if value >= 1:
        raise typer.BadParameter(f"{quote(text)} is not 0 to below 1.")
    return value


def run(
    data: Annotated[str, typer.Argument(metavar="DATA", help="digits, fashion, or a directory of MNIST's IDX files.")],
    output: Annotated[str, typer.Argument(metavar="FILE.npz", help="The model.")],
    hidden: Annotated[
        Any,
        typer.Option(
            metavar="LAYERS",
            parser=_hidden,
            help="NEURONS or NEURONS:KERNEL:STRIDE, by commas.",
            show_default="32",
        ),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Start from this model, or network in an ONNX file.", show_default="random weights"
        ),
    ] = None,
    epochs: Annotated[
        int, typer.Option(metavar="N", parser=whole(0, 10**5), help="Passes over the images; 0 keeps the start.")
    ] = 60,
    rate: Annotated[
        float | None,
        typer.Option(
            metavar="RATE",
            parser=positive,
            help="Adam's greatest step, or SGD's.",
            show_default="0.01; low-precision 0.05",
        ),
    ] = None,
    length: Annotated[
        int, typer.Option(metavar="N", parser=whole(1, 2**20), help="Bits of a stream, for the noise.")
    ] = 128,
    entropy: Annotated[
        Any,
        typer.Option(
            metavar="SOURCE",
            parser=entropy_source,
            help="Run the streams of a source, as in infer, instead of adding noise.",
            show_default="noise",
        ),
    ] = None,
    hidden_noise: Annotated[
        bool, typer.Option("--hidden-noise", help="Noise at the hidden layers too, which regularises.")
    ] = False,
    validation: Annotated[
        float,
        typer.Option(
            metavar="FRACTION", parser=_fraction, help="Of the training images, held out to choose the epoch by."
        ),
    ] = 0.1,
    input_bits: Annotated[
        int | None, typer.Option(metavar="N", parser=whole(1, 8), help="Bits of a pixel.", show_default="4")
    ] = None,
    weight_bits: Annotated[
        int | None, typer.Option(metavar="N", parser=whole(1, 14), help="Bits of a weight.", show_default="8")
    ] = None,
    isolation: Annotated[
        int | None,
        typer.Option(
            metavar="N", parser=whole(1, 10**4), help="Delays of a layer's isolators.", show_default="one a neuron"
        ),
    ] = None,
    way: Annotated[Way, typer.Option(help="The network's arithmetic; the last three options are of low-precision.")] = (
        Way.or_gates
    ),
    format: Annotated[
        str | None, typer.Option(metavar="FORMAT", help="Fixed point, or float32.", show_default="s[7][8]")
    ] = None,
    rounding: Annotated[RoundingMode | None, typer.Option(help="As in round.", show_default="stochastic")] = None,
    bits: Annotated[
        int | None,
        typer.Option(metavar="N", parser=whole(1, 32), help="Random bits of a rounding.", show_default="16"),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", parser=whole(0, 2**63 - 1), help="Same seed, same result.")] = 1,
    json: Json = False,
) -> None:
    """Train a network on DATA: of OR gates, by its expectation with the noise of N beats; or in fixed point."""
    if way is Way.low_precision:
        from trijunction.training.low_precision import run as train_in_fixed_point

        of_or_gates = {
            "--start": start,
            "--entropy": entropy,
            "--input-bits": input_bits,
            "--weight-bits": weight_bits,
            "--isolation": isolation,
            "--hidden-noise": hidden_noise or None,
        }
        _refuse(of_or_gates, "--way or-gates")
        if not epochs:
            raise CommandError("train: --epochs 0 is of a --start")
        layers = hidden or [(32, 0, 1)]
        form, random_bits = format or "s[7][8]", 16 if bits is None else bits
        mode = (rounding or RoundingMode.stochastic).value
        train_in_fixed_point(data, output, layers, epochs, rate or 0.05, form, mode, random_bits, seed, json)
        return
    _refuse({"--format": format, "--rounding": rounding, "--bits": bits}, "--way low-precision")
    rate = rate or 0.01
    try:
        import torch
    except ImportError:
        raise CommandError("train: needs PyTorch: pip install 'trijunction[train]'") from None
    from trijunction.commands.output import progress_bar, write_json, write_table
    from trijunction.training.network import OrNetwork
    from trijunction.training.train import Recipe, Trained, float_accuracy, layers_from, split, train

    if not Path(output).absolute().parent.is_dir():
        raise CommandError(f"train: {output}: expected a file in a directory that there is")
    if start is None and not epochs:
        raise CommandError("train: --epochs 0 is of a --start")
    of_start = {"--hidden": hidden, "--input-bits": input_bits, "--weight-bits": weight_bits, "--isolation": isolation}
    for name, value in of_start.items() if start else ():
        if value is not None and (name == "--hidden" or not _is_onnx(str(start))):
            raise CommandError(f"train: {name} is not for a --start, which has it")
    images, test = load_images(data, "train"), load_images(data, "test")
    torch.manual_seed(seed)
    with checked_parameters():
        training, held_out = split(images, validation if epochs else 0.0, seed)
        if start is None:
            classes = int(images.labels.max()) + 1
            shape = (*images.pixels.shape[1:], 1)
            network = OrNetwork(layers_from(shape, hidden or [(32, 0, 1)], classes, weight_bits or 8))
            bits = input_bits or 4
        else:
            begin = _started(start, images.pixels.shape[1:], input_bits or 4, weight_bits or 8)
            begin = begin if isolation is None else replace(begin, isolation=isolation)
            begin.numbers(images.pixels[:1])
            if begin.classes <= images.labels.max():
                raise CommandError(
                    f"train: {start}: has {begin.classes} classes, {data} has label {images.labels.max()}"
                )
            network, bits, isolation = OrNetwork.of(begin), begin.input_bits, begin.isolation
        # Whole weights from the first epoch on, if they were whole or the errors of streams are to be learned.
        recipe = Recipe(
            max(epochs, 1),
            rate=rate,
            length=length,
            quantise_from=0.0 if start or entropy else 0.6,
            entropy=entropy,
            hidden_noise=hidden_noise,
        )
    if epochs:
        with progress_bar("Training") as progress:
            trained = train(
                network,
                training,
                held_out,
                recipe,
                bits,
                isolation,
                lambda epoch, *_: progress(epoch / epochs) if progress else None,
            )
    else:
        trained = Trained(begin, 0, None)
    model = trained.model
    model.provenance.update(
        data=data,
        start=Path(start).name if start else None,
        training_images=len(training),
        validation_images=len(held_out) if held_out else 0,
        epochs=epochs,
        epoch=trained.epoch,
        batch=recipe.batch,
        rate=rate,
        noise_length=length,
        noise=entropy or "normal",
        hidden_noise=hidden_noise,
        seed=seed,
        torch=torch.__version__,
        validation_accuracy=trained.validation_accuracy,
        float_accuracy=float_accuracy(model, test),
    )
    _write(model, output)
    record = {"file": output, "synapses": model.synapses, **model.provenance}
    if json:
        write_json(record)
    else:
        write_table(output, [(name.replace("_", " "), value) for name, value in record.items() if value is not None])


def _refuse(options: dict[str, Any], way: str) -> None:
    for name, value in options.items():
        if value is not None:
            raise CommandError(f"train: {name} is of {way}")


def _is_onnx(path: str) -> bool:
    return path.lower().endswith(".onnx")


def _started(path: str, image: tuple[int, int], input_bits: int, weight_bits: int) -> Model:
    from hwpy.stochastic_computing.model import Model

    if not _is_onnx(path):
        return Model.load(path)
    from trijunction.training.onnx_file import from_onnx

    try:
        return from_onnx(path, image, input_bits, weight_bits)
    except ModuleNotFoundError:
        raise CommandError(f"train: {path}: needs the package onnx: pip install 'trijunction[onnx]'") from None


def _write(model: Model, output: str) -> None:
    """The whole file or none."""
    try:
        with whole_file(output) as unfinished:
            model.save(unfinished)
    except OSError as error:
        raise CommandError(f"train: {output}: cannot be written: {error.strerror}") from None
