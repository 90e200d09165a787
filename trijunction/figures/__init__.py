"""The figures of the documents: one module each, with `draw(path)`, drawn by `python -m trijunction.figures`.

A module of this package is a figure unless its name begins with an underscore; its first docstring line says what it
shows. The same version draws the same picture: seeds are fixed.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

__all__ = ["draw_all", "names"]


def names() -> list[str]:
    """The figures, in alphabetical order."""
    return sorted(module.name for module in iter_modules(__path__) if not module.name.startswith("_"))


def draw_all(directory: str | os.PathLike[str], wanted: Iterable[str] | None = None) -> Iterator[Path]:
    """Draw the figures ``wanted``, default all, as NAME.png in ``directory``; gives each path when it is there.

    Raises
    ------
    ValueError
        For an unknown name, before anything is drawn.
    """
    known = names()
    chosen = known if wanted is None else list(wanted)
    for name in chosen:
        if name not in known:
            raise ValueError(f"figure must be one of {', '.join(known)}, not {name!r}")
    return _draw(Path(directory), chosen)


def _draw(directory: Path, chosen: Iterable[str]) -> Iterator[Path]:
    directory.mkdir(parents=True, exist_ok=True)
    for name in chosen:
        path = directory / f"{name}.png"
        # Drawn elsewhere first, so that a figure is there as a whole or not at all.
        with tempfile.TemporaryDirectory(dir=directory) as scratch:
            unfinished = Path(scratch) / path.name
            import_module(f"{__name__}.{name}").draw(unfinished)
            unfinished.replace(path)
        yield path
