"""Functions of stages for the tests. A stage's process imports this file, so it imports little."""

import os
import subprocess
from pathlib import Path

from trijunction.costs.quantity import Quantity
from trijunction.costs.stage import Result


def add(tally, amount, needed, folder):
    """A stage: the sum of what it needs and an amount. Notes in a file that it ran; its folder must be empty."""
    assert [path.name for path in folder.iterdir()] == ["log.txt"]
    (folder / "scratch").mkdir()
    with open(tally, "a") as file:
        file.write(f"{folder.name}\n")
    total = amount + sum(result.quantities["sum"].value for result in needed.values())
    (folder / "kept.txt").write_text(str(total))
    return Result({"sum": Quantity(total, "", f"computed: {folder.name}")}, files=("kept.txt",))


def slow(tally, needed, folder):
    """A stage that starts a tool and does not end; the tool's process is told in a file."""
    tool = subprocess.Popen(["sleep", "60"])
    (folder / "result.json.unfinished").write_text('{"key": "')
    Path(tally).with_name("pid").write_text(f"{os.getpid()} {tool.pid}")
    tool.wait()


def fail(needed, folder):
    print("about to divide")
    return 1 / 0


def absent(flag, needed, folder):
    return Result() if Path(flag).exists() else Result(missing="the flag is not there; touch it")


def state(needed, folder):
    """What it was given, for a look."""
    missing = [name for name, result in needed.items() if result.missing]
    return Result({"missing": Quantity(len(missing), "", "computed: state")})


def unplain(kind, needed, folder):
    values = {"nan": [float("nan")], "object": object()}
    if kind == "file":
        return Result(files=("nowhere.txt",))
    return None if kind == "none" else Result(series={"x": {"y": values[kind]}})
