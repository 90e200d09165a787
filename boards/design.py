"""A component on a board: from an Amaranth component to a bitstream and its figures.

Amaranth's own ``Platform.build`` is not used: it finds its tools by environment variables, fixes the
synthesis flow, routes one seed a call, and keeps to itself the netlist's statistics, which are what this project
reports. The pins still are those of the amaranth-boards files.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from amaranth.hdl import Fragment

from boards import tools
from boards.clock import Pll, pll_below
from boards.place_route import RoutedResult, bitstream, fmax_spread, route_seeds
from boards.registry import Board, board
from boards.synthesis import Netlist, Technology, synthesise
from boards.tools import ToolError
from boards.top import CLOCK_PORT, BoardTop, Port, component_ports

_PLL_TRIES = 4


def build(
    component: Any,
    board_name: str,
    build_dir: Path,
    *,
    frequency_mhz: float = 100.0,
    seeds: int = 1,
    pins: Mapping[str, str] | None = None,
    entropy_ports: Iterable[str] = (),
    pll: bool = False,
    flow: str = "area",
    options: Sequence[str] = (),
) -> dict[str, Any]:
    """Build ``component``, whose ports are a handful of bits, for a board; the bitstream goes to ``build_dir``.

    ``pins`` maps a port bit (``port`` or ``port[3]``; a nested port's path is joined by ``__``) to a name of
    :attr:`Board.pins` or a package pin. Each bit of the ``entropy_ports`` gets the next free header pin; other
    ports get the header pins after those, so that none lands on a pin that has a purpose of its own.
    ``frequency_mhz`` is what place and route aims at, with seeds 1 to ``seeds``; the bitstream is that of the
    fastest seed. The clock is the board's, or with ``pll`` the highest that timing allows, found by routing with
    the board's clock first. ``options`` go to nextpnr.

    Returns ``board, fmax_mhz`` (min, median, max over the seeds), ``clock_mhz, timing_met, lut4, carry, ff,
    bram, dsp, lut_ram, cells, available, seed, bitstream, flow, tools``. The cells and LUTs include the reset
    counter of the board's top, and the PLL's lock synchroniser.

    Raises ValueError for a pin or port that is not there and :class:`boards.tools.ToolError` if a tool fails
    or no PLL setting meets timing.
    """
    if seeds < 1:
        raise ValueError(f"Number of place-and-route seeds must be positive, not {seeds!r}")
    build_dir = Path(build_dir)
    on = board(board_name)
    sites = _sites(component_ports(component), on, pins or {}, entropy_ports)

    def attempt(setting: Pll | None) -> tuple[Netlist, list[RoutedResult]]:
        text = _FamilyTop(component, on.clock_mhz, setting, on.device.target).rtlil()
        netlist = synthesise(text, "top", on.device.target, build_dir, flow=flow)
        constraints = _constraints(sites, on, derive=setting is not None)
        return netlist, route_seeds(
            netlist,
            on.device,
            build_dir,
            seeds=range(1, seeds + 1),
            constraints=constraints,
            frequency_mhz=frequency_mhz,
            options=options,
        )

    clock_mhz = on.clock_mhz
    netlist, results = attempt(None)
    if pll:
        limit = _fastest(results).fmax_mhz or frequency_mhz
        for _attempt in range(_PLL_TRIES):
            setting = pll_below(on.device.target, on.clock_mhz, limit)
            netlist, results = attempt(setting)
            reached = _fastest(results).fmax_mhz or 0.0
            clock_mhz = setting.mhz
            if reached >= clock_mhz:
                break
            # The PLL moves the placement, so the limit must fall even if the routed Fmax is near the setting.
            limit = min(reached, 0.97 * clock_mhz)
        else:
            raise ToolError(f"No PLL setting met timing in {_PLL_TRIES} tries, the last at {setting.mhz:g} MHz")
    chosen = _fastest(results)
    return {
        "board": on.name,
        "fmax_mhz": fmax_spread(results),
        "clock_mhz": round(clock_mhz, 6),
        "timing_met": chosen.fmax_mhz is None or chosen.fmax_mhz >= clock_mhz,
        **netlist.area.to_dict(),
        "cells": chosen.cells,
        "available": chosen.utilisation[on.device.cell][1],
        "seed": chosen.seed,
        "bitstream": str(bitstream(chosen)),
        "flow": netlist.flow,
        "tools": tools.versions(),
    }


class _FamilyTop(BoardTop):
    """The top, elaborated for a family, so that blocks can name its cells."""

    def __init__(self, component: Any, clock_mhz: float, pll: Pll | None, target: str) -> None:
        super().__init__(component, clock_mhz, pll)
        self._technology = Technology(target)

    def elaborate(self, platform: Any) -> Fragment:
        """As the top's, down to the last submodule."""
        return Fragment.get(super().elaborate(self._technology), self._technology)


def _fastest(results: list[RoutedResult]) -> RoutedResult:
    return max(results, key=lambda result: result.fmax_mhz or 0.0)


def _sites(
    ports: Mapping[str, Port], on: Board, pins: Mapping[str, str], entropy_ports: Iterable[str]
) -> dict[str, str]:
    """Package pin of each constrained port bit."""
    bits = {
        name: [name] if port.width == 1 else [f"{name}[{index}]" for index in range(port.width)]
        for name, port in ports.items()
    }
    known = {bit for port in bits.values() for bit in port}
    sites = {CLOCK_PORT: on.clock_pin}
    for bit, name in pins.items():
        if bit not in known:
            raise ValueError(f"No port {bit!r} to put on pin {name!r}; port bits are {', '.join(sorted(known))}")
        sites[bit] = on.pin(name)
    free = [pin for pin in on.free_pins if pin not in sites.values()]
    for port in entropy_ports:
        if port not in bits or not ports[port].is_input:
            raise ValueError(f"No input port {port!r} for entropy; ports are {', '.join(sorted(bits))}")
        wanted = [bit for bit in bits[port] if bit not in sites]
        if len(wanted) > len(free):
            raise ValueError(f"Entropy port {port!r} has {len(wanted)} bits, {on.name} has {len(free)} free pins")
        sites |= dict(zip(wanted, free, strict=False))
        free = free[len(wanted) :]
    rest = [bit for bit in itertools.chain.from_iterable(bits.values()) if bit not in sites]
    if len(rest) > len(free):
        raise ValueError(f"Ports have {len(rest)} bits without a pin, {on.name} has {len(free)} free pins")
    sites |= dict(zip(rest, free, strict=False))
    if len(set(sites.values())) < len(sites):
        twice = next(pin for pin in sites.values() if list(sites.values()).count(pin) > 1)
        raise ValueError(f"Package pin {twice} is given to more than one port")
    return sites


def _constraints(sites: Mapping[str, str], on: Board, *, derive: bool) -> str:
    """The .pcf or .lpf text.

    ``derive`` states the clock pin's frequency, from which nextpnr derives the PLL's. Without a PLL it is left
    out, for it would replace the frequency to aim at by the board's slow clock.
    """
    lines = []
    for bit, pin in sites.items():
        attributes = on.attributes.get(pin, {})
        if on.device.target == "ice40":
            pull = " -pullup yes" if attributes.get("PULLUP") else ""
            lines.append(f"set_io{pull} {bit} {pin}")
        else:
            settings = {"IO_TYPE": "LVCMOS33", **attributes}
            lines.append(f'LOCATE COMP "{bit}" SITE "{pin}";')
            lines.append(f'IOBUF PORT "{bit}" ' + " ".join(f"{k}={v}" for k, v in settings.items()) + ";")
    if derive:
        statement = {
            "ice40": f"set_frequency {CLOCK_PORT} {on.clock_mhz:g}",
            "ecp5": f'FREQUENCY PORT "{CLOCK_PORT}" {on.clock_mhz:g} MHZ;',
        }
        lines.append(statement[on.device.target])
    return "\n".join(lines) + "\n"
