"""The built designs: their netlists do the golden models' work, and take as many random bits for it as they say."""

from itertools import islice

import numpy as np
import pytest
from amaranth.sim import Simulator

from boards.activity import simulate
from boards.synthesis import synthesise
from hwpy.entropy.lfsr import Lfsr, LfsrParameters
from hwpy.entropy.planes import xoshiro_states
from hwpy.entropy.xoshiro import Xoshiro
from hwpy.ising.array import PBitArray, Phase, to_rows
from hwpy.ising.solver import entropy_stream
from hwpy.low_precision.mac import mac
from hwpy.stochastic_computing.convolution import ConvolutionParameters
from hwpy.stochastic_computing.model import Model
from hwpy.stochastic_computing.pool import pool_bits
from trijunction.costs.designs import SOURCES, TOP, WAYS, Design
from trijunction.costs.ways.low_precision import TERMS

LANES = 2


def small_model():
    """A network 64-3-2 on the digits with few synapses."""
    numbers = np.random.default_rng(3)
    hidden, last = numbers.integers(-1, 2, (3, 8, 8, 1)), numbers.integers(-3, 4, (2, 1, 1, 3))
    hidden[:, :, 3:] = 0
    shapes = {"weight_bits": 2}
    layers = (
        ConvolutionParameters((8, 8, 1), (8, 8), 3, **shapes),
        ConvolutionParameters((1, 1, 3), (1, 1), 2, **shapes),
    )
    return Model(layers, (hidden.astype(np.int16), last.astype(np.int16)), input_bits=2)


SMALL = {
    "ising": lambda: {"instance": "torus:4x4:1"},
    "stochastic_computing": lambda: {"knob": 20, "model": small_model()},
    "low_precision": lambda: {"macs": 2},
}


def small(way, source):
    """The design of that make that takes the least time."""
    return Design(way, source, **SMALL[way]())


def number(bits):
    """A last axis of bits as a whole number."""
    return (bits.astype(np.int64) << np.arange(bits.shape[-1])).sum(axis=-1)


