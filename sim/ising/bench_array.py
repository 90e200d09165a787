"""p-bit array: every port in every clock, over instances, options and stalls on all three streams."""

import random

import cocotb
import numpy as np
from cocotb.triggers import FallingEdge, ReadOnly

from hwpy.ising import array as golden
from hwpy.ising.model import IsingModel
from sim.runner import bench_parameters
from sim.streams import STALLS, Monitor, Sink, Source, pattern, start_clock

_ALL = {"loadable": True, "clampable": True, "track_best": True, "count_flips": True}
CASES = (
    {"instance": ["torus", 4, 6, 1], "options": {"fresh_bits": 4, "dither_bits": 12}},
    {"instance": ["torus", 4, 4, 2], "options": {**_ALL, "steps": 4}},
    {"instance": ["random", 9, 17, 3, 0, 1], "options": {**_ALL, "steps": 8}},
    {
        "instance": ["random", 20, 45, 1, 2, 2],
        "options": {"track_best": True, "spread": "direct", "steps": 2},
    },
    {"instance": ["random", 7, 21, 4, 5, 3], "options": {"clampable": True, "count_flips": True}},
)


def instance(kind, *numbers):
    """A small instance: ('torus', rows, columns, seed) or ('random', nodes, edges, max J, max h, seed)."""
    generator = random.Random(numbers[-1])
    edges = {}
    if kind == "torus":
        rows, columns = numbers[:2]
        for r in range(rows):
            for c in range(columns):
                for other in ((r + 1) % rows * columns + c, r * columns + (c + 1) % columns):
                    edges[tuple(sorted((r * columns + c, other)))] = generator.choice((-1, 1))
        nodes, fields = rows * columns, [0] * (rows * columns)
    else:
        nodes, count, largest, field = numbers[:4]
        pairs = [(i, j) for i in range(nodes) for j in range(i + 1, nodes)]
        for pair in generator.sample(pairs, count):
            edges[pair] = generator.choice((-1, 1)) * generator.randint(1, largest)
        fields = [generator.randint(-field, field) for _ in range(nodes)]
    keys = sorted(edges)
    return IsingModel(
        nodes,
        np.array([i for i, _ in keys], np.int32),
        np.array([j for _, j in keys], np.int32),
        np.array([edges[k] for k in keys], np.int64),
        np.array(fields, np.int64),
    )


def _parameters(case):
    return golden.PBitArrayParameters(instance(*case["instance"]), **case["options"])


def make(case):
    """The array of one case."""
    from rtl.ising.array import PBitArray

    return PBitArray(_parameters(case))


def load_word(target, address, data):
    """A load-stream word as one integer."""
    return int(target) | address << 3 | data << 19


def _two_runs(p, generator):
    """Loads, a run, other loads, a second run: what each run starts from is what the first left."""
    steps = min(p.steps, 3)
    words = []
    for betas in ([0.05, 0.3, 0.9], [1.2, 0.2, 0.6]):
        program = p.program(betas[:steps], generator.randint(1, 3))
        generator.shuffle(program)
        words += program
        # Rows and addresses beyond the array must do nothing.
        for row in range(p.rows + 1):
            words.append((golden.Target.SPINS, row, generator.getrandbits(16)))
            words.append((golden.Target.CLAMP, row, generator.getrandbits(16) & generator.getrandbits(16)))
        words.append((golden.Target.THRESHOLD, 0xFFFF, 0x1234))
        words.append((golden.Target.START, 0, 0))
    return words


@cocotb.test()
@cocotb.parametrize(load=["never", "random"], entropy=list(STALLS), result=["never", "three in four", "random"])
async def ports_are_golden_every_clock(dut, load, entropy, result):
    p = _parameters(bench_parameters())
    generator = random.Random(f"{load} {entropy} {result}")
    model = golden.PBitArray(p)
    width = p.noise.entropy_width
    words = _two_runs(p, generator)
    await start_clock(dut)
    loads = Source(dut, "load", [load_word(*w) for w in words], pattern(load, 1))
    bits = Source(dut, "entropy", (generator.getrandbits(width) for _ in range(400)), pattern(entropy, 2))
    results = Sink(dut, "result", pattern(result, 3))
    Monitor(dut, "result")
    runs = 0
    for clock in range(6000):
        await FallingEdge(dut.clk)
        await ReadOnly()
        where = f"clock {clock}, {model.phase!r}"
        assert bool(loads.ready.value) == model.load_ready, where
        assert bool(bits.ready.value) == model.entropy_ready, where
        assert bool(results.valid.value) == (model.result is not None), where
        if model.result is not None:
            assert int(results.payload.value) == model.result, where
        assert int(dut.spins.value) == sum(int(s) << i for i, s in enumerate(model.spins)), where
        before = model.phase
        code = int(loads.payload.value)
        word = int(bits.payload.value)
        model.tick(
            load=(code & 7, code >> 3 & 0xFFFF, code >> 19) if bool(loads.valid.value) else None,
            entropy=np.array([word >> i & 1 for i in range(width)], np.uint8) if bits.valid.value else None,
            result_ready=bool(results.ready.value),
        )
        runs += before == golden.Phase.READ and model.phase == golden.Phase.IDLE
        if runs == 2:
            return
    raise AssertionError(f"only {runs} runs ended")
