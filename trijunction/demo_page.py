"""The demo's page: tables and plots drawn from its JSON record, in one HTML file that needs nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from trijunction import drawing
from trijunction.drawing import GREY
from trijunction.whole_file import whole_file

__all__ = ["page", "plots", "table", "write"]

LABELS = {"lfsr": "LFSR", "smtj": "SMTJ pins"}
COLORS = {source: drawing.COLORS[source] for source in LABELS}
VIOLATED = "#e6007e"

Record = Mapping[str, Any]


def table(record: Record) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """The result as groups of rows: (group's name, [(what, LFSR's value, SMTJ's value)])."""

    def row(what: str, part: str, show: Callable[[Any], str]) -> tuple[str, str, str]:
        lfsr, smtj = (show(record[part][source]) for source in COLORS)
        return what, lfsr, smtj

    best = record["problem"]["ground_energy"]
    spins, pbits = record["problem"]["nodes"], record["hardware"]["lfsr"]["nodes"]
    board = record["hardware"]["lfsr"]["board"]
    return [
        (
            f"Emulated, {spins} spins ({record['problem']['instance']})",
            [
                row("best energy (ground state)", "solve", lambda r: f"{r['energy']:g} ({best:g})"),
                row(
                    f"of {record['parameters']['replicas']} replicas, end in a ground state",
                    "solve",
                    lambda r: f"{100 * r['ground_fraction']:.1f} %",
                ),
                row("mean energy at the end", "solve", lambda r: f"{r['mean_energy']:.1f}"),
                row("flips/s, this computer", "solve", lambda r: _engineering(r["flips_per_second"])),
            ],
        ),
        (
            f"Placed and routed, {pbits} p-bits ({record['hardware']['instance']}) on {board}",
            [
                row("LUT4", "hardware", lambda r: f"{r['lut4']}"),
                row("carry cells", "hardware", lambda r: f"{r['carry']}"),
                row("registers in logic cells", "hardware", lambda r: f"{r['ff']}"),
                row("logic cells", "hardware", lambda r: f"{r['cells']} of {r['available']}"),
                row("entropy pins", "hardware", lambda r: f"{r['entropy_pins']}"),
                row("random bits used a clock", "hardware", lambda r: f"{r['entropy_bits']}"),
                row("Fmax", "hardware", lambda r: f"{r['fmax_mhz']['max']:.1f} MHz"),
                row("flips/s, hardware at Fmax", "hardware", lambda r: _engineering(r["flips_per_second"])),
            ],
        ),
    ]


def _engineering(value: float) -> str:
    for size, prefix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.3g} {prefix}"
    return f"{value:.0f}"


def plots(record: Record) -> dict[str, str]:
    """Each plot as the text of an SVG: 'annealing', 'lattice' and 'area'."""
    with drawing.style():
        return {"annealing": _annealing(record), "lattice": _lattice(record), "area": _area(record)}


def _annealing(record: Record) -> str:
    """Energy against sweeps, and the energy above the ground state on a logarithmic axis."""
    figure = drawing.figure(9.5, 3.6)
    energy, excess = figure.subplots(1, 2)
    ground, nodes = record["problem"]["ground_energy"], record["problem"]["nodes"]
    for source, color in COLORS.items():
        trace = record["solve"][source]["trace"]
        sweeps = trace["sweeps"]
        energy.fill_between(sweeps, trace["low"], trace["high"], color=color, alpha=0.18, linewidth=0)
        energy.plot(sweeps, trace["mean"], color=color, label=LABELS[source])
        above = [max(mean - ground, 0) / nodes for mean in trace["mean"]]
        excess.plot(sweeps, above, color=color, label=LABELS[source])
    energy.axhline(ground, color=GREY, linestyle="--", linewidth=1, label="ground state")
    energy.set(xlabel="sweeps", ylabel="energy", title="Mean, and the middle 80 % of the replicas")
    excess.set(xlabel="sweeps", ylabel="(E - ground) / spin", yscale="log", title="Mean above the ground state")
    for axes in (energy, excess):
        axes.set_xlim(0, sweeps[-1])
        axes.legend()
    return drawing.svg(figure)


