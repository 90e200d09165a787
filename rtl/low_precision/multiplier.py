"""A product between registers, in the multiplier's own where the family has such and Yosys does not find them."""

from __future__ import annotations

from amaranth.hdl import ClockSignal, Const, Instance, Module, Signal, Value, signed

__all__ = ["product"]

#: Bits of each factor of ECP5's multiplier.
_WIDTH = 18


def product(m: Module, platform: object, name: str, factors: dict[str, tuple[Value, Value]], moves: Value) -> Signal:
    """The product of two signed factors: these registered, and it.

    For a platform whose `technology` is 'ecp5' this is a MULT18X18D with its input and output registers, elsewhere the
    same as plain logic. No register has a reset.

    Parameters
    ----------
    factors
        ``x`` and ``w``: the signed number, of at most 18 bits, and where it is loaded.
    moves
        Where the product is loaded.
    """
    (x, loads_x), (w, loads_w) = factors["x"], factors["w"]
    result = Signal(signed(len(x) + len(w)), name=name, reset_less=True)
    if getattr(platform, "technology", None) == "ecp5":
        m.submodules[name] = Instance(
            "MULT18X18D",
            p_REG_INPUTA_CLK="CLK0",
            p_REG_INPUTA_CE="CE0",
            p_REG_INPUTB_CLK="CLK0",
            p_REG_INPUTB_CE="CE1",
            p_REG_OUTPUT_CLK="CLK0",
            p_REG_OUTPUT_CE="CE2",
            i_CLK0=ClockSignal(),
            i_CE0=loads_x,
            i_CE1=loads_w,
            i_CE2=moves,
            i_SIGNEDA=Const(1, 1),
            i_SIGNEDB=Const(1, 1),
            i_SOURCEA=Const(0, 1),
            i_SOURCEB=Const(0, 1),
            **{f"i_A{k}": x[min(k, len(x) - 1)] for k in range(_WIDTH)},
            **{f"i_B{k}": w[min(k, len(w) - 1)] for k in range(_WIDTH)},
            **{f"i_C{k}": Const(0, 1) for k in range(_WIDTH)},
            **{f"o_P{k}": bit for k, bit in enumerate(result)},
        )
        return result
    registers = []
    for side, (factor, loads) in factors.items():
        register = Signal(signed(len(factor)), name=f"{name}_{side}", reset_less=True)
        with m.If(loads):
            m.d.sync += register.eq(factor)
        registers.append(register)
    with m.If(moves):
        m.d.sync += result.eq(registers[0] * registers[1])
    return result
