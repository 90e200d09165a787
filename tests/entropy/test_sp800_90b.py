"""SP 800-90B estimators: the standard's examples, NIST's results on a million bits, and sources of known entropy."""

import math
from collections import Counter

import numpy as np
import pytest

from hwpy.entropy import sp800_90b
from hwpy.entropy.sp800_90b import ESTIMATORS
from hwpy.entropy.sp800_90b.bounds import TooShortError
from hwpy.entropy.sp800_90b.prediction import entropy_of_predictions
from hwpy.entropy.sp800_90b.tuples import tuple_counts
from tests.entropy.constants import expansion

FORTY = [int(digit) for digit in "1000111001010101110011000111001010101110"]
TERNARY = [2, 2, 0, 1, 0, 2, 0, 1, 2, 1, 2, 0, 1, 2, 1, 0, 0, 1, 0, 0, 0]

#: The worked example of each subsection: estimator, its parameters there, sequence, min-entropy as printed.
EXAMPLES = [
    ("most_common_value", {}, [0, 1, 1, 2, 0, 1, 2, 2, 0, 1, 0, 1, 1, 0, 2, 2, 1, 0, 2, 1], 0.5363),
    ("collision", {}, FORTY, 0.4483),
    ("markov", {}, FORTY, 0.761),
    ("compression", {"dictionary": 4}, [*FORTY, 1, 1, 1, 0, 0, 0, 1, 1], 0.1345),
    ("t_tuple", {"cutoff": 3}, TERNARY, 0.273),
    ("longest_repeated_substring", {"cutoff": 3}, TERNARY, 0.6146),
    ("multi_mcw", {"windows": (3, 5, 7, 9)}, [1, 2, 1, 0, 2, 1, 1, 2, 2, 0, 0, 0], 0.3908),
    ("lag", {"lags": 3}, [2, 1, 3, 2, 1, 3, 1, 3, 1, 2], 0.735),
    ("multi_mmc", {"depth": 3}, [2, 1, 3, 2, 1, 3, 1, 3, 1], 0.0755),
    ("lz78y", {"depth": 4}, [2, 1, 3, 2, 1, 3, 1, 3, 1, 2, 1, 3, 2], 0.0191),
]

#: What NIST's SP800-90B_EntropyAssessment gives for its file data.pi.bin (cpp/selftest/refdata/data.pi.res).
NIST_PI = {
    "most_common_value": 0.81114057970407438,
    "collision": 0.56953759345777466,
    "markov": 0.72318078199004532,
    "compression": 0.60155919063219654,
    "t_tuple": 0.70186099415040004,
    "longest_repeated_substring": 0.90880365648334804,
    "multi_mcw": 0.81233323259173817,
    "lag": 0.81143461261488992,
    "multi_mmc": 0.81118369680348135,
    "lz78y": 0.81115864436468677,
}


@pytest.mark.parametrize(("name", "parameters", "sequence", "printed"), EXAMPLES, ids=[row[0] for row in EXAMPLES])
def test_the_standards_example(name, parameters, sequence, printed):
    # The standard rounds on the way, and cuts rather than rounds the result.
    assert ESTIMATORS[name](np.array(sequence), **parameters) == pytest.approx(printed, abs=7e-4)


@pytest.fixture(scope="module")
def data_pi():
    """The bits of data.pi.bin: pi in lines of 25 digits, each white space between them taken for a 1."""
    pi = expansion("pi", 1_004_882)
    ones = np.ones(4, np.uint8)
    parts = [ones[:3], pi[:24]]
    for start in range(24, len(pi), 25):
        parts += [ones, pi[start : start + 25]]
    sequence = np.concatenate([*parts, ones[:1]])
    assert len(sequence) == 1_165_666  # as NIST's program says
    assert sequence.sum() == 662_972
    return sequence


@pytest.mark.parametrize("name", ESTIMATORS)
def test_nists_program_on_a_million_bits(name, data_pi):
    assert ESTIMATORS[name](data_pi) == pytest.approx(NIST_PI[name], abs=1e-12)


def test_min_entropy_is_the_least(data_pi):
    part = data_pi[:50_000]
    found = sp800_90b.estimates(part)
    assert list(found) == list(ESTIMATORS)
    assert sp800_90b.min_entropy(part) == min(found.values())


@pytest.mark.parametrize("seed", range(30))
def test_tuple_counts_by_counting(seed):
    rng = np.random.default_rng(seed)
    size, alphabet = int(rng.integers(2, 80)), int(rng.integers(1, 4))
    sequence = rng.integers(0, alphabet, size)
    if seed % 3 == 0:  # repetitions that are longer than the first key of the suffix array
        sequence = np.tile(sequence, 3)
    most, pairs = tuple_counts(sequence)
    for length in range(1, len(sequence)):
        counts = Counter(tuple(sequence[i : i + length]) for i in range(len(sequence) - length + 1))
        if max(counts.values()) == 1:
            assert len(most) == len(pairs) == length
            return
        assert most[length] == max(counts.values())
        assert pairs[length] == sum(math.comb(count, 2) for count in counts.values())


@pytest.mark.parametrize("p", [0.5, 0.6, 0.8, 0.95])
def test_independent_bits_of_known_entropy(p):
    bits = (np.random.default_rng(1).random(300_000) < p).astype(np.uint8)
    true = -math.log2(max(p, 1 - p))
    found = sp800_90b.estimates(bits)
    # Pairs of equal tuples, or a sample guessed from one other, tell the Renyi entropy of order 2, which is higher.
    above = dict.fromkeys(("longest_repeated_substring", "lag"), -math.log2(p**2 + (1 - p) ** 2))
    # All are lower bounds at 99 %. How far below they may be:
    slack = {"collision": 0.16, "compression": 0.30, "t_tuple": 0.12, "longest_repeated_substring": 0.08}
    for name, value in found.items():
        assert value <= above.get(name, true) + 0.002, name
        assert value >= true - slack.get(name, 0.03), name


