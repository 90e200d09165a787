"""Run one FPGA tool in its WebAssembly sandbox: ``python sandbox.py PACKAGE FUNCTION ARGUMENTS...``.

Yosys recurses along chains of cells. In the runtime's default stack of 512 KiB a delay line of 8,000 registers
overflows it; 2 MB, the most that the runtime takes, lets it through.
"""

import importlib
import sys
import threading
from typing import Any

import wasmtime

_WASM_STACK_BYTES = 2_000_000


class _Config(wasmtime.Config):
    """The runtime's settings with the larger stack."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.max_wasm_stack = _WASM_STACK_BYTES


def main() -> int:
    """Call the tool with the arguments of this process and return its exit status."""
    wasmtime.Config = _Config  # type: ignore[misc]
    threading.stack_size(8 * _WASM_STACK_BYTES)
    package, function, *arguments = sys.argv[1:]
    return int(getattr(importlib.import_module(package), function)(arguments))


if __name__ == "__main__":
    # Python put this file's folder first; its modules must not shadow any that the tools import.
    del sys.path[0]
    sys.exit(main())
