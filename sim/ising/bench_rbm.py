"""Restricted Boltzmann machine: every port in every clock, over formats, roundings and stalls on all three streams."""

import random

import cocotb
import numpy as np
from cocotb.triggers import FallingEdge, ReadOnly

from hwpy.ising import rbm as golden
from hwpy.ising.rbm_parameters import ROW_BITS
from sim.runner import bench_parameters
from sim.streams import STALLS, Monitor, Sink, Source, pattern, start_clock

CASES = (
    {"visible": 18, "hidden": 5, "rate_fraction": 11, "random_bits": 6},
    {"visible": 3, "hidden": 4, "weight": "s[1][8]", "rate_fraction": 12, "random_bits": 3, "lanes": 5},
    {
        "visible": 4,
        "hidden": 17,
        "weight": "s[2][2]",
        "rate_fraction": 5,
        "rounding": "nearest",
        "random_bits": 0,
        "lanes": 4,
    },
)


def make(case):
    """The machine of one case."""
    from rtl.ising.rbm import Rbm

    return Rbm(golden.RbmParameters.parse(**case))


def load_word(p, target, address, data):
    """A load-stream word as one integer."""
    return int(target) | address << 3 | data << 3 + p.address_bits


def _session(p, generator):
    """Weights, some at the ends of their range; images; every command, in turn."""
    ends = [p.weight.lowest, p.weight.highest, 0]
    wide = [generator.randint(-(6 << p.weight.fraction_bits), 6 << p.weight.fraction_bits) for _ in range(9)]
    raw = p.weight.saturate([[generator.choice(ends + wide) for _ in range(p.columns)] for _ in range(p.rows)])
    words = p.load_weights(raw)
    # What lies beyond the machine must do nothing.
    words += [(golden.Target.WEIGHT, (1 << p.address_bits) - 1, 1), (golden.Target.VISIBLE, p.words, 0xFFFF)]
    # Rates from the least to half the weights' LSB are those that round.
    small = max(p.mac.step_shift, 1)
    for command in (
        p.train(p.rate_fraction - 1),
        p.train(small - 1, 2),
        p.sample(2, 1),
        p.train(generator.randrange(small), 1, True),
        p.train(small - 1, 1, True),
        p.train(generator.randrange(small)),
        p.sample(1),
        p.sample(1, p.visible),
        p.sample(2, 2, True),
        (golden.Target.READ, 0, 0),
    ):
        words += [*p.load_visible([generator.getrandbits(1) for _ in range(p.visible)]), command]
    return words


@cocotb.test()
@cocotb.parametrize(load=["never", "random"], entropy=list(STALLS), result=["never", "random"])
async def ports_are_golden_every_clock(dut, load, entropy, result):
    p = golden.RbmParameters.parse(**bench_parameters())
    generator = random.Random(f"{load} {entropy} {result}")
    model = golden.Rbm(p)
    words = _session(p, generator)
    await start_clock(dut)
    loads = Source(dut, "load", [load_word(p, *w) for w in words], pattern(load, 1), noise=4)
    random_words = (generator.getrandbits(p.entropy_width) for _ in range(3000))
    bits = Source(dut, "entropy", random_words, pattern(entropy, 2), noise=5)
    results = Sink(dut, "result", pattern(result, 3))
    Monitor(dut, "result")
    for clock in range(20000):
        await FallingEdge(dut.clk)
        await ReadOnly()
        where = f"clock {clock}"
        assert bool(loads.ready.value) == model.load_ready, where
        assert bool(bits.ready.value) == model.entropy_ready, where
        assert bool(results.valid.value) == (model.result is not None), where
        if model.result is not None:
            assert int(results.payload.value) == model.result, where
        done = not loads.queue and model.load_ready
        code = int(loads.payload.value)
        model.tick(
            load=(code & 7, code >> 3 & (1 << p.address_bits) - 1, code >> 3 + p.address_bits)
            if bool(loads.valid.value)
            else None,
            entropy=int(bits.payload.value) if bool(bits.valid.value) else None,
            result_ready=bool(results.ready.value),
        )
        if done:
            sent = np.array(results.received[-p.rows * p.columns :]).reshape(p.rows, p.columns)
            assert (sent == model.weights % (1 << ROW_BITS)).all()
            return
    raise AssertionError("the commands did not end")
