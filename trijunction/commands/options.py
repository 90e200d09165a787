"""Options that several commands have, and checks of their values."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from enum import Enum
from typing import Annotated

import typer

from hwpy.formats.errors import quote

__all__ = ["Entropy", "Json", "Parameters", "RoundingMode", "Target", "positive", "whole"]


class Entropy(str, Enum):
    """The sources of randomness."""

    lfsr = "lfsr"
    xoshiro = "xoshiro"
    smtj = "smtj"


class RoundingMode(str, Enum):
    """The modes of `hwpy.low_precision.rounding`."""

    nearest = "nearest"
    zero = "zero"
    floor = "floor"
    stochastic = "stochastic"
    stochastic_fast = "stochastic-fast"
    stochastic_naive = "stochastic-naive"


class Target(str, Enum):
    """The FPGA families."""

    ice40 = "ice40"
    ecp5 = "ecp5"


# Numbers are parsed here and not by Typer, whose messages vary with its version and leave the value out, and
# whose ranges let NaN pass.


def positive(text: str | float) -> float:
    """Parser of an option: a positive finite number."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise typer.BadParameter(f"{quote(text)} is not a positive finite number.")
    return value


def whole(low: int, high: int) -> Callable[[str | int], int]:
    """Parser of an option: an integer from `low` to `high`."""

    def parse(text: str | int) -> int:
        digits = re.fullmatch(r"-?[0-9]{1,20}", str(text))
        if not digits or not low <= int(text) <= high:
            raise typer.BadParameter(f"{quote(text)} is not an integer from {low} to {high}.")
        return int(text)

    return parse


Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, and nothing else, on stdout.")]
Parameters = Annotated[
    list[str] | None,
    typer.Option("--param", "-p", metavar="NAME=VALUE", help="A parameter of the block; may be given again."),
]
