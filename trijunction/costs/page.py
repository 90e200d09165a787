"""The report as HTML and Markdown. Every number is a quantity of the record, shown by `Shown`, with its path."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trijunction.costs.notation import number, unit
from trijunction.costs.plots import alt
from trijunction.costs.quantity import Quantity
from trijunction.costs.record import Record, lookup, quantity
from trijunction.costs.tables import WAYS, Cell, Ref, missing, statements, tables
from trijunction.drawing import data_uri, render

__all__ = ["Shown", "answers", "html", "markdown"]


@dataclass(frozen=True)
class Shown:
    """A quantity as the page writes it."""

    quantity: Quantity

    @property
    def value(self) -> str:
        """The number, or that it is not known."""
        return "not known" if self.quantity.value is None else number(self.quantity.value)

    @property
    def unit(self) -> str:
        """Its unit, empty for a pure number."""
        return "" if self.quantity.value is None else unit(self.quantity.unit)

    @property
    def range(self) -> str:
        """From where to where, empty for a value that is exact or of which that is not known."""
        low, high = self.quantity.low, self.quantity.high
        return "" if low is None or high is None or low == high else f"{number(low)} to {number(high)}"

    @property
    def about(self) -> str:
        """Where it comes from and how well it is known: what hovering shows."""
        parts = (self.quantity.source, self.quantity.uncertainty or "uncertainty not known", self.quantity.note)
        return "; ".join(filter(None, parts))

    @property
    def text(self) -> str:
        """All of it in one line."""
        text = f"{self.value} {self.unit}".strip()
        remarks = ", ".join(filter(None, (self.range, "estimate" if self.quantity.estimate else "")))
        return f"{text} ({remarks})" if remarks else text


def html(record: Record, plots: Mapping[str, str]) -> str:
    """The page, in one file; ``plots`` are SVG by name."""
    images = {name: data_uri(svg) for name, svg in plots.items()}
    return render("costs.html", **_values(record), images=images, alt=alt)


def markdown(record: Record, plots: Sequence[str]) -> str:
    """The page as text with tables; ``plots`` are the names of those in its folder plots/."""
    return render("costs.md", **_values(record), images=plots, alt=alt)


def answers(record: Record) -> dict[str, str]:
    """The opening sentence of each way, as text; of a way without one, that it is missing."""
    found = {}
    for way, title in WAYS.items():
        stage = f"comparison/{way}"
        sentences = [_pieces(stage, sentence) for sentence in statements(record, stage)[:1]]
        told = [
            "".join(Shown(quantity(record, p.path)).text if isinstance(p, Ref) else str(p) for p in pieces)
            for pieces in sentences
        ]
        found[title] = told[0] if told else "No answer: the comparison is missing."
    return found


def _values(record: Record) -> dict[str, Any]:
    """What the templates take."""

    def said(stage: str) -> list[list[Cell]]:
        """A stage's sentences, each as pieces of text and quantities."""
        return [_pieces(stage, sentence) for sentence in statements(record, stage)]

    return {
        "record": record,
        "ways": WAYS,
        "tables": tables(record),
        "missing": missing(record),
        "kind": lambda cell: type(cell).__name__,
        "shown": lambda cell: Shown(quantity(record, cell.path)),
        "text": lambda path: lookup(record, path),
        "said": said,
        "ref": Ref,
        "files": _files(record),
        "tools": _tools(record),
    }


def _pieces(stage: str, sentence: str) -> list[Cell]:
    """A sentence cut at its {NAME}s, which stand for quantities of the stage."""
    pieces: list[Cell] = re.split(r"\{(\w+)\}", sentence)  # type: ignore[assignment]
    return [Ref(f"stages/{stage}/{piece}") if k % 2 else piece for k, piece in enumerate(pieces)]


def _files(record: Record) -> list[tuple[str, str, str]]:
    """Stage, name, and the name's path, of each file that is kept."""
    parts = record["stages"].items()
    return [(name, file, f"stages/{name}/files/{k}") for name, part in parts for k, file in enumerate(part["files"])]


def _tools(record: Record) -> dict[str, str]:
    """Name and path of each tool's version: the packages', then those that stages found."""
    found = {name: f"versions/{name}" for name in record["versions"]}
    for stage, part in record["stages"].items():
        for name in part["tools"]:
            found.setdefault(name, f"stages/{stage}/tools/{name}")
    return found
