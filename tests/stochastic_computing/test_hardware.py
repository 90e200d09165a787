"""Every block of the room equals its golden model in every clock, over the stall matrix, on each simulator."""

import pytest

from sim.runner import BenchFailed
from sim.stochastic_computing import bench_fsm, bench_gates
from sim.together import parts_of, run_together

PARTS = parts_of("stochastic_computing")


def test_hardware_is_golden_in_icarus(icarus):
    run_together(PARTS, icarus)


@pytest.mark.verilator
def test_hardware_is_golden_in_verilator(verilator):
    run_together(PARTS, verilator)


def test_power_the_bench_of_a_wrong_block_fails_and_only_that(monkeypatch):
    right = bench_gates.make
    monkeypatch.setattr(bench_gates, "make", lambda case: right({**case, "kind": "or"}))
    parts = [(bench_fsm.__name__, bench_fsm.CASES[0]), (bench_gates.__name__, {"kind": "and", "inputs": 2})]
    with pytest.raises(BenchFailed, match="failed: 1/bench_gates/output_is_golden_every_clock") as error:
        run_together(parts)
    assert "0/bench_fsm" not in str(error.value).partition(" on ")[0]
