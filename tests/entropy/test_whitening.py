"""Whitening: what it does to bias, and its hardware against the model. Level 0.001, fixed seeds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from hwpy.entropy.smtj import Smtj, SmtjChain
from hwpy.entropy.whitening import bias_after_xor, von_neumann, xor_streams
from sim.entropy import bench_von_neumann, bench_xor_streams
from sim.runner import simulate

LEVEL = 0.001
BENCHES = pytest.mark.parametrize("bench", [bench_xor_streams, bench_von_neumann], ids=lambda b: b.__name__)


def _p_value(bits, probability):
    return stats.binomtest(int(np.sum(bits)), len(bits), probability).pvalue


def test_xor_of_biased_streams_has_the_bias_of_the_piling_up_lemma():
    bits = np.random.default_rng(3).random((3, 200_000)) < 0.7
    mixed = xor_streams(bits.astype(int).tolist())
    assert _p_value(mixed, 0.5 + bias_after_xor(0.2, 3)) > LEVEL
    # Power: a bias of 0.032 is told from none.
    assert _p_value(mixed, 0.5) < LEVEL


def test_von_neumann_makes_a_biased_and_correlated_junction_unbiased():
    chain = SmtjChain.from_statistics(0.7, correlation=0.5)
    numbers = np.random.default_rng(4).integers(0, 1 << 16, size=(200_000, 1))
    bits = Smtj(1).run(numbers, chain)[:, 0]
    whitened = von_neumann(bits.tolist())
    # Successive outputs anticorrelate, so the binomial test of their mean is on the safe side.
    assert _p_value(whitened, 0.5) > LEVEL
    # Power: the same number of raw bits is told from fair ones.
    assert _p_value(bits[: len(whitened)], 0.5) < LEVEL


@given(st.lists(st.integers(0, 1)))
def test_each_unequal_pair_gives_its_first_bit(bits):
    pairs = [bits[i : i + 2] for i in range(0, len(bits) - 1, 2)]
    assert von_neumann(bits) == [pair[0] for pair in pairs if sum(pair) == 1]


@BENCHES
def test_hardware_is_golden_in_icarus(icarus, bench):
    for case in bench.CASES:
        simulate(bench.make(case), bench.__name__, case, simulator=icarus)


@pytest.mark.verilator
@BENCHES
def test_hardware_is_golden_in_verilator(verilator, bench):
    case = bench.CASES[-1]
    simulate(bench.make(case), bench.__name__, case, simulator=verilator)
