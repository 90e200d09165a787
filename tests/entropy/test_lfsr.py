"""The LFSR: its tables proved, its leap and jump against single steps, its hardware against the model."""

import math
import random

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwpy.entropy import lfsr
from hwpy.entropy.lfsr import Lfsr, LfsrParameters
from hwpy.entropy.taps import PUBLISHED_TAPS, WIDE_TAPS, default_taps
from sim.entropy import bench_lfsr
from sim.runner import BenchFailed, simulate
from tests.entropy.factors import CYCLOTOMIC_FACTORS, prime_factors

FORMS = ("fibonacci", "galois")


@st.composite
def registers(draw, widths=(*range(3, 169), 521, 607)):
    width = draw(st.sampled_from(widths))
    parameters = LfsrParameters(width, form=draw(st.sampled_from(FORMS)), leap=draw(st.integers(1, width)))
    return parameters, draw(st.integers(1, (1 << width) - 1))


@numba.njit
def _period(width, mask, feedback, galois):
    state, count = 1, 0
    while True:
        if galois:
            state = (state >> 1) ^ (mask if state & 1 else 0)
        else:
            parity = state & feedback
            for shift in (16, 8, 4, 2, 1):
                parity ^= parity >> shift
            state = (state >> 1) | ((parity & 1) << (width - 1))
        count += 1
        if state in (0, 1):
            return count if state else -1


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("width", range(3, 25))
def test_every_width_to_24_goes_through_all_nonzero_states(width, form):
    parameters = LfsrParameters(width, form=form)
    mask = sum(1 << (tap - 1) for tap in parameters.delays)
    feedback = sum(1 << exponent for exponent in parameters.exponents)
    assert _period(width, mask, feedback, form == "galois") == 2**width - 1


def _is_probably_prime(number, bases=40):
    """Miller-Rabin: a composite passes with probability at most 4**-bases over the choice of bases."""
    if number < 4:
        return number > 1
    twos = (number - 1 & 1 - number).bit_length() - 1
    generator = random.Random(number)
    for _ in range(bases):
        power = pow(generator.randrange(2, number - 1), number >> twos, number)
        if power in (1, number - 1):
            continue
        for _ in range(twos - 1):
            power = power * power % number
            if power == number - 1:
                break
        else:
            return False
    return True


def test_the_table_of_factors_is_complete_and_prime():
    for width in range(2, 169):
        assert math.prod(math.prod(f) for d, f in CYCLOTOMIC_FACTORS.items() if width % d == 0) == 2**width - 1
    assert all(_is_probably_prime(p) for factors in CYCLOTOMIC_FACTORS.values() for p in factors)
    assert not _is_probably_prime(2**67 - 1)


