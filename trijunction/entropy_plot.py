"""The picture of `trijunction entropy`: states, autocorrelation, dwell times and min-entropy."""

from __future__ import annotations

from typing import Any

import numpy as np

from hwpy.entropy.sources import BitStream
from trijunction.errors import CommandError
from trijunction.whole_file import whole_file

__all__ = ["draw"]

_MEASURED, _MODEL, _GREY = "#0072b2", "#d55e00", "#888888"  # colour-blind safe (Okabe and Ito 2008)
_SHOWN = 200


def draw(path: str, stream: BitStream, record: dict[str, Any]) -> None:
    """Write the picture, all of it or nothing."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise CommandError("entropy: --plot needs Matplotlib: pip install 'trijunction[report]'") from None
    figure = Figure(figsize=(10, 7), layout="constrained")
    FigureCanvasAgg(figure)
    title = f"{stream.name}: {record['bits']:,} bits, P(1) = {record['probability_of_1']:.4f}"
    figure.suptitle(title + (", deterministic" if record["deterministic"] else ""))
    panels = figure.subplots(2, 2)
    _states(panels[0, 0], stream)
    _correlation(panels[0, 1], record)
    _dwells(panels[1, 0], stream, record)
    _entropy(panels[1, 1], record)
    try:
        with whole_file(path) as unfinished:
            figure.savefig(unfinished, format="png", dpi=120)
    except OSError as error:
        raise CommandError(f"entropy: {path} cannot be written: {error.strerror}") from error


def _clock(stream: BitStream, count: int) -> tuple[Any, str]:
    """Instants of the first bits, and what they are counted in."""
    if stream.times is None:
        return np.arange(count), "bits"
    if isinstance(stream.times, float):
        return np.arange(count) * stream.times, "seconds"
    return stream.times[:count] - stream.times[0], "seconds"


def _states(axes: Any, stream: BitStream) -> None:
    # Enough to see some switchings, but few enough to tell them apart.
    changes = np.flatnonzero(np.diff(stream.bits))
    count = max(_SHOWN, int(changes[20]) + 1) if len(changes) > 20 else len(stream.bits)
    count = min(count, 20_000, len(stream.bits))
    instants, unit = _clock(stream, count)
    axes.step(instants, stream.bits[:count], where="post", color=_MEASURED, linewidth=0.8)
    axes.set_yticks([0, 1], ["0, P", "1, AP"] if stream.two_state else ["0", "1"])
    _time_axis(axes, unit)
    axes.set_title("first bits")


def _time_axis(axes: Any, unit: str) -> None:
    if unit == "seconds":
        from matplotlib.ticker import EngFormatter, MaxNLocator

        axes.xaxis.set_major_formatter(EngFormatter(unit="s"))
        axes.xaxis.set_major_locator(MaxNLocator(5))
    else:
        axes.set_xlabel(unit)


def _correlation(axes: Any, record: dict[str, Any]) -> None:
    values = [np.nan if value is None else value for value in record["autocorrelation"]]
    lags = np.arange(1, len(values) + 1)
    band = 1.96 / np.sqrt(record["bits"])
    axes.axhspan(-band, band, color=_GREY, alpha=0.3, label="95 % band of independent bits")
    axes.plot(lags, values, "o", color=_MEASURED, markersize=4, label="measured")
    p, ap, clock = record["dwell_p_seconds"], record["dwell_ap_seconds"], record["clock_hz"]
    if p and ap:
        decay = np.exp(-(1 / p[0] + 1 / ap[0]) / clock * lags)
        axes.plot(lags, decay, color=_MODEL, label="two-state process of the fit")
    axes.set_xlabel("lag (bits)")
    axes.set_title("autocorrelation")
    axes.legend(frameon=False)


def _dwells(axes: Any, stream: BitStream, record: dict[str, Any]) -> None:
    """The share of whole dwells of at least a time, as sampled: a straight line if the process has two states."""
    changes = np.flatnonzero(np.diff(stream.bits)) + 1
    instants, unit = _clock(stream, len(stream.bits))
    lengths = np.diff(instants[changes])
    axes.set_title("dwells, as sampled, of at least")
    _time_axis(axes, unit)
    if len(lengths) < 2:
        axes.text(0.5, 0.5, "no whole dwells", ha="center", transform=axes.transAxes)
        return
    least = float(lengths.min())
    means = [record[f"dwell_{name}_seconds"] for name in ("p", "ap")]
    for state, name, color in ((0, "P", _MEASURED), (1, "AP", _MODEL)):
        seen = np.sort(lengths[stream.bits[changes[:-1]] == state])
        if not len(seen):
            continue
        values, first = np.unique(np.round(seen / least, 6), return_index=True)
        share = 1 - first / len(seen)
        # Every value of the tail, and fewer and fewer towards the many short ones.
        shown = len(values) - np.unique(np.geomspace(1, len(values), 2000).astype(int))
        label = f"state {state}, {name}" if stream.two_state else f"state {state}"
        axes.plot(values[shown] * least, share[shown], ".", color=color, markersize=3, label=label)
        if all(means):
            rates = [1 / mean[0] for mean in means]
            period = 1 / record["clock_hz"]
            leaves = rates[state] / sum(rates) * -np.expm1(-sum(rates) * period)
            grid = np.linspace(least, seen[-1], 200)
            law = np.exp(np.log1p(-leaves) * (grid - least) / period)
            axes.plot(grid, law, color=color, linewidth=1, label=f"{name}: mean {means[state][0]:.3g} s")
    axes.set_yscale("log")
    axes.legend(frameon=False)


def _entropy(axes: Any, record: dict[str, Any]) -> None:
    found = {name: value for name, value in record["min_entropy"].items() if value is not None}
    names = [name.replace("_", " ") for name in found]
    axes.barh(names, list(found.values()), color=_GREY if record["deterministic"] else _MEASURED)
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    claimed = "statistics only: no entropy claimed" if record["deterministic"] else "SP 800-90B, section 6.3"
    axes.set_xlabel("bits per bit")
    axes.set_title(f"min-entropy estimates\n{claimed}")
