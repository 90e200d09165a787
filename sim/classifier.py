"""A classifier's netlist in Verilator, 64 copies at once and without cocotb: whole test sets, millions of clocks."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from sim.runner import BenchFailed, choose_simulator, environment

__all__ = ["run_classifier"]


def run_classifier(verilog: str, images: Sequence[Iterable[int]], build_dir: Path) -> tuple[list[int], int]:
    """The result's payload for each image, and the sum of the clocks from an image's first transfer to its result.

    Parameters
    ----------
    verilog
        The module ``top`` of `boards.netlist.netlist_verilog`, with the ports of
        `rtl.stochastic_computing.classifier.Classifier` and a reset of its own.
    images
        The payloads of each image's transfers, all images as many.
    build_dir
        Where to build; the simulator found there is used again for the same Verilog.

    Raises
    ------
    BenchFailed
        If the build or the run failed.
    SimulatorNotFound
        If Verilator is not on this machine.
    """
    choose_simulator("verilator")
    build_dir.mkdir(parents=True, exist_ok=True)
    source, program = build_dir / "top.v", build_dir / "obj_dir" / "Vtop"
    with environment("verilator"):
        if not (program.exists() and source.exists() and source.read_text() == verilog):
            source.write_text(verilog)
            driver = Path(__file__).with_suffix(".cpp").resolve()
            command = [
                "verilator",
                "--cc",
                "--exe",
                "--build",
                "-O3",
                "-Wno-fatal",
                "-Wno-lint",
                "-Wno-style",
            ]
            command += ["--no-timing", "--top-module", "top", "top.v", str(driver)]
            done = subprocess.run(command, cwd=build_dir, capture_output=True, text=True)
            if done.returncode:
                raise BenchFailed(f"verilator could not build the netlist: {done.stderr[-2000:]}")
    payloads = [list(image) for image in images]
    text = f"{len(payloads)} {len(payloads[0])}\n" + "\n".join(" ".join(map(str, image)) for image in payloads)
    done = subprocess.run([str(program.resolve())], input=text, capture_output=True, text=True)
    if done.returncode:
        raise BenchFailed(f"the netlist's simulation failed: {done.stderr[-2000:]}")
    *numbers, clocks = map(int, done.stdout.split())
    results = dict(zip(numbers[::2], numbers[1::2], strict=True))
    return [results[image] for image in range(len(payloads))], clocks
