"""`trijunction dot`: a dot product in a format of few bits, as the multiply-accumulate unit makes it."""

from __future__ import annotations

import math
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trijunction.commands.options import Entropy, Json, RoundingMode, whole
from trijunction.errors import CommandError, checked_parameters

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hwpy.low_precision.dot import DotParameters
    from hwpy.low_precision.entropy import WordSource

__all__ = ["run"]


class _Engine(str, Enum):
    golden = "golden"
    fast = "fast"
    rtl = "rtl"


def run(
    x: Annotated[
        Path | None, typer.Argument(metavar="X", help="A file of numbers, one a line.", show_default="halves")
    ] = None,
    w: Annotated[Path | None, typer.Argument(metavar="W", help="Another.", show_default="as X")] = None,
    terms: Annotated[int, typer.Option(metavar="N", parser=whole(1, 10**6), help="How many halves, without X.")] = 1024,
    format: Annotated[str, typer.Option(metavar="FORMAT", help="Of both factors.")] = "s[0][1]",
    accumulator: Annotated[str, typer.Option(metavar="FORMAT", help="Of the running total.")] = "s[15][0]",
    output: Annotated[
        str | None, typer.Option(metavar="FORMAT", help="Of the result.", show_default="the accumulator's")
    ] = None,
    rounding: Annotated[RoundingMode, typer.Option(help="How; to nearest is ties to even.")] = RoundingMode.stochastic,
    bits: Annotated[
        int | None,
        typer.Option(
            metavar="N", parser=whole(1, 30), help="Random bits of a stochastic rounding.", show_default="all dropped"
        ),
    ] = None,
    lanes: Annotated[int, typer.Option(metavar="N", parser=whole(1, 64), help="Products a step.")] = 1,
    trials: Annotated[int, typer.Option(metavar="N", parser=whole(1, 10**5), help="How often, for the mean.")] = 100,
    entropy: Annotated[Entropy, typer.Option(help="The source of randomness.")] = Entropy.xoshiro,
    engine: Annotated[_Engine, typer.Option(help="NumPy, compiled or hardware in simulation: the same bits.")] = (
        _Engine.golden
    ),
    seed: Annotated[int, typer.Option(metavar="N", parser=whole(0, 2**63 - 1), help="Same seed, same result.")] = 1,
    json: Json = False,
) -> None:
    """Dot product of X and W with rounding after each step, or at the end if the accumulator is exact."""
    import numpy as np

    from trijunction.commands.output import write_json, write_table

    parameters = _parameters(format, accumulator, output, rounding, bits, lanes)
    mac = parameters.mac
    first = np.full(terms, 0.5) if x is None else _numbers(x)
    second = first if w is None else _numbers(w)
    if len(first) != len(second):
        raise CommandError(f"dot: {x} has {len(first)} numbers and {w} has {len(second)}: must be as many")
    raw_x, raw_w = mac.x.to_raw(first), mac.w.to_raw(second)
    with checked_parameters():
        source = _source(entropy, trials, mac.word_bits, seed) if mac.word_bits else None
        values = mac.output.from_raw(_sums(engine, parameters, raw_x, raw_w, trials, source))
    roundings = parameters.steps(len(first)) if mac.step_shift else 1
    record: dict[str, Any] = {
        "terms": len(first),
        "format": format,
        "accumulator": accumulator,
        "output": str(mac.output),
        "rounding": rounding.value,
        "bits": mac.word_bits,
        "lanes": lanes,
        "entropy": entropy.value if mac.word_bits else None,
        "engine": engine.value,
        "seed": seed if mac.word_bits else None,
        "trials": trials,
        "random_bits_per_product": mac.word_bits * roundings / len(first),
        "exact": math.ldexp(int(raw_x @ raw_w), -mac.product_fraction),
        "mean": float(values.mean()),
        "standard_deviation": float(values.std(ddof=1)) if trials > 1 else None,
        "lowest": float(values.min()),
        "highest": float(values.max()),
    }
    if json:
        write_json(record | {"results": values})
        return
    spread = f" +- {record['standard_deviation']:.4g}" if mac.word_bits and trials > 1 else ""
    write_table(
        f"{len(first)} products of {format}, total {accumulator}, {rounding.value}",
        [
            ("exact", f"{record['exact']:g}"),
            ("result", f"{record['mean']:.8g}{spread}"),
            ("lowest, highest", f"{record['lowest']:g}, {record['highest']:g} of {trials}"),
            ("random bits a product", f"{record['random_bits_per_product']:g}"),
        ],
    )


def _parameters(
    form: str, accumulator: str, output: str | None, rounding: RoundingMode, bits: int | None, lanes: int
) -> DotParameters:
    from hwpy.low_precision.dot import DotParameters
    from hwpy.low_precision.mac import MacParameters

    stochastic = rounding.value.startswith("stochastic")
    if bits is not None and not stochastic:
        raise CommandError(f"dot: --bits is of stochastic rounding, not of {rounding.value}")
    with checked_parameters():
        exact = MacParameters.parse(form, form, accumulator, output)
        if stochastic and not exact.shift:
            return DotParameters(exact, lanes)
        random_bits = (bits or exact.shift) if stochastic else 0
        mac = MacParameters.parse(form, form, accumulator, output, rounding.value, random_bits)
        return DotParameters(mac, lanes)


def _numbers(path: Path) -> NDArray[np.float64]:
    """The numbers of a file. Raises InputError for a line that is none."""
    import numpy as np

    from hwpy.formats.errors import quote
    from hwpy.formats.source import open_source

    source = open_source(path, "a vector")
    values = []
    for number, line in enumerate(source.lines, start=1):
        try:
            values.append(float(line))
        except ValueError:
            values.append(math.nan)
        if not math.isfinite(values[-1]):
            source.fail(number, f"expected a finite number, found {quote(line.strip())}")
    return np.array(values)


def _source(entropy: Entropy, lanes: int, bits: int, seed: int) -> WordSource:
    from hwpy.entropy.smtj import SmtjChain
    from hwpy.low_precision.entropy import JunctionWords, LfsrWords, XoshiroWords

    if entropy is Entropy.lfsr:
        return LfsrWords(lanes, bits, 32, seed)
    if entropy is Entropy.smtj:
        return JunctionWords(lanes, bits, SmtjChain.from_statistics(0.5, correlation=0.0), seed)
    return XoshiroWords(lanes, bits, seed)


def _sums(
    engine: _Engine,
    parameters: DotParameters,
    x: NDArray[np.int64],
    w: NDArray[np.int64],
    trials: int,
    source: WordSource | None,
) -> NDArray[np.int64]:
    import numpy as np

    from hwpy.low_precision.dot import dot
    from hwpy.low_precision.fast import mac_matmul, mac_words

    if engine is _Engine.fast:
        if parameters.lanes > 1:
            raise ValueError(f"the fast engine takes 1 lane, not {parameters.lanes}")
        return mac_matmul(parameters.mac, x[None], np.tile(w[:, None], trials), source)[0].astype(np.int64)
    words = mac_words(parameters.mac, source, 1, parameters.steps(len(x)), trials)[0] if source else None
    operands = np.tile(x, (trials, 1)), np.tile(w, (trials, 1))
    if engine is _Engine.golden:
        return dot(parameters, *operands, words)
    from sim.low_precision.run_dot import simulated

    return simulated(parameters, *operands, words)
