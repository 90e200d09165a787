"""Emulated networks against their exact chains on all states, these against continuous time, hardware against model.

Statistical tests have fixed seeds and a level of 0.001; each has a twin that shows it can fail.
"""

import math

import numpy as np
import pytest
from scipy import linalg, stats

from hwpy.entropy.escape import RANDOM_BITS, decode, encode
from hwpy.ising.junction_emulator import JunctionEmulator, JunctionEmulatorParameters
from sim.ising import bench_junction_emulator
from sim.runner import BenchFailed, simulate

LEVEL = 0.001


def chain(count):
    """Junctions in a row."""
    return JunctionEmulatorParameters(tuple(tuple(k for k in (j - 1, j + 1) if 0 <= k < count) for j in range(count)))


def rate(j, state, neighbours, coupling=0.5):
    """A law for the tests: neighbours hold a junction that is like them; a field that differs between junctions."""
    s, others = 2 * state - 1, sum(2 * k - 1 for k in neighbours)
    return 0.3 * math.exp(-coupling * s * others - 0.2 * s * (1 - 0.5 * j))


def states(count):
    """All states of a network, junction j in bit j of the index."""
    return [tuple(index >> j & 1 for j in range(count)) for index in range(1 << count)]


def probabilities(parameters, law):
    """p_j(s): shape (2^n, n)."""
    return np.array(
        [
            [law(j, state[j], [state[k] for k in row]) for j, row in enumerate(parameters.neighbours)]
            for state in states(parameters.count)
        ]
    )


def synchronous(parameters, law):
    """The transition matrix of all junctions at once."""
    every = states(parameters.count)
    escapes = probabilities(parameters, law)
    return np.array(
        [
            [
                math.prod(p if a != b else 1 - p for p, a, b in zip(row, old, new, strict=True))
                for new in every
            ]
            for old, row in zip(every, escapes, strict=True)
        ]
    )  # fmt: skip


def stationary(matrix):
    """The distribution that a transition matrix, or a generator plus the identity, keeps."""
    change = matrix.T - np.eye(len(matrix))
    change /= abs(change).max()
    return linalg.lstsq(np.vstack([change, np.ones(len(matrix))]), np.append(np.zeros(len(matrix)), 1))[0]


def generator(parameters, law):
    """The generator of the same rates in continuous time: one junction at a time."""
    rates = probabilities(parameters, law)
    matrix = np.zeros((len(rates),) * 2)
    for index, row in enumerate(rates):
        for j, value in enumerate(row):
            matrix[index, index ^ 1 << j] = value
        matrix[index, index] = -row.sum()
    return matrix


def rounded(law):
    """The law as the tables have it."""
    return lambda j, state, neighbours: decode(encode(law(j, state, neighbours)))


def emulate(parameters, law, steps, seed):
    """The golden model's states after each step."""
    emulator = JunctionEmulator(parameters)
    for load in parameters.program(law):
        emulator.tick(load=load)
    emulator.tick()
    numbers = np.random.default_rng(seed)
    words = numbers.integers(0, 1 << RANDOM_BITS, (steps, parameters.count)).tolist()
    found = np.empty(steps, int)
    for i, row in enumerate(words):
        emulator.tick(random=sum(word << RANDOM_BITS * j for j, word in enumerate(row)), ready=True)
        assert emulator.valid
        found[i] = emulator.payload
    return found


def transition_p_value(found, matrix):
    """Chi-square of the transition counts, given how often each state was left; rare targets are put together."""
    statistic, freedom = 0.0, 0
    for old, row in enumerate(matrix):
        new = found[1:][found[:-1] == old]
        expected = len(new) * row
        rare = expected < 5
        counts = np.bincount(new, minlength=len(row))
        observed = np.append(counts[~rare], counts[rare].sum())
        expected = np.append(expected[~rare], expected[rare].sum())
        if len(expected) < 3 or expected[-1] < 5:
            observed, expected = observed[:-1], expected[:-1] * observed[:-1].sum() / expected[:-1].sum()
        if len(expected) > 1:
            statistic += float(((observed - expected) ** 2 / expected).sum())
            freedom += len(expected) - 1
    return stats.chi2.sf(statistic, freedom)


@pytest.mark.parametrize(("count", "steps"), [(2, 60_000), (4, 60_000)])
def test_an_emulated_network_is_its_exact_chain(count, steps):
    parameters = chain(count)
    matrix = synchronous(parameters, rounded(rate))
    found = emulate(parameters, rate, steps, seed=count)
    assert transition_p_value(found, matrix) > LEVEL
    # Power: a coupling 10 % stronger is told apart.
    wrong = synchronous(parameters, lambda *at: rate(*at, coupling=0.55))
    assert transition_p_value(found, wrong) < LEVEL


