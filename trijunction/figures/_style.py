"""How the figures look: colours, sizes, and the one way in which they are saved."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

__all__ = ["BLACK", "BLUE", "GREEN", "GREY", "ORANGE", "PURPLE", "SKY", "VERMILION", "canvas", "letter"]

# Colour-blind safe: M. Okabe and K. Ito, *Color Universal Design* (2008).
BLACK, BLUE, VERMILION, GREEN = "#000000", "#0072b2", "#d55e00", "#009e73"
ORANGE, SKY, PURPLE, GREY = "#e69f00", "#56b4e9", "#cc79a7", "#666666"

_STYLE: Any = {
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "lines.linewidth": 1.5,
    "lines.markersize": 4.5,
}


@contextmanager
def canvas(path: Path, width: float = 8.0, height: float = 5.0) -> Iterator[Any]:
    """A `matplotlib.figure.Figure` of inches at 150 dots each, saved to ``path`` when the block ends."""
    import matplotlib

    # Not pyplot: it would choose a window system, and keep every figure.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(width, height), dpi=150, layout="constrained")
        FigureCanvasAgg(figure)
        yield figure
        # Without the version of matplotlib the same picture is the same file more often.
        figure.savefig(path, metadata={"Software": None})


def letter(axes: Any, text: str, title: str = "") -> None:
    """Title a panel 'a) ...'."""
    axes.set_title(f"{text}) {title}".rstrip())
