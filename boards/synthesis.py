"""Synthesis of one design for an FPGA family, and the cells that it takes."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from json import loads
from pathlib import Path
from typing import Any

from boards import tools

#: Netlist cells of each kind. Wide multiplexers (PFUMX, L6MUX21) join LUTs and are none: they are not counted.
_CELLS = {
    "ice40": {
        "lut4": ["SB_LUT4"],
        "carry": ["SB_CARRY"],
        "ff": ["SB_DFF*"],
        "bram": ["SB_RAM40*"],
        "dsp": ["SB_MAC16"],
    },
    "ecp5": {
        "lut4": ["LUT4"],
        "carry": ["CCU2C"],
        "ff": ["TRELLIS_FF"],
        "bram": ["DP16KD", "PDPW16KD"],
        "dsp": ["MULT18X18D", "ALU54B"],
        "lut_ram": ["TRELLIS_DPR16X4"],
    },
}

TARGETS = tuple(_CELLS)

#: What comes before the family's own technology mapping. The family's mapper (abc9) alone looks after delay;
#: a first pass of ABC's LUT mapper finds smaller logic. Measured with Yosys 0.70 on iCE40, LUT4 of
#: (300 degree-4 cells of plain logic, one 8-bit multiply-accumulate): vendor (2404, 286), area (904, 293),
#: flow3 (1321, 277). ``synth_ice40 -dff`` changed neither by more than 1 LUT4 and took 2 to 6 times as long.
_PREPARE = {
    "vendor": ("", ""),
    "area": ("", "abc -lut 4; opt_clean"),
    "flow3": ("scratchpad -copy abc9.script.flow3 abc9.script", ""),
}

FLOWS = (*_PREPARE, "smallest")

#: iCE40 registers power up as 0. One that is to be 1 gets an inverter on either side, which a named look-up table
#: cannot take in; but where the reset sets it anyway, its power-up value need not be stated.
_POWER_UP = {
    "ice40": "hierarchy -top {top}; proc; flatten; opt_clean; opt_dff; setattr -unset init t:$sdff* %x:+[Q] w:* %i",
    "ecp5": "",
}


#: Modules with the attribute keep_hierarchy have been mapped apart, so that each is the same whatever is beside it.
JOIN = "setattr -mod -unset keep_hierarchy; flatten; opt_clean"


@dataclass(frozen=True)
class Area:
    """Cells of a netlist before packing. LUT4s do not include carry cells.

    On iCE40 a ``carry`` is one SB_CARRY (one bit, shares its logic cell with a LUT4); on ECP5 it is one CCU2C
    (two bits, and takes the place of two LUT4). ``lut_ram`` counts TRELLIS_DPR16X4, 16 words of 4 bits.
    """

    lut4: int = 0
    carry: int = 0
    ff: int = 0
    bram: int = 0
    dsp: int = 0
    lut_ram: int = 0

    def to_dict(self) -> dict[str, int]:
        """The counts by name, as in a report."""
        return asdict(self)


@dataclass(frozen=True)
class Netlist:
    """A synthesised design: a Yosys JSON netlist, its cells by type, and how it was made."""

    path: Path
    top: str
    target: str
    area: Area
    cells: dict[str, int]
    flow: str

    def module(self) -> dict[str, Any]:
        """The top module as Yosys writes it: ``ports`` and ``cells`` by name, wires as numbers."""
        return loads(self.path.read_text())["modules"][self.top]


@dataclass(frozen=True)
class Technology:
    """All of a platform that elaboration asks for: the family, so that a block can name its cells."""

    technology: str


def component_rtlil(component: Any, name: str = "top", target: str | None = None) -> str:
    """RTLIL of an Amaranth component; ports are those of its signature, and ``clk`` and ``rst`` as needed.

    With a ``target`` the component is elaborated for that family, with cells of it where the block names them.
    """
    from amaranth.back import rtlil

    return rtlil.convert(component, name=name, platform=Technology(target) if target else None)


def synthesise(
    text: str, top: str, target: str, build_dir: Path, *, flow: str = "area", options: Sequence[str] = ()
) -> Netlist:
    """Synthesise RTLIL or Verilog ``text``, flattened, to the cells of ``target``; writes TOP.json.

    A module with the attribute keep_hierarchy is mapped apart from the rest, and flattened after that.

    ``flow`` is one of :data:`FLOWS`; ``smallest`` tries the others and keeps the one with fewest LUT4 (then
    carries). ``options`` go to ``synth_ice40`` or ``synth_ecp5``.

    Raises ValueError for an unknown target or flow and :class:`boards.tools.ToolError` if Yosys fails.
    """
    if target not in _CELLS:
        raise ValueError(f"Target must be one of {', '.join(TARGETS)}, not {target!r}")
    if flow not in FLOWS:
        raise ValueError(f"Synthesis flow must be one of {', '.join(FLOWS)}, not {flow!r}")
    build_dir = Path(build_dir)
    build_dir.mkdir(parents=True, exist_ok=True)
    read = write_source(text, top, build_dir)
    if flow != "smallest":
        return _run_flow(read, top, target, build_dir, flow, options, top)
    tried = [_run_flow(read, top, target, build_dir, each, options, f"{top}-{each}") for each in _PREPARE]
    return min(tried, key=lambda netlist: (netlist.area.lut4, netlist.area.carry, netlist.area.ff))


def write_source(text: str, name: str, folder: Path) -> str:
    """Write RTLIL or Verilog to NAME.il or NAME.v; gives the command by which Yosys reads it there."""
    verilog = "endmodule" in text  # RTLIL ends a module with a bare "end"
    source = f"{name}.v" if verilog else f"{name}.il"
    (folder / source).write_text(text)
    return f"read_verilog -sv {source}" if verilog else f"read_rtlil {source}"


def _run_flow(
    read: str, top: str, target: str, build_dir: Path, flow: str, options: Sequence[str], name: str
) -> Netlist:
    before, prepare = _PREPARE[flow]
    synth = " ".join([f"synth_{target}", *options, "-top", top])
    # Yosys loses its standard output after ABC when it is not a terminal: statistics go to a file by "tee".
    steps = [
        read,
        _POWER_UP[target].format(top=top),
        before,
        f"{synth} -run begin:map_luts",
        prepare,
        f"{synth} -run map_luts:",
        JOIN,
        f"tee -q -o {name}.stat.json stat -json",
        f"write_json {name}.json",
    ]
    (build_dir / f"{name}.ys").write_text("\n".join(step for step in steps if step) + "\n")
    log = f"{name}.yosys.log"
    outputs = [f"{name}.json", f"{name}.stat.json"]
    tools.run("yosys", ["-q", "-l", log, f"{name}.ys"], build_dir, outputs, log)
    cells = loads((build_dir / outputs[1]).read_text())["design"]["num_cells_by_type"]
    return Netlist(build_dir / outputs[0], top, target, _area(cells, target), cells, flow)


def _area(cells: dict[str, int], target: str) -> Area:
    def count(patterns: list[str]) -> int:
        return sum(n for cell, n in cells.items() if any(fnmatchcase(cell, pattern) for pattern in patterns))

    return Area(**{kind: count(patterns) for kind, patterns in _CELLS[target].items()})
