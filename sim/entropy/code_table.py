"""What the benches of emulated junctions share: codes and random words that meet, and the check of every port."""

from __future__ import annotations

from typing import Any

from sim.streams import STALLS, Monitor, Sink, Source, pattern, start_clock, watch

__all__ = ["STALL_MATRIX", "keep_memory", "ports_are_golden", "random_code", "random_word"]

#: Patterns of the load stream, the random stream and the output.
STALL_MATRIX = [
    *(["random", "random", output] for output in STALLS),
    *([load, source, "never"] for load in ("three in four", "random") for source in STALLS),
]

# Few values, so that a random number is often equal or next to a significand, and zeros often just suffice.
_FRACTIONS = (0, 1, 5, 0x7FF)
_LOWS = (0, 1, 4, 5, 6, 0x7FF, 0x800, 0x801, 0x805, 0xFFE, 0xFFF)

# Block RAM keeps what it holds through a reset, and so from test to test.
_memory: list[int] = []


def keep_memory(model: Any) -> None:
    """Give a golden model the memory that the last test left."""
    _memory.extend(model.table[len(_memory) :])
    model.table = _memory


def random_code(numbers):
    """A code of any exponent, as likely the largest as all others."""
    exponent = numbers.choice((31, numbers.randrange(32)))
    return exponent << 11 | numbers.choice(_FRACTIONS)


def random_word(numbers):
    """RANDOM_BITS bits that often make the event of `random_code` happen, or just not."""
    place = numbers.randrange(30)
    high = numbers.choice((0, 1 << place, numbers.getrandbits(30 - place) << place))
    return numbers.choice(_LOWS) | high << 12


async def ports_are_golden(
    dut: Any, model: Any, loads: list[tuple[int, int]], words: list[int], address_bits: int, stalls: list[str]
) -> None:
    """Every port in every clock, one clock a random word; `loads` are addresses and codes."""
    keep_memory(model)
    await start_clock(dut)
    load = Source(dut, "load", [a | c << address_bits for a, c in loads], pattern(stalls[0], seed=5))
    source = Source(dut, "random", words, pattern(stalls[1], seed=6))
    sink = Sink(dut, "stream", pattern(stalls[2], seed=7))
    Monitor(dut, "stream")

    def check(cycle):
        where = f"clock {cycle}"
        loading, ready = bool(load.valid.value), bool(sink.ready.value)
        assert bool(sink.valid.value) == model.valid, where
        assert int(sink.payload.value) == model.payload, where
        assert bool(load.ready.value), where
        assert bool(source.ready.value) == model.random_ready(loading, ready), where
        model.tick(
            load=loads[len(load.sent)] if loading else None,
            random=int(source.payload.value) if source.valid.value else None,
            ready=ready,
        )

    await watch(dut, len(words), check)
    assert sink.received
    assert not load.queue  # nor does the next test find a memory that this one was about to write
