"""Programmable p-bit array: every port in every clock, over graphs, options and stalls on all three streams."""

import random

import cocotb
import numpy as np
from cocotb.triggers import FallingEdge, ReadOnly

from hwpy.ising import programmable as golden
from hwpy.ising.model import IsingModel
from sim.runner import bench_parameters
from sim.streams import STALLS, Monitor, Sink, Source, pattern, start_clock

CASES = (
    {"graph": ["circulant", 16, 1, 3, 5], "options": {"share": 2, "steps": 1}},
    {"graph": ["circulant", 9, 1, 2], "options": {"share": 1, "steps": 4}},
    {"graph": ["random", 7, 12, 1], "options": {"degree": 6, "steps": 1}},
    {"graph": ["random", 18, 30, 2], "options": {"share": 2, "steps": 1}},
    {"graph": ["random", 5, 0, 3], "options": {"share": 2}},
)


def graph(kind, *numbers):
    """('circulant', nodes, offset, ...) or ('random', nodes, edges, seed), of degree 6 at the most."""
    nodes = numbers[0]
    if kind == "circulant":
        edges = {tuple(sorted((i, (i + offset) % nodes))) for i in range(nodes) for offset in numbers[1:]}
    else:
        generator = random.Random(numbers[2])
        edges, degree = set(), [0] * nodes
        while len(edges) < numbers[1]:
            i, j = sorted(generator.sample(range(nodes), 2))
            if (i, j) not in edges and max(degree[i], degree[j]) < 6:
                edges.add((i, j))
                degree[i] += 1
                degree[j] += 1
    pairs = np.array(sorted(edges), np.int32).reshape(-1, 2)
    return IsingModel(nodes, pairs[:, 0], pairs[:, 1], np.ones(len(pairs), np.int64), np.zeros(nodes, np.int64))


def random_program(p, generator, **options):
    """`ProgrammableParameters.program` with random s[4][1] weights on all edges."""
    pairs = zip(p.model.row.tolist(), p.model.col.tolist(), strict=True)
    return p.program(
        {pair: generator.randint(-32, 31) for pair in pairs},
        {node: generator.randint(-32, 31) for node in range(p.model.nodes)},
        **options,
    )


def parameters(case):
    """The parameters of one case."""
    return golden.ProgrammableParameters(graph(*case["graph"]), **case["options"])


def make(case):
    """The array of one case."""
    from rtl.ising.programmable import ProgrammableArray

    return ProgrammableArray(parameters(case))


def _tables(p, generator, **options):
    """Whole tables of a few p-bits, in any order of their entries."""
    program = random_program(p, generator, **options)
    tables = generator.sample(sorted({address >> p.inputs for _, address, _ in program}), 3)
    program = [word for word in program if word[1] >> p.inputs in tables]
    generator.shuffle(program)
    return program


def _runs(p, generator):
    """Programs, runs with and without a read after them, and words that must do nothing."""
    # Memories keep what they hold through a reset, so every set of tables is loaded first.
    words = [word for step in range(p.steps) for word in random_program(p, generator, beta=0.05, step=step)]
    idle = (3, 5, 7)  # does nothing, but not before a run has ended
    for beta in (0.02, 0.1):
        step, other = generator.randrange(p.steps), generator.randrange(p.steps)
        words += _tables(p, generator, beta=beta, step=step, clamp={0: -1, p.model.nodes - 1: 1})
        words += [p.run(generator.randint(1, 9), step)]
        if other != step:
            words += _tables(p, generator, beta=beta, step=other)
        words += [p.run(1, other), p.run(2, step), (golden.Target.READ, 0, 0)]
        words += [p.run(3, step), idle, (golden.Target.READ, 0, 0), idle]
        # Entries at random, where a p-bit uses all inputs, and one of a unit that may not exist.
        for node in (node for node, slots in p.slots.items() if None not in slots):
            entry = p.address(node, generator.randrange(p.steps), generator.getrandbits(p.inputs))
            words.append((golden.Target.TABLE, entry, generator.getrandbits(32)))
        if p.units < 1 << p.unit_bits:
            words.append((golden.Target.TABLE, (1 << p.address_bits) - 1, generator.getrandbits(32)))
    return words


@cocotb.test()
@cocotb.parametrize(
    stalls=[
        *([load, "random", "random"] for load in STALLS),
        *(["never", entropy, result] for entropy in STALLS for result in ("never", "random")),
        ["never", "never", "three in four"],
    ]
)
async def ports_are_golden_every_clock(dut, stalls):
    load, entropy, result = stalls
    p = parameters(bench_parameters())
    generator = random.Random(f"{load} {entropy} {result}")
    model = golden.ProgrammableArray(p)
    words = _runs(p, generator)
    await start_clock(dut)
    codes = [int(target) | address << 2 | data << 2 + p.address_bits for target, address, data in words]
    loads = Source(dut, "load", codes, pattern(load, 1))
    bits = Source(dut, "entropy", (generator.getrandbits(p.entropy_width) for _ in range(400)), pattern(entropy, 2))
    results = Sink(dut, "result", pattern(result, 3))
    Monitor(dut, "result")
    reads = 0
    for clock in range(20_000):
        await FallingEdge(dut.clk)
        await ReadOnly()
        where = f"clock {clock}, {model.phase!r}"
        code = int(loads.payload.value)
        assert bool(loads.ready.value) == model.load_ready(code & 3), where
        assert bool(bits.ready.value) == model.entropy_ready, where
        assert bool(results.valid.value) == (model.result is not None), where
        if model.result is not None:
            assert int(results.payload.value) == model.result, where
        assert int(dut.spins.value) == sum(int(s) << i for i, s in enumerate(model.spins)), where
        before = model.phase
        address = code >> 2 & (1 << p.address_bits) - 1
        model.tick(
            load=(code & 3, address, code >> 2 + p.address_bits) if loads.valid.value else None,
            entropy=int(bits.payload.value) if bits.valid.value else None,
            result_ready=bool(results.ready.value),
        )
        reads += before == golden.Phase.READ and model.phase == golden.Phase.IDLE
        if reads == 4:
            return
    raise AssertionError(f"only {reads} reads ended")
