"""Multiply-accumulate: the golden model against exact rationals and enumeration, the hardware against the model."""

import itertools
import math
import random
from fractions import Fraction

import numpy as np
import pytest
from amaranth.hdl import ClockDomain, Module, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from amaranth.sim import Simulator
from scipy import stats

from boards.proof import Refuted, prove
from hwpy.low_precision.fixed import FixedFormat
from hwpy.low_precision.mac import Accumulator, MacParameters, accumulate, mac
from hwpy.low_precision.rounding import Rounding
from rtl.low_precision.mac import Mac, accumulated
from sim.low_precision import bench_mac
from sim.runner import simulate

LEVEL = 0.001
DETERMINISTIC = {"nearest": round, "floor": math.floor, "zero": math.trunc}


def _clip(raw, form):
    return min(max(raw, form.lowest), form.highest)


@pytest.mark.parametrize("mode", DETERMINISTIC)
@pytest.mark.parametrize(("accumulator", "output"), [("s[0][4]", None), ("s[2][8]", "s[0][5]"), ("s[1][8]", None)])
def test_sums_are_those_of_exact_fractions(mode, accumulator, output):
    parameters = MacParameters.parse("s[1][4]", "s[0][4]", accumulator, output, mode)
    generator = np.random.default_rng(1)
    x, w = generator.integers(-32, 32, (200, 6)), generator.integers(-16, 16, (200, 6))
    for row, given in enumerate(mac(parameters, x, w)):
        total = Fraction(0)
        for a, b in zip(x[row].tolist(), w[row].tolist(), strict=True):
            exact = (total + Fraction(a, 16) * Fraction(b, 16)) * (1 << parameters.accumulator.fraction_bits)
            total = Fraction(_clip(DETERMINISTIC[mode](exact), parameters.accumulator))
            total /= 1 << parameters.accumulator.fraction_bits
        due = _clip(DETERMINISTIC[mode](total * (1 << parameters.output.fraction_bits)), parameters.output)
        assert given == due


def test_all_words_together_give_the_exact_sum():
    # Two steps that drop 3 bits, over all words of both: the mean is exact, not near.
    parameters = MacParameters.parse("s[0][3]", "s[0][3]", "s[3][3]", rounding="stochastic", random_bits=3)
    words = np.array(list(itertools.product(range(8), repeat=2)))
    for addends in itertools.product((-13, -1, 5, 16, 31), repeat=2):
        sums = accumulate(parameters, np.tile(addends, (64, 1)), words)
        assert 8 * sums.sum() == 64 * sum(addends)
    # Power: with the naive scheme and 2 of the 3 bits it is not.
    naive = MacParameters.parse("s[0][3]", "s[0][3]", "s[3][3]", rounding="stochastic-naive", random_bits=2)
    assert 8 * accumulate(naive, np.tile((5, 5), (64, 1)), words >> 1).sum() < 64 * 10


@pytest.mark.parametrize(
    ("mode", "bits"),
    [("floor", 0), ("nearest", 0), ("stochastic", 4), ("stochastic-fast", 2), ("stochastic-naive", 2)],
)
def test_eager_rounding_of_the_end_is_lazy_rounding(mode, bits):
    # Every sum that the accumulator holds, by any two addends, with every word.
    lazy, eager = (
        MacParameters.parse("s[0][3]", "s[0][3]", "s[1][6]", "s[0][2]", mode, bits, eager) for eager in (False, True)
    )
    addends = np.array([(first, total - first) for total in range(-100, 100) for first in (-7, 0, 20)])
    for word in range(1 << bits):
        words = np.full(len(addends), word) if bits else None
        assert (accumulate(lazy, addends, words) == accumulate(eager, addends, words)).all()


def test_eager_rounding_of_the_end_differs_if_the_accumulator_saturates():
    lazy, eager = (
        MacParameters.parse("s[0][3]", "s[0][3]", "s[0][6]", "s[0][2]", "stochastic", 4, eager) for eager in (0, 1)
    )
    words = np.array([15])
    assert accumulate(lazy, [[60, -24]], words) != accumulate(eager, [[60, -24]], words)


