"""What sources do to results: against theory, and poor ones must show."""

from __future__ import annotations

import csv
import math

import numpy as np
import pytest
from scipy.stats import chi2, norm, t

from trijunction.costs.quality import RECORD, ising, low_precision, measure, stages, stochastic_computing
from trijunction.costs.quality.source import Band, Estimate, Source, student

#: Of each statistical test.
LEVEL = 0.001


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ising, "BLOCK", 64)
    monkeypatch.setattr(ising, "_SAMPLES", {"warm_up": 100, "samples": 30, "interval": 4})
    monkeypatch.setattr(stochastic_computing, "SEEDS", 3)
    monkeypatch.setattr(low_precision, "SEEDS", 3)
    for module in (ising, stochastic_computing, low_precision):
        for name in ("reached", "_energies", "_runs", "_errors", "target"):
            if hasattr(module, name):
                getattr(module, name).cache_clear()


def test_student_is_the_textbook_interval() -> None:
    samples = np.array([[1.0, 10], [2, 30], [4, 20]])
    first, second = student(samples)
    half = t.ppf(0.975, 2) * samples[:, 0].std(ddof=1) / math.sqrt(3)
    assert first == pytest.approx((7 / 3, 7 / 3 - half, 7 / 3 + half))
    assert second.value == pytest.approx(20)


def test_a_band_hides_what_is_not_finite() -> None:
    band = Band([1, 2], [Estimate(1, 0.5, math.inf), Estimate(math.inf, 3, math.inf)])
    assert band.series(source="s") == {
        "x": [1, 2], "y": [1.0, None], "low": [0.5, 3.0], "high": [None, None], "source": "s",
    }  # fmt: skip


@pytest.mark.parametrize(("interval", "bias"), [(0.2, 0.0), (1.0, 0.1)])
def test_junctions_have_their_bias_and_correlation(interval: float, bias: float) -> None:
    source = Source("smtj", interval, bias)
    states = stochastic_computing.junctions(source, 400, 500, np.random.default_rng(3)).astype(float)
    p = 0.5 + bias
    # Correlated beats tell less: by (1 + rho) / (1 - rho).
    rho = math.exp(-2 * interval)
    error = math.sqrt(p * (1 - p) * (1 + rho) / (1 - rho) / states.size)
    assert abs(states.mean() - p) < norm.isf(LEVEL / 2) * error
    found = ((states[1:] - p) * (states[:-1] - p)).mean() / (p * (1 - p))
    assert abs(found - rho) < 4 / math.sqrt(states.size) * 2
    assert source.chain.correlation == pytest.approx(rho, abs=1e-4)
    assert source.chain.probability_of_1 == pytest.approx(p, abs=1e-3)


def test_generators_search_alike_and_a_junction_read_too_soon_does_not() -> None:
    """Two proportions, chi-square at level 0.001."""

    def statistic(one: Source, other: Source) -> float:
        (a, n), (b, m) = (ising.reached(source, 256, 256) for source in (one, other))
        p = (a + b) / (n + m)
        return float((a / n - b / m) ** 2 / (p * (1 - p) * (1 / n + 1 / m)))

    critical = chi2.isf(LEVEL, 1)
    assert statistic(Source("lfsr"), Source("xoshiro")) < critical
    assert statistic(Source("smtj", 0.1), Source("xoshiro")) > critical


def test_anneals_for_99_per_cent() -> None:
    # With a half, 2^-6.64 is 1 %.
    assert ising._anneals(0.5) == pytest.approx(math.log2(100))
    assert ising._anneals(0) == math.inf
    assert ising._anneals(0.999) == 1


def test_sampling_is_right_with_independent_bits_and_wrong_with_poor_ones() -> None:
    error, ratio = ising.sampling(Source("smtj"))
    assert abs(error.value) < 2 * (error.high - error.low)
    assert abs(ratio.value - 1) < 2 * (ratio.high - ratio.low)
    for poor in (Source("smtj", 0.1), Source("smtj", bias=0.2)):
        error, _ = ising.sampling(poor)
        assert min(abs(error.low), abs(error.high)) > 0.01


