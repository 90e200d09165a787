"""The restricted Boltzmann machine on a board: its junctions, a serial host port, and the build's figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from boards.serial_host import serial_load, serial_ports, serial_result
from hwpy.ising.rbm_parameters import RbmParameters
from hwpy.ising.rbm_words import GENERATOR

__all__ = ["ENTROPY", "RbmTop", "build_rbm"]

ENTROPY = ("bank", "smtj")


class RbmTop(wiring.Component):
    """A machine with its entropy and the bit-serial host port of `boards.serial_host`.

    Load words are those of `rtl.ising.rbm.load_layout`, result words have 16 bits.

    Parameters
    ----------
    parameters
        The machine.
    entropy
        'bank': one bank of emulated junctions, whose codes the host loads. 'smtj': a pin for each junction.
    seed
        Of the register that the emulated junctions draw from.
    interval
        Clocks between two samples of a junction on a pin.

    Attributes
    ----------
    load_bit, load_shift, load_go, load_ready, result_bit, result_valid, result_next
        See `boards.serial_host.serial_ports`.
    smtj : In(entropy_width)
        With 'smtj' only: the junctions.
    """

    def __init__(self, parameters: RbmParameters, entropy: str = "bank", seed: int = 1, interval: int = 1):
        if entropy not in ENTROPY:
            raise ValueError(f"entropy must be one of {', '.join(ENTROPY)}, not {entropy!r}")
        self.parameters, self.entropy, self.seed, self.interval = parameters, entropy, seed, interval
        ports = serial_ports()
        if entropy == "smtj":
            ports["smtj"] = In(parameters.entropy_width)
        super().__init__(ports)

    def elaborate(self, platform: Any) -> Module:
        """The machine between its junctions and the host."""
        from rtl.entropy.lfsr import Lfsr
        from rtl.entropy.smtj import SmtjPins
        from rtl.ising.rbm import Rbm
        from rtl.ising.rbm_bank import RbmOnBank

        m = Module()
        machine: Any
        if self.entropy == "bank":
            m.submodules.machine = machine = RbmOnBank(self.parameters, Lfsr(GENERATOR, self.seed))
        else:
            m.submodules.machine = machine = Rbm(self.parameters)
            m.submodules.pins = pins = SmtjPins(self.parameters.entropy_width)
            m.d.comb += [pins.pins.eq(self.smtj), pins.interval.eq(self.interval)]
            wiring.connect(m, pins.stream, machine.entropy)
        serial_load(m, self, machine.load)
        serial_result(m, self, machine.result)
        return m


def build_rbm(
    parameters: RbmParameters,
    board: str = "ulx3s-85f",
    entropy: str = "bank",
    build_dir: Path | None = None,
    *,
    seeds: int = 1,
    frequency_mhz: float = 100.0,
) -> dict[str, Any]:
    """Place and route a machine for a board.

    Files go to `build_dir`, by default ``build/ising-rbm-BOARD-ENTROPY``.

    Returns
    -------
    dict
        What `boards.design.build` does, and `visible, hidden, entropy, entropy_bits, entropy_pins`.

    Raises
    ------
    ValueError
        For an unknown board or entropy, and a machine that needs more junctions than the board has pins.
    boards.tools.ToolError
        If a tool fails, or the machine does not fit.
    """
    from boards.design import build
    from boards.registry import board as registered

    on = registered(board)
    if entropy not in ENTROPY:
        raise ValueError(f"entropy must be one of {', '.join(ENTROPY)}, not {entropy!r}")
    pins = parameters.entropy_width if entropy == "smtj" else 0
    if pins + len(serial_ports()) > len(on.free_pins):
        raise ValueError(
            f"{on.name} has {len(on.free_pins)} free pins, and this machine needs {pins} for its junctions and "
            f"{len(serial_ports())} for the host"
        )
    top = RbmTop(parameters, entropy)
    folder = Path(build_dir) if build_dir is not None else Path("build") / f"ising-rbm-{board}-{entropy}"
    record = build(top, board, folder, frequency_mhz=frequency_mhz, seeds=seeds, entropy_ports=["smtj"] if pins else [])
    return {
        "visible": parameters.visible,
        "hidden": parameters.hidden,
        "entropy": entropy,
        "entropy_bits": parameters.entropy_width,
        "entropy_pins": pins,
        **record,
    }
