"""Netlists of the MAC with the families' own multipliers through the bench of the block: what is to be programmed.

SB_MAC16 is as Yosys models it. MULT18X18D is as we do (`boards.cell_models`): this holds how it is instanced and its
registers' enables against Lattice's description, not against a model of Lattice's.
"""

import pytest

from boards.cell_models import simulation_verilog
from boards.synthesis import component_rtlil, synthesise
from sim.low_precision import bench_mac
from sim.runner import BenchFailed, simulate

CASE = {"rounding": "stochastic", "random_bits": 6, "eager": True}
OPTIONS = {"ice40": ["-dsp", "-device", "u"], "ecp5": []}


@pytest.mark.parametrize("target", OPTIONS)
def test_netlist_is_golden_every_clock(icarus, tmp_path, target):
    text = component_rtlil(bench_mac.make(CASE), "top", target)
    netlist = synthesise(text, "top", target, tmp_path, flow="vendor", options=OPTIONS[target])
    assert netlist.area.dsp == 1
    simulate(simulation_verilog(netlist, tmp_path), bench_mac.__name__, CASE, simulator=icarus)
    if target == "ice40":
        return
    # Power: a product a clock too early.
    cells = netlist.path.read_text()
    assert '"REG_OUTPUT_CLK": "CLK0"' in cells
    netlist.path.write_text(cells.replace('"REG_OUTPUT_CLK": "CLK0"', '"REG_OUTPUT_CLK": "NONE"'))
    with pytest.raises(BenchFailed):
        simulate(simulation_verilog(netlist, tmp_path), bench_mac.__name__, CASE, simulator=icarus)
