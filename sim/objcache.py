"""Keeps the compiled objects of Verilator's runtime between builds: ``python objcache.py g++ ARGUMENTS``.

Verilator's make file puts this before the compiler (its OBJCACHE setting). The runtime does not depend on the design,
yet is most of what is compiled for a small one. Everything else goes straight to the compiler.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

__all__ = ["main"]


def main(command: list[str]) -> int:
    """Run a compiler command, or copy what the same command gave before; gives the exit status."""
    source = Path(command[-1])
    out = command[command.index("-o") + 1] if "-o" in command else ""
    # The sources named so lie in Verilator's own folder; verilator.cpp, cocotb's, includes the design.
    if not (source.is_absolute() and source.name.startswith("verilated") and "-c" in command and out):
        return subprocess.run(command).returncode
    cached = _folder() / f"{_key(command, source)}.o"
    if not cached.exists():
        status = subprocess.run(command).returncode
        if status:
            return status
        with tempfile.NamedTemporaryFile(dir=cached.parent, suffix=".part", delete=False) as part:
            part.write(Path(out).read_bytes())
        os.replace(part.name, cached)
    shutil.copyfile(cached, out)
    return 0


def _key(command: list[str], source: Path) -> str:
    compiler = Path(shutil.which(command[0]) or command[0]).resolve()
    stamps = [f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in (compiler, source)]
    return hashlib.sha256("\0".join([*command, *stamps]).encode()).hexdigest()


def _folder() -> Path:
    # As rtl.verilog.cache_folder, without the time to import Amaranth for each file.
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "trijunction" / "objects"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
