"""A rounding unit between streams against its golden model: what the benches of both units share."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from hwpy.low_precision.rounding import RoundingStream
from sim.streams import Monitor, Sink, Source, pattern, start_clock, watch

__all__ = ["compare"]


async def compare(
    dut: Any,
    model: RoundingStream,
    payload: Callable[[random.Random], int],
    number: Callable[[int], Any],
    code: Callable[[Any], int],
    stalls: str,
    source_stalls: str,
) -> None:
    """Every port in every clock, over stalls of all three streams.

    Parameters
    ----------
    payload
        Of the input, drawn at random.
    number, code
        The golden model's number of an input's payload, and the output's payload of the golden one.
    """
    numbers = random.Random(f"{stalls} {source_stalls}")
    bits = model.parameters.rounding.random_bits
    await start_clock(dut)
    source = Source(dut, "input", [payload(numbers) for _ in range(150)], pattern(source_stalls, seed=1))
    words = [numbers.getrandbits(bits) for _ in range(150)] if bits else []
    entropy = Source(dut, "random", words, pattern("random", seed=3)) if bits else None
    sink = Sink(dut, "stream", pattern(stalls, seed=2))
    Monitor(dut, "stream")

    def check(cycle: int) -> None:
        offered = number(int(source.payload.value)) if source.valid.value else None
        word = int(entropy.payload.value) if entropy is not None and entropy.valid.value else None
        ready = bool(sink.ready.value)
        takes = model.takes(offered, word, ready)
        assert source.transfers() == takes, f"clock {cycle}"
        if entropy is not None:
            assert entropy.transfers() == takes, f"clock {cycle}"
        assert bool(sink.valid.value) == model.valid, f"clock {cycle}"
        if model.valid:
            assert int(sink.payload.value) == code(model.payload), f"clock {cycle}"
        model.step(offered, word, ready)

    await watch(dut, 150, check)
    assert sink.received
