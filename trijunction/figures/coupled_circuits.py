"""Two coupled junctions and a chain of them: the circuits of the paper's Fig. 2."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from trijunction.figures._style import BLACK, BLUE, GREY, SKY, VERMILION, canvas, letter

__all__ = ["draw"]


def draw(path: Path) -> None:
    """Save the picture."""
    with canvas(path, height=3.0) as figure:
        pair, chain = figure.subplots(1, 2, width_ratios=(6.0, 9.6))
        letter(pair, "a", "two junctions on one source")
        _pair(pair)
        letter(chain, "b", "a chain")
        _chain(chain)
        for axes in (pair, chain):
            axes.set_aspect("equal")
            axes.axis("off")


def _wire(axes: Any, *points: tuple[float, float]) -> None:
    axes.plot(*zip(*points, strict=True), color=BLACK, solid_capstyle="round", zorder=1)


def _resistor(axes: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Zigzag over the middle half."""
    along = np.array(end) - start
    across = np.array([-along[1], along[0]]) / np.hypot(*along) * 0.16
    places = np.linspace(0.25, 0.75, 8)
    sides = np.array([0, 1, -1, 1, -1, 1, -1, 0])
    zigzag = [tuple(start + p * along + s * across) for p, s in zip(places, sides, strict=True)]
    _wire(axes, start, *zigzag, end)


def _junction(axes: Any, x: float, top: float, name: str) -> None:
    """Free layer over barrier over fixed layer, down to ground."""
    from matplotlib.patches import Rectangle

    _wire(axes, (x, top), (x, top - 0.6))
    _wire(axes, (x, top - 1.5), (x, top - 2))
    for bottom, height, colour in ((top - 1.5, 0.35, BLUE), (top - 1.15, 0.15, GREY), (top - 1.0, 0.4, SKY)):
        axes.add_patch(Rectangle((x - 0.35, bottom), 0.7, height, facecolor=colour, edgecolor="none"))
    style = {"arrowstyle": "<->", "color": VERMILION, "lw": 1.5}
    axes.annotate("", (x - 0.3, top - 0.8), (x + 0.3, top - 0.8), arrowprops=style)
    axes.text(x + 0.5, top - 1.05, name, va="center")
    for k in range(3):
        half = 0.26 - 0.09 * k
        _wire(axes, (x - half, top - 2 - 0.1 * k), (x + half, top - 2 - 0.1 * k))


def _source(axes: Any, x: float, bottom: float, name: str) -> None:
    """A current source into a node."""
    from matplotlib.patches import Circle

    _wire(axes, (x, bottom), (x, bottom + 0.4))
    _wire(axes, (x, bottom + 1.2), (x, bottom + 1.5))
    axes.add_patch(Circle((x, bottom + 0.8), 0.4, facecolor="none", edgecolor=BLACK, lw=1.5))
    axes.annotate("", (x, bottom + 0.5), (x, bottom + 1.1), arrowprops={"arrowstyle": "->", "color": BLACK, "lw": 1.2})
    axes.text(x + 0.55, bottom + 0.85, name, va="center")


def _pair(axes: Any) -> None:
    _wire(axes, (0, 3.4), (0, 3.1))
    axes.plot(0, 3.4, "o", mfc="white", mec=BLACK)
    axes.text(0, 3.6, "$V_\\mathrm{open}$", ha="center", va="bottom")
    _resistor(axes, (0, 3.1), (2.6, 3.1))
    axes.text(1.3, 3.4, "$R$", ha="center")
    _wire(axes, (2.6, 3.1), (2.6, 2), (4.4, 2), (4.4, 1.9))
    _wire(axes, (2.6, 2), (2.6, 1.9))
    axes.plot(2.6, 2, "o", color=BLACK)
    axes.text(2.75, 2.2, "$V$")
    _junction(axes, 2.6, 1.9, "$G_1$")
    _junction(axes, 4.4, 1.9, "$G_2$")
    axes.set_xlim(-0.6, 5.4)
    axes.set_ylim(-0.5, 4.3)


def _chain(axes: Any) -> None:
    xs = (0.0, 3.0, 6.0)
    for x, k in zip(xs, ("j-1", "j", "j+1"), strict=True):
        _source(axes, x, 2, f"$i_{{{k}}}$")
        _junction(axes, x, 2, f"$G_{{{k}}}$")
        axes.plot(x, 2, "o", color=BLACK)
        axes.text(x - 0.15, 2.15, f"$V_{{{k}}}$", ha="right")
    for a, b, name in zip(xs, xs[1:], ("j-1,j", "j,j+1"), strict=False):
        _resistor(axes, (a, 2), (b, 2))
        axes.text((a + b) / 2, 2.3, f"$g_{{{name}}}$", ha="center")
    for a, b in ((xs[0], xs[0] - 0.9), (xs[-1], xs[-1] + 0.9)):
        _wire(axes, (a, 2), (b, 2))
        axes.text(b + (0.15 if b > 0 else -0.15), 2, "...", ha="left" if b > 0 else "right", va="center")
    axes.set_xlim(-1.6, 8.0)
    axes.set_ylim(-0.5, 4.3)
