"""The report's files, written from its record."""

from __future__ import annotations

import json
from pathlib import Path

from trijunction import drawing
from trijunction.costs import page, plots, tables
from trijunction.costs.record import Record
from trijunction.whole_file import whole_file

__all__ = ["write"]


def write(record: Record, folder: Path) -> list[Path]:
    """Write report.json, .html, .md and .csv, and the plots as SVG and PNG in plots/, each whole or not at all.

    Plots of an earlier record that this one does not have are removed.
    """
    contents: dict[str, bytes] = {}
    images: dict[str, str] = {}
    with drawing.style():
        for name, figure in plots.figures(record).items():
            images[name] = drawing.svg(figure)
            contents[f"plots/{name}.svg"] = images[name].encode()
            contents[f"plots/{name}.png"] = drawing.png(figure)
    contents["report.json"] = json.dumps(record, indent=1, allow_nan=False).encode() + b"\n"
    contents["report.csv"] = tables.as_csv(record).encode()
    contents["report.md"] = page.markdown(record, list(images)).encode()
    contents["report.html"] = page.html(record, images).encode()
    (folder / "plots").mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        with whole_file(folder / name) as unfinished:
            Path(unfinished).write_bytes(content)
    for name in plots.NAMES:
        if name not in images:
            for suffix in ("svg", "png"):
                (folder / f"plots/{name}.{suffix}").unlink(missing_ok=True)
    return [folder / name for name in contents]
