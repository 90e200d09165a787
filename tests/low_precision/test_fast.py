"""The fast MAC is the golden MAC bit for bit, and its words are those of the sources' own models. Level 0.001."""

import itertools

import numpy as np
import pytest
from scipy import stats

from hwpy.entropy.smtj import SmtjChain
from hwpy.entropy.xoshiro import Xoshiro
from hwpy.low_precision.entropy import JunctionWords, LfsrWords, XoshiroWords
from hwpy.low_precision.fast import exact_matmul, mac_matmul, mac_words, round_whole
from hwpy.low_precision.fast_words import draw
from hwpy.low_precision.fixed import FixedFormat
from hwpy.low_precision.mac import MacParameters, mac
from hwpy.low_precision.rounding import MODES, Rounding, shift_right

LANES = 8
SOURCES = {
    "xoshiro": XoshiroWords,
    "lfsr": lambda lanes, bits, seed: LfsrWords(lanes, bits, 16, seed),
    "shared lfsr": lambda lanes, bits, seed: LfsrWords(lanes, bits, 16, seed, shared=True),
    "junctions": lambda lanes, bits, seed: JunctionWords(lanes, bits, SmtjChain.from_statistics(0.4, 0.5), seed),
}
ROUNDINGS = [
    (Rounding(mode, bits), source)
    for mode in MODES
    for bits, source in (itertools.product((1, 4, 9), SOURCES) if mode.startswith("stochastic") else [(0, None)])
]
EACH_ROUNDING = pytest.mark.parametrize(("rounding", "source"), ROUNDINGS, ids=str)


def _twins(source, rounding, seed=5):
    """A source for the kernel and one for the golden model."""
    if source is None:
        return None, None
    return [SOURCES[source](LANES, rounding.random_bits, seed) for _ in range(2)]


