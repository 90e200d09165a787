"""One block on its own: its cells, and its Fmax between registers without using up the package's pins."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from amaranth.hdl import Cat, Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from boards import tools
from boards.place_route import DEVICES, fmax_spread, route_seeds
from boards.synthesis import component_rtlil, synthesise

_DEVICE = {"ice40": "ice40-hx8k-ct256", "ecp5": "ecp5-85f-caBGA381"}


class ScanWrapper(wiring.Component):
    """A block between registers: four pins (two of them clk and rst) whatever its width.

    Every input bit comes from one stage of a shift register. Every output bit goes straight into a register,
    and registered XORs of four fold these into one pin, so that no logic of the block can be removed and the
    wrapper adds at most one LUT between two registers, which never limits the clock.
    """

    def __init__(self, block: Any) -> None:
        self._block = block
        super().__init__({"scan_in": In(1), "scan_out": Out(1)})

    def elaborate(self, platform: Any) -> Module:
        """Connect every port bit of the block to a register."""
        m = Module()
        m.submodules.block = block = self._block
        inputs: list[Value] = []
        outputs: list[Value] = []
        for _path, member, value in block.signature.flatten(block):
            (inputs if member.flow == In else outputs).append(Value.cast(value))
        stimulus = Signal(sum(len(value) for value in inputs))
        if inputs:
            m.d.sync += stimulus.eq(Cat(self.scan_in, stimulus))
            m.d.comb += Cat(inputs).eq(stimulus)
        folded = Signal(sum(len(value) for value in outputs), name="captured")
        m.d.sync += folded.eq(Cat(outputs))
        while len(folded) > 1:
            four = [folded[start : start + 4] for start in range(0, len(folded), 4)]
            folded = Signal(len(four), name="folded")
            m.d.sync += folded.eq(Cat(bits.xor() for bits in four))
        m.d.comb += self.scan_out.eq(folded)
        return m


def measure(
    component_factory: Callable[[], Any],
    target: str,
    *,
    route: bool = False,
    seeds: int = 1,
    flow: str = "area",
    frequency_mhz: float = 100.0,
    build_dir: Path | None = None,
) -> dict[str, Any]:
    """Cells of one block and, with ``route``, its Fmax out of context.

    ``component_factory`` makes the component afresh for each elaboration. The cells are those of the block
    synthesised alone, so nothing of the wrapper is in them. Fmax in MHz is the median over place-and-route
    seeds 1 to ``seeds`` of the block in :class:`ScanWrapper`; ``fmax_mhz_seeds`` has one value per seed.
    iCE40 is an HX8K, ECP5 an LFE5U-85F of speed grade 6. Without ``build_dir`` no file is kept.

    Returns ``target, flow, lut4, carry, ff, bram, dsp, lut_ram, fmax_mhz, fmax_mhz_seeds, tools``.
    """
    if seeds < 1:
        raise ValueError(f"Number of place-and-route seeds must be positive, not {seeds!r}")
    with TemporaryDirectory(prefix="trijunction-") as scratch:
        folder = Path(build_dir if build_dir is not None else scratch)
        alone = synthesise(component_rtlil(component_factory(), "block", target), "block", target, folder, flow=flow)
        fmax: list[float | None] = []
        if route:
            wrapper = component_rtlil(ScanWrapper(component_factory()), "wrapper", target)
            netlist = synthesise(wrapper, "wrapper", target, folder, flow=flow)
            results = route_seeds(
                netlist,
                DEVICES[_DEVICE[target]],
                folder,
                seeds=range(1, seeds + 1),
                frequency_mhz=frequency_mhz,
            )
            fmax = [result.fmax_mhz for result in results]
            spread = fmax_spread(results)
        else:
            spread = None
    return {
        "target": target,
        "flow": flow,
        **alone.area.to_dict(),
        "fmax_mhz": spread["median"] if spread else None,
        "fmax_mhz_seeds": fmax,
        "tools": tools.versions(),
    }
