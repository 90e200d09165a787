"""`trijunction round`: numbers as a format of few bits holds them."""

from __future__ import annotations

import math
from typing import Annotated, Any

import typer

from hwpy.formats.errors import quote
from trijunction.commands.options import Json, RoundingMode, whole
from trijunction.errors import checked_parameters

__all__ = ["CONTEXT", "run"]

# A negative number is no option; what is neither is refused as a number.
CONTEXT = {"ignore_unknown_options": True}


def _finite(text: str | float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise typer.BadParameter(f"{quote(text)} is not a finite number.")
    return value


def run(
    values: Annotated[list[float], typer.Argument(metavar="NUMBER", parser=_finite, help="What to round.")],
    format: Annotated[
        str, typer.Option(metavar="FORMAT", help="s[I][F], bfloat16, e4m3, e5m2, or another eXmY.")
    ] = "s[3][12]",
    rounding: Annotated[RoundingMode, typer.Option(help="How; to nearest is ties to even.")] = RoundingMode.nearest,
    bits: Annotated[
        int | None,
        typer.Option(
            metavar="N", parser=whole(1, 60), help="Random bits of each stochastic rounding.", show_default="60"
        ),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", parser=whole(0, 2**63 - 1), help="Same seed, same result.")] = 1,
    repeat: Annotated[
        int, typer.Option(metavar="N", parser=whole(1, 10**6), help="Round each number so often, for the mean.")
    ] = 1,
    json: Json = False,
) -> None:
    """Round numbers to a format, saturated at its ends."""
    import numpy as np

    from hwpy.low_precision import quantize
    from hwpy.low_precision.fixed import FixedFormat
    from hwpy.low_precision.formats import make_rounding, parse_format
    from trijunction.commands.output import write_json, write_table

    with checked_parameters():
        form, how = parse_format(format), make_rounding(rounding.value, bits)
    exact = np.array(values)
    rounded = quantize(np.tile(exact, (repeat, 1)), form, rounding.value, bits, seed)
    record: dict[str, Any] = {
        "format": str(form),
        "rounding": rounding.value,
        "bits": how.random_bits,
        "seed": seed if how.is_stochastic else None,
        "values": exact,
        "rounded": rounded[0],
        "codes": form.to_raw(rounded[0]) if isinstance(form, FixedFormat) else form.encode(rounded[0]),
    }
    if repeat > 1:
        record |= {
            "repeat": repeat,
            "mean": rounded.mean(axis=0),
            "standard_error": rounded.std(axis=0, ddof=1) / repeat**0.5,
        }
    if json:
        write_json(record)
        return
    rows = []
    for place, value in enumerate(values):
        code = int(record["codes"][place]) & ((1 << form.width) - 1)
        text = f"{float(rounded[0, place])!r}, code 0x{code:0{-(-form.width // 4)}x}"
        if repeat > 1:
            text += f", mean {record['mean'][place]:.8g} +- {record['standard_error'][place]:.2g}"
        rows.append((repr(value), text))
    title = f"{form}, {rounding.value}" + (f", {how.random_bits} random bits" if how.is_stochastic else "")
    write_table(title, rows)
