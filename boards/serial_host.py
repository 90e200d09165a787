"""A bit-serial host port: a load stream and a result stream on seven pins.

The host's pins may come from any clock, slower than a quarter of this one: they are synchronised, and a rising edge of
a strobe counts, once. A load word goes in by as many strobes of ``load_shift`` as it has bits, lowest bit first, and is
sent by ``load_go``. Result words come out lowest bit first, one bit for each ``result_next``.
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.cdc import FFSynchronizer
from amaranth.lib.wiring import In, Out

__all__ = ["serial_load", "serial_ports", "serial_result"]


def serial_ports() -> dict[str, wiring.Member]:
    """The port's members of a component's signature.

    load_bit, load_shift, load_go : In(1)
        Data, and the strobes that shift it in and send the word.
    load_ready : Out(1)
        The load stream is ready and no word waits.
    result_bit, result_valid : Out(1)
        A bit of the result, while there is one.
    result_next : In(1)
        The strobe that asks for the next bit.
    """
    ports: dict[str, wiring.Member] = {name: In(1) for name in ("load_bit", "load_shift", "load_go", "result_next")}
    return ports | {name: Out(1) for name in ("load_ready", "result_bit", "result_valid")}


def serial_load(m: Module, host: Any, load: Any) -> None:
    """Words from the pins of ``host``, a component with these ports, to the stream ``load``."""
    bit, word, waits = Signal(), Signal(len(Value.cast(load.payload))), Signal()
    m.submodules.load_bit_synchronizer = FFSynchronizer(host.load_bit, bit)
    shift, go = _strobe(m, host.load_shift, "load_shift"), _strobe(m, host.load_go, "load_go")
    with m.If(shift & ~waits):
        m.d.sync += word.eq(Cat(word[1:], bit))
    with m.If(go):
        m.d.sync += waits.eq(1)
    with m.Elif(load.ready):
        m.d.sync += waits.eq(0)
    m.d.comb += [load.valid.eq(waits), load.payload.eq(word), host.load_ready.eq(load.ready & ~waits)]


def serial_result(m: Module, host: Any, result: Any) -> None:
    """Words of the stream ``result`` to the pins of ``host``."""
    # A bit above the word marks its end: it is in bit 0 when all have gone.
    word = Signal(len(result.payload) + 1)
    shift = _strobe(m, host.result_next, "result_next")
    m.d.comb += [
        host.result_valid.eq(word[1:].any()),
        host.result_bit.eq(word[0]),
        result.ready.eq(~host.result_valid),
    ]
    with m.If(~host.result_valid):
        with m.If(result.valid):
            m.d.sync += word.eq(Cat(result.payload, 1))
    with m.Elif(shift):
        m.d.sync += word.eq(word >> 1)


def _strobe(m: Module, pin: Any, name: str) -> Signal:
    """High for one clock at each rising edge of a pin."""
    now, before, edge = Signal(name=f"{name}_now"), Signal(name=f"{name}_before"), Signal(name=f"{name}_edge")
    m.submodules[f"{name}_synchronizer"] = FFSynchronizer(pin, now)
    m.d.sync += before.eq(now)
    m.d.comb += edge.eq(now & ~before)
    return edge