def payloads(design, stimulus, count):
    """What the golden models say that each lane's core is offered by the source in each clock, (lanes, count, bits)."""
    width = design.work.random_bits
    if design.source == "smtj":
        # Two flops behind the pins.
        return np.concatenate([np.zeros((2, LANES, width), np.uint8), stimulus["pins"]])[:count].transpose(1, 0, 2)
    # Clock 0 is that of the reset, and xoshiro has nothing in the first clock after it.
    late = 2 if design.source == "xoshiro" else 1
    if design.source == "xoshiro":
        generators = [Xoshiro(tuple(state)) for state in xoshiro_states(-(-width // 32), 1, 0).tolist()]
        parts = max(32 // width, 1)
        words = np.stack([generator.words(-(-count // parts)) for generator in generators], axis=1)
        bits = np.unpackbits(words.astype("<u4").view(np.uint8), bitorder="little").reshape(len(words), -1)
        bits = bits[:, : parts * width].reshape(-1, width)[:count]
    elif design.way == "ising":
        bits = np.array(list(islice(entropy_stream(design.work.parameters, "lfsr", 1, 0), count)))
        bits = bits[:, design.work.places]
    elif design.way == "stochastic_computing":
        bits = pool_bits(width, count)
    else:
        words = Lfsr(LfsrParameters(31, leap=width), design.work.seed).words(count)
        bits = np.array(words)[:, None] >> np.arange(width) & 1
    offered = np.concatenate([np.zeros((late, width), np.uint8), bits])[:count]
    return np.repeat(offered[None], LANES, axis=0)


def check_ising(design, seen, stimulus, clocks):
    """The 16 spins of row 0, which the result's word shows, in every clock."""
    program = design.work.program
    for lane in range(LANES):
        golden = PBitArray(design.work.parameters)
        offered = payloads(design, stimulus, clocks)[lane]
        full = np.zeros(design.work.parameters.noise.entropy_width, np.uint8)
        rows = []
        for clock in range(1, clocks):
            rows.append(to_rows(golden.spins)[0])
            full[design.work.places] = offered[clock]
            golden.tick(load=program[clock - 1] if clock <= len(program) else None, entropy=full)
        assert golden.phase == Phase.RUN
        assert number(seen["result__payload"])[1:, lane].tolist() == rows
        assert len(set(rows)) > clocks // 4


def check_stochastic_computing(design, seen, stimulus, clocks):
    """Winner and length of each image, when they should come; before the reset anything may be offered."""
    work = design.work
    images = work.images(2, LANES)
    for lane in range(LANES):
        offered = payloads(design, stimulus, clocks)[lane]
        ends = 1 + np.flatnonzero(seen["result__valid"][1:, lane, 0])
        assert ends.tolist() == [k * work.period for k in (1, 2)]
        for k, end in enumerate(ends):
            start = 1 + k * work.period + work.loading
            outcome = work.network.classify(images[k, lane], offered[start : start + work.draws])
            payload = number(seen["result__payload"][end, lane])
            assert (payload & 1, payload >> 1) == (int(outcome.winner), int(outcome.length))


def check_low_precision(design, seen, stimulus, clocks):
    """The sums of each unit, every 64 clocks."""
    work = design.work
    x, w = work.factors(clocks, LANES)
    for lane in range(LANES):
        offered = number(payloads(design, stimulus, clocks)[lane])
        ends = 1 + np.flatnonzero(seen["output__valid"][1:, lane, 0])
        assert ends.tolist() == [1 + TERMS * k + 2 for k in (1, 2)]
        for k, end in enumerate(ends):
            terms = slice(1 + TERMS * k, 1 + TERMS * (k + 1))
            start = 1 + TERMS * k + 2
            words = np.repeat(offered[None, start : start + TERMS], work.macs, axis=0)
            sums = mac(work.parameters, np.repeat(x[None, terms, lane], work.macs, axis=0), w[terms, lane].T, words)
            width = work.parameters.output.width
            found = number(seen["output__payload"][end, lane].reshape(work.macs, width))
            assert found.tolist() == (sums % (1 << width)).tolist()
            assert len(set(sums.tolist())) > 1


CHECKS = {
    "ising": check_ising,
    "stochastic_computing": check_stochastic_computing,
    "low_precision": check_low_precision,
}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("way", WAYS)
def test_the_netlist_does_what_the_golden_model_does_with_the_same_bits(way, source, tmp_path):
    design = small(way, source)
    netlist = synthesise(design.rtlil("ice40"), TOP, "ice40", tmp_path)
    clocks = 5 + 2 * design.work.period if way != "ising" else 5 * design.work.warm_up
    stimulus = design.workload(clocks, LANES)
    activity, seen = simulate(netlist, stimulus, skip=design.work.warm_up)
    CHECKS[way](design, seen, stimulus, clocks)
    assert activity.nets > 1


@pytest.mark.parametrize("way", WAYS)
def test_bits_and_units_of_a_period_are_those_of_the_simulated_core(way):
    design = small(way, "smtj")
    core = design.core()
    stimulus = {name: number(bits[:, 0]).tolist() for name, bits in design.core_workload(design.clocks(2)).items()}
    ports = {"__".join(map(str, path)): value for path, _, value in core.signature.flatten(core)}
    counts = {"payloads": [], "results": []}

    async def bench(ctx):
        for clock in range(1, design.clocks(2)):
            for name, values in stimulus.items():
                ctx.set(ports[name].as_value() if hasattr(ports[name], "as_value") else ports[name], values[clock])
            counts["payloads"].append(ctx.get(core.entropy.ready))
            offered = core.output if way == "low_precision" else core.result
            counts["results"].append(ctx.get(offered.valid))
            await ctx.tick()

    simulator = Simulator(core)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run()
    work = design.work
    # Clock 0 is that of the reset.
    taken, results = (sum(counts[name][work.warm_up - 1 :]) for name in ("payloads", "results"))
    assert taken * work.random_bits == design.random_bits_per_clock * 2 * work.period
    assert design.random_bits_per_unit * design.units_per_clock == pytest.approx(design.random_bits_per_clock)
    if way == "ising":
        # All 16 p-bits in two clocks, and no result in between.
        assert (work.units, work.period, results) == (16, 2, 0)
    elif way == "stochastic_computing":
        synapses = sum(int((kernel != 0).sum()) for kernel in work.model.kernels)
        assert (results, work.units) == (2, synapses * 20)
    else:
        assert (results, work.units) == (2, 2 * TERMS)


def test_the_full_designs_are_what_the_report_says_of_them():
    # 576 p-bits, half of them a clock, from a pool of 521 bits; 2,255 synapses, 768 bits a beat; a word for 8 units.
    assert Design("ising", "lfsr").units_per_clock == 288
    assert Design("ising", "lfsr").random_bits_per_unit == 521 / 288
    network = Design("stochastic_computing", "lfsr").work
    assert (network.period, network.draws, network.units) == (321, 256 + 36, 2255 * 256)
    assert network.random_bits == 64 * 4 + 64 * 8
    assert Design("low_precision", "lfsr").random_bits_per_unit == 6 / 8
    assert Design("low_precision", "lfsr", knob=4).random_bits_per_unit == 4 / 8


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match=r"way must be one of ising, .*, not 'digital'"):
        Design("digital", "lfsr")
    with pytest.raises(ValueError, match="source must be one of lfsr, xoshiro, smtj, not 'dice'"):
        Design("ising", "dice")
