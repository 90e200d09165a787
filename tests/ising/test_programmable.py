"""The programmable array: its tables, its sampling against exact enumeration, its hardware against the model."""

import math
import random

import numpy as np
import pytest
from scipy import stats

from hwpy.entropy.lfsr import Lfsr, LfsrParameters
from hwpy.ising.array import to_rows
from hwpy.ising.programmable import (
    Phase,
    ProgrammableArray,
    ProgrammableParameters,
    Target,
    probability,
    stored,
)
from sim.ising import bench_programmable as bench
from sim.runner import simulate

# Of each chi-square test; the seeds are fixed.
ALPHA = 1e-3
GRAPHS = {
    "two colours, degree 6": ["circulant", 12, 1, 3, 5],
    "three colours, degree 4": ["circulant", 9, 1, 2],
    "four colours, degree 6": ["circulant", 11, 1, 2, 3],
    "random": ["random", 8, 15, 5],
}
BETA = 0.02


def model_of(name, **options):
    """Parameters, couplings and biases: random s[4][1] weights that leave every state a fair chance."""
    graph = bench.graph(*GRAPHS[name])
    p = ProgrammableParameters(graph, **options)
    generator = random.Random(name)
    pairs = zip(graph.row.tolist(), graph.col.tolist(), strict=True)
    couplings = {pair: generator.randint(-31, 31) for pair in pairs}
    return p, couplings, {i: generator.randint(-31, 31) for i in range(graph.nodes)}


def exact(nodes, couplings, bias, beta):
    """Boltzmann probabilities of all 2**nodes states; bit i of a state's number is set where spin i is +1."""
    spins = 2.0 * (np.arange(1 << nodes)[:, None] >> np.arange(nodes) & 1) - 1
    exponent = beta * spins @ np.array([bias[i] for i in range(nodes)])
    for (i, j), weight in couplings.items():
        exponent += beta * weight * spins[:, i] * spins[:, j]
    weight = np.exp(exponent - exponent.max())
    return weight / weight.sum()


