"""Stages: what makes a kept result invalid, and what a kill, an interrupt or a failure loses: nothing that was done."""

import json
import os
import pickle
import signal
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tests.costs.some_stages import absent, add, fail, slow, state, unplain
from trijunction.costs.quantity import Quantity
from trijunction.costs.runner import StageError, run_stages
from trijunction.costs.stage import Result, Stage, source_digest

#: A source of code that the tests change.
PACKAGE = "costs_test_package"


@pytest.fixture
def tally(tmp_path):
    path = tmp_path / "tally"
    path.write_text("")

    def ran():
        """The stages that have run since the last call."""
        names = path.read_text().split()
        path.write_text("")
        return sorted(names)

    ran.path = str(path)
    return ran


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of two modules, importable."""
    folder = tmp_path / "path" / PACKAGE
    folder.mkdir(parents=True)
    for name in ("__init__", "one", "two"):
        (folder / f"{name}.py").write_text(f"name = {name!r}\n")
    monkeypatch.syspath_prepend(str(folder.parent))
    yield folder
    sys.modules.pop(PACKAGE)


def diamond(tally):
    """Stages a and b; c needs both, d needs a."""
    make = partial(partial, add, tally.path)
    return [
        Stage("x/c", make(100), needs=("x/a", "b")),
        Stage("x/a", make(1), code=(f"{PACKAGE}.one",)),
        Stage("b", make(10), code=(PACKAGE,), parameters={"r": 3}),
        Stage("d", make(1000), needs=("x/a",)),
    ]


def sums(done):
    return {name: one.result.quantities["sum"].value for name, one in done.items()}


def test_each_runs_once_after_what_it_needs_and_is_kept(tmp_path, tally, package):
    calls = []
    done = run_stages(diamond(tally), tmp_path, lambda finished, running: calls.append((set(finished), set(running))))
    assert sums(done) == {"x/a": 1, "b": 10, "x/c": 111, "d": 1001}
    assert tally() == ["a", "b", "c", "d"]
    assert all(len(running) <= 2 for _, running in calls)
    assert any(len(running) == 2 for _, running in calls)
    assert calls[-1] == ({"x/a", "b", "x/c", "d"}, set())
    again = run_stages(diamond(tally), tmp_path)
    assert sums(again) == sums(done)
    assert tally() == []
    assert [one.kept for one in (*done.values(), *again.values())] == 4 * [False] + 4 * [True]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda stages, package: (package / "one.py").write_text("name = 1\n"), ["a", "b"]),
        (lambda stages, package: (package / "two.py").write_text("name = 1\n"), ["b"]),
        (lambda stages, package: (package / "three.json").write_text("{}"), ["b"]),
        (lambda stages, package: stages.__setitem__(2, replace(stages[2], parameters={"r": 4})), ["b"]),
    ],
)
def test_a_change_runs_what_depends_on_it_and_nothing_else(tmp_path, tally, package, change, expected):
    run_stages(diamond(tally), tmp_path)
    tally()
    stages = diamond(tally)
    change(stages, package)
    run_stages(stages, tmp_path)
    # a and b give the same results as before, so c and d, which see nothing but them, need not run.
    assert tally() == expected


def test_another_result_runs_what_needs_it(tmp_path, tally, package):
    run_stages(diamond(tally), tmp_path)
    tally()
    stages = diamond(tally)
    stages[2] = replace(stages[2], run=partial(add, tally.path, 20), parameters={"r": 4})
    assert sums(run_stages(stages, tmp_path))["x/c"] == 121
    assert tally() == ["b", "c"]


def test_other_packages_run_everything(tmp_path, tally, package, monkeypatch):
    run_stages(diamond(tally), tmp_path)
    tally()
    monkeypatch.setattr("trijunction.costs.runner.package_versions", lambda: {"numpy": "0.1"})
    run_stages(diamond(tally), tmp_path)
    assert tally() == ["a", "b", "c", "d"]


@pytest.mark.parametrize("damage", ["", '{"key": "', '{"key": "0"}', "[]"])
def test_a_damaged_or_half_written_result_is_not_read(tmp_path, tally, package, damage):
    run_stages(diamond(tally), tmp_path)
    tally()
    (tmp_path / "d" / "result.json").write_text(damage)
    (tmp_path / "b" / "kept.txt").unlink()
    assert sums(run_stages(diamond(tally), tmp_path))["d"] == 1001
    assert tally() == ["b", "d"]


def _alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="processes are looked up in /proc")
@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_is_killed_goes_on_where_it_was(tmp_path, tally, package, sent):
    """A child runs a, b, c and then hangs in d; it is killed or interrupted there, and its processes end with it."""
    stages = [*diamond(tally)[:3], Stage("d", partial(slow, tally.path), needs=("x/c",))]
    program = (
        "import pickle, sys; from pathlib import Path; from trijunction.costs.runner import run_stages\n"
        "run_stages(pickle.load(sys.stdin.buffer), Path(sys.argv[1]))"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdin=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )  # fmt: skip
    assert child.stdin is not None
    child.stdin.write(pickle.dumps(stages))
    child.stdin.flush()
    told = tmp_path / "pid"
    deadline = time.monotonic() + 30
    while not (told.exists() and len(told.read_text().split()) == 2) and time.monotonic() < deadline:
        time.sleep(0.02)
    processes = [int(pid) for pid in told.read_text().split()]
    assert all(map(_alive, processes))
    child.send_signal(sent)
    child.communicate()
    assert child.returncode == -sent
    while any(map(_alive, processes)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(map(_alive, processes)), "the stage and its tool go on without the run"

    assert tally() == ["a", "b", "c"]
    assert (tmp_path / "d" / "result.json.unfinished").exists()
    done = run_stages(diamond(tally), tmp_path)
    assert sums(done) == {"x/a": 1, "b": 10, "x/c": 111, "d": 1001}
    assert tally() == ["d"]
    assert not (tmp_path / "d" / "result.json.unfinished").exists()


def test_a_failure_is_one_line_with_its_log_and_the_others_are_kept(tmp_path, tally, package):
    stages = [Stage("bad/one", fail), *diamond(tally), Stage("after", fail, needs=("bad/one",))]
    with pytest.raises(StageError) as error:
        run_stages(stages, tmp_path)
    log = tmp_path / "bad" / "one" / "log.txt"
    assert str(error.value) == f"stage bad/one failed: ZeroDivisionError: division by zero (log: {log})"
    assert log.read_text().startswith("about to divide\nTraceback")
    before = tally()
    run_stages(diamond(tally), tmp_path)
    assert sorted(before + tally()) == ["a", "b", "c", "d"]
    assert not (tmp_path / "after").exists()


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("nan", "ValueError: Out of range float values are not JSON compliant"),
        ("object", "TypeError: a result must be of what JSON has, not <object"),
        ("file", "FileNotFoundError: the stage's file 'nowhere.txt' is not there"),
        ("none", "TypeError: a stage must return a Result, not None"),
    ],
)
def test_a_result_that_cannot_be_kept_is_a_failure(tmp_path, kind, message):
    with pytest.raises(StageError, match=message):
        run_stages([Stage("bad", partial(unplain, kind))], tmp_path)
    assert not (tmp_path / "bad" / "result.json").exists()


def test_what_is_missing_is_tried_again_and_so_is_what_needs_it(tmp_path):
    flag = tmp_path / "flag"
    stages = [Stage("m", partial(absent, str(flag))), Stage("s", state, needs=("m",))]
    for _ in range(2):
        done = run_stages(stages, tmp_path)
        assert done["m"].result.missing == "the flag is not there; touch it"
        assert not done["m"].kept
        assert done["s"].result.quantities["missing"].value == 1
    flag.touch()
    done = run_stages(stages, tmp_path)
    assert done["m"].result.missing == ""
    assert done["s"].result.quantities["missing"].value == 0
    assert run_stages(stages, tmp_path)["m"].kept


@pytest.mark.parametrize(
    ("stages", "message"),
    [
        ([Stage("a", fail), Stage("a", fail)], "two stages have one name"),
        ([Stage("a", fail), Stage("a/b", fail)], "'a/b' would lie in the folder of 'a'"),
        ([Stage("a", fail, needs=("b",))], "'a' needs 'b', which is no stage"),
        ([Stage("a", fail, needs=("b",)), Stage("b", fail, needs=("a",))], "in a circle: a, b"),
    ],
)
def test_stages_that_cannot_be_ordered(tmp_path, stages, message):
    with pytest.raises(ValueError, match=message):
        run_stages(stages, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["", "../a", "/a", "a//b", "A", "a b"])
def test_a_name_is_a_folder_within_the_report(name):
    with pytest.raises(ValueError, match="name must be words"):
        Stage(name, fail)


def test_code_that_is_not_there():
    with pytest.raises(ValueError, match=r"not 'rtl\.isink'"):
        Stage("a", fail, code=("rtl.isink",)).key({}, {}, source_digest)


def test_a_result_goes_through_json_with_numpy_s_arrays():
    quantities = {"n": Quantity(np.float64(2.5), "", "computed: x")}
    result = Result(quantities, {"plot": {"x": np.arange(3), "y": (np.float32(0.5),)}}, {"sta": "2.3"}, ("a.txt",))
    record = result.to_dict()
    assert record["series"] == {"plot": {"x": [0, 1, 2], "y": [0.5]}}
    assert Result.from_dict(json.loads(json.dumps(record))).to_dict() == record
