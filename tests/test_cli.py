"""The command line: its messages and statuses, what it hands to the solver, and what it prints."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import hwpy.ising.solver
from tests.ising.bad_input import BAD_INPUT
from trijunction.cli import main
from trijunction.commands.output import stdout_to_stderr

FOLDER = Path(__file__).parent / "ising" / "bad_input"


@pytest.fixture
def fails(capfd):
    """Run a command line that must end in one line on stderr, nothing on stdout and status 2; gives the line."""

    def run(*arguments):
        assert main([str(argument) for argument in arguments]) == 2
        out, err = capfd.readouterr()
        assert out == ""
        assert err.endswith("\n")
        assert err.count("\n") == 1
        assert err[:-1].isprintable()
        assert "Traceback" not in err
        return err[:-1]

    return run


@pytest.fixture
def stub(monkeypatch):
    """A solver that keeps its arguments and returns a result at once."""
    calls = []

    def solve(model, *, entropy, engine, sweeps, replicas, beta_start, beta_end, schedule, seed, progress):
        calls.append({"model": model, **{k: v for k, v in locals().items() if k not in ("model", "calls")}})
        state = np.ones(model.nodes, dtype=np.int8)
        state[0] = -1
        return {
            "nodes": model.nodes,
            "edges": model.edges,
            "energy": model.energy(state),
            "state": state,
            "energies": np.array([1.0, 2.0]),
            "flips": np.int64(1000),
            "seconds": 0.5,
            "flips_per_second": 2000.0,
            "entropy": entropy,
            "engine": engine,
            "seed": seed,
        }

    monkeypatch.setattr(hwpy.ising.solver, "solve", solve)
    return calls


@pytest.mark.parametrize("name", BAD_INPUT)
def test_bad_input_is_one_line(name, fails):
    line, fragment = BAD_INPUT[name]
    message = fails("solve", FOLDER / name, "--json")
    assert message.startswith(f"{FOLDER / name}:{line}: ")
    assert fragment in message


@pytest.mark.parametrize("name", ["empty_no_suffix", "nan.json", "self_loop.rudy", "binary_junk", "two_words.edges"])
def test_bad_input_in_a_process(name, refused):
    line, fragment = BAD_INPUT[name]
    message = refused("solve", FOLDER / name)
    assert message.startswith(f"{FOLDER / name}:{line}: ")
    assert fragment in message


def test_files_that_cannot_be_opened(tmp_path, fails):
    assert "found no file of this name" in fails("solve", tmp_path / "absent")
    assert "found a directory" in fails("solve", tmp_path)
    assert r"b\n" in fails("solve", "b\n")
    secret = tmp_path / "secret"
    secret.write_text("2 0\n")
    secret.chmod(0)
    if os.geteuid():
        assert "may not be read" in fails("solve", secret)


@pytest.mark.parametrize(
    ("arguments", "fragment"),
    [
        ("solve", "solve: Missing argument 'INSTANCE'"),
        ("frobnicate", "No such command 'frobnicate'"),
        ("solve torus:4x4:1 --frobnicate", "No such option"),
        ("solve lattice:4x4:1", "Unknown kind of instance 'lattice'"),
        ("solve torus:4:1", "expected torus:ROWSxCOLUMNS:SEED"),
        ("solve torus:4x4:1 --format mps", "'mps' is not one of"),
        ("solve torus:4x4:1 --entropy dice", "'dice' is not one of"),
        ("solve torus:4x4:1 --engine warp", "'warp' is not one of"),
        ("solve torus:4x4:1 --schedule log", "'log' is not one of"),
        ("solve torus:4x4:1 --sweeps 0", "'--sweeps': '0' is not an integer from 1 to"),
        ("solve torus:4x4:1 --sweeps 1.5", "'1.5' is not an integer"),
        ("solve torus:4x4:1 --replicas -3", "'-3' is not an integer"),
        ("solve torus:4x4:1 --seed -1", "'-1' is not an integer from 0"),
        ("solve torus:4x4:1 --seed 99999999999999999999999", "is not an integer from 0"),
        ("solve torus:4x4:1 --beta-start 0", "'0' is not a positive finite number"),
        ("solve torus:4x4:1 --beta-start nan", "'nan' is not a positive finite number"),
        ("solve torus:4x4:1 --beta-end inf", "'inf' is not a positive finite number"),
        ("solve torus:4x4:1 --beta-end cold", "'cold' is not a positive finite number"),
        ("solve torus:4x4:1 --beta-start 2 --beta-end 1", "--beta-end 1.0 is below --beta-start 2.0"),
        ("sim ising/nothing", "sim: no bench 'ising/nothing': expected one of "),
        ("sim --simulator spice", "'spice' is not one of"),
        ("measure ising/pbit", "Missing option '--target'"),
        ("measure ising/pbit --target asic", "'asic' is not one of"),
        ("measure ising/nothing --target ice40", "Block must be one of"),
        ("measure ising/pbit --target ice40 -p width", "Parameter must be NAME=VALUE, not 'width'"),
        ("measure ising/pbit --target ice40 -p colour=1", "no parameter 'colour'"),
        ("measure ising/pbit --target ice40", "needs the parameter weights"),
        ("verilog ising/pbit", "Missing option '--output'"),
        ("build ising/pbit --instance torus:4x4:1 --board x", "expected the design ising/array"),
        ("build ising/array --instance torus:4x4:1 --board x", "board must be one of"),
        ("build ising/array --instance torus:4x4:1 --board x --pnr-seeds 0", "'0' is not an integer from 1"),
    ],
)
def test_bad_usage_is_one_line(arguments, fragment, fails):
    assert fragment in fails(*arguments.split())


def test_a_refused_parameter_of_the_solver_is_one_line(monkeypatch, fails):
    def solve(model, **options):
        raise ValueError("beta must rise,\nnot fall")

    monkeypatch.setattr(hwpy.ising.solver, "solve", solve)
    assert fails("solve", "torus:4x4:1") == "trijunction: beta must rise, not fall"


def test_solve_hands_over_its_options(stub, capsys):
    arguments = (
        "solve torus:4x5:1 --entropy smtj --engine golden --sweeps 7 --replicas 3 --beta-start 0.1 "
        "--beta-end 2 --schedule linear --seed 5 --json"
    )
    assert main(arguments.split()) == 0
    (call,) = stub
    model, progress = call.pop("model"), call.pop("progress")
    assert model.nodes == 20
    assert progress is None  # no terminal here
    assert call == {
        "entropy": "smtj",
        "engine": "golden",
        "sweeps": 7,
        "replicas": 3,
        "beta_start": 0.1,
        "beta_end": 2.0,
        "schedule": "linear",
        "seed": 5,
    }
    # What the next command gets is plain text, not an enumeration's member.
    assert all(type(call[name]) is str for name in ("entropy", "engine", "schedule"))


def test_json_is_one_object(stub, capfd):
    assert main(["solve", "planted:4x4:1", "--json"]) == 0
    out, err = capfd.readouterr()
    assert err == ""
    assert out.count("\n") == 1
    record = json.loads(out)
    required = "nodes edges energy state energies flips seconds flips_per_second entropy engine seed"
    assert set(required.split()) <= set(record)
    assert record["state"] == [-1] + [1] * 15
    assert record["ground_energy"] == -22.0
    assert "cut" not in record


def test_cut_is_there_for_max_cut_only(stub, tmp_path, capsys):
    rudy = tmp_path / "a.rudy"
    rudy.write_text("3 2\n1 2 5\n2 3 1\n")
    assert main(["solve", str(rudy), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["cut"] == 5
    edges = tmp_path / "a.edges"
    edges.write_text("0 1 -5\n1 2 -1\n")
    assert main(["solve", str(edges), "--json"]) == 0
    assert "cut" not in json.loads(capsys.readouterr().out)


def test_table_shows_the_result(stub, capsys):
    assert main(["solve", "random:20:30:1"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "random:20:30:1: 20 nodes, 30 edges" in out
    assert "cut" in out
    assert "lfsr, fast, 1" in out


def test_interrupt_is_130(monkeypatch, capsys):
    def solve(model, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(hwpy.ising.solver, "solve", solve)
    assert main(["solve", "torus:4x4:1", "--json"]) == 130
    out, err = capsys.readouterr()
    assert out == ""
    assert err.strip() == "trijunction: interrupted"


def test_sim_reports_each_bench(monkeypatch, capfd):
    import sim.runner

    def run_bench(block, simulator, waves):
        os.write(1, b"noise of a simulator\n")
        if block == "b/two":
            raise sim.runner.BenchFailed("b/two differs\nin cycle 3")
        return 4

    monkeypatch.setattr(sim.runner, "discover", lambda: {"a/one": "x", "b/two": "y"})
    monkeypatch.setattr(sim.runner, "run_bench", run_bench)
    assert main(["sim", "a/one", "--json"]) == 0
    out, err = capfd.readouterr()
    record = json.loads(out)
    assert record["passed"] is True
    assert record["benches"][0]["cases"] == 4
    assert "noise" in err
    assert main(["sim", "--json"]) == 1
    out, err = capfd.readouterr()
    assert [bench["passed"] for bench in json.loads(out)["benches"]] == [True, False]
    assert "b/two differs\nin cycle 3" in err


def test_verilog_writes_all_or_nothing(tmp_path, monkeypatch, capsys):
    import rtl.verilog

    monkeypatch.setattr(rtl.verilog, "to_verilog", lambda component, name: f"module {name};\nendmodule\n")
    target = tmp_path / "pbit.v"
    monkeypatch.setattr("trijunction.blocks.make", lambda block, parameters: None)
    assert main(["verilog", "ising/pbit", "-p", "weights=1,-1", "-o", str(target), "--json"]) == 0
    assert target.read_text() == "module pbit;\nendmodule\n"
    assert json.loads(capsys.readouterr().out)["parameters"] == {"weights": "1,-1"}
    assert main(["verilog", "ising/pbit", "-o", str(tmp_path)]) == 2
    assert main(["verilog", "ising/pbit", "-o", str(tmp_path / "absent" / "a.v")]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["pbit.v"]


def test_output_is_moved_and_comes_back(capfd):
    with stdout_to_stderr():
        os.write(1, b"inside\n")
    os.write(1, b"after\n")
    assert capfd.readouterr() == ("after\n", "inside\n")


def test_help_and_version(capsys):
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(command in out for command in ("solve", "sim", "measure", "build", "verilog", "entropy"))
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("trijunction ")


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from trijunction.cli import main; main(['--help']); "
        "print(sorted({'numba', 'amaranth', 'networkx', 'dimod', 'matplotlib', 'cocotb'} & set(sys.modules)))"
    )
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]"
    assert time.perf_counter() - start < 10  # 0.35 s on a free core


def test_reader_that_goes_away_is_no_traceback():
    done = subprocess.run(
        f"{sys.executable} -m trijunction solve torus:20x20:1 --sweeps 1 --replicas 1 --engine golden --json "
        "| head -c 0",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
