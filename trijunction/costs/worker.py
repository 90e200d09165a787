"""The process of one stage: `python -m trijunction.costs.worker`, started by `trijunction.costs.runner`.

Standard input is a pickle of the stage's function, the results that it needs, its key and its folder, and then stays
open as long as the runner lives. The result is written whole or not at all.
"""

from __future__ import annotations

import fcntl
import json
import os
import pickle
import shutil
import signal
import sys
import threading
import time
from pathlib import Path

from trijunction.costs.runner import LOG, RESULT, read_done
from trijunction.costs.stage import Result
from trijunction.whole_file import whole_file


def _end_with(pipe: int) -> None:
    """End this process and those that it started when the other end of the pipe is closed."""
    while os.read(pipe, 4096):
        pass
    os.killpg(0, signal.SIGKILL)


def main() -> int:
    """Run the stage of standard input. Returns the exit status."""
    run, needed, key, folder = pickle.load(sys.stdin.buffer)
    pipe = os.dup(0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # not for the tools that the stage starts
    threading.Thread(target=_end_with, args=(pipe,), daemon=True).start()

    fcntl.flock(os.open(folder, os.O_RDONLY), fcntl.LOCK_EX)  # two reports in one folder take turns
    kept = read_done(folder, key)
    if kept is not None and not kept.result.missing:
        return 0
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != LOG:
            path.unlink()
    start = time.perf_counter()
    result = run(needed, folder)
    if not isinstance(result, Result):
        raise TypeError(f"a stage must return a Result, not {result!r}")
    if absent := [name for name in result.files if not (folder / name).is_file()]:
        raise FileNotFoundError(f"the stage's file {absent[0]!r} is not there")
    record = {
        "key": key,
        "seconds": round(time.perf_counter() - start, 1),
        "processor_seconds": round(sum(os.times()[:4]), 1),
        "result": result.to_dict(),
    }
    with whole_file(folder / RESULT) as unfinished:
        Path(unfinished).write_text(json.dumps(record, indent=1, allow_nan=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
