"""What the pages share: their figures' style and colours, and templates that become one file that needs no other."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from trijunction.figures._style import BLUE, GREEN, VERMILION

__all__ = ["COLORS", "GREY", "data_uri", "figure", "lay_out", "png", "render", "style", "svg"]

#: Colour-blind safe, one a source in every plot.
COLORS = {"lfsr": BLUE, "xoshiro": GREEN, "smtj": VERMILION}
GREY = "#555555"

_STYLE: Any = {
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "legend.frameon": False,
    "svg.hashsalt": "trijunction",  # the same record gives the same file
}


@contextmanager
def style() -> Iterator[None]:
    """Within it figures are drawn, and saved, in the pages' style."""
    import matplotlib

    with matplotlib.rc_context(_STYLE):
        yield


def figure(width: float, height: float) -> Any:
    """A `matplotlib.figure.Figure` of so many inches."""
    # Not pyplot: it would choose a window system, and keep every figure.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    made = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(made)
    return made


def lay_out(made: Any) -> Any:
    """The same figure with its parts in their places for good: it is drawn faster then, and each time alike."""
    made.draw_without_rendering()
    made.set_layout_engine("none")
    return made


def svg(made: Any) -> str:
    """The figure as the text of an SVG."""
    text = io.StringIO()
    made.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()


def png(made: Any) -> bytes:
    """The figure as a PNG of 150 dots an inch."""
    data = io.BytesIO()
    made.savefig(data, format="png", dpi=150, metadata={"Software": None})
    return data.getvalue()


def data_uri(text: str) -> str:
    """An SVG as an image's address: so the identifiers within one SVG do not meet those of another."""
    return f"data:image/svg+xml;base64,{base64.b64encode(text.encode()).decode()}"


def render(template: str, **values: Any) -> str:
    """A template of this package, filled in. HTML's special characters in values are escaped in HTML templates."""
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    environment = Environment(
        loader=PackageLoader("trijunction"), autoescape=select_autoescape(), undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    return environment.get_template(template).render(**values)
