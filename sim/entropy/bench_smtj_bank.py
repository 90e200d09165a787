"""Bank of emulated junctions: every port in every clock, over stalls on all streams and loads at any time."""

import random

import cocotb

from hwpy.entropy import smtj_bank as golden
from sim.runner import bench_parameters
from sim.streams import STALLS, Monitor, Sink, Source, pattern, start_clock, watch

CASES = ({"count": 2, "seed": 1}, {"count": 5, "seed": 2}, {"count": 64, "seed": 3})

# Few values, so that a random number is often equal or next to a significand, and zeros often just suffice.
_FRACTIONS = (0, 1, 5, 0x7FF)
_LOWS = (0, 1, 4, 5, 6, 0x7FF, 0x800, 0x801, 0x805, 0xFFE, 0xFFF)

# Block RAM keeps what it holds through a reset, and so from test to test.
_memory: list[int] = []


def make(case):
    """The bank of one case."""
    from rtl.entropy.smtj_bank import SmtjBank

    return SmtjBank(golden.SmtjBankParameters(case["count"]))


def random_code(numbers):
    """A code of any exponent, as likely the largest as all others."""
    exponent = numbers.choice((31, numbers.randrange(32)))
    return exponent << 11 | numbers.choice(_FRACTIONS)


def random_word(numbers):
    """RANDOM_BITS bits that often make the event of `random_code` happen, or just not."""
    place = numbers.randrange(30)
    high = numbers.choice((0, 1 << place, numbers.getrandbits(30 - place) << place))
    return numbers.choice(_LOWS) | high << 12


@cocotb.test()
@cocotb.parametrize(
    stalls=[
        *(["random", "random", output] for output in STALLS),
        *([load, source, "never"] for load in ("three in four", "random") for source in STALLS),
    ]
)
async def ports_are_golden_every_clock(dut, stalls):
    case = bench_parameters()
    numbers = random.Random(f"{case['seed']} {stalls}")
    parameters = golden.SmtjBankParameters(case["count"])
    model = golden.SmtjBank(parameters)
    await start_clock(dut)
    entries = 2 * case["count"]
    _memory.extend(model.table[len(_memory) :])
    model.table = _memory
    loads = [(address, random_code(numbers)) for address in range(entries)]
    loads += [(numbers.randrange(entries), random_code(numbers)) for _ in range(20)]
    load = Source(dut, "load", [a | c << parameters.address_bits for a, c in loads], pattern(stalls[0], seed=5))
    words = [random_word(numbers) for _ in range(4 * len(loads) + 4 * case["count"])]
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

    await watch(dut, 4 * len(loads) + 4 * case["count"], check)
    assert sink.received
    assert not load.queue  # nor does the next test find a memory that this one was about to write
