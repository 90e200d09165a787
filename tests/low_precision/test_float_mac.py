"""Floating-point multiply-accumulate: the model against whole numbers, FP8 of ml_dtypes, and all random words."""

import itertools
import math
import random
from fractions import Fraction

import ml_dtypes
import numpy as np
import pytest

from benchmarks.float_mac_proof import StepClaim
from boards.proof import Refuted, prove
from hwpy.low_precision.float_mac import FloatAccumulator, FloatMacParameters, add, float_mac, products
from hwpy.low_precision.floating import FloatFormat
from sim.low_precision import bench_float_mac
from sim.runner import simulate

#: All is in whole multiples of 2**-POINT here; Python's integers have room for every sum.
POINT = 40
ML_DTYPES = {"e4m3": ml_dtypes.float8_e4m3fn, "e5m2": ml_dtypes.float8_e5m2}


def whole(values):
    """Finite reals as multiples of 2**-POINT, exactly, in Python's integers."""
    flat = [Fraction(value) * 2**POINT for value in np.ravel(np.asarray(values, dtype=np.float64)).tolist()]
    assert all(value.denominator == 1 for value in flat)
    return np.array([int(value) for value in flat], dtype=object).reshape(np.shape(values))


def numbers_of(name):
    """The numbers of a format from zero up: of FP8 those of ml_dtypes, of e6m5 by its definition."""
    if name in ML_DTYPES:
        values = np.arange(128, dtype=np.uint8).view(ML_DTYPES[name]).astype(np.float64)
        return whole(values[np.isfinite(values)])
    assert name == "e6m5"
    lowest = 2 ** (POINT - 35)
    return np.array([*range(32), *((32 + k) << e for e in range(62) for k in range(32))], dtype=object) * lowest


def rounded(name, sums, mode, bits=0):
    """Magnitudes' lower neighbours by their codes, and of 2**bits words how many go up (of 1 if there are none)."""
    numbers = numbers_of(name)
    lower = np.searchsorted(numbers, abs(sums), side="right") - 1
    top = lower == len(numbers) - 1
    gap = np.where(top, 1, numbers[np.minimum(lower + 1, len(numbers) - 1)] - numbers[lower])
    rest = np.where(top, 0, abs(sums) - numbers[lower])
    if mode == "zero":
        return lower, np.zeros(lower.shape, dtype=np.int64)
    wanted = rest << bits
    count, left = wanted // gap, wanted % gap
    odd = lower % 2 if mode == "nearest" else count % 2
    return lower, (count + ((2 * left > gap) | ((2 * left == gap) & (odd == 1)))).astype(np.int64)


def finite_products(name):
    """The products of every pair of finite numbers of FP8, each once."""
    values = np.arange(256, dtype=np.uint8).view(ML_DTYPES[name]).astype(np.float64)
    values = values[np.isfinite(values)]
    return np.unique(np.multiply.outer(values, values))


def totals_of(name, count=None):
    """Codes of all finite numbers of both signs, or of some."""
    form = FloatFormat.parse(name)
    codes = np.arange(form.highest_code + 1)
    if count is not None:
        ends = [0, 1, 31, 32, 33, form.highest_code - 1, form.highest_code]
        codes = np.unique([*ends, *np.random.default_rng(1).integers(0, form.highest_code, count)])
    return np.concatenate([codes, codes | 1 << form.width - 1])


def grid(factor, accumulator, count=None):
    """Totals, products and their exact sums, of one shape."""
    totals, found = totals_of(accumulator, count), finite_products(factor)
    sums = whole(FloatFormat.parse(accumulator).decode(totals))[:, None] + whole(found)
    return np.broadcast_to(totals[:, None], sums.shape), np.broadcast_to(found, sums.shape), sums


def magnitude(parameters, codes):
    return codes & (1 << parameters.accumulator.width - 1) - 1


@pytest.mark.parametrize("name", ML_DTYPES)
def test_every_product_of_fp8_is_exact(name):
    codes = np.arange(256)
    values = codes.astype(np.uint8).view(ML_DTYPES[name]).astype(np.float64)
    with np.errstate(invalid="ignore"):
        due = np.multiply.outer(values, values)
    given = products(FloatMacParameters.parse(name, name), codes[:, None], codes)
    assert np.array_equal(given, due, equal_nan=True)


