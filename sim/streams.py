"""Drive and watch Amaranth streams (valid, ready, payload) in cocotb, with stall patterns.

Everything happens at the falling edge of the clock: inputs change there, and what the next rising edge will see is
read in the same time step once all has settled. So no result hangs on the order of events at the active edge,
which simulators differ in.

A pattern is an iterator of 0 and 1, one a clock: 0 stalls. A `Source` that has raised valid holds it and its payload
until the transfer, as the stream rules demand.
"""

from __future__ import annotations

import itertools
import random
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, ReadOnly, Timer

__all__ = ["STALLS", "Monitor", "Sink", "Source", "pattern", "start_clock", "watch"]

# The stall matrix. A name stands in JSON parameters for its pattern; 'random' takes a seed.
STALLS: dict[str, tuple[int, ...] | None] = {
    "never": (1,),
    "one in four": (1, 1, 1, 0),
    "three in four": (0, 0, 0, 1),
    "alternate": (1, 0),
    "random": None,
}


def pattern(name: str, seed: int = 0) -> Iterator[int]:
    """An endless stall pattern from `STALLS` by its name.

    Raises
    ------
    ValueError
        If there is no such pattern.
    """
    if name not in STALLS:
        raise ValueError(f"stall pattern must be one of {', '.join(STALLS)}, not {name!r}")
    fixed = STALLS[name]
    if fixed is None:
        generator = random.Random(seed)
        return iter(lambda: generator.getrandbits(1), None)
    return itertools.cycle(fixed)


async def start_clock(dut: Any) -> None:
    """Start a clock of 10 ns on ``dut.clk`` and reset the design; await it first, then make the ports.

    The first edge, the rising one at 10 ns, falls into the reset; ``dut.rst`` is released at the falling edge after it.
    So what is seen at that first falling edge is the state after reset, in every simulator and every test of a bench.
    """
    dut.clk.value = 0
    if hasattr(dut, "rst"):
        dut.rst.value = 1
    # A simulator with four-valued logic calls the first change, from X to 0, a falling edge: let it pass.
    await Timer(5, unit="ns")
    Clock(dut.clk, 10, unit="ns").start(start_high=False)
    if hasattr(dut, "rst"):
        cocotb.start_soon(_release_reset(dut))


async def _release_reset(dut: Any) -> None:
    await FallingEdge(dut.clk)
    dut.rst.value = 0


class _Port:
    """One stream port: ``NAME__valid``, ``NAME__ready``, ``NAME__payload`` of the design."""

    def __init__(self, dut: Any, name: str):
        self.clk = dut.clk
        self.valid = getattr(dut, f"{name}__valid")
        self.ready = getattr(dut, f"{name}__ready")
        self.payload = getattr(dut, f"{name}__payload")

    def transfers(self) -> bool:
        return bool(self.valid.value) and bool(self.ready.value)


class Source(_Port):
    """Drives an input stream of the design from a queue of payloads.

    ``sent`` holds the payloads accepted so far, ``queue`` those still to come. With ``noise``, a seed, the payload is
    random while valid is low, when a design must not use it; else it stays.
    """

    def __init__(self, dut: Any, name: str, payloads: Iterable[int], stalls: Iterator[int], noise: int | None = None):
        super().__init__(dut, name)
        self.queue = deque(payloads)
        self.sent: list[int] = []
        self.valid.value = 0
        self.payload.value = 0
        cocotb.start_soon(self._run(stalls, None if noise is None else random.Random(noise)))

    async def _run(self, stalls: Iterator[int], noise: random.Random | None) -> None:
        offered = False
        while True:
            await FallingEdge(self.clk)
            go = next(stalls)
            offered = offered or bool(go and self.queue)
            self.valid.value = int(offered)
            if offered:
                self.payload.value = self.queue[0]
            elif noise:
                self.payload.value = noise.getrandbits(len(self.payload))
            await ReadOnly()
            if offered and bool(self.ready.value):
                self.sent.append(self.queue.popleft())
                offered = False


class Sink(_Port):
    """Accepts an output stream of the design; ``received`` holds the payloads transferred so far."""

    def __init__(self, dut: Any, name: str, stalls: Iterator[int]):
        super().__init__(dut, name)
        self.received: list[int] = []
        self.ready.value = 0
        cocotb.start_soon(self._run(stalls))

    async def _run(self, stalls: Iterator[int]) -> None:
        while True:
            await FallingEdge(self.clk)
            self.ready.value = next(stalls)
            await ReadOnly()
            if self.transfers():
                self.received.append(int(self.payload.value))


class Monitor(_Port):
    """Checks the stream rules on an output: a payload once offered stays, unchanged, until it is taken."""

    def __init__(self, dut: Any, name: str):
        super().__init__(dut, name)
        cocotb.start_soon(self._run())

    async def _run(self) -> None:
        waiting: int | None = None
        while True:
            await FallingEdge(self.clk)
            await ReadOnly()
            valid = bool(self.valid.value)
            if waiting is not None:
                assert valid, f"valid dropped before payload {waiting} was taken"
                assert int(self.payload.value) == waiting, (
                    f"payload changed from {waiting} to {int(self.payload.value)} before it was taken"
                )
            waiting = int(self.payload.value) if valid and not bool(self.ready.value) else None


async def watch(
    dut: Any, cycles: int, check: Callable[[int], None], drive: Callable[[int], None] | None = None
) -> None:
    """Call ``drive(cycle)`` at each falling edge, to set inputs, and ``check(cycle)`` when all has settled."""
    for cycle in range(cycles):
        await FallingEdge(dut.clk)
        if drive is not None:
            drive(cycle)
        await ReadOnly()
        check(cycle)
