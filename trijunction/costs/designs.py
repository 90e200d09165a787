"""What the report builds and measures: each way's core with each source of randomness, at a real size.

Every source is arranged as cheaply as its bits stay good: registers that leap by as many bits as are drawn and that all
units share by the rules of `hwpy`; as few xoshiro128++ as give the bits; a junction a bit. All give a core the same
number of bits.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import connect, flipped
from numpy.typing import NDArray

from boards.synthesis import component_rtlil
from trijunction.costs.generators import Generator, Junctions, Registers, Xoshiros
from trijunction.costs.ways.ising import Ising
from trijunction.costs.ways.low_precision import LowPrecision
from trijunction.costs.ways.stochastic_computing import StochasticComputing
from trijunction.costs.ways.way import Way

__all__ = ["SOURCES", "TOP", "WAYS", "Design"]

WAYS: dict[str, type[Way]] = {
    "ising": Ising,
    "stochastic_computing": StochasticComputing,
    "low_precision": LowPrecision,
}
SOURCES = ("lfsr", "xoshiro", "smtj")
#: Name of the top module.
TOP = "design"
_PART = re.compile(r"^module \\\S+\.(core|generator)$", re.MULTILINE)


class Design:
    """A way's core fed by a source.

    Parameters
    ----------
    way, source
        Of `WAYS` and `SOURCES`.
    parameters
        Of the way, such as ``knob``, what trades quality for cost; by default what the report builds.

    Attributes
    ----------
    work
        The core's parameters, and its work.
    """

    def __init__(self, way: str, source: str, **parameters: Any):
        for name, value, known in (("way", way, WAYS), ("source", source, SOURCES)):
            if value not in known:
                raise ValueError(f"{name} must be one of {', '.join(known)}, not {value!r}")
        self.way = way
        self.source = source
        self.work: Way = WAYS[way](**parameters)

    @property
    def name(self) -> str:
        """Such as ``ising/lfsr``."""
        return f"{self.way}/{self.source}"

    @property
    def unit(self) -> str:
        """Of work: "flip", "synapse-bit" or "rounded MAC"."""
        return self.work.unit

    @property
    def units_per_clock(self) -> float:
        """The mean over a period."""
        return self.work.units / self.work.period

    @property
    def random_bits_per_clock(self) -> float:
        """Bits that the core takes from the source, the mean over a period."""
        return self.work.random_bits * self.work.draws / self.work.period

    @property
    def random_bits_per_unit(self) -> float:
        """Bits that the core takes for a unit of work."""
        return self.work.random_bits * self.work.draws / self.work.units

    def component(self) -> Any:
        """Core and generator; its ports are the core's but for the entropy, and ``pins`` with smtj."""
        return _Fed(self.core(), self.generator())

    def rtlil(self, target: str | None = None, around: Callable[[Any], Any] = lambda component: component) -> str:
        """RTLIL of `component`, or of what is made ``around`` it, elaborated for a target of `boards.synthesis`.

        Core and generator are marked to be mapped apart, so that designs of one way have nearly the same core. Mapped
        together, two that differ by a few registers differ by several per cent, more than some generators take.
        """
        text = component_rtlil(around(self.component()), TOP, target)
        return _PART.sub(lambda line: f"attribute \\keep_hierarchy 1\n{line[0]}", text)

    def core(self) -> Any:
        """The core alone, with its stream ``entropy``."""
        return self.work.core()

    def generator(self) -> Generator:
        """The generator alone; with smtj the synchronisers of the pins."""
        width = self.work.random_bits
        if self.source == "lfsr":
            return Registers(*self.work.registers())
        return Xoshiros(width) if self.source == "xoshiro" else Junctions(width)

    def workload(self, clocks: int, lanes: int = 1) -> dict[str, NDArray[np.uint8]]:
        """For each input of `component` but clock and reset its bits (clocks, lanes, width); clock 0 has the reset."""
        ports = self.work.stimulus(clocks, lanes)
        return {**ports, "pins": self._random(clocks, lanes)} if self.source == "smtj" else ports

    def core_workload(self, clocks: int, lanes: int = 1) -> dict[str, NDArray[np.uint8]]:
        """The same for `core`: independent random bits, new ones in each clock."""
        entropy = {
            "entropy__payload": self._random(clocks, lanes),
            "entropy__valid": np.ones((clocks, lanes, 1), np.uint8),
        }
        return {**self.work.stimulus(clocks, lanes), **entropy}

    def generator_workload(self, clocks: int, lanes: int = 1) -> dict[str, NDArray[np.uint8]]:
        """The same for `generator`."""
        ports = {"pins": self._random(clocks, lanes)} if self.source == "smtj" else {}
        return {**ports, "stream__ready": np.ones((clocks, lanes, 1), np.uint8)}

    def clocks(self, periods: int) -> int:
        """Clocks of a workload of so many periods that count, after `warm_up`."""
        return self.work.warm_up + periods * self.work.period

    def _random(self, clocks: int, lanes: int) -> NDArray[np.uint8]:
        return np.random.default_rng(1).integers(0, 2, (clocks, lanes, self.work.random_bits), np.uint8)


class _Fed(wiring.Component):
    def __init__(self, core: Any, generator: Generator):
        self._core, self._generator = core, generator
        members = {**core.signature.members, **generator.signature.members}
        super().__init__({name: member for name, member in members.items() if name not in ("entropy", "stream")})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.core, m.submodules.generator = core, generator = self._core, self._generator
        connect(m, generator.stream, core.entropy)
        for name, member in self.signature.members.items():
            port = getattr(core if name in core.signature.members else generator, name)
            if member.is_signature:
                outer = getattr(self, name)
                connect(m, *((flipped(outer), port) if member.flow == wiring.In else (port, flipped(outer))))
            else:
                m.d.comb += port.eq(getattr(self, name))
        return m