@pytest.mark.parametrize("stay", [0.6, 0.9, 0.99])
def test_two_state_chain_of_known_entropy(stay):
    """Unbiased but correlated: the likeliest path stays, so the entropy is -log2(stay) a bit."""
    rng = np.random.default_rng(2)
    bits = (np.cumsum(rng.random(200_000) >= stay) % 2).astype(np.uint8)
    true = -math.log2(stay)
    found = sp800_90b.estimates(bits)
    assert found["most_common_value"] > 0.9  # blind to correlation
    # The 128 bits of the Markov estimate begin with one that is free.
    assert found["markov"] == pytest.approx((127 * true + 1) / 128, abs=0.012)
    for name in ("lag", "multi_mmc", "lz78y"):
        assert true - 0.02 < found[name] < true + 0.002, name
    # So do tuples, of 15 bits or more.
    assert found["t_tuple"] < (14 * true + 1) / 15
    assert sp800_90b.min_entropy(bits) < true


def test_sources_without_entropy():
    size = 20_000
    constant = np.zeros(size, np.uint8)
    assert all(value == pytest.approx(0, abs=0.01) for value in sp800_90b.estimates(constant).values())
    # A period of 129 is beyond every lag, but not beyond the context of 16 bits.
    periodic = np.tile(np.random.default_rng(3).integers(0, 2, 129), size // 129).astype(np.uint8)
    found = sp800_90b.estimates(periodic)
    assert found["most_common_value"] > 0.8
    assert found["multi_mmc"] < 0.01
    assert found["t_tuple"] < 0.01


def by_dictionaries(sequence, depth, entries):
    """Sections 6.3.9 and 6.3.10 word by word, 1-based and with dictionaries: hits of the two predictors."""
    s, size = [None, *sequence], len(sequence)
    models, stored = [{} for _ in range(depth + 1)], [0] * (depth + 1)
    score, winner, mmc = [0] * (depth + 1), 1, []
    for i in range(3, size + 1):
        for d in range(1, depth + 1):
            if d < i - 1:
                key = (tuple(s[i - d - 1 : i - 1]), s[i - 1])
                if key in models[d]:
                    models[d][key] += 1
                elif stored[d] < entries:
                    models[d][key] = 1
                    stored[d] += 1
        guesses = [None] * (depth + 1)
        for d in range(1, min(depth, i - 1) + 1):
            found = {y: models[d].get((tuple(s[i - d : i]), y), 0) for y in set(sequence)}
            if any(found.values()):
                guesses[d] = max(y for y in found if found[y] == max(found.values()))
        mmc.append(guesses[winner] == s[i])
        for d in range(1, depth + 1):
            if guesses[d] == s[i]:
                score[d] += 1
                if score[d] >= score[winner]:
                    winner = d
    known, lz78y = {}, []
    for i in range(depth + 2, size + 1):
        for j in range(depth, 0, -1):
            key = tuple(s[i - j - 1 : i - 1])
            if key not in known and len(known) < entries:
                known[key] = Counter()
            if key in known:
                known[key][s[i - 1]] += 1
        guess, most = None, 0
        for j in range(depth, 0, -1):
            found = known.get(tuple(s[i - j : i]))
            if found:
                y = max(y for y in found if found[y] == max(found.values()))
                if found[y] > most:
                    guess, most = y, found[y]
        lz78y.append(guess == s[i])
    return mmc, lz78y


@pytest.mark.parametrize("entries", [5, 12, 1000])
@pytest.mark.parametrize("seed", range(6))
def test_predictors_by_dictionaries(entries, seed):
    """With so few entries the dictionaries fill up, as the longest of the standard's do on random bits."""
    rng = np.random.default_rng(seed)
    sequence = rng.choice(3 if seed % 2 else 2, size=300, p=[0.5, 0.3, 0.2] if seed % 2 else [0.6, 0.4])
    alphabet = len(set(sequence.tolist()))
    for name, hits in zip(("multi_mmc", "lz78y"), by_dictionaries(sequence.tolist(), 4, entries), strict=True):
        longest = max(len(run) for run in "".join("x" if hit else " " for hit in hits).split(" "))
        expected = entropy_of_predictions(sum(hits), longest, len(hits), alphabet)
        assert ESTIMATORS[name](sequence, depth=4, entries=entries) == pytest.approx(expected, abs=1e-12)


def test_local_bound_of_predictions():
    """A long run of hits lowers the estimate: to where no longer run than the one seen has probability 0.99."""
    for longest, trials in ((39, 1000), (25, 300), (200, 100_000)):
        p = 2 ** -entropy_of_predictions(correct=trials // 2, longest_run=longest, predictions=trials, values=2)
        # Exactly, by the number of hits in a row so far.
        row = np.zeros(longest + 1)
        row[0] = 1
        for _ in range(trials):
            row[0], row[1:] = (1 - p) * row.sum(), p * row[:-1]
        assert row.sum() == pytest.approx(0.99, abs=1e-5)


def test_short_sequences():
    assert sp800_90b.estimates(np.tile([0, 1, 1], 40))["compression"] is None
    with pytest.raises(TooShortError, match="needs 6012 bits, not 600"):
        sp800_90b.compression(np.zeros(600, np.uint8))
    with pytest.raises(ValueError, match="at least 100 in a row"):
        sp800_90b.estimates(np.zeros(99, np.uint8))
    with pytest.raises(ValueError, match="must be 0 or 1"):
        sp800_90b.estimates(np.full(100, 2))
