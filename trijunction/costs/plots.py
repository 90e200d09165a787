"""The report's plots, from its record alone."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

import numpy as np

from trijunction import drawing
from trijunction.costs.notation import unit
from trijunction.costs.quantity import Quantity
from trijunction.costs.record import Record
from trijunction.costs.tables import SOURCES, WAYS
from trijunction.drawing import COLORS, GREY

__all__ = ["NAMES", "alt", "figures"]

NAMES = ("energy", *(f"quality_{way}" for way in WAYS), *(f"break_even_{way}" for way in WAYS))

_MARKERS = {"lfsr": "o", "xoshiro": "s", "smtj": "^"}
_STYLES = ("-", "--", "-.", ":")
#: The maps' cases, and what is drawn beside the map.
_CASES = {"asic": "on silicon", "asic_static_read": "on silicon, static read-out", "fpga_pins": "on an FPGA's pins"}

#: Steps of the maps' shade: one is its middle, where the colour changes from purple to orange.
_LEVELS = (0.5, 0.75, 0.9, 0.97, 1, 1.1, 1.5, 3, 10)


def alt(name: str) -> str:
    """What a plot shows, in words."""
    kind, _, way = name.partition("_")
    if name == "energy":
        return "Energy of a unit of work by way and source, with the simulated and with the default switching activity."
    title = WAYS[way.removeprefix("even_")]
    if kind == "quality":
        return f"{title}. Quality against its knob for each source, and what the junction's faults do to it."
    return (
        f"{title}. Energy of a junction's read against its dwell time: purple where it wins, orange where it does not, "
        "with the break-even line for each bias error and published devices as stars."
    )


def figures(record: Record) -> dict[str, Any]:
    """Each plot that there is something to draw of, as a figure. To be called and saved within `drawing.style`."""
    drawn = {"energy": _energy(record)}
    for way in WAYS:
        drawn[f"quality_{way}"] = _quality(record, way)
        drawn[f"break_even_{way}"] = _break_even(record, way)
    kept = {name: figure for name, figure in drawn.items() if figure is not None}
    for axes in (axes for figure in kept.values() for axes in figure.axes):
        axes.minorticks_off()  # most of the time would go into those of logarithmic axes
    return {name: drawing.lay_out(figure) for name, figure in kept.items()}


def _series(record: Record, stage: str) -> Mapping[str, Mapping[str, Any]]:
    return record["stages"].get(stage, {}).get("series", {})


def _array(values: Any) -> np.ndarray:
    """Numbers, with NaN for null."""
    return np.array(values, dtype=float)


def _energy(record: Record) -> Any:
    """Bars a way: simulated beside default activity, for each source."""
    names = {"energy_per_unit": "activity simulated", "energy_per_unit_default": "default activity"}
    figure, shown = None, []
    for way in WAYS:
        found = [record["stages"].get(f"asic/{way}/{source}", {}).get("quantities", {}) for source in SOURCES]
        if all(name in quantities for quantities in found for name in names):
            shown.append((way, found))
    if not shown:
        return None
    figure = drawing.figure(9.5, 3.2)
    for axes, (way, found) in zip(np.atleast_1d(figure.subplots(1, len(shown))), shown, strict=True):
        for k, (name, label) in enumerate(names.items()):
            bars = [Quantity.from_dict(quantities[name]) for quantities in found]
            places = np.arange(len(SOURCES)) + 0.4 * (k - 0.5)
            heights = _array([bar.value for bar in bars])
            colors = [COLORS[source] for source in SOURCES]
            axes.bar(places, heights, 0.38, color=colors, alpha=(1, 0.45)[k], hatch=("", "///")[k], edgecolor="white")
            axes.bar(0, np.nan, color=GREY, alpha=(1, 0.45)[k], hatch=("", "///")[k], edgecolor="white", label=label)
        axes.set_xticks(range(len(SOURCES)), SOURCES.values())
        axes.set_title(WAYS[way].partition(":")[0])
        axes.set_ylabel(unit(bars[0].unit))
        axes.margins(y=0.25)
        axes.legend(loc="upper right", fontsize=8)
    return figure


def _quality(record: Record, way: str) -> Any:
    """Quality against the knob for each source, and the panels of the junction's faults."""
    series = {source: _series(record, f"quality/{way}/{source}") for source in SOURCES}
    curves = {source: found["quality"] for source, found in series.items() if "quality" in found}
    faults = [
        (name, fault)
        for name, fault in series["smtj"].items()
        if name != "quality" and {"x", "y", "x_label"} <= set(fault)
    ]
    if not curves:
        return None
    count = 1 + len(faults)
    columns = 2 if count in (2, 4) else 3
    rows = -(-count // columns)
    figure = drawing.figure(9.5, 3.1 * rows)
    panels = figure.subplots(rows, columns, squeeze=False).flatten()
    for source, curve in curves.items():
        _curve(panels[0], curve, color=COLORS[source], marker=_MARKERS[source], label=SOURCES[source])
    panels[0].legend(fontsize=8)
    panels[0].set_title(WAYS[way].partition(":")[0])
    for axes in panels[count:]:
        axes.set_axis_off()
    for axes, (name, fault) in zip(panels[1:], faults, strict=False):
        _curve(axes, fault, color=COLORS["smtj"], marker=_MARKERS["smtj"])
        axes.set_title(f"SMTJ: {name.replace('_', ' ')}")
    return figure


def _curve(axes: Any, series: Mapping[str, Any], **style: Any) -> None:
    """A line with its band, and the axes that it asks for."""
    x, y = _array(series["x"]), _array(series["y"])
    axes.plot(x, y, markersize=4, linewidth=1.3, **style)
    if "low" in series:
        axes.fill_between(x, _array(series["low"]), _array(series["high"]), color=style["color"], alpha=0.18, lw=0)
    axes.set_xlabel(_with_unit(series, "x"))
    axes.set_ylabel(_with_unit(series, "y"))
    if np.all(x > 0) and x.max() > 30 * x.min():
        axes.set_xscale("log", base=2 if np.all(np.log2(x) % 1 == 0) else 10)
    known = y[np.isfinite(y)]
    if len(known) and np.all(known > 0) and known.max() > 30 * known.min():
        axes.set_yscale("log")


def _with_unit(series: Mapping[str, Any], axis: str) -> str:
    name, sign = series.get(f"{axis}_label", ""), unit(series.get(f"{axis}_unit", ""))
    return textwrap.fill(f"{name} ({sign})" if name and sign else name or sign, 32)


def _break_even(record: Record, way: str) -> Any:
    """A map a case: (energy with SMTJ) / (energy of the best CMOS) without bias, and the lines where it is one."""
    series = _series(record, f"sensitivity/{way}")
    cases = [case for case in _CASES if f"map_{case}_bias_0" in series]
    if not cases:
        return None
    from matplotlib import colormaps
    from matplotlib.colors import BoundaryNorm
    from matplotlib.patheffects import withStroke

    figure = drawing.figure(9.5, 4.2)
    panels = figure.subplots(1, len(cases), sharey=True, squeeze=False)[0]
    colors = colormaps["PuOr_r"]
    levels = BoundaryNorm(_LEVELS, colors.N, extend="both")
    for axes, case in zip(panels, cases, strict=True):
        field = series[f"map_{case}_bias_0"]
        x, y, z = (_array(field[name]) for name in "xyz")
        shade = axes.pcolormesh(x, y, z, cmap=colors, norm=levels, rasterized=True)
        _lines(axes, series, case)
        devices = series.get("devices", {"x": [], "y": [], "label": []})
        axes.plot(devices["x"], devices["y"], "*", color="black", markersize=8, markeredgecolor="white")
        for at_x, at_y, label in zip(devices["x"], devices["y"], devices["label"], strict=True):
            note = axes.annotate(label, (at_x, at_y), (4, 4), textcoords="offset points", fontsize=7)
            note.set_path_effects([withStroke(linewidth=2, foreground="white")])
        axes.set(xscale="log", yscale="log", xlabel=_with_unit(field, "x"), title=_CASES[case])
        axes.set_xlim(x[0], x[-1])
        axes.set_ylim(y[0], y[-1])
    panels[0].set_ylabel(_with_unit(field, "y"))
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=8)
    bar = figure.colorbar(shade, ax=list(panels), ticks=_LEVELS)
    bar.ax.set_yticklabels([f"{level:g}" for level in _LEVELS])
    bar.set_label("energy with SMTJ / with the best generator")
    return figure


def _lines(axes: Any, series: Mapping[str, Any], case: str) -> None:
    """The break-even energy against the dwell time, a line a bias error and a band where it is given."""
    prefix = f"break_even_{case}_bias_"
    names = [name for name in series if name.startswith(prefix)]
    for name, dashes in zip(names, _STYLES, strict=False):
        line = series[name]
        x, y = _array(line["x"]), _array(line["y"])
        label = f"break-even, bias error {name.removeprefix(prefix)}"
        axes.plot(x, y, dashes, color="black", linewidth=1.4, label=label)
        if "low" in line and dashes == "-":
            axes.fill_between(x, _array(line["low"]), _array(line["high"]), color="black", alpha=0.15, lw=0)
