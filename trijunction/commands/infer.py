"""`trijunction infer`: images through a trained OR-gate network."""

from __future__ import annotations

import re
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hwpy.formats.errors import quote
from trijunction.commands.options import Json, positive, whole
from trijunction.errors import CommandError, checked_parameters

if TYPE_CHECKING:
    from hwpy.stochastic_computing.data import Images

__all__ = ["SHIPPED", "entropy_source", "load_images", "run"]

MODELS = Path(__file__).parent.parent / "models"
SHIPPED = ("digits", "fashion", "fashion-small")


class _Engine(str, Enum):
    golden = "golden"
    fast = "fast"
    rtl = "rtl"


def entropy_source(text: str) -> str:
    """Parser of an option: a source of the network's random bits."""
    width = re.fullmatch(r"lfsr:([0-9]{1,2})", text)
    if text not in ("lfsr", "sobol", "xoshiro", "smtj") and not (width and 3 <= int(width[1]) <= 24):
        raise typer.BadParameter(f"{quote(text)} is not lfsr, lfsr:WIDTH (3 to 24), sobol, xoshiro or smtj.")
    return text


def _confidence(text: str | float) -> float:
    value = positive(text)
    if value >= 1:
        raise typer.BadParameter(f"{text!r} is not above 0 and below 1.")
    return value


def run(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="digits, fashion, fashion-small, or a file of `trijunction train`.")
    ],
    data: Annotated[
        str | None,
        typer.Argument(
            metavar="DATA", help="digits, fashion, or a directory of MNIST's IDX files.", show_default="as trained on"
        ),
    ] = None,
    length: Annotated[int, typer.Option(metavar="N", parser=whole(1, 2**20), help="Bits of a stream, at most.")] = 256,
    entropy: Annotated[
        Any,
        typer.Option(
            metavar="SOURCE",
            parser=entropy_source,
            help="lfsr (as on a chip), lfsr:WIDTH (a register a word), sobol, xoshiro or smtj.",
        ),
    ] = "lfsr",
    clock_dwell: Annotated[
        float | None,
        typer.Option(
            metavar="RATIO",
            parser=positive,
            help="Clock period over dwell time of the junctions (smtj).",
            show_default="independent bits",
        ),
    ] = None,
    confidence: Annotated[
        float | None,
        typer.Option(
            metavar="P", parser=_confidence, help="Stop when the winner is this certain.", show_default="never before N"
        ),
    ] = None,
    engine: Annotated[_Engine, typer.Option(help="NumPy, bit-packed or hardware in simulation: the same bits.")] = (
        _Engine.fast
    ),
    images: Annotated[
        int | None, typer.Option(metavar="N", parser=whole(1, 10**6), help="Only the first.", show_default="all")
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", parser=whole(0, 2**63 - 1), help="Same seed, same result.")] = 1,
    json: Json = False,
) -> None:
    """Classify the test images of DATA with MODEL: accuracy and its 95 % interval, clocks an image."""
    if clock_dwell is not None and entropy != "smtj":
        raise CommandError(f"infer: --clock-dwell is of smtj, not of {entropy}")

    from hwpy.stochastic_computing.model import Model

    network_model = Model.load(MODELS / f"{model}.npz" if model in SHIPPED else model)
    source = data or network_model.provenance.get("data")
    if not isinstance(source, str):
        raise CommandError(f"infer: {model} does not say what it was trained on: give DATA")
    test = load_images(source, "test")
    test = test.first(images) if images else test
    with checked_parameters():
        network_model.numbers(test.pixels[:1])

    # Not before the input is known to be good: this brings in the compiler.
    from hwpy.stochastic_computing.inference import golden, infer
    from hwpy.stochastic_computing.network import margins
    from hwpy.stochastic_computing.network_entropy import correlation_of
    from trijunction.commands.output import progress_bar, write_json, write_table

    lengths = [length]
    while confidence is not None and lengths[0] > 16:
        lengths.insert(0, lengths[0] // 2)
    checkpoints = tuple(margins(lengths, confidence or 0.5, network_model.classes))
    makers = {_Engine.golden: golden, _Engine.fast: None}
    if engine is _Engine.rtl:
        from sim.stochastic_computing.run_network import simulated

        makers[_Engine.rtl] = simulated
    with progress_bar("Classifying") as progress, checked_parameters():
        figures = infer(
            network_model,
            test,
            checkpoints,
            entropy,
            seed,
            0.0 if clock_dwell is None else correlation_of(clock_dwell),
            makers[engine],
            progress,
        )
    record: dict[str, Any] = {
        "model": model,
        "data": source,
        "engine": engine.value,
        "float_accuracy": network_model.provenance.get("float_accuracy"),
        **figures,
        "clock_dwell": clock_dwell,
        "confidence": confidence,
        "provenance": network_model.provenance,
    }
    if json:
        write_json(record)
    else:
        write_table(f"{model}: {len(test)} images of {source}", _rows(record))


def load_images(source: str, part: str) -> Images:
    """Images by name or directory; CommandError if scikit-learn is needed and absent."""
    from hwpy.stochastic_computing.data import load

    try:
        return load(source, part)
    except ModuleNotFoundError:
        raise CommandError(f"{source}: needs scikit-learn: pip install 'trijunction[data]'") from None


def _rows(record: dict[str, Any]) -> list[tuple[str, str]]:
    low, high = record["accuracy_interval"]
    known = record["float_accuracy"]
    return [
        ("accuracy", f"{100 * record['accuracy']:.2f} %, 95 % interval {100 * low:.2f} to {100 * high:.2f} %"),
        ("of its own float version", "not known" if known is None else f"{100 * known:.2f} %"),
        ("length", f"{record['length']}, {record['mean_length']:g} in the mean"),
        ("clocks an image", f"{record['cycles_per_inference']:g}"),
        ("synapses", f"{record['synapses']:,}"),
        ("images per second, here", f"{record['images_per_second']:.3g}"),
        ("entropy, engine, seed", f"{record['entropy']}, {record['engine']}, {record['seed']}"),
    ]
