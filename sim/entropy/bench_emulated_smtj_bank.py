"""Bank of emulated junctions with its own LFSR, as a consumer sees it: every clock, over stall patterns."""

import random

import cocotb

from hwpy.entropy import lfsr, smtj_bank
from hwpy.entropy.escape import RANDOM_BITS
from sim.entropy.code_table import keep_memory, random_code
from sim.runner import bench_parameters
from sim.streams import STALLS, Monitor, Sink, Source, pattern, start_clock, watch

CASES: tuple[dict, ...] = ({"count": 8, "width": 107, "seed": 2026},)


def _register(case):
    return lfsr.LfsrParameters(case["width"], leap=RANDOM_BITS)


def make(case):
    """The source of one case."""
    from rtl.entropy.lfsr import Lfsr
    from rtl.entropy.smtj_bank import EmulatedSmtjBank

    return EmulatedSmtjBank(smtj_bank.SmtjBankParameters(case["count"]), Lfsr(_register(case), case["seed"]))


@cocotb.test()
@cocotb.parametrize(stalls=list(STALLS))
async def states_are_golden_every_clock(dut, stalls):
    case = bench_parameters()
    numbers = random.Random(stalls)
    parameters = smtj_bank.SmtjBankParameters(case["count"])
    inner = lfsr.Lfsr(_register(case), case["seed"])
    model = smtj_bank.SmtjBank(parameters)
    keep_memory(model)
    await start_clock(dut)
    loads = [(address, random_code(numbers)) for address in range(2 * case["count"])]
    load = Source(dut, "load", [a | c << parameters.address_bits for a, c in loads], pattern("random", seed=5))
    sink = Sink(dut, "stream", pattern(stalls, seed=6))
    Monitor(dut, "stream")

    def check(cycle):
        loading, ready = bool(load.valid.value), bool(sink.ready.value)
        assert bool(sink.valid.value) == model.valid, f"clock {cycle}"
        assert int(sink.payload.value) == model.payload, f"clock {cycle}"
        visiting = model.random_ready(loading, ready)
        model.tick(load=loads[len(load.sent)] if loading else None, random=inner.payload, ready=ready)
        if visiting:
            inner.step()

    await watch(dut, 300, check)
    assert sink.received
    assert not load.queue
