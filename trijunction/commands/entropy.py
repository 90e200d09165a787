"""`trijunction entropy`: how good a source of random bits is, measured."""

from __future__ import annotations

import os
from enum import Enum
from typing import Annotated, Any

import typer

from trijunction.commands.options import Json, positive, whole
from trijunction.errors import CommandError, InputError, checked_parameters
from trijunction.whole_file import whole_file

__all__ = ["run"]

_DEFAULT_BITS = 1_000_000


class _Format(str, Enum):
    bits = "bits"
    bits_lsb = "bits-lsb"
    ascii = "ascii"
    csv = "csv"


def run(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE|FILE",
            help="lfsr:WIDTH, xoshiro, smtj:RATIO (clock period over dwell time), smtj:JUNCTION.json; or a recording.",
        ),
    ],
    bits: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            parser=whole(100, 10**7),
            help="How many bits, from the first.",
            show_default="1,000,000 of a source, 10,000,000 of a file",
        ),
    ] = None,
    clock: Annotated[
        float | None,
        typer.Option(
            metavar="HZ", parser=positive, help="Bits a second.", show_default="1e6 for a source, not known for a file"
        ),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", parser=whole(0, 2**63 - 1), help="Same seed, same bits.")] = 1,
    xor: Annotated[int, typer.Option(metavar="K", parser=whole(1, 64), help="XOR of K streams of the source.")] = 1,
    format: Annotated[
        _Format | None,
        typer.Option(
            help="The file's: bytes (most significant bit first, or -lsb), 0 and 1 as text, or time_s,voltage_v.",
            show_default="told from the suffix: .bin .bits .raw, .txt .ascii, .csv",
        ),
    ] = None,
    device: Annotated[
        str | None, typer.Option(metavar="OUT.json", help="Write the fitted junction, as smtj:OUT.json reads it.")
    ] = None,
    attempt_rate: Annotated[
        float,
        typer.Option(
            metavar="HZ", parser=positive, help="Of the free layer, assumed for --device.", show_default="1e9"
        ),
    ] = 1e9,
    plot: Annotated[str | None, typer.Option(metavar="FILE.png", help="Draw the figures.")] = None,
    json: Json = False,
) -> None:
    """Measure SOURCE or FILE: bias P(1) - 1/2, autocorrelation, dwell times, min-entropy, p-values.

    Min-entropy is by NIST SP 800-90B section 6.3, p-values by SP 800-22. State 0 is P, the lower voltage. A generator
    is deterministic: its statistics are shown, and no entropy is claimed.
    """
    from hwpy.entropy.sources import is_source
    from trijunction.commands.output import progress_bar, write_json

    try:
        import scipy.special  # noqa: F401
    except ImportError:
        raise CommandError("entropy: needs SciPy: pip install 'trijunction[report]'") from None
    if is_source(source) and not os.path.exists(source):
        if format is not None:
            raise CommandError(f"entropy: --format is of a file, and {source!r} is a source")
        from hwpy.entropy.sources import make_bits

        with checked_parameters():
            stream, voltages = make_bits(source, bits or _DEFAULT_BITS, seed, clock, xor), None
    else:
        if xor != 1:
            raise CommandError("entropy: --xor is of a source, not of a file")
        stream, voltages = _recording(source, format.value if format else None, bits, clock)

    from hwpy.entropy.quality import quality

    with progress_bar("Measuring") as progress:
        record = quality(stream, progress)
    if voltages is not None:
        record["levels"] = {
            name: getattr(voltages, name)
            for name in ("level_p", "level_ap", "noise_p", "noise_ap", "threshold_p", "threshold_ap")
        }
    if device is not None:
        record["device"] = _write_device(device, record, attempt_rate)
    if plot is not None:
        from trijunction.entropy_plot import draw

        draw(plot, stream, record)
        record["plot"] = plot
    if json:
        write_json(record)
    else:
        _show(record)


