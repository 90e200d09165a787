"""A synthesised netlist as Verilog for any simulator, its cells replaced by what they do.

They are what Yosys' own models say (ice40/cells_sim.v with SB_MAC16, lattice/cells_sim_ecp5.v). For ECP5's multiplier
Yosys has none. That one is ours, from what Lattice's TN1267 says of it, and knows only what this project uses: signed
factors, the registers at inputs and output with an enable each, one clock and no reset.
"""

from __future__ import annotations

from pathlib import Path

from boards import tools
from boards.synthesis import Netlist

__all__ = ["simulation_verilog"]

_MODELS = {"ice40": "+/ice40/cells_sim.v", "ecp5": "+/lattice/cells_sim_ecp5.v"}


def simulation_verilog(netlist: Netlist, folder: Path) -> str:
    """One module of the netlist's top and ports. ``folder`` is the netlist's own.

    Raises :class:`boards.tools.ToolError` if Yosys fails, as it does for a cell without a model.
    """
    steps = [
        f"read_json {netlist.path.name}",
        "delete =A:blackbox",
        f"read_verilog -overwrite -defer {_MODELS[netlist.target]}",
    ]
    if netlist.target == "ecp5":
        (folder / "mult18x18d.v").write_text(_multiplier())
        steps.append("read_verilog -defer mult18x18d.v")
    steps += [
        f"hierarchy -check -top {netlist.top}",
        "proc",
        "flatten",
        "opt_clean -purge",
        "write_verilog -noattr simulation.v",
    ]
    (folder / "simulation.ys").write_text("\n".join(steps) + "\n")
    tools.run("yosys", ["-q", "-l", "simulation.log", "simulation.ys"], folder, ["simulation.v"], "simulation.log")
    return (folder / "simulation.v").read_text()


def _multiplier() -> str:
    """MULT18X18D, of whose ports each bit is one."""

    def bits(name: str, width: int) -> str:
        return ", ".join(f"{name}{k}" for k in reversed(range(width)))

    registers = "".join(
        f"""
    parameter REG_{name}_CLK = "NONE";
    parameter REG_{name}_CE = "CE0";
    wire enable_{short} = REG_{name}_CE == "CE0" ? CE0 : REG_{name}_CE == "CE1" ? CE1 : CE2;
    reg signed [{width - 1}:0] {short}_later;
    always @(posedge CLK0) if (enable_{short}) {short}_later <= {short};
    wire signed [{width - 1}:0] {short}_now = REG_{name}_CLK == "NONE" ? {short} : {short}_later;"""
        for name, short, width in (("INPUTA", "a", 18), ("INPUTB", "b", 18), ("OUTPUT", "p", 36))
    )
    return f"""module MULT18X18D(
    input {bits("A", 18)}, {bits("B", 18)}, {bits("C", 18)},
    input SIGNEDA, SIGNEDB, SOURCEA, SOURCEB, CLK0, CE0, CE1, CE2,
    output {bits("P", 36)}
);
    wire signed [17:0] a = {{{bits("A", 18)}}};
    wire signed [17:0] b = {{{bits("B", 18)}}};{registers}
    wire signed [35:0] p = a_now * b_now;
    assign {{{bits("P", 36)}}} = p_now;
endmodule
"""