@EACH_ROUNDING
def test_rounds_as_the_golden_model(rounding, source):
    fast, golden = _twins(source, rounding)
    form = FixedFormat(2, 5)
    for shift in (0, 1, 4, 11):
        # All dropped bits of shifts up to 4 with each kept parity and sign, ties among them; numbers about the highest
        # and beyond both ends; and not a whole number of clocks.
        near_zero = np.arange(-32, 33)
        raw = np.concatenate([near_zero, near_zero + (1 << (7 + shift)), near_zero * 997]).reshape(3, -1)
        words = golden.words(-(-raw.size // LANES)).ravel()[: raw.size].reshape(raw.shape) if golden else None
        expected = form.saturate(shift_right(raw, shift, rounding, words))
        assert np.array_equal(round_whole(raw, shift, rounding, form, fast), expected)


@EACH_ROUNDING
@pytest.mark.parametrize("each_step", [True, False])
def test_multiplies_as_the_golden_mac(rounding, source, each_step):
    fast, golden = _twins(source, rounding)
    x, w = FixedFormat(1, 6), FixedFormat(2, 5)
    parameters = MacParameters(
        x=x,
        w=w,
        accumulator=FixedFormat(3, 2) if each_step else FixedFormat(9, 11),
        output=FixedFormat(2, 2),
        rounding=rounding,
    )
    generator = np.random.default_rng(1)
    a = generator.integers(x.lowest, x.highest + 1, (3, 20))
    b = generator.integers(w.lowest, w.highest + 1, (20, LANES + 3))
    words = mac_words(parameters, golden, 3, 20, LANES + 3) if golden else None
    shape = (3, LANES + 3, 20)
    expected = mac(parameters, np.broadcast_to(a[:, None], shape), np.broadcast_to(b.T, shape), words)
    assert np.array_equal(mac_matmul(parameters, a, b, fast), expected)
    assert expected.max() == parameters.output.highest  # saturation was met


def test_lanes_of_16_bits_do_not_overflow():
    widest = FixedFormat(0, 15)
    parameters = MacParameters(widest, widest, FixedFormat(0, 30), FixedFormat(0, 30), Rounding("floor"))
    narrow = MacParameters(widest, widest, FixedFormat(3, 12), FixedFormat(3, 12), Rounding("stochastic", 18))
    for unit in (parameters, narrow):
        a, b = np.full((1, 40), widest.lowest), np.full((40, 1), widest.lowest)
        source = XoshiroWords(1, 18, 3) if unit.word_bits else None
        words = np.zeros((1, 1, 40), np.int64) if unit.word_bits else None
        if unit.step_shift:  # (-1)^2, exact: no word matters
            assert mac_matmul(unit, a, b, source) == mac(unit, a[None], b.T[None], words)
        else:
            with pytest.raises(ValueError, match="sure to stay within"):
                mac_matmul(unit, a, b)


def test_xoshiro_lanes_are_xoshiros():
    source = XoshiroWords(3, 7, seed=9)
    models = [Xoshiro(tuple(int(s) for s in column)) for column in source.state.T]
    expected = np.array([model.words(20) >> np.uint32(25) for model in models]).T
    assert np.array_equal(source.words(20), expected)


@pytest.mark.parametrize(("width", "bits"), [(3, 3), (8, 8), (12, 11), (31, 12), (32, 1), (32, 12), (32, 30)])
def test_registers_leap_at_once_as_their_model_bit_by_bit(width, bits):
    # Of the 32 bits' taps two are within a leap of 12, where new bits depend on new bits.
    for shared in (False, True):
        fast, golden = (LfsrWords(5, bits, width, seed=3, shared=shared) for _ in range(2))
        word = np.empty(5, np.uint32)
        for expected in golden.words(9):
            draw(word, fast.kind, fast.state, fast.settings)
            assert np.array_equal(word, expected)


def test_registers_lie_apart_on_one_cycle_and_give_fresh_bits():
    source = LfsrWords(15, 4, 8, seed=2)
    words = source.words(17)
    # 15 registers 17 states apart on the cycle of 255: after 17 leaps of 4 bits each is where the 4th from it was.
    assert np.array_equal(np.roll(source.state[0], 4), LfsrWords(15, 4, 8, seed=2).state[0])
    assert len({tuple(column) for column in words.T}) == 15
    shared = LfsrWords(15, 4, 8, seed=2, shared=True).words(17)
    assert (shared == words[:, :1]).all()


def test_junctions_repeat_themselves_as_their_chain_says():
    def p_value(chain, claimed):
        words = JunctionWords(64, 8, chain, seed=4).words(400)
        bits = words[..., None] >> np.arange(8) & 1
        repeats = bits[1:] == bits[:-1]
        return stats.binomtest(int(repeats.sum()), repeats.size, (1 + claimed) / 2).pvalue

    chain = SmtjChain.from_statistics(0.5, 0.8)
    assert p_value(chain, chain.correlation) > 0.001
    assert p_value(SmtjChain.from_statistics(0.5, 0.78), chain.correlation) < 0.001


def test_exact_products_are_exact_to_the_last_bit_and_refused_beyond():
    generator = np.random.default_rng(2)
    a, b = generator.integers(-(1 << 23), 1 << 23, (4, 60)), generator.integers(-(1 << 23), 1 << 23, (60, 4))
    a[0, 0], b[0, 0] = 1 << 23, 1 << 23
    product = exact_matmul(a.astype(float), b.astype(float))
    expected = [[sum(int(x) * int(y) for x, y in zip(row, column, strict=True)) for column in b.T] for row in a]
    assert product.astype(np.int64).tolist() == expected
    with pytest.raises(ValueError, match=r"within 9007199254740992, not within"):
        exact_matmul(8.0 * a, 16.0 * b)
    with pytest.raises(ValueError, match="within 16777216"):
        exact_matmul(a.astype(np.float32), b.astype(np.float32))


def test_refuses_what_does_not_fit():
    form = FixedFormat(3, 12)
    stochastic = MacParameters(form, form, form, form, Rounding("stochastic", 8))
    with pytest.raises(ValueError, match="source of 8 random bits, not none"):
        mac_matmul(stochastic, [[1]], [[1]])
    with pytest.raises(ValueError, match="not one of 9"):
        mac_matmul(stochastic, [[1]], [[1]], XoshiroWords(4, 9))
    with pytest.raises(ValueError, match="MAC w must be -32768 to 32767"):
        mac_matmul(stochastic, [[1]], [[40000]], XoshiroWords(4, 8))
    with pytest.raises(ValueError, match=r"\(M, K\) and \(K, N\)"):
        mac_matmul(stochastic, [[1, 2]], [[1]], XoshiroWords(4, 8))
    with pytest.raises(ValueError, match="0 to 53, not 54"):
        round_whole([1], 54, Rounding("floor"), form)
    with pytest.raises(ValueError, match="below 2"):
        round_whole([2.0**53], 1, Rounding("floor"), form)
    with pytest.raises(ValueError, match="1 to 30 bits, not 31"):
        XoshiroWords(4, 31)
    with pytest.raises(ValueError, match="3 to 32 bits wide, not 33"):
        LfsrWords(4, 8, 33)
