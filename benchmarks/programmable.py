"""Area and speed of arrays of 16 programmable p-bits, their generator included, beside UCSB's: a table.

UCSB's p-bit (degree 6, weights in s[4][1] from outside, a table of the sigmoid, an LFSR of its own) was synthesised
and routed with the same tools: 303 LUT4 on iCE40; 328 LUT4 and 46 CCU2C a p-bit on ECP5, where an array of 16 runs
at 35.8 MHz and updates every p-bit in each clock. It uses no memory blocks. This array's tables do: the column BRAM.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

import numpy as np
from amaranth.hdl import Module
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from boards.out_of_context import measure
from hwpy.entropy.lfsr import LfsrParameters
from hwpy.ising.array import ROW_BITS
from hwpy.ising.model import IsingModel
from hwpy.ising.programmable import ProgrammableParameters
from rtl.entropy.lfsr import Lfsr
from rtl.ising.programmable import ProgrammableArray, load_layout

UCSB_LUT4, UCSB_CCU2C, UCSB_MHZ = 328, 46, 35.8
#: Widths of LFSRs and how many bits they leap at one LUT a bit.
GENERATORS = ((160, 141), (521, 512))
#: Nodes and offsets of circulant graphs of degree 6, and units that share a word.
ARRAYS = (
    (16, (1, 3, 5), 2),
    (16, (1, 3, 5), 1),
    (16, (1, 4, 7), 2),
    (16, (1, 2, 3), 2),
    (16, (1, 2, 3), 1),
)
#: LUT4 that the place of one carry cell could hold: an SB_CARRY shares its place with the LUT4 that it feeds.
CARRY_LUTS = {"ice40": 0, "ecp5": 2}


class WholeArray(wiring.Component):
    """An array and the LFSR that drives it."""

    def __init__(self, parameters: ProgrammableParameters):
        self.parameters = parameters
        super().__init__(
            {
                "load": In(stream.Signature(load_layout(parameters))),
                "result": Out(stream.Signature(ROW_BITS)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        leap = self.parameters.entropy_width
        width = next(width for width, most in GENERATORS if leap <= most)
        m.submodules.array = array = ProgrammableArray(self.parameters)
        m.submodules.lfsr = lfsr = Lfsr(LfsrParameters(width, leap=leap), seed=0xC0FFEE)
        connect(m, flipped(self.load), array.load)
        connect(m, lfsr.stream, array.entropy)
        connect(m, array.result, flipped(self.result))
        return m


def circulant(nodes: int, offsets: tuple[int, ...]) -> IsingModel:
    """The graph that joins each node i with i +- each offset."""
    edges = sorted({(min(i, j), max(i, j)) for i in range(nodes) for d in offsets for j in [(i + d) % nodes]})
    pairs = np.array(edges, np.int32)
    return IsingModel(nodes, pairs[:, 0], pairs[:, 1], np.ones(len(pairs), np.int64), np.zeros(nodes, np.int64))


def row(nodes: int, offsets: tuple[int, ...], share: int, target: str, flow: str, seeds: int) -> dict[str, Any]:
    """One line of the table."""
    p = ProgrammableParameters(circulant(nodes, offsets), share=share)
    found = measure(lambda: WholeArray(p), target, flow=flow, route=seeds > 0, seeds=max(seeds, 1))
    result = {
        "graph": f"C{nodes}{offsets}".replace(" ", ""),
        "colors": p.colors,
        "units": p.units,
        "share": share,
        **{key: found[key] for key in ("target", "flow", "lut4", "carry", "ff", "bram", "fmax_mhz", "fmax_mhz_seeds")},
    }
    if found["fmax_mhz"]:
        flips = found["fmax_mhz"] * 1e6 * nodes / p.colors
        places = found["lut4"] + CARRY_LUTS[target] * found["carry"]
        result |= {
            "flips_per_second": flips,
            "flips_per_lut4": flips / found["lut4"],
            "flips_per_place": flips / places,
        }
        if target == "ecp5":
            result["ratio_lut4"] = result["flips_per_lut4"] / (UCSB_MHZ * 1e6 / UCSB_LUT4)
            result["ratio_place"] = result["flips_per_place"] / (UCSB_MHZ * 1e6 / (UCSB_LUT4 + 2 * UCSB_CCU2C))
    return result


def main() -> None:
    """Prints the table: cells a p-bit, then flips/s a LUT4 and how often UCSB's that is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", choices=("ice40", "ecp5"), action="append")
    parser.add_argument("--flow", default="area")
    parser.add_argument("--seeds", type=int, default=3, help="of place and route; 0 for cells alone")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    rows = []
    if not arguments.json:
        print("target graph        colours share   LUT4  carry     FF   BRAM a p-bit    MHz  M flips/s a LUT4 (x UCSB)")
    for target in arguments.target or ("ice40", "ecp5"):
        for nodes, offsets, share in ARRAYS:
            r = row(nodes, offsets, share, target, arguments.flow, arguments.seeds)
            rows.append(r)
            if arguments.json:
                continue
            cells = " ".join(f"{r[kind] / nodes:6.2f}" for kind in ("lut4", "carry", "ff", "bram"))
            speed = ""
            if r["fmax_mhz"]:
                speed = f"{r['fmax_mhz']:6.1f}  {r['flips_per_lut4'] / 1e6:.2f}"
            if "ratio_lut4" in r:
                speed += f" ({r['ratio_lut4']:.1f}), with CCU2C as two LUT4 {r['flips_per_place'] / 1e6:.2f}"
                speed += f" ({r['ratio_place']:.1f})"
            print(f"{target:6} {r['graph']:12} {r['colors']:7} {share:5} {cells}        {speed}", flush=True)
    if arguments.json:
        print(json.dumps(rows))


if __name__ == "__main__":
    main()