@pytest.mark.parametrize("mode", ["nearest", "zero"])
@pytest.mark.parametrize(
    ("factor", "accumulator", "count"), [("e4m3", "e5m2", None), ("e5m2", "e4m3", None), ("e5m2", "e6m5", 60)]
)
def test_every_product_is_added_to_every_total_of_few_bits_exactly(factor, accumulator, count, mode):
    parameters = FloatMacParameters.parse(factor, factor, accumulator, mode)
    totals, found, sums = grid(factor, accumulator, count)
    lower, up = rounded(accumulator, sums, mode)
    given = add(parameters, totals, found)
    assert (magnitude(parameters, given) == lower + up).all()
    assert ((given >> parameters.accumulator.width - 1 == 1) == (sums < 0))[sums != 0].all()


def words_that_go_up(parameters, totals, found, lower):
    """Of all words, tried one by one, how many take the result above its lower neighbour."""
    count = np.zeros(totals.shape, dtype=np.int64)
    for word in range(1 << parameters.word_bits):
        up = magnitude(parameters, add(parameters, totals, found, np.full(totals.shape, word))) - lower
        assert ((up == 0) | (up == 1)).all()
        count += up
    return count


@pytest.mark.parametrize("eager", [False, True])
@pytest.mark.parametrize("bits", [2, 4])
def test_as_many_words_go_up_as_are_due(eager, bits):
    parameters = FloatMacParameters.parse(rounding="stochastic", random_bits=bits, eager=eager)
    totals, found, sums = grid("e5m2", "e6m5", 12)
    lower, due = rounded("e6m5", sums, "stochastic", bits)
    assert (words_that_go_up(parameters, totals, found, lower) == due).all()


def test_the_mean_over_all_words_is_the_sum_where_there_are_words_enough():
    parameters = FloatMacParameters.parse("e4m3", "e4m3", "e5m2", "stochastic", 8)
    totals, found, sums = grid("e4m3", "e5m2")
    numbers = numbers_of("e5m2")
    lower, _ = rounded("e5m2", sums, "zero")
    # Of a few sums each: those of which at most 8 bits are dropped, below the highest number.
    inside = lower < len(numbers) - 1
    gap = numbers[np.minimum(lower + 1, len(numbers) - 1)] - numbers[lower]
    chosen = np.flatnonzero((inside & ((abs(sums) << 8) % np.where(inside, gap, 1) == 0)).ravel())[::30]
    totals, found, sums, lower = (array.ravel()[chosen] for array in (totals, found, sums, lower))
    assert len(chosen) > 1500
    mean = 256 * numbers[lower] + words_that_go_up(parameters, totals, found, lower) * (
        numbers[lower + 1] - numbers[lower]
    )
    assert (mean == 256 * abs(sums)).all()
    # Power: the naive scheme is short of it where bits are dropped, with one bit less.
    naive = FloatMacParameters.parse("e4m3", "e4m3", "e5m2", "stochastic-naive", 7)
    short = 128 * numbers[lower] + words_that_go_up(naive, totals, found, lower) * (numbers[lower + 1] - numbers[lower])
    assert (short <= 128 * abs(sums)).all()
    assert (short < 128 * abs(sums)).any()


def test_an_eager_unit_rotates_the_words_of_a_lazy_one():
    # 1 + 2**-7: stays. 1.96875 + 0.0390625 carries. 1 - 2**-7 loses its first place.
    lazy, eager = (FloatMacParameters.parse(rounding="stochastic", random_bits=4, eager=eager) for eager in (0, 1))
    form = lazy.accumulator
    words = np.arange(16)
    for total, product, turned in (
        (1, 2**-7, words),
        (1.96875, 0.0390625 - 2**-8, words >> 1 | (words & 1) << 3),
        (1, -(2**-9), words << 1 & 15 | words >> 3),
    ):
        code = np.full(16, int(form.encode(total)))
        given = add(eager, code, np.full(16, product), words)
        assert (given == add(lazy, code, np.full(16, product), turned)).all()
        assert len(set(given.tolist())) == 2


