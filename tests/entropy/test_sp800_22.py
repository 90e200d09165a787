"""SP 800-22 tests: the standard's worked examples, its appendix B, false alarms and power."""

import numpy as np
import pytest

from hwpy.entropy import sp800_22
from hwpy.entropy.xoshiro import Xoshiro, seed_state
from tests.entropy.constants import expansion


def bits(text):
    return np.array([int(character) for character in text if character in "01"], np.uint8)


HUNDRED = bits("1100100100001111110110101010001000100001011010001100001000110100110001001100011001100010100010111000")
LONGEST = bits(
    "1100110000010101011011000100110011100000000000100100110101010001"
    "0001001111010110100000001101011111001100111001101101100010110010"
)

#: Sections 2.1.8 to 2.13.8 and their small examples: test, arguments, p-values as printed.
EXAMPLES = [
    ("frequency", bits("1011010101"), (), [0.527089]),
    ("frequency", HUNDRED, (), [0.109599]),
    ("block_frequency", bits("0110011010"), (3,), [0.801252]),
    ("block_frequency", HUNDRED, (10,), [0.706438]),
    ("runs", bits("1001101011"), (), [0.147232]),
    ("runs", HUNDRED, (), [0.500798]),
    ("longest_run", LONGEST, (), [0.180609]),
    ("serial", bits("0011011101"), (3,), [0.808792, 0.670320]),
    ("approximate_entropy", bits("0100110101"), (3,), [0.261961]),
    ("approximate_entropy", HUNDRED, (2,), [0.235301]),
    ("cumulative_sums", bits("1011010111"), (), [0.4116588, 0.4116588]),
    ("cumulative_sums", HUNDRED, (), [0.219194, 0.114866]),
]

#: Appendix B, the first 1,000,000 bits of each constant.
APPENDIX_B = {
    "pi": (0.578211, 0.380615, 0.628308, 0.663369, 0.419268, 0.024390, 0.010186, 0.361595, 0.143005),
    "e": (0.953749, 0.211072, 0.669887, 0.724266, 0.561917, 0.718945, 0.847187, 0.700073, 0.766182),
    "sqrt2": (0.811881, 0.833222, 0.879009, 0.957206, 0.313427, 0.012117, 0.581909, 0.884740, 0.861925),
    "sqrt3": (0.610051, 0.473961, 0.917121, 0.689519, 0.261123, 0.446726, 0.776046, 0.180481, 0.157500),
}
COLUMNS = (
    "frequency",
    "block_frequency",
    "cumulative_sums",
    "cumulative_sums_backward",
    "runs",
    "longest_run",
    "spectral",
    "approximate_entropy",
    "serial_1",
)


@pytest.mark.parametrize(("name", "sequence", "arguments", "printed"), EXAMPLES)
def test_worked_example(name, sequence, arguments, printed):
    found = getattr(sp800_22, name)(sequence, *arguments)
    assert np.atleast_1d(found) == pytest.approx(printed, abs=1e-6)


@pytest.mark.parametrize("constant", APPENDIX_B)
def test_appendix_b(constant):
    found = sp800_22.p_values(expansion(constant))
    # 1.5e-6: NIST's program has a coarser normal distribution function in the cumulative sums.
    assert [found[name] for name in COLUMNS] == pytest.approx(APPENDIX_B[constant], abs=1.5e-6)


def test_spectral_by_hand():
    """10 bits, from the definition: 5 peaks, of which all are below the threshold, where 4.75 are expected.

    The standard's section 2.6.4 prints 0.029523 for them, which its own definition and program do not give.
    """
    sequence = bits("1001010011")
    signs = 2.0 * sequence - 1
    angles = -2j * np.pi * np.outer(np.arange(5), np.arange(10)) / 10
    assert (np.abs(np.exp(angles) @ signs) < np.sqrt(np.log(20) * 10)).all()
    from math import erfc, sqrt

    assert sp800_22.spectral(sequence) == pytest.approx(erfc(0.25 / sqrt(10 * 0.95 * 0.05 / 4) / sqrt(2)), rel=1e-12)


@pytest.fixture(scope="module")
def good():
    """400 sequences of 8,192 bits from xoshiro128++."""
    words = Xoshiro(seed_state(7)).words(400 * 256)
    return np.unpackbits(words.astype("<u4").view(np.uint8), bitorder="little").reshape(400, 8192)


def test_false_alarms(good):
    """At level 0.01 a good source is refused 4 times of 400; 13 times or more has probability 3e-4 for each test."""
    found = [sp800_22.p_values(sequence) for sequence in good]
    for name in found[0]:
        p = np.array([one[name] for one in found])
        assert ((p >= 0) & (p <= 1)).all()
        assert (p < 0.01).sum() <= 12, name
        assert 0.4 < np.mean(p) < 0.62, name  # uniform but for discreteness: 0.5, with standard error 0.014


WRONG = {
    "biased": lambda b, r: b | (r.random(len(b)) < 0.1),
    "biased in blocks": lambda b, r: b ^ ((np.arange(len(b)) // 256 % 2) & (r.random(len(b)) < 0.3)) & b,
    "telegraph": lambda b, r: np.cumsum(r.random(len(b)) < 0.4) % 2,
    "too long runs": lambda b, r: b | np.isin(np.arange(len(b)) % 128, range(9)),
    "periodic": lambda b, r: np.where(np.arange(len(b)) % 10 == 0, np.arange(len(b)) // 10 % 2, b),
    "no 111": lambda b, r: b & ~(np.roll(b, 1) & np.roll(b, 2)),
    "drifting": lambda b, r: r.random(len(b)) < np.linspace(0.4, 0.6, len(b)),
}
CAUGHT = {
    "biased": ("frequency", "cumulative_sums", "cumulative_sums_backward"),
    "biased in blocks": ("block_frequency",),
    "telegraph": ("runs", "approximate_entropy"),
    "too long runs": ("longest_run",),
    "periodic": ("spectral",),
    "no 111": ("serial_1", "serial_2"),
    "drifting": ("cumulative_sums", "cumulative_sums_backward", "block_frequency"),
}


@pytest.mark.parametrize("fault", WRONG)
def test_power(fault, good):
    wrong = np.ascontiguousarray(WRONG[fault](good[0], np.random.default_rng(5)), dtype=np.uint8)
    found = sp800_22.p_values(wrong)
    for name in CAUGHT[fault]:
        assert found[name] < 1e-4, (name, found)


def test_every_test_has_a_fault_that_it_catches(good):
    assert set().union(*CAUGHT.values()) == set(sp800_22.p_values(good[0]))


def test_short_sequences():
    found = sp800_22.p_values(HUNDRED)
    assert found["longest_run"] is None
    assert found["block_frequency"] is None
    assert found["frequency"] == pytest.approx(0.109599, abs=1e-6)
    constant = sp800_22.p_values(np.zeros(1000, np.uint8))
    assert all(value < 1e-6 for value in constant.values())