class Disagreement(wiring.Component):
    """Whether two units differ in a step, for any total, addend and word."""

    def __init__(self, first, second):
        self.units = first, second
        width = first.x.width + first.w.width
        super().__init__(
            {
                "total": In(signed(first.accumulator.width)),
                "addend": In(signed(width)),
                "word": In(first.word_bits),
                "wrong": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        first, second = (
            accumulated(m, f"step_{k}", unit, self.total, self.addend, self.word) for k, unit in enumerate(self.units)
        )
        m.d.comb += self.wrong.eq(first != second)
        return m


@pytest.mark.parametrize(("mode", "bits"), [("nearest", 0), ("stochastic", 6), ("stochastic", 4)])
def test_eager_step_is_proved_to_be_the_lazy_one(mode, bits):
    eager, lazy = (MacParameters.parse(rounding=mode, random_bits=bits, eager=eager) for eager in (True, False))
    prove(Disagreement(eager, lazy))
    if bits == 4:
        # Power: a carry that is missing is found.
        naive = MacParameters.parse(rounding="stochastic-naive", random_bits=bits)
        with pytest.raises(Refuted):
            prove(Disagreement(eager, naive))


def test_reset_ends_a_sum_that_was_begun():
    # One half squared is begun, reset, and then -1/2 * 1/2 is a sum of its own.
    m = Module()
    m.domains.sync = domain = ClockDomain()
    m.submodules.unit = unit = Mac(MacParameters.parse(eager=True))
    pair = unit.input.payload

    async def run(ctx):
        ctx.set(unit.input.valid, 1)
        ctx.set(pair.x, 64)
        ctx.set(pair.w, 64)
        await ctx.tick().repeat(6)
        ctx.set(domain.rst, 1)
        await ctx.tick()
        ctx.set(domain.rst, 0)
        ctx.set(pair.x, -64)
        ctx.set(pair.last, 1)
        await ctx.tick()
        ctx.set(unit.input.valid, 0)
        (given,) = await ctx.tick().sample(unit.output.payload).until(unit.output.valid)
        assert given == -64

    simulator = Simulator(m)
    simulator.add_clock(1e-6)
    simulator.add_testbench(run)
    simulator.run()


def test_dot_product_of_halves():
    # The paper's example: every product is 1/4. Rounded to whole numbers the sum is 0, or N if it were rounded up.
    terms, trials = 64, 2000
    generator = np.random.default_rng(2)
    halves = np.ones((trials, terms), dtype=np.int64)
    to_nearest = MacParameters.parse("s[0][1]", "s[0][1]", "s[8][0]")
    assert not mac(to_nearest, halves[0], halves[0])
    stochastic = MacParameters.parse("s[0][1]", "s[0][1]", "s[8][0]", rounding="stochastic", random_bits=2)
    sums = mac(stochastic, halves, halves, generator.integers(0, 4, halves.shape))
    law = stats.binom(terms, 0.25)
    edges = np.arange(9, 24, 2)

    def p_value(law):
        seen = np.bincount(np.searchsorted(edges, sums), minlength=len(edges) + 1)
        cumulative = np.concatenate([[0], law.cdf(edges), [1]])
        return stats.chisquare(seen, trials * np.diff(cumulative)).pvalue

    assert p_value(law) > LEVEL
    assert p_value(stats.binom(terms, 0.27)) < LEVEL


@pytest.mark.parametrize(
    ("case", "terms", "clocks"),
    [
        ({"rounding": "stochastic", "random_bits": 6}, 8, 4),  # a word a step: as fast as the words
        ({"rounding": "stochastic", "random_bits": 6, "accumulator": "s[1][14]", "output": "s[1][8]"}, 8, 1),
        ({"rounding": "stochastic", "random_bits": 6, "accumulator": "s[1][14]", "output": "s[1][8]"}, 2, 2),
    ],
)
def test_slow_entropy_stalls_as_counted(case, terms, clocks):
    # A word every fourth clock.
    model = Accumulator(MacParameters.parse(**case), 2)
    taken, waiting = 0, None
    for clock in range(4000):
        if clock % 4 == 0:
            waiting = 1
        took_word = model.entropy_ready(True) and waiting is not None
        ready = model.ready(waiting, True)
        model.step((1, taken % terms == terms - 1), waiting, True)
        taken += ready
        waiting = None if took_word else waiting
    assert taken == pytest.approx(4000 / clocks, abs=8)
    assert MacParameters.parse(**case).bits_per_product(terms) * taken <= 6 * 1000 + 48


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": "s[9][9]"}, "at most 18 bits, not s"),
        ({"accumulator": "s[1][20]"}, "must not grow from product to accumulator to output, not 14 to 20 to 20"),
        ({"accumulator": "s[1][9]", "output": "s[1][8]"}, "neither the product's 14 fraction bits nor"),
        ({"rounding": "stochastic", "random_bits": 7}, "at most the 6 that are dropped, not 7"),
        ({"rounding": "zero", "eager": True}, "eager MAC cannot round to zero"),
        (
            {
                "accumulator": "s[1][14]",
                "output": "s[1][8]",
                "rounding": "stochastic",
                "random_bits": 5,
                "eager": True,
            },
            "eager MAC cannot round stochastic with 5 of 6 bits",
        ),
    ],
)
def test_bad_parameters_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        MacParameters.parse(**change)


def test_bad_numbers_are_refused():
    parameters = MacParameters.parse(rounding="stochastic", random_bits=6)
    with pytest.raises(ValueError, match=r"MAC x must be -128 to 127 in s\[0\]\[7\]"):
        mac(parameters, [128], [0], [0])
    with pytest.raises(ValueError, match=r"words must be of shape \(2,\), not none"):
        mac(parameters, [1, 2], [1, 2])
    with pytest.raises(ValueError, match="no random words to round to nearest"):
        mac(MacParameters.parse(), [1], [1], [1])


def random_case(seed):
    """Parameters of any kind."""
    numbers = random.Random(seed)
    x, w = (FixedFormat(numbers.randint(0, 3), numbers.randint(1, 8)) for _ in range(2))
    fraction = x.fraction_bits + w.fraction_bits
    dropped = numbers.randint(1, fraction)
    mode = numbers.choice(["nearest", "floor", "zero", "stochastic", "stochastic-fast", "stochastic-naive"])
    bits = numbers.randint(1, dropped) if Rounding(mode, 1 if mode[0] == "s" else 0).is_stochastic else 0
    case = {"x": str(x), "w": str(w), "rounding": mode, "random_bits": bits, "eager": numbers.random() < 0.6}
    integer = numbers.randint(1, 4)
    if numbers.random() < 0.5:
        case["accumulator"] = f"s[{integer}][{fraction - dropped}]"
    else:
        case |= {"accumulator": f"s[{integer}][{fraction}]", "output": f"s[{integer - 1}][{fraction - dropped}]"}
    try:
        MacParameters.parse(**case)
    except ValueError:
        case["eager"] = False
    return case


def test_hardware_is_golden_in_icarus(icarus):
    for case in bench_mac.CASES:
        simulate(bench_mac.make(case), bench_mac.__name__, case, simulator=icarus)


@pytest.mark.parametrize("seed", range(2))
def test_hardware_of_random_parameters_is_golden(icarus, seed):
    case = random_case(seed)
    simulate(bench_mac.make(case), bench_mac.__name__, case, simulator=icarus)