def test_wide_sums_are_those_of_exact_fractions():
    # Addends up to 500 binary places apart, to nearest and with the most random bits that there can be.
    form = FloatFormat(8, 23)
    nearest = FloatMacParameters.parse("bfloat16", "bfloat16", "e8m23")
    most = FloatMacParameters.parse("bfloat16", "bfloat16", "e8m23", "stochastic", 27)
    numbers = random.Random(1)
    for _ in range(800):
        total = numbers.getrandbits(23) | numbers.randrange(1, 200) << 23 | numbers.getrandbits(1) << 31
        near = numbers.randint(-4, 30) if numbers.random() < 0.8 else numbers.randint(-200, 200)
        product = math.ldexp(numbers.randrange(1 << 14, 1 << 16), (total >> 23 & 255) - 127 - 15 - near)
        product *= numbers.choice([-1, 1])
        exact = Fraction(float(form.decode(total))) + Fraction(product)
        word = numbers.getrandbits(27)
        lower = Fraction(0)
        if exact:
            place = Fraction(2) ** (max(math.floor(math.log2(abs(exact))), -126) - 23)
            if abs(exact) >= place * 2**24:  # the logarithm was rounded
                place *= 2
            lower = abs(exact) // place * place
        up = (abs(exact) - lower) / place if exact else Fraction(0)
        for parameters, due in (
            (nearest, round(abs(exact) / place) * place if exact else 0),
            (most, lower + place * (round(up * 2**27) + word >= 2**27) if exact else 0),
        ):
            words = None if parameters is nearest else np.array(word)
            given = Fraction(float(form.decode(add(parameters, total, product, words))))
            assert given == (due if exact > 0 else -due) or due > Fraction(float(form.highest))


ONE, ZERO, INFINITY, NAN, MOST = 0x3C, 0x00, 0x7C, 0x7E, 0x7B
MINUS = 0x80
SPECIAL = {
    "infinity": ([(INFINITY, ONE), (ONE, ONE)], math.inf),
    "minus infinity": ([(INFINITY, ONE | MINUS)], -math.inf),
    "infinity times zero": ([(INFINITY, ZERO)], math.nan),
    "infinity less infinity": ([(INFINITY, ONE), (INFINITY, ONE | MINUS)], math.nan),
    "NaN stays": ([(NAN, ZERO), (ONE, ONE)], math.nan),
    "a sum of nothing is +0": ([(ZERO | MINUS, ONE)], 0.0),
    "equals cancel to +0": ([(ONE | MINUS, ONE), (ONE, ONE)], 0.0),
}


@pytest.mark.parametrize("rounding", [("nearest", 0, False), ("stochastic", 4, True)], ids=str)
@pytest.mark.parametrize("case", SPECIAL)
def test_what_is_not_finite_is_ieee_754s(case, rounding):
    mode, bits, eager = rounding
    parameters = FloatMacParameters.parse(rounding=mode, random_bits=bits, eager=eager)
    pairs, due = SPECIAL[case]
    words = np.full(len(pairs), 3) if bits else None
    given = parameters.accumulator.decode(float_mac(parameters, *zip(*pairs, strict=True), words))
    assert np.array_equal(given, due, equal_nan=True)
    assert np.signbit(given) == np.signbit(due)


@pytest.mark.parametrize(
    ("accumulator", "saturate", "due"),
    [("e5m2", True, 57344.0), ("e5m2", False, math.inf), ("e4m3", True, 448.0), ("e4m3", False, math.nan)],
)
def test_sums_beyond_the_format_saturate_or_overflow(accumulator, saturate, due):
    parameters = FloatMacParameters.parse(accumulator=accumulator, saturate=saturate)
    given = parameters.accumulator.decode(float_mac(parameters, [MOST, MOST], [MOST, ONE]))
    assert np.array_equal(given, due, equal_nan=True)
    # An infinite factor is infinite in either.
    infinite = parameters.accumulator.decode(float_mac(parameters, [INFINITY], [ONE]))
    assert np.array_equal(infinite, math.inf if accumulator == "e5m2" else math.nan, equal_nan=True)