def test_scores_have_the_binomial_error_and_poor_junctions_a_larger_one() -> None:
    """It falls as the root of N; two rails of variance y (1 - y) have at most 1/2 together, being independent."""
    errors, right = stochastic_computing._runs(Source("smtj"))
    lengths = np.array(stochastic_computing.LENGTHS)
    scaled = errors.mean(axis=0) * np.sqrt(lengths)
    # No floor: the expectation is the exact one.
    assert scaled.max() / scaled.min() < 1.25
    assert 0.3 < scaled.mean() < 1 / math.sqrt(2)
    assert right[0, -1] > 0.95 * 599
    place = stochastic_computing.LENGTHS.index(256)
    for poor in (Source("smtj", 0.1), Source("smtj", bias=0.1)):
        assert stochastic_computing._runs(poor)[0][:, place].mean() > 1.5 * errors[:, place].mean()


def test_the_length_of_equal_error_by_hand() -> None:
    lengths = (16, 32, 64)
    assert stochastic_computing.crossing(lengths, [4, 2, 1], 2) == pytest.approx(32)
    assert stochastic_computing.crossing(lengths, [4, 2, 1], 2 * math.sqrt(2)) == pytest.approx(16 * math.sqrt(2))
    assert stochastic_computing.crossing(lengths, [4, 2, 1], 5) == 16
    assert stochastic_computing.crossing(lengths, [4, 2, 1.5], 1) == math.inf


def test_rounding_has_the_error_of_its_fractions() -> None:
    """A step whose fraction is f is off by a variance f (1 - f); steps are independent, and none saturates here."""
    raw, exact = low_precision._factors()
    fraction = ((raw[:, :, None] * raw[:, None, :]) % 64) / 64
    variance = (fraction * (1 - fraction)).sum(axis=0)
    expected = math.sqrt(variance[~np.eye(len(exact), dtype=bool)].mean())
    for name in ("lfsr", "xoshiro", "smtj"):
        assert np.mean(low_precision._errors(Source(name), 6)) == pytest.approx(expected, rel=0.05)
    assert low_precision.nearest() > 3 * expected
    for poor in (Source("smtj", 0.2), Source("smtj", bias=0.05)):
        assert min(low_precision._errors(poor, 6)) > 1.5 * expected
    assert low_precision.work(Source("smtj", bias=0.05)).low > 5 * low_precision.built()


def test_training_is_the_record() -> None:
    with RECORD.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["experiment"] == "bits" and row["rounding"] == "nearest"]
    found = low_precision.training()
    nearest = [float(row["accuracies"].split()[-1]) for row in rows]
    assert found["random_bits"].x[0] == 0
    assert found["random_bits"].y[0].value == pytest.approx(np.mean(nearest))
    assert set(found) == {"random_bits", "registers", "junctions"}
    assert found["junctions"].x == [0.0001, 0.001, 0.01, 0.1, 1.0]


@pytest.mark.parametrize(
    ("good", "from_above", "expected"),
    [
        ((False, True, True), True, (2, 1, 2)),
        ((True, False, True), True, (4, 2, 4)),
        ((True, True, True), True, (1, None, None)),
        ((True, True, False), False, (2, 2, 4)),
        ((True, False, True), False, (1, 1, 2)),
        ((False, False, False), False, (None, None, None)),
    ],
)
def test_what_is_borne_is_up_to_the_first_that_is_not(
    good: tuple[bool, ...], from_above: bool, expected: tuple[float | None, ...]
) -> None:
    found = measure.bearable((1, 2, 4), good, from_above, "measured: x")
    assert (found.value, found.low, found.high) == expected


def test_stages_are_listed_without_measuring() -> None:
    names = [stage.name for stage in stages()]
    assert len(names) == 9
    assert "quality/ising/smtj" in names


def test_a_stage_of_low_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "INTERVALS", (0.2, 4.0))
    monkeypatch.setattr(measure, "BIASES", (0.001, 0.05))
    found = measure.measure("low_precision", "smtj")
    assert found.quantities["read_interval"].value == 4
    assert found.quantities["read_interval"].low == 0.2
    assert found.quantities["bias_tolerance"].value == 0.001
    assert found.quantities["work_as_built"].value == 1024
    assert found.to_dict()["series"]["quality"]["x"] == [1, 2, 3, 4, 5, 6]
