"""Every Ising block equals its golden model in every clock, in cocotb on each simulator that is here."""

import pytest

from sim.runner import SimulatorNotFound, choose_simulator, discover, run_bench

BLOCKS = sorted(block for block in discover() if block.startswith("ising/"))


@pytest.mark.parametrize("simulator", ["icarus", "verilator"])
@pytest.mark.parametrize("block", BLOCKS)
def test_block_equals_its_golden_model_every_clock(block, simulator):
    try:
        choose_simulator(simulator)
    except SimulatorNotFound as reason:
        pytest.skip(str(reason))
    assert run_bench(block, simulator) > 0
