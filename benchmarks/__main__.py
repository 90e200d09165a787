"""Runs the benchmarks that need only Python: `python -m benchmarks [NAME ...]`."""

import sys
from importlib import import_module

NAMES = ("fast_engine", "energy_statistics", "entropy_sharing")

if __name__ == "__main__":
    names, sys.argv[1:] = sys.argv[1:] or NAMES, []
    for name in names:
        if name not in NAMES and name != "programmable":
            sys.exit(f"benchmarks: expected one of {', '.join(NAMES)} or programmable, not {name!r}")
        print(f"== {name}", flush=True)
        import_module(f"benchmarks.{name}").main()
