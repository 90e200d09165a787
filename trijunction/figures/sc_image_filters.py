"""Streaming image filters on a photograph: edges, blur and median by single gates, for two bitstream lengths."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hwpy.stochastic_computing.image_filters import WindowFilterParameters, exact, filtered, photograph, psnr
from hwpy.stochastic_computing.sequences import SobolParameters, sobol_words
from trijunction.figures import _style as style

__all__ = ["draw"]


def draw(path: Path) -> None:
    """A row for each filter: exact, fair junctions at N = 16 and 256, Sobol words at N = 256."""
    image = photograph()
    with style.canvas(path, 9, 5.2) as figure:
        grid = figure.subplots(3, 4)
        for row, kind in zip(grid, ("roberts", "gaussian", "median"), strict=True):
            parameters = WindowFilterParameters(kind)
            shift = 8 - parameters.select_bits
            generator = np.random.default_rng(3)
            random = generator.integers(0, 256, (2, 256))
            sobol = sobol_words(SobolParameters(8, 2), 256)
            wanted = exact(image, parameters)
            panels = [(f"{kind}, exact", wanted)]
            for name, words, length in (("junctions", random, 16), ("junctions", random, 256), ("Sobol", sobol, 256)):
                found = filtered(image, parameters, words[0, :length], words[1, :length] >> shift)
                quality = psnr(found, wanted)
                text = f"{quality:.1f} dB" if np.isfinite(quality) else "exact"
                panels.append((f"{name}, N = {length}: {text}", found))
            # Edges are faint: both ends of the grey scale are the exact picture's.
            for axes, (title, picture) in zip(row, panels, strict=True):
                axes.imshow(picture, cmap="gray", vmin=0, vmax=np.quantile(wanted, 0.995))
                axes.set_title(title, fontsize=8)
                axes.axis("off")
