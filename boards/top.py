"""The top of a design on a board: clock, power-on reset, and the component's ports as pins."""

from dataclasses import dataclass
from math import ceil, log2
from typing import Any

from amaranth.hdl import (
    ClockDomain,
    ClockSignal,
    Const,
    Elaboratable,
    Instance,
    Module,
    ResetSignal,
    Signal,
    Value,
)
from amaranth.lib import wiring
from amaranth.lib.cdc import FFSynchronizer

from boards.clock import Pll

CLOCK_PORT = "clk"

#: Seconds from configuration to the release of reset: an iCE40 block RAM reads wrong in the first few
#: microseconds after configuration (Project IceStorm); Amaranth's iCE40 platform waits as long.
_RESET_SECONDS = 15e-6


@dataclass(frozen=True)
class Port:
    """One port of a component: its signal inside, its width in bits, and whether it is an input."""

    value: Value
    width: int
    is_input: bool


def component_ports(component: Any) -> dict[str, Port]:
    """Ports of a component by name: the path in its signature joined by ``__``, as Amaranth names them."""
    ports = {}
    for path, member, value in component.signature.flatten(component):
        name, value = "__".join(map(str, path)), Value.cast(value)
        if name == CLOCK_PORT:
            raise ValueError(f"Port {name!r} of the component is the name of the board's clock pin")
        ports[name] = Port(value, len(value), member.flow == wiring.In)
    return ports


class BoardTop(Elaboratable):
    """A component with its clock from a pin, through ``pll`` if one is given, and a reset of 15 us or more.

    Its own ports are ``clk`` and those of the component.
    """

    def __init__(self, component: Any, clock_mhz: float, pll: Pll | None = None) -> None:
        self._component = component
        self._clock_mhz = pll.mhz if pll else clock_mhz
        self._pll = pll
        self.clk = Signal(name=CLOCK_PORT)
        self._pins = {name: Signal(port.width, name=name) for name, port in component_ports(component).items()}

    def rtlil(self, name: str = "top") -> str:
        """RTLIL of the whole top."""
        from amaranth.back import rtlil

        # Amaranth takes a port's direction from whether it is driven inside.
        return rtlil.convert(self, name=name, ports=[self.clk, *self._pins.values()])

    def elaborate(self, platform: Any) -> Module:
        """Clock, reset and the component."""
        m = Module()
        m.domains.por = ClockDomain(reset_less=True)
        m.domains.sync = ClockDomain()
        clock, ready = self.clk, Const(1)
        if self._pll:
            locked, clock = Signal(), Signal()
            m.submodules.pll = _instance(self._pll, self.clk, clock, locked)
            ready = Signal()
            m.submodules.locked = FFSynchronizer(locked, ready, o_domain="por")
        m.d.comb += [ClockSignal("por").eq(clock), ClockSignal("sync").eq(clock)]
        wait = Signal(1 + ceil(log2(_RESET_SECONDS * self._clock_mhz * 1e6)))
        released = wait[-1]
        with m.If(~ready):
            m.d.por += wait.eq(0)
        with m.Elif(~released):
            m.d.por += wait.eq(wait + 1)
        m.d.comb += ResetSignal("sync").eq(~released)
        m.submodules.design = self._component
        for name, port in component_ports(self._component).items():
            pin = self._pins[name]
            m.d.comb += port.value.eq(pin) if port.is_input else pin.eq(port.value)
        return m


def _instance(pll: Pll, source: Signal, output: Signal, locked: Signal) -> Instance:
    ports: dict[str, Any] = {f"i_{pll.input_port}": source, f"o_{pll.output_port}": output, "o_LOCK": locked}
    if pll.feedback_port:
        ports[f"i_{pll.feedback_port}"] = output
    if pll.primitive == "SB_PLL40_CORE":
        ports |= {"i_RESETB": Const(1), "i_BYPASS": Const(0)}
    return Instance(pll.primitive, **{f"p_{name}": value for name, value in pll.parameters.items()}, **ports)