def _is_primitive(parameters):
    """Whether x has order 2^w - 1, no less, modulo the characteristic polynomial; which implies irreducible."""
    order = 2**parameters.width - 1

    def is_one(exponent):
        # The state 1 of the Galois form is x^(w-1); it comes back exactly when x^exponent is 1.
        return lfsr.jump(parameters, 1, exponent) == 1

    return is_one(order) and not any(is_one(order // p) for p in prime_factors(parameters.width))


@pytest.mark.parametrize("width", range(25, 169))
def test_every_width_to_168_is_proved_maximal_by_the_factors_of_its_period(width):
    assert _is_primitive(LfsrParameters(width, form="galois"))


def test_the_entry_printed_for_width_102_is_not_maximal():
    assert not _is_primitive(LfsrParameters(102, taps=(102, 101, 36, 35), form="galois"))


@pytest.mark.parametrize("width", WIDE_TAPS)
def test_wide_taps_are_irreducible_and_so_maximal_as_the_period_is_a_mersenne_prime(width):
    assert width in (127, 521, 607, 1279, 2281)
    parameters = LfsrParameters(width, taps=WIDE_TAPS[width], form="galois")
    # x^(2^w) = x, and x is not 0 or 1: as w is prime, every root lies in GF(2^w) and none in GF(2), as f(0) = f(1) = 1.
    value = 2
    for _ in range(width):
        value = lfsr._reduce(parameters, int(format(value, "b"), 4))
    assert value == 2
    assert len(parameters.delays) % 2 == 0
    assert max(parameters.exponents) < width / 8


def test_tables_cover_what_they_say():
    assert list(PUBLISHED_TAPS) == list(range(3, 169))
    assert all(default_taps(width)[0] == width for width in (*PUBLISHED_TAPS, *WIDE_TAPS))
    assert default_taps(127) == PUBLISHED_TAPS[127]


@given(registers())
@settings(deadline=None)
def test_payloads_laid_end_to_end_are_the_single_step_sequence(register):
    parameters, seed = register
    one = LfsrParameters(parameters.width, form=parameters.form)
    words = Lfsr(parameters, seed).words(3)
    single = Lfsr(one, seed)
    if parameters.form == "fibonacci":
        # With a leap of n the first payload begins n - 1 bits further back in the seed's window than with one of 1.
        window = [seed >> i & 1 for i in range(parameters.width - parameters.leap, parameters.width - 1)]
    else:
        window = []
    plain = [*window, *single.bits(3 * parameters.leap).tolist()][: 3 * parameters.leap]
    assert [word >> i & 1 for word in words for i in range(parameters.leap)] == plain


@given(registers())
@settings(deadline=None)
def test_every_bit_obeys_the_recurrence_and_bulk_bits_are_those_of_steps(register):
    parameters, seed = register
    bulk, stepped = Lfsr(parameters, seed), Lfsr(parameters, seed)
    bits = bulk.bits(2 * parameters.width)
    count = -(-2 * parameters.width // parameters.leap)
    words = stepped.words(count)
    assert [w >> i & 1 for w in words for i in range(parameters.leap)][: len(bits)] == bits.tolist()
    assert bulk.state == stepped.state
    for i in range(parameters.width, 2 * parameters.width):
        assert bits[i] == np.bitwise_xor.reduce([bits[i - delay] for delay in parameters.delays])


@given(registers())
@settings(deadline=None)
def test_leap_and_payload_rows_are_what_the_steps_do(register):
    parameters, seed = register
    model = Lfsr(parameters, seed)

    def apply(rows):
        return sum((sum(seed >> i & 1 for i in row) & 1) << bit for bit, row in enumerate(rows))

    assert apply(lfsr.payload_rows(parameters)) == model.payload
    model.step()
    assert apply(lfsr.leap_rows(parameters)) == model.state


@pytest.mark.parametrize("width", [521, 607, 1279, 2281])
def test_a_wide_register_leaps_far_with_four_inputs_a_bit(width):
    parameters = LfsrParameters(width, leap=default_taps(width)[-1])
    assert parameters.leap > 7 * width / 8
    assert max(len(row) for row in lfsr.leap_rows(parameters)) == 4


@given(registers(), st.integers(0, 300))
@settings(deadline=None)
def test_a_jump_is_as_many_single_steps(register, steps):
    parameters, seed = register
    model = Lfsr(LfsrParameters(parameters.width, form=parameters.form), seed)
    for _ in range(steps):
        model.step()
    assert lfsr.jump(parameters, seed, steps) == model.state


@given(registers(), st.integers(0, 2**64), st.integers(0, 2**64))
@settings(deadline=None, max_examples=30)
def test_jumps_add_up_and_a_period_is_no_jump(register, first, second):
    parameters, seed = register
    there = lfsr.jump(parameters, lfsr.jump(parameters, seed, first), second)
    assert there == lfsr.jump(parameters, seed, first + second)
    assert lfsr.jump(parameters, seed, 2**parameters.width - 1) == seed


@given(registers(range(8, 15)), st.integers(1, 12))
@settings(deadline=None, max_examples=30)
def test_spaced_seeds_share_no_state_for_the_spacing(register, count):
    parameters, seed = register
    single = LfsrParameters(parameters.width, form=parameters.form)
    spacing = min(200, (2**parameters.width - 1) // count)
    seen = set()
    for start in lfsr.spaced_seeds(parameters, seed, count, spacing):
        model = Lfsr(single, start)
        for _ in range(spacing):
            assert model.state not in seen
            seen.add(model.state)
            model.step()
    assert len(seen) == count * spacing


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"width": 2}, "LFSR width must be 3 to 168, or 521, 607, 1279 or 2281, not 2"),
        ({"width": 200}, "LFSR width must be 3 to 168, or 521, 607, 1279 or 2281, not 200"),
        ({"width": 8, "leap": 9}, "LFSR leap must be 1 to the width 8, not 9"),
        ({"width": 8, "leap": 0}, "LFSR leap must be 1 to the width 8, not 0"),
        ({"width": 8, "form": "ring"}, "LFSR form must be one of fibonacci, galois, not 'ring'"),
        ({"width": 8, "taps": (8, 6, 5)}, r"LFSR taps must be an even number of delays, not \(8, 6, 5\)"),
        ({"width": 8, "taps": (9, 5)}, r"LFSR taps must be distinct, .* not \(9, 5\)"),
        ({"width": 8, "taps": (8, 8)}, r"LFSR taps must be distinct, .* not \(8, 8\)"),
        ({"width": 8, "taps": ()}, r"LFSR taps must be distinct, .* not \(\)"),
    ],
)
def test_bad_parameters_are_refused_with_their_value(arguments, message):
    with pytest.raises(ValueError, match=message):
        LfsrParameters(**arguments)


@pytest.mark.parametrize("seed", [0, -1, 256])
def test_a_seed_that_is_no_live_state_is_refused(seed):
    with pytest.raises(ValueError, match=rf"LFSR seed must be 1 to 2\*\*8 - 1, not {seed}"):
        Lfsr(LfsrParameters(8), seed)


def test_seeds_that_do_not_fit_the_period_are_refused():
    with pytest.raises(ValueError, match="16 seeds 16 steps apart do not fit the period"):
        lfsr.spaced_seeds(LfsrParameters(8), 1, 16, 16)
    assert len(lfsr.spaced_seeds(LfsrParameters(8), 1, 15, 17)) == 15


def _name(case):
    return f"{case['width']}-{case['form']}-{case['leap']}"


@pytest.mark.parametrize("case", bench_lfsr.CASES, ids=_name)
def test_hardware_is_golden_in_icarus(icarus, case):
    simulate(bench_lfsr.make(case), bench_lfsr.__name__, case, simulator=icarus)


@pytest.mark.verilator
def test_hardware_is_golden_in_verilator(verilator):
    case = bench_lfsr.CASES[2]
    simulate(bench_lfsr.make(case), bench_lfsr.__name__, case, simulator=verilator)


def test_the_bench_fails_on_hardware_with_another_seed(icarus):
    case = bench_lfsr.CASES[0]
    with pytest.raises(BenchFailed, match="payload_is_golden_every_clock"):
        simulate(bench_lfsr.make({**case, "seed": 2}), bench_lfsr.__name__, case, simulator=icarus)
