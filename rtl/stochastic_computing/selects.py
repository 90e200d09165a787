"""The leading one of a random word: what a layer makes once for all of its neurons."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Mux, Signal, Value

__all__ = ["select_registers", "stochastic_bit"]


def select_registers(m: Module, enable: Value, x: Value, random: Value, bits: int) -> list[list[Value]]:
    """For each input its selects of the clock before: x AND leading one for each bit of a word, and x itself last."""
    rows = []
    for i in range(len(x)):
        word = random.word_select(i, bits)
        select = Signal(bits + 1, name=f"select_{i}")
        with m.If(enable):
            m.d.sync += select.eq(Cat(*(x[i] & word[k] & ~word[k + 1 :].any() for k in range(bits)), x[i]))
        rows.append(list(select))
    return rows


def stochastic_bit(number: Value, word: Value) -> Value:
    """The bit of a number at the leading one of a word as wide, 0 for the word 0: a multiplexer a bit."""
    chosen: Value = number[0] & word[0]
    for k in range(1, len(word)):
        chosen = Mux(word[k], number[k], chosen)
    return chosen