def sample(p, program, words, sweeps):
    """States int64[replicas] after `sweeps` sweeps: `words` uint32[replicas][sweeps * colours][words]."""
    table = np.zeros((p.units, p.colors, 1 << p.inputs), np.uint64)
    for _, address, value in program:
        unit, color, inputs = np.unravel_index(address, (1 << p.unit_bits, 1 << p.color_bits, 1 << p.inputs))
        table[unit, color, inputs] = value
    table += table >> np.uint64(31)
    spins = np.zeros((p.model.nodes, words.shape[0]), np.int64)
    for clock in range(sweeps * p.colors):
        color = clock % p.colors
        for unit, node in enumerate(p.members[color]):
            if node is None:
                continue
            word = words[:, clock, unit // p.share].astype(np.uint64)
            if unit % p.share:
                word = reverse(word)
            inputs = sum((spins[j] << k for k, j in enumerate(p.slots[node]) if j is not None), start=0)
            spins[node] = word + table[unit, color, inputs] >= 1 << 32
    return (spins << np.arange(p.model.nodes)[:, None]).sum(axis=0)


def reverse(words):
    """The 32 bits of each word in reverse order."""
    for shift, mask in ((1, 0x55555555), (2, 0x33333333), (4, 0x0F0F0F0F), (8, 0x00FF00FF), (16, 0x0000FFFF)):
        low = np.uint64(mask)
        words = (words >> np.uint64(shift) & low) | ((words & low) << np.uint64(shift))
    return words


def lfsr_words(p, replicas, clocks):
    """The array's own entropy: an LFSR that leaps by all its bits, each replica a stretch of the sequence."""
    lfsr = Lfsr(LfsrParameters(521 if p.entropy_width > 128 else 160, leap=p.entropy_width), 0xC0FFEE)
    bits = lfsr.bits(replicas * clocks * p.entropy_width)
    return np.packbits(bits, bitorder="little").view("<u4").reshape(replicas, clocks, p.words)


def p_value(counts, probabilities):
    """Chi-square with classes of less than ten expected counts put together."""
    expected = probabilities * counts.sum()
    rare = expected < 10
    if rare.any():
        counts = np.append(counts[~rare], counts[rare].sum())
        expected = np.append(expected[~rare], expected[rare].sum())
    return stats.chisquare(counts, expected).pvalue


def chi_square(name, share, words=None, replicas=20_000, sweeps=24):
    """The p-value of one state a replica, replicas being independent."""
    p, couplings, bias = model_of(name, share=share, steps=1)
    source = lfsr_words if words is None else words
    states = sample(p, p.program(couplings, bias, BETA), source(p, replicas, sweeps * p.colors), sweeps)
    counts = np.bincount(states, minlength=1 << p.model.nodes)
    return p_value(counts, exact(p.model.nodes, couplings, bias, BETA))


@pytest.mark.parametrize("share", [1, 2])
@pytest.mark.parametrize("name", GRAPHS)
def test_samples_are_boltzmann_distributed(name, share):
    assert chi_square(name, share) > ALPHA


def test_one_word_for_all_units_fails():
    def shared(p, replicas, clocks):
        return np.repeat(lfsr_words(p, replicas, clocks)[:, :, :1], p.words, axis=2)

    assert chi_square("two colours, degree 6", 1, shared) < ALPHA


def test_a_word_used_again_in_the_next_clock_fails():
    def stale(p, replicas, clocks):
        return np.repeat(lfsr_words(p, replicas, clocks // 2), 2, axis=1)

    assert chi_square("two colours, degree 6", 1, stale) < ALPHA


def test_a_word_and_its_reverse_share_nothing_in_their_leading_half():
    # Every pair of thresholds on the grid of 2**-6: the counts of a full period of the 12 bits that decide.
    words = np.arange(1 << 12, dtype=np.uint64)
    word = (words >> np.uint64(6)) << np.uint64(26) | (words & np.uint64(63))
    upper, lower = word >> np.uint64(26), reverse(word) >> np.uint64(26)
    joint = np.zeros((64, 64), int)
    np.add.at(joint, (upper.astype(int), lower.astype(int)), 1)
    assert (joint == 1).all()


def test_the_sampler_is_the_golden_model():
    p, couplings, bias = model_of("four colours, degree 6", share=2, steps=1)
    program = p.program(couplings, bias, BETA)
    words = lfsr_words(p, 3, 5 * p.colors)
    states = sample(p, program, words, 5)
    for replica in range(3):
        array = ProgrammableArray(p)
        for word in (*program, p.run(5)):
            array.tick(load=word)
        array.tick()
        for clock in words[replica].tolist():
            assert array.phase == Phase.RUN
            array.tick(entropy=sum(word << 32 * k for k, word in enumerate(clock)))
        assert array.phase == Phase.IDLE
        assert to_rows(array.spins) == [states[replica]]


@pytest.mark.parametrize("field", range(-217, 218))
def test_probabilities_are_the_sigmoid_to_32_bits(field):
    # UCSB's rule: tanh of a field on the s[4][1] grid, half a unit being one.
    value = probability(field, 0.5)
    assert abs(value - 2**31 * (1 + math.tanh(field / 2))) <= 0.51
    word = stored(value)
    assert abs(word + (word >> 31) - value) == (field == 0)
    assert probability(-field, 0.5) + value in (1 << 32, (1 << 32) + 1, (1 << 32) - 1)


def test_certainty_is_exact():
    assert stored(0) == 0
    assert stored(1 << 32) == (1 << 32) - 1
    p, couplings, bias = model_of("random", steps=1)
    array = ProgrammableArray(p)
    for word in (*p.program(couplings, bias, 0.1, clamp={0: 1, 1: -1}), p.run(200)):
        array.tick(load=word)
    array.tick()
    generator = random.Random(1)
    ends = (0, (1 << p.entropy_width) - 1)
    while array.phase == Phase.RUN:
        array.tick(entropy=generator.choice((*ends, generator.getrandbits(p.entropy_width))))
        if array.color == 0:
            assert array.spins[0]
            assert not array.spins[1]


def test_an_annealed_ferromagnet_ends_in_a_ground_state_and_is_read():
    p = ProgrammableParameters(bench.graph("circulant", 16, 1, 3, 5), steps=2, share=2)
    couplings = {pair: 31 for pair in zip(p.model.row.tolist(), p.model.col.tolist(), strict=True)}
    array, generator = ProgrammableArray(p), random.Random(2)
    during = 0
    results = []
    for word in p.anneal(couplings, {0: 5}, [0.002, 0.005, 0.01, 0.02, 0.1], 20):
        while not array.load_ready(word[0]):
            array.tick(entropy=generator.getrandbits(p.entropy_width))
        during += array.phase == Phase.RUN
        array.tick(load=word, entropy=generator.getrandbits(p.entropy_width))
    while array.result is not None:
        results.append(array.result)
        array.tick(result_ready=True)
    assert results in ([0], [0xFFFF])
    assert array.load_ready(Target.RUN)
    # The next temperature's tables are loaded while the present one is in use.
    assert during >= 4 * 40


def test_every_neighbour_has_one_input():
    for graph in (*GRAPHS.values(), ["circulant", 16, 1, 3, 5], ["random", 60, 150, 4]):
        p = ProgrammableParameters(bench.graph(*graph), degree=8)
        for node, slots in p.slots.items():
            assert sorted(j for j in slots if j is not None) == list(p.near[node])
        places = [p.address(node, s, i) for node in p.slots for s in range(p.steps) for i in (0, 255)]
        assert len(set(places)) == len(places)
        assert max(places) < 1 << p.address_bits


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"degree": 3}, "more than degree 3"),
        ({"degree": 9}, "degree must be"),
        ({"steps": 3}, "power of two"),
        ({"share": 3}, "share must be"),
    ],
)
def test_parameters_are_checked(options, message):
    with pytest.raises(ValueError, match=message):
        ProgrammableParameters(bench.graph("circulant", 9, 1, 2), **options)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (({(0, 1): 32}, {}, 0.1), "half units"),
        (({(0, 4): 1}, {}, 0.1), "no edge"),
        (({(0, 1): 1, (1, 0): 1}, {}, 0.1), "given twice"),
        (({}, {9: 1}, 0.1), "no p-bit 9"),
        (({}, {0: -33}, 0.1), "half units"),
        (({}, {}, math.nan), "beta must be"),
    ],
)
def test_programs_are_checked(arguments, message):
    p = ProgrammableParameters(bench.graph("circulant", 9, 1, 2))
    with pytest.raises(ValueError, match=message):
        p.program(*arguments)
    with pytest.raises(ValueError, match="clamped to"):
        p.program({}, {}, 0.1, clamp={0: 0})
    with pytest.raises(ValueError, match="sweeps"):
        p.run(0)
    assert p.run(1)[0] == Target.RUN


@pytest.mark.parametrize("case", bench.CASES, ids=lambda case: "-".join(map(str, case["graph"])))
def test_hardware_is_golden_in_icarus(case, icarus):
    simulate(bench.make(case), bench.__name__, case, simulator=icarus)


@pytest.mark.parametrize("case", bench.CASES[:2], ids=lambda case: "-".join(map(str, case["graph"])))
def test_hardware_is_golden_in_verilator(case, verilator):
    simulate(bench.make(case), bench.__name__, case, simulator=verilator)
