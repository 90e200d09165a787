"""xoshiro128++ against published vectors, and its hardware against the model."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwpy.entropy.xoshiro import Xoshiro, seed_state, split_mix_64
from sim.entropy import bench_xoshiro
from sim.runner import BenchFailed, simulate


def test_first_words_are_those_of_the_reference_implementation():
    # From the tests of the Rust crate rand_xoshiro, made with the authors' C code.
    assert Xoshiro((1, 2, 3, 4)).words(10).tolist() == [
        641, 1573767, 3222811527, 3517856514, 836907274, 4247214768, 3867114732, 1355841295, 495546011, 621204420
    ]  # fmt: skip


def test_word_102401_is_that_of_another_implementation():
    # From the tests of PHP: the next word after 102,400, low byte first.
    model = Xoshiro((1, 2, 3, 4))
    model.words(102_400)
    assert model.payload.to_bytes(4, "little").hex() == "fa3c872c"


def test_jump_is_that_of_the_reference_implementation():
    model = Xoshiro((1, 2, 3, 4))
    model.jump()
    assert model.state == (2843103750, 2038079848, 1533207345, 44816753)


def test_seeding_is_that_of_the_rust_crate():
    # seed_from_u64(0), first words.
    assert Xoshiro(seed_state(0)).words(6).tolist() == [
        1179900579, 1938959192, 3089844957, 3657088315, 1015453891, 479942911
    ]  # fmt: skip


def test_split_mix_64_gives_its_published_words():
    assert split_mix_64(1234567, 3) == [6457827717110365317, 3203168211198807973, 9817491932198370423]


@given(st.integers(0, 2**64 - 1))
def test_any_seed_gives_a_live_state(seed):
    assert any(seed_state(seed))


@pytest.mark.parametrize("state", [(0, 0, 0, 0), (1, 2, 3), (1, 2, 3, 2**32), (-1, 0, 0, 0)])
def test_a_state_that_is_no_live_one_is_refused(state):
    with pytest.raises(ValueError, match="xoshiro state must be four 32-bit words, not all zero, not"):
        Xoshiro(state)


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_a_seed_of_more_than_64_bits_is_refused(seed):
    with pytest.raises(ValueError, match=rf"xoshiro seed must be 0 to 2\*\*64 - 1, not {seed}"):
        seed_state(seed)


@pytest.mark.parametrize("case", bench_xoshiro.CASES, ids=str)
def test_hardware_is_golden_in_icarus(icarus, case):
    simulate(bench_xoshiro.make(case), bench_xoshiro.__name__, case, simulator=icarus)


@pytest.mark.verilator
def test_hardware_is_golden_in_verilator(verilator):
    case = bench_xoshiro.CASES[1]
    simulate(bench_xoshiro.make(case), bench_xoshiro.__name__, case, simulator=verilator)


def test_the_bench_fails_on_hardware_with_another_state(icarus):
    case = bench_xoshiro.CASES[0]
    with pytest.raises(BenchFailed, match="word_is_golden_every_clock"):
        simulate(bench_xoshiro.make({"state": [1, 2, 3, 5]}), bench_xoshiro.__name__, case, simulator=icarus)
