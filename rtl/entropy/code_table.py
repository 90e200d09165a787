"""The memory of escape codes of emulated junctions."""

from __future__ import annotations

from amaranth.hdl import Module, Signal, Value
from amaranth.lib import data
from amaranth.lib.memory import Memory

from hwpy.entropy.escape import CODE_BITS

__all__ = ["code_table", "load_layout"]


def load_layout(address_bits: int) -> data.StructLayout:
    """A word of the load stream that writes a code."""
    return data.StructLayout({"address": address_bits, "code": CODE_BITS})


def code_table(
    m: Module, name: str, word: data.View, write: Value, address: Value, enable: Value, *, block_ram: bool = False
) -> Signal:
    """A memory in which ``word`` is written, and the code read at ``address`` a clock later.

    What is being read is never written. ``block_ram`` insists on one, where a small memory would become flip-flops.
    """
    # As a register behind an asynchronous read, since Yosys believes only there that no read meets a write.
    attributes: dict[str, object] = {"no_rw_check": 1}
    if block_ram:
        attributes["ram_style"] = "block"
    table = Memory(shape=CODE_BITS, depth=1 << len(address), init=[], attrs=attributes)
    m.submodules[name] = table
    write_port, read_port = table.write_port(), table.read_port(domain="comb")
    code = Signal(CODE_BITS, name=f"code_{name}", reset_less=True)
    m.d.comb += [
        write_port.addr.eq(word.address),
        write_port.data.eq(word.code),
        write_port.en.eq(write),
        read_port.addr.eq(address),
    ]
    with m.If(enable):
        m.d.sync += code.eq(read_port.data)
    return code