def test_the_pair_has_the_stationary_distribution_of_its_four_states():
    """Every 15th state: then the memory of the one before, the second eigenvalue to the 15th, is below 1e-3."""
    parameters = chain(2)
    matrix = synchronous(parameters, rounded(rate))
    thin = 15
    assert sorted(abs(linalg.eigvals(matrix)))[-2] ** thin < 1e-3
    expected = stationary(matrix)
    counts = np.bincount(emulate(parameters, rate, 150_000, seed=9)[::thin], minlength=4)
    assert stats.chisquare(counts, counts.sum() * expected).pvalue > LEVEL
    # Power: with less coupling, or with the junctions exchanged, it is another.
    for wrong in (
        synchronous(parameters, lambda *at: rate(*at, coupling=0.4)),
        synchronous(parameters, lambda j, *at: rate(1 - j, *at)),
    ):
        assert stats.chisquare(counts, counts.sum() * stationary(wrong)).pvalue < LEVEL


@pytest.mark.parametrize("count", [2, 5])
def test_the_error_against_continuous_time_is_of_first_order_in_the_step(count):
    """Total variation of the stationary distributions: halving the step halves it."""
    parameters = chain(count)
    exact = stationary(generator(parameters, rate) + np.eye(1 << count))
    errors = []
    for step in (0.04, 0.02, 0.01):
        matrix = synchronous(parameters, lambda *at, step=step: step * rate(*at))
        errors.append(abs(stationary(matrix) - exact).sum() / 2)
    assert errors[0] / errors[1] == pytest.approx(2, rel=0.05)
    assert errors[1] / errors[2] == pytest.approx(2, rel=0.03)
    # Within the largest rate times the step, for each pair of junctions that may escape together.
    largest = probabilities(parameters, rate).max() * 0.01
    assert errors[2] < largest * count * (count - 1) / 2


def test_short_steps_keep_their_precision():
    """Codes of rates a 10^4-th as large give the distribution to 1e-4, where plain 16-bit fractions are off by 1e-2."""
    parameters = chain(2)
    law = lambda *at: 1e-4 * rate(*at)  # noqa: E731
    plain = lambda *at: round(law(*at) * 65536) / 65536  # noqa: E731
    exact = stationary(synchronous(parameters, law))
    assert abs(stationary(synchronous(parameters, rounded(law))) - exact).max() < 1e-4
    assert abs(stationary(synchronous(parameters, plain)) - exact).max() > 1e-2


def test_a_table_entry_is_for_the_junctions_own_state_and_then_its_neighbours():
    parameters = JunctionEmulatorParameters(((), (2, 0), (0,)))
    program = parameters.program(lambda j, state, neighbours: (1 + j + 3 * state) / 64 + sum(neighbours) / 4)
    expected = {
        (j, inputs): (1 + j + 3 * (inputs & 1)) / 64 + (inputs >> 1).bit_count() / 4
        for j, degree in ((0, 0), (1, 2), (2, 1))
        for inputs in range(2 << degree)
    }
    assert {divmod(address, 1 << parameters.input_bits): decode(code) for address, code in program} == expected


@pytest.mark.parametrize(
    ("neighbours", "message"),
    [
        ((), r"an emulator needs junctions, not \(\)"),
        (((0,),), r"junction 0 must have at most 7 others of 0 to 0 as neighbours, each once, not \(0,\)"),
        (((1, 1), ()), r"junction 0 must have .* not \(1, 1\)"),
        (((2,), ()), r"junction 0 must have .* not \(2,\)"),
        ((tuple(range(1, 9)), *((),) * 8), "junction 0 must have at most 7 others"),
    ],
)
def test_bad_graphs_are_refused_with_their_junction(neighbours, message):
    with pytest.raises(ValueError, match=message):
        JunctionEmulatorParameters(neighbours)


def test_hardware_is_golden_in_icarus(icarus):
    for case in bench_junction_emulator.CASES:
        simulate(bench_junction_emulator.make(case), bench_junction_emulator.__name__, case, simulator=icarus)


@pytest.mark.verilator
def test_hardware_is_golden_in_verilator(verilator):
    case = bench_junction_emulator.CASES[-1]
    simulate(bench_junction_emulator.make(case), bench_junction_emulator.__name__, case, simulator=verilator)


def test_the_bench_fails_on_hardware_with_two_neighbours_exchanged(icarus):
    case = bench_junction_emulator.CASES[-1]
    neighbours = [list(row) for row in case["neighbours"]]
    neighbours[2] = [neighbours[2][1], neighbours[2][0], neighbours[2][2]]
    with pytest.raises(BenchFailed, match="ports_are_golden_every_clock"):
        simulate(
            bench_junction_emulator.make({"neighbours": neighbours}),
            bench_junction_emulator.__name__,
            case,
            simulator=icarus,
        )
