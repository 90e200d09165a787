"""Several benches in one simulation: their blocks side by side in one design, each bench at the ports of its own.

To build for a simulator and to start it takes longer than most benches, so a room's run together.
"""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Iterator
from typing import Any

import cocotb

from sim.runner import PARAMETERS, bench_parameters, discover, simulate

__all__ = ["make", "parts_of", "run_together"]


def parts_of(room: str) -> list[tuple[str, dict[str, Any]]]:
    """Each bench of a room, such as 'entropy', as an import path, with each of its default parameter sets."""
    modules = [module for block, module in discover().items() if block.startswith(f"{room}/")]
    return [(module, case) for module in modules for case in importlib.import_module(module).CASES]


def run_together(parts: list[tuple[str, dict[str, Any]]], simulator: str = "auto") -> None:
    """Run every test of every part, one after the other, in one simulation.

    Raises
    ------
    BenchFailed, SimulatorNotFound
        As `sim.runner.simulate`; the failed tests are named ``PLACE/BENCH/TEST``, with the place among the parts.
    """
    simulate(make({"parts": parts}), __name__, {"parts": parts}, simulator=simulator)


def make(case: dict[str, Any]) -> Any:
    """The blocks of ``case["parts"]`` in one component, with the ports of block k named ``part_k__PORT``."""
    from amaranth.hdl import Module
    from amaranth.lib import wiring
    from amaranth.lib.wiring import In, Out

    blocks = {f"part_{k}": importlib.import_module(name).make(one) for k, (name, one) in enumerate(case["parts"])}

    class Together(wiring.Component):
        def __init__(self) -> None:
            super().__init__({name: Out(block.signature) for name, block in blocks.items()})

        def elaborate(self, platform: object) -> Module:
            m = Module()
            for name, block in blocks.items():
                m.submodules[name] = block
                ports = zip(block.signature.flatten(block), block.signature.flatten(getattr(self, name)), strict=True)
                for (_, member, inner), (_, _, outer) in ports:
                    m.d.comb += inner.eq(outer) if member.flow == In else outer.eq(inner)
            return m

    return Together()


class _Part:
    """The design as a bench of one part sees it: with that part's ports, and the clock and reset of all."""

    def __init__(self, dut: Any, name: str):
        self._dut = dut
        self._name = name

    def __getattr__(self, port: str) -> Any:
        return getattr(self._dut, port if port in ("clk", "rst") else f"{self._name}__{port}")


def _tests() -> Iterator[Any]:
    for place, (module, case) in enumerate(bench_parameters()["parts"]):
        for found in vars(importlib.import_module(module)).values():
            if hasattr(found, "generate_tests"):
                yield from (_test(place, module, case, one) for one in found.generate_tests())


def _test(place: int, module: str, case: dict[str, Any], test: Any) -> Any:
    async def run(dut: Any) -> None:
        os.environ[PARAMETERS] = json.dumps(case)
        await test.func(_Part(dut, f"part_{place}"), **test.kwargs)

    return cocotb.test(name=f"{place}/{module.rpartition('.')[2]}/{test.name}")(run)


# cocotb finds tests as names of a module.
if cocotb.is_simulation:
    globals().update({f"test_{number}": test for number, test in enumerate(_tests())})