def _lattice(record: Record) -> str:
    """The best state of each source: spins as squares, couplings that are not satisfied as lines."""
    from matplotlib.collections import LineCollection
    from matplotlib.colors import ListedColormap

    rows, columns = record["problem"]["shape"]
    figure = drawing.figure(9.5, 9.5 * columns / rows * 0.5 + 0.25)
    for axes, source in zip(figure.subplots(1, 2), COLORS, strict=True):
        spins = [record["solve"][source]["state"][r * columns : (r + 1) * columns] for r in range(rows)]
        # The longer side lies flat.
        flat = [list(column) for column in zip(*spins, strict=True)]
        axes.imshow(flat, cmap=ListedColormap(["#33475b", "#e8edf2"]), vmin=-1, vmax=1, interpolation="nearest")
        violated = _violated(record, source)
        lines = [_bond(i, j, rows, columns) for i, j in violated]
        axes.add_collection(LineCollection(lines, colors=VIOLATED, linewidths=1.8))
        axes.set(xticks=[], yticks=[], xlim=(-0.5, rows - 0.5), ylim=(columns - 0.5, -0.5))
        axes.set_title(
            f"{LABELS[source]}: E = {record['solve'][source]['energy']:g}, {len(violated)} couplings violated", size=10
        )
        for spine in axes.spines.values():
            spine.set_visible(False)
    return drawing.svg(figure)


def _violated(record: Record, source: str) -> list[tuple[int, int]]:
    state = record["solve"][source]["state"]
    return [(i, j) for i, j, weight in record["problem"]["couplings"] if weight * state[i] * state[j] < 0]


def _bond(i: int, j: int, rows: int, columns: int) -> list[tuple[float, float]]:
    """The side that two neighbouring squares share; of a bond round the torus, that at the first square's edge."""
    (y0, x0), (y1, x1) = sorted((divmod(i, columns), divmod(j, columns)))
    # The plot has rows along x, columns along y.
    if x0 == x1:
        at = y0 + 0.5 if y1 - y0 == 1 else rows - 0.5
        return [(at, x0 - 0.5), (at, x0 + 0.5)]
    at = x0 + 0.5 if x1 - x0 == 1 else columns - 0.5
    return [(y0 - 0.5, at), (y0 + 0.5, at)]


def _area(record: Record) -> str:
    """Bars of the cells, with their numbers."""
    figure = drawing.figure(9.5, 3.0)
    kinds = (("lut4", "LUT4"), ("carry", "carry cells"), ("ff", "registers"), ("cells", "logic cells in all"))
    axes = figure.subplots()
    for k, (source, color) in enumerate(COLORS.items()):
        places = [place + 0.4 * (k - 0.5) for place in range(len(kinds))]
        bars = axes.bar(
            places, [record["hardware"][source][kind] for kind, _ in kinds], 0.38, color=color, label=LABELS[source]
        )
        axes.bar_label(bars, padding=2)
    axes.set_xticks(range(len(kinds)), [label for _, label in kinds])
    axes.set_ylabel("cells")
    axes.margins(y=0.12)
    axes.legend(loc="upper center")
    return drawing.svg(figure)


def page(record: Record) -> str:
    """The HTML page."""
    images = {name: drawing.data_uri(svg) for name, svg in plots(record).items()}
    return drawing.render("demo.html", record=record, groups=table(record), images=images, labels=list(LABELS.values()))


def write(record: Record, folder: Path) -> Sequence[Path]:
    """`report.json` and `report.html` in a folder, each whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {"report.json": json.dumps(record, indent=1, allow_nan=False) + "\n", "report.html": page(record)}
    for name, text in texts.items():
        with whole_file(folder / name) as unfinished:
            Path(unfinished).write_text(text, encoding="utf-8")
    return [folder / name for name in texts]
