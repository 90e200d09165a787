"""The boards that designs are built for, by name. Pin numbers come from the amaranth-boards package."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from boards.place_route import DEVICES, Device

_PLATFORMS = {
    "ice40-hx8k-breakout": ("ice40_hx8k_b_evn", "ICE40HX8KBEVNPlatform", "ice40-hx8k-ct256"),
    "ulx3s-85f": ("ulx3s", "ULX3S_85F_Platform", "ecp5-85f-caBGA381"),
}

BOARDS = tuple(_PLATFORMS)


@dataclass(frozen=True)
class Board:
    """A board: its FPGA, clock, and pins.

    ``pins`` maps names such as ``led_0``, ``uart_0_tx`` to package pins; ``attributes`` maps a package pin to
    its I/O attributes; ``free_pins`` are the pins of the expansion headers that nothing on the board uses, in
    the order of the headers. Pins that the board inverts are left out of ``pins``.
    """

    name: str
    device: Device
    clock_pin: str
    clock_mhz: float
    pins: dict[str, str]
    attributes: dict[str, dict[str, str]]
    free_pins: tuple[str, ...]

    def pin(self, name: str) -> str:
        """Package pin of a name in ``pins``, or of a package pin itself."""
        if name in self.pins:
            return self.pins[name]
        if name in self.free_pins or name in self.attributes:
            return name
        raise ValueError(f"Board {self.name} has no pin {name!r}; named pins are {', '.join(sorted(self.pins))}")


@functools.cache
def board(name: str) -> Board:
    """The board of that name; ValueError names those that there are."""
    if name not in _PLATFORMS:
        raise ValueError(f"Board must be one of {', '.join(BOARDS)}, not {name!r}")
    module, class_name, device = _PLATFORMS[name]
    platform = getattr(import_module(f"amaranth_boards.{module}"), class_name)
    pins: dict[str, str] = {}
    attributes: dict[str, dict[str, str]] = {}
    clock_pin, clock_mhz = "", 0.0
    for resource in platform.resources:
        for path, leaf, attrs in _leaves(resource, ()):
            # A differential pair is not offered as two pins, but its pins' headers stay free.
            if not hasattr(leaf, "names"):
                continue
            for index, package_pin in enumerate(leaf.names):
                bit = (*path, str(index)) if len(leaf.names) > 1 else path
                attributes.setdefault(package_pin, attrs)
                if not leaf.invert:
                    pins["_".join(bit)] = package_pin
        if resource.name == platform.default_clk:
            clock_pin, clock_mhz = resource.ios[0].names[0], resource.clock.frequency / 1e6
    headers = [pin for connector in platform.connectors for pin in connector.mapping.values()]
    free = tuple(pin for pin in dict.fromkeys(headers) if pin not in attributes)
    return Board(name, DEVICES[device], clock_pin, clock_mhz, pins, attributes, free)


def _leaves(node: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any, dict[str, str]]]:
    """Every pin group of a resource with its path of names and its attributes, the outer ones first."""
    number = (str(node.number),) if hasattr(node, "number") else ()
    here = (*path, node.name, *number)
    for io in node.ios:
        if hasattr(io, "ios"):
            for deeper, leaf, attrs in _leaves(io, here):
                yield deeper, leaf, {**node.attrs, **attrs}
        else:
            yield here, io, dict(node.attrs)
