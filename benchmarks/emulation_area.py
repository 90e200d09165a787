"""Cells of the emulated junctions, the bias feedback and the health tests, and banks placed and routed on a UP5K."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from boards import tools
from boards.out_of_context import ScanWrapper, measure
from boards.place_route import DEVICES, route
from boards.synthesis import component_rtlil, synthesise
from hwpy.entropy.bias_feedback import BiasFeedbackParameters
from hwpy.entropy.escape import RANDOM_BITS
from hwpy.entropy.health import HealthParameters
from hwpy.entropy.lfsr import LfsrParameters
from hwpy.entropy.smtj_bank import SmtjBankParameters
from hwpy.ising.junction_emulator import JunctionEmulatorParameters
from rtl.entropy.bias_feedback import BiasFeedback
from rtl.entropy.health import Health
from rtl.entropy.lfsr import Lfsr
from rtl.entropy.smtj_bank import EmulatedSmtjBank, SmtjBank
from rtl.ising.junction_emulator import JunctionEmulator

UP5K = DEVICES["ice40-up5k-sg48"]


def bank(count: int) -> EmulatedSmtjBank:
    """A bank with a register that gives all bits of a visit anew, its taps far apart (`docs/emulation.md`)."""
    return EmulatedSmtjBank(SmtjBankParameters(count), Lfsr(LfsrParameters(107, leap=RANDOM_BITS)))


def chain(count: int) -> JunctionEmulator:
    """Coupled junctions in a row."""
    row = (tuple(k for k in (j - 1, j + 1) if 0 <= k < count) for j in range(count))
    return JunctionEmulator(JunctionEmulatorParameters(tuple(row)))


BLOCKS: dict[str, Callable[[], Any]] = {
    "smtj_bank, 64 junctions": lambda: SmtjBank(SmtjBankParameters(64)),
    "smtj_bank, 1024 junctions": lambda: SmtjBank(SmtjBankParameters(1024)),
    "smtj_bank, 64 junctions, with LFSR": lambda: bank(64),
    "junction_emulator, a pair": lambda: chain(2),
    "junction_emulator, a chain of 8": lambda: chain(8),
    "bias_feedback, code of 12 bits, gain 2^-4": lambda: BiasFeedback(BiasFeedbackParameters()),
    "health, one lane, 4 lags": lambda: Health(HealthParameters()),
    "health, one lane, approved tests alone": lambda: Health(HealthParameters(lags=0)),
    "health, 8 lanes, 4 lags": lambda: Health(HealthParameters(width=8)),
}
ROUTED: dict[str, Callable[[], Any]] = {
    "smtj_bank, 64 junctions, with LFSR": lambda: bank(64),
    "smtj_bank, 1024 junctions, with LFSR": lambda: bank(1024),
    "junction_emulator, a chain of 30": lambda: chain(30),
    "health, one lane, 4 lags": lambda: Health(HealthParameters()),
}


def main() -> None:
    """Prints a row for each block alone, then for each with its test wrapper in a UP5K."""
    print(", ".join(f"{name} {version}" for name, version in tools.versions().items()))
    print("iCE40 alone: LUT4, carry, flip-flops, block RAMs")
    for name, factory in BLOCKS.items():
        cells = measure(factory, "ice40")
        print(f"{name:45s} {cells['lut4']:6d} {cells['carry']:5d} {cells['ff']:5d} {cells['bram']:4d}", flush=True)
    print("UP5K with a wrapper of four pins: logic cells, block RAMs, MHz")
    for name, factory in ROUTED.items():
        with TemporaryDirectory(prefix="trijunction-") as scratch:
            folder = Path(scratch)
            rtlil = component_rtlil(ScanWrapper(factory()), "wrapper", "ice40")
            netlist = synthesise(rtlil, "wrapper", "ice40", folder)
            routed = route(netlist, UP5K, folder, frequency_mhz=24)
        used = [f"{'/'.join(map(str, routed.utilisation[cell])):>10s}" for cell in ("ICESTORM_LC", "ICESTORM_RAM")]
        print(f"{name:45s} {' '.join(used)} {routed.fmax_mhz:6.1f}", flush=True)


if __name__ == "__main__":
    main()
