"""Emulated networks of junctions: every port in every clock, over stalls on all streams and loads at any time."""

import random

import cocotb

from hwpy.entropy.escape import RANDOM_BITS
from hwpy.ising import junction_emulator as golden
from sim.entropy.bench_smtj_bank import random_code, random_word
from sim.runner import bench_parameters
from sim.streams import STALLS, Monitor, Sink, Source, pattern, start_clock, watch

CASES: tuple[dict, ...] = (
    {"neighbours": [[1], [0]]},
    {"neighbours": [[1], [0, 2], [1, 3], [2, 4], [3]]},
    # Degrees of 0 to 3, and a junction that the one it depends on does not depend on.
    {"neighbours": [[], [0], [3, 1, 0], [2]]},
)

# Block RAM keeps what it holds through a reset, and so from test to test.
_memory: list[int] = []


def parameters(case):
    """The parameters of one case."""
    return golden.JunctionEmulatorParameters(tuple(map(tuple, case["neighbours"])))


def make(case):
    """The emulator of one case."""
    from rtl.ising.junction_emulator import JunctionEmulator

    return JunctionEmulator(parameters(case))


@cocotb.test()
@cocotb.parametrize(
    stalls=[
        *(["random", "random", output] for output in STALLS),
        *([load, source, "never"] for load in ("three in four", "random") for source in STALLS),
    ]
)
async def ports_are_golden_every_clock(dut, stalls):
    p = parameters(bench_parameters())
    numbers = random.Random(f"{p} {stalls}")
    model = golden.JunctionEmulator(p)
    _memory.extend(model.table[len(_memory) :])
    model.table = _memory
    await start_clock(dut)
    addresses = [address for address, _ in p.program(lambda j, state, neighbours: 0)]
    loads = [(address, random_code(numbers)) for address in addresses]
    loads += [(numbers.choice(addresses), random_code(numbers)) for _ in range(20)]
    clocks = 4 * len(loads) + 100
    words = [sum(random_word(numbers) << RANDOM_BITS * j for j in range(p.count)) for _ in range(clocks)]
    load = Source(dut, "load", [a | c << p.address_bits for a, c in loads], pattern(stalls[0], seed=5))
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

    await watch(dut, clocks, check)
    assert sink.received
    assert not load.queue  # nor does the next test find a memory that this one was about to write