def test_overflow_to_nearest_is_that_of_ml_dtypes():
    parameters = FloatMacParameters.parse(accumulator="e5m2", saturate=False)
    totals = np.arange(MOST + 1)
    values = totals.astype(np.uint8).view(ML_DTYPES["e5m2"])
    sums = values.astype(np.float64)[:, None] + values.astype(np.float64)
    due = sums.astype(ML_DTYPES["e5m2"]).view(np.uint8)
    assert np.isinf(due.view(ML_DTYPES["e5m2"]).astype(float)).any()
    shape = np.broadcast_shapes((len(totals), 1), (len(totals),))
    given = add(parameters, np.broadcast_to(totals[:, None], shape), values.astype(np.float64))
    assert (given == due).all()


@pytest.mark.parametrize("sums", [1, 2, 3])
def test_sums_that_take_turns_are_those_of_their_own_pairs(sums):
    parameters = FloatMacParameters.parse(rounding="stochastic", random_bits=6, sums=sums)
    model, numbers = FloatAccumulator(parameters), random.Random(sums)
    due, own = [], [[] for _ in range(sums)]
    ends, given = {}, []
    for clock in itertools.count():
        if clock == 400:
            break
        given += [] if model.output is None else [(clock, model.output)]
        pair = (numbers.getrandbits(7) % 124, numbers.getrandbits(8) & 0xBF, clock % 7 > 4)
        # A word every clock: that of pair i is i modulo 64, for the first comes to the step in the fourth clock.
        model.step(pair, (clock - 3) % 64, True)
        own[clock % sums].append((*pair[:2], clock % 64))
        if pair[2]:
            x, w, words = zip(*own[clock % sums], strict=True)
            due.append(int(float_mac(parameters, x, w, words)))
            ends[len(due) - 1] = clock
            own[clock % sums] = []
    assert [code for _, code in given] == due[: len(given)]
    assert [clock - ends[place] for place, (clock, _) in enumerate(given)] == [3 + sums] * len(given)
    assert len(given) > 100


def few_bits(eager):
    """Factors of 5 bits and a total of 8, far enough apart for ties below the word."""
    return FloatMacParameters.parse("e3m1", "e3m1", "e4m3", "stochastic", 3, eager)


def test_an_eager_step_of_few_bits_is_proved_for_every_total_product_and_word():
    prove(StepClaim(few_bits(True)))


def test_power_an_eager_step_is_not_a_lazy_one():
    class Unturned(StepClaim):
        def _turned(self, m, word, lower, field):
            return word

    with pytest.raises(Refuted) as error:
        prove(Unturned(few_bits(True)))
    inputs = error.value.inputs
    lazy, eager = few_bits(False), few_bits(True)
    product = math.ldexp(inputs["significand"], inputs["fields"] - 8) * (1 - 2 * inputs["sign"])
    given = [int(add(p, inputs["total"], product, np.array(inputs["word"]))) for p in (lazy, eager)]
    assert given[0] != given[1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sums": 5}, "sums must be 1 to 4, not 5"),
        ({"rounding": "floor"}, "not 'floor'"),
        ({"accumulator": "e8m23", "rounding": "stochastic", "random_bits": 28}, "at most 27 to e8m23, not 28"),
        ({"eager": True}, "eager float MAC needs a stochastic rounding of 2 bits or more"),
        ({"x": "e4m3", "rounding": "stochastic", "random_bits": 8, "eager": True}, "not those of e4m3 and e5m2"),
        ({"x": "float"}, "bfloat16 or written e4m3, not 'float'"),
    ],
)
def test_bad_parameters_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        FloatMacParameters.parse(**change)


def test_words_of_another_shape_are_refused():
    parameters = FloatMacParameters.parse(rounding="stochastic", random_bits=8)
    with pytest.raises(ValueError, match=r"words must be of shape \(2,\), not none"):
        float_mac(parameters, [1, 2], [1, 2])


def test_hardware_is_golden_in_icarus(icarus):
    for case in bench_float_mac.CASES:
        simulate(bench_float_mac.make(case), bench_float_mac.__name__, case, simulator=icarus)


@pytest.mark.verilator
def test_hardware_is_golden_in_verilator(verilator):
    case = bench_float_mac.CASES[2]
    simulate(bench_float_mac.make(case), bench_float_mac.__name__, case, simulator=verilator)
