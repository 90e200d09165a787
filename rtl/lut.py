"""A four-input look-up table, named where the mapping must not be left to the synthesis tool."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from amaranth.hdl import Cat, Const, Instance, Module, Signal, Value

__all__ = ["lut4"]


def lut4(m: Module, platform, name: str, function: Callable[..., int], inputs: Sequence) -> Signal:
    """`function` of up to four bits as one look-up table; returns its output.

    For a platform whose `technology` is 'ice40' or 'ecp5' this is that family's cell, elsewhere the same
    truth table as plain logic. ABC covers a logic function by structure: where it misses a cover that is
    known, about a third of an array's area is at stake.
    """
    wires = [Value.cast(wire) for wire in inputs]
    wires += [Const(0, 1)] * (4 - len(wires))
    table = sum(
        bool(function(*(code >> k & 1 for k in range(len(inputs))))) << code for code in range(1 << len(inputs))
    )
    for missing in range(len(inputs), 4):
        table |= table << (1 << missing)
    output = Signal(name=name)
    technology = getattr(platform, "technology", None)
    if technology == "ice40":
        ports = {f"i_I{k}": wire for k, wire in enumerate(wires)}
        m.submodules[name] = Instance("SB_LUT4", p_LUT_INIT=Const(table, 16), o_O=output, **ports)
    elif technology == "ecp5":
        ports = {f"i_{port}": wire for port, wire in zip("ABCD", wires, strict=True)}
        m.submodules[name] = Instance("LUT4", p_INIT=Const(table, 16), o_Z=output, **ports)
    else:
        m.d.comb += output.eq(Const(table, 16).bit_select(Cat(wires), 1))
    return output
