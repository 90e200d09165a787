"""The blocks that commands make by name: hardware from `name=value` parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from importlib import import_module
from typing import Any

from hwpy.ising.formats.errors import quote
from trijunction.errors import CommandError, checked_parameters

__all__ = ["BLOCKS", "component"]

#: ROOM/BLOCK to the class in rtl.ROOM.BLOCK and its parameters' class in hwpy.ROOM.BLOCK.
BLOCKS = {
    "entropy/lfsr": ("Lfsr", "LfsrParameters"),
    "ising/noise": ("Noise", "NoiseParameters"),
    "ising/pbit": ("PBit", "PBitParameters"),
    "ising/array": ("PBitArray", "PBitArrayParameters"),
}


def component(block: str, parameters: Mapping[str, Any]) -> Any:
    """The Amaranth component of a block. Where the parameters hold a `model`, it is given as an instance.

    Raises CommandError for an unknown block or parameter, one left out, and a value that the block refuses.
    """
    if block not in BLOCKS:
        raise CommandError(f"Block must be one of {', '.join(BLOCKS)}, not {quote(block)}")
    class_name, parameters_name = BLOCKS[block]
    module = block.replace("/", ".")
    kind = getattr(import_module(f"hwpy.{module}"), parameters_name)
    required = {
        "instance" if field.name == "model" else field.name: field.default is MISSING
        for field in fields(kind)
        if field.init
    }
    for name in parameters:
        if name not in required:
            names = ", ".join(required)
            raise CommandError(f"{block} has no parameter {quote(name)}: expected one of {names}")
    for name, needed in required.items():
        if needed and name not in parameters:
            raise CommandError(f"{block} needs the parameter {quote(name)}: --param {name}=...")
    given = dict(parameters)
    with checked_parameters():
        if "instance" in given:
            from hwpy.ising.instances import load

            given["model"] = load(str(given.pop("instance")))
        return getattr(import_module(f"rtl.{module}"), class_name)(kind(**given))