def _recording(path: str, format: str | None, count: int | None, clock: float | None) -> tuple[Any, Any]:
    """The bits of a file, and how its voltages were digitised."""
    from hwpy.entropy.digitise import OneLevelError, digitise
    from hwpy.entropy.recording import MOST_SAMPLES, format_of, read_bits, read_trace
    from hwpy.entropy.sources import BitStream
    from hwpy.entropy.sp800_90b.bounds import SHORTEST

    count = count or MOST_SAMPLES
    if not os.path.exists(path):
        expected = "a source (lfsr:WIDTH, xoshiro, smtj:RATIO, smtj:JUNCTION.json) or a file"
        raise InputError(f"expected {expected}, found no file of this name", path)
    format = format or format_of(path)
    if format != "csv":
        found = read_bits(path, format, count)
        if len(found) < SHORTEST:
            raise InputError(f"expected at least {SHORTEST} bits, found {len(found)}", path, 1)
        return BitStream(path, found, 1 / clock if clock else None, False, note=_cut(len(found), count)), None
    if clock is not None:
        raise CommandError("entropy: --clock is not for a trace, which has its times")
    trace = read_trace(path, count)
    if len(trace.times) < SHORTEST:
        raise InputError(
            f"expected at least {SHORTEST} samples, found the end after {len(trace.times)}", path, trace.last_line
        )
    try:
        voltages = digitise(trace.volts)
    except OneLevelError as error:
        raise InputError(f"expected {error}", path, trace.last_line) from None
    return BitStream(path, voltages.states, trace.times, False, note=_cut(len(trace.times), count)), voltages


def _cut(found: int, count: int) -> str:
    return f"no more than the first {count:,} of the file were read" if found == count else ""


def _write_device(path: str, record: dict[str, Any], attempt_rate: float) -> str:
    from hwpy.entropy.junction import JunctionParameters

    p, ap = record["dwell_p_seconds"], record["dwell_ap_seconds"]
    if p is None or ap is None:
        raise CommandError("entropy: --device needs both dwell times: " + "; ".join(record["notes"]))
    with checked_parameters():
        junction = JunctionParameters.from_dwell_times(p[0], ap[0], attempt_rate=attempt_rate)
    try:
        with whole_file(path) as unfinished:
            junction.save(unfinished)
    except OSError as error:
        raise CommandError(f"entropy: {path} cannot be written: {error.strerror}") from error
    return path


def _show(record: dict[str, Any]) -> None:
    from trijunction.commands.output import write_table

    def number(value: float | None) -> str:
        return "not known" if value is None else f"{value:.4g}"

    def dwell(value: tuple[float, float, float] | None) -> str:
        return "not known" if value is None else "{:.4g} s, {:.4g} to {:.4g}".format(*value)

    rows = [
        ("deterministic", "yes" if record["deterministic"] else "not known to be"),
        ("P(1)", f"{record['probability_of_1']:.6f}"),
        ("bias, P(1) - 1/2", f"{record['bias']:+.6f}"),
        ("autocorrelation, lags 1 to 4", ", ".join(number(value) for value in record["autocorrelation"][:4])),
        ("dwell time in P, 95 %", dwell(record["dwell_p_seconds"])),
        ("dwell time in AP, 95 %", dwell(record["dwell_ap_seconds"])),
        (
            "min-entropy per bit",
            "none claimed" if record["min_entropy_per_bit"] is None else number(record["min_entropy_per_bit"]),
        ),
    ]
    rows += [(f"  {name.replace('_', ' ')}", number(value)) for name, value in record["min_entropy"].items()]
    rows += [(f"p-value, {name.replace('_', ' ')}", number(value)) for name, value in record["p_values"].items()]
    rows += [(name, record[name]) for name in ("device", "plot") if name in record]
    rows += [("note", note) for note in record["notes"]]
    write_table(f"{record['source']}: {record['bits']:,} bits", rows)
