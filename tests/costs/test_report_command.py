"""`trijunction report`: its files and its words, what it keeps, and how it ends when something is wrong."""

import json
import os
import signal
import subprocess
import sys
import time
from functools import partial

import pytest

from tests.costs import walk
from tests.costs.some_stages import absent, add, fail
from trijunction.cli import main
from trijunction.costs import stages as all_stages
from trijunction.costs.stage import Stage


@pytest.fixture
def given(monkeypatch, tmp_path):
    """Puts other stages in the place of the report's; gives a function that says which have run since."""
    tally = tmp_path / "tally"

    def put(*extra):
        made = [Stage("a", partial(add, str(tally), 1)), Stage("b", partial(add, str(tally), 2), needs=("a",)), *extra]
        monkeypatch.setattr(all_stages, "stages", lambda **options: made)

    def ran():
        names = tally.read_text().split() if tally.exists() else []
        tally.unlink(missing_ok=True)
        return sorted(names)

    put()
    ran.put = put
    return ran


def test_it_writes_the_page_and_keeps_the_stages(given, tmp_path, capfd):
    given.put(Stage("c", partial(absent, str(tmp_path / "flag"))))
    out = tmp_path / "new" / "costs"
    assert main(["report", "--out", str(out), "--json"]) == 0
    said, told = capfd.readouterr()
    record = json.loads(said)
    assert record == json.loads((out / "report.json").read_text())
    assert record["schema"] == 1
    assert record["stages"]["b"]["quantities"]["sum"]["value"] == 3
    assert walk.problems((out / "report.html").read_text(), record) == []
    assert {line.split(":")[0] for line in told.splitlines()} == {f"stage {k} of 3" for k in (1, 2, 3)}
    assert "c, missing" in told
    assert given() == ["a", "b"]

    assert main(["report", "--out", str(out)]) == 0
    said, told = capfd.readouterr()
    assert given() == []
    assert told.splitlines() == ["stage 3 of 3: c, missing"]
    for words in (
        "No answer: the comparison is missing.",
        "the flag is not there; touch it",
        "report.html",
        "2 were kept",
    ):
        assert words in said


def test_a_failing_stage_is_one_line_and_the_others_are_kept(given, tmp_path, capfd):
    given.put(Stage("c", fail, needs=("b",)))
    assert main(["report", "--out", str(tmp_path / "out")]) == 1
    said, told = capfd.readouterr()
    assert said == ""
    log = tmp_path / "out" / "stages" / "c" / "log.txt"
    last = f"trijunction: report: stage c failed: ZeroDivisionError: division by zero (log: {log})"
    assert told.splitlines()[-1] == last
    assert given() == ["a", "b"]
    assert not (tmp_path / "out" / "report.html").exists()
    given.put()
    assert main(["report", "--out", str(tmp_path / "out")]) == 0
    assert given() == []


def test_an_interrupt_ends_with_130_and_loses_no_stage(given, tmp_path):
    program = (
        "import sys, time; from functools import partial; from tests.costs.some_stages import *\n"
        "from trijunction.cli import main; from trijunction.costs import stages\n"
        "from trijunction.costs.stage import Stage\n"
        "tally = sys.argv[1]\n"
        "made = [Stage('a', partial(add, tally, 1)), Stage('s', partial(slow, tally), needs=('a',))]\n"
        "stages.stages = lambda **options: made\n"
        "sys.exit(main(['report', '--out', sys.argv[2]]))"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "tally"), str(tmp_path / "out")], stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}, text=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not (tmp_path / "pid").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    child.send_signal(signal.SIGINT)
    _, told = child.communicate()
    assert child.returncode == 130
    assert told.splitlines()[-1] == "trijunction: interrupted"
    assert "Traceback" not in told
    assert given() == ["a"]
    assert main(["report", "--out", str(tmp_path / "out")]) == 0
    assert given() == ["b"]


def test_an_out_that_is_no_folder(refused, tmp_path):
    file = tmp_path / "file"
    file.write_text("mine")
    assert refused("report", "--out", file) == f"trijunction: report: --out {file} is not a folder\n"
    assert refused("report", "--out", file / "x") == (
        f"trijunction: report: --out {file / 'x'} cannot be written: Not a directory\n"
    )
    assert file.read_text() == "mine"


@pytest.mark.parametrize(
    ("option", "text", "message"),
    [
        ("--device", None, "FILE: expected a JSON file, found no file of this name"),
        ("--device", "{}", "FILE:1: "),
        ("--currents", None, "FILE: cannot be read: No such file or directory"),
        ("--currents", '{"ising/dice": {}}', "FILE: expected designs of ising/lfsr, "),
        ("--liberty", None, "trijunction: report: --liberty no Liberty file FILE"),
        ("--liberty", "module m; endmodule", "trijunction: report: --liberty "),
    ],
)
def test_a_file_of_the_user_s_that_cannot_be_used(refused, tmp_path, option, text, message):
    file = tmp_path / "file"
    if text is not None:
        file.write_text(text)
    out = tmp_path / "out"
    assert refused("report", "--out", out, option, file).startswith(message.replace("FILE", str(file)))
    assert not list(out.iterdir())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_out_that_may_not_be_written(refused, tmp_path):
    tmp_path.chmod(0o500)
    assert "cannot be written: Permission denied" in refused("report", "--out", tmp_path / "x")
    assert "cannot be written: Permission denied" in refused("report", "--out", tmp_path)
