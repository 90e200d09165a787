"""Neural computing with magnetic-tunnel-junction randomness: the public names."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hwpy.entropy.junction import JunctionParameters
    from hwpy.ising.array import PBitArrayParameters
    from hwpy.ising.instances import generate, load
    from hwpy.ising.model import IsingModel
    from hwpy.ising.solver import array_for, solve

__all__ = ["IsingModel", "JunctionParameters", "PBitArrayParameters", "array_for", "generate", "load", "solve"]

_HOMES = {
    "IsingModel": "hwpy.ising.model",
    "JunctionParameters": "hwpy.entropy.junction",
    "PBitArrayParameters": "hwpy.ising.array",
    "array_for": "hwpy.ising.solver",
    "generate": "hwpy.ising.instances",
    "load": "hwpy.ising.instances",
    "solve": "hwpy.ising.solver",
}


def __getattr__(name: str) -> Any:
    """The public names, imported when first used: the command line starts without NumPy and Numba."""
    if name not in _HOMES:
        raise AttributeError(f"module 'trijunction' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
