"""Sources by name, linear complexity, and the record of all figures."""

import math

import numpy as np
import pytest

from benchmarks import entropy_quality
from hwpy.entropy.junction import JunctionParameters
from hwpy.entropy.lfsr import Lfsr, LfsrParameters
from hwpy.entropy.linear_complexity import linear_complexity, looks_linear
from hwpy.entropy.planes import seed_words
from hwpy.entropy.quality import autocorrelation, quality
from hwpy.entropy.smtj import Smtj, SmtjChain
from hwpy.entropy.sources import BitStream, _junction_bits, _register_bits, make_bits
from hwpy.entropy.whitening import bias_after_xor


@pytest.mark.parametrize("width", [3, 8, 16, 17, 32, 64, 127, 521])
def test_register_in_long_blocks_is_the_golden_model(width):
    parameters = LfsrParameters(width)
    assert (_register_bits(parameters, 5, 9000) == Lfsr(parameters, 5).bits(9000)).all()


def test_junction_is_the_golden_model():
    chain = SmtjChain(3000, 9000)
    numbers = seed_words(11, 4 << 32, 2501).astype("<u8").view("<u2")
    start = int(numbers[0] < chain.probability_of_1 * 65536)
    golden = Smtj(1, start).run(numbers[1:5001, None], chain)
    assert (_junction_bits(chain, 11, 5000) == golden[:, 0]).all()


@pytest.mark.parametrize("ratio", [0.05, 0.5, 2.0])
def test_junction_of_a_ratio(ratio):
    bits = make_bits(f"smtj:{ratio}", 400_000, 1).bits
    expected = math.exp(-2 * ratio)
    # Standard error of a correlation coefficient of this process, from its effective number of samples.
    error = math.sqrt((1 - expected**2) / len(bits))
    assert autocorrelation(bits)[0] == pytest.approx(expected, abs=4 * error + 2**-15)


def test_xor_of_streams():
    one = make_bits("smtj:0.1", 200_000, 3)
    four = make_bits("smtj:0.1", 200_000, 3, streams=4)
    assert four.name == "smtj:0.1, XOR of 4"
    assert not four.two_state
    assert autocorrelation(four.bits)[0] == pytest.approx(autocorrelation(one.bits)[0] ** 4, abs=0.02)


def test_xor_makes_the_bias_small(tmp_path):
    path = tmp_path / "biased.json"
    JunctionParameters.from_dwell_times(1e-6, 3e-6).save(path)
    single = make_bits(f"smtj:{path}", 200_000, 1, clock=1e4)
    assert single.bits.mean() == pytest.approx(0.75, abs=0.004)
    double = make_bits(f"smtj:{path}", 200_000, 1, clock=1e4, streams=2)
    assert double.bits.mean() - 0.5 == pytest.approx(bias_after_xor(0.25, 2) * -1, abs=0.0045)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("lfsr", "source must be lfsr:WIDTH"),
        ("lfsr:x", "source must be lfsr:WIDTH"),
        ("lfsr:1", "width must be"),
        ("xoshiro:3", "source must be"),
        ("smtj:", "source must be"),
        ("smtj:nan", "positive ratio or a file FILE.json, not 'nan'"),
        ("smtj:-1", "positive ratio"),
        ("smtj:1e-9", "sample less often"),
    ],
)
def test_bad_sources(name, message):
    with pytest.raises(ValueError, match=message):
        make_bits(name, 100, 1)


def test_linear_complexity():
    """The example of the Handbook of Applied Cryptography, 6.31, a register's width, and n / 2 of random bits."""
    assert linear_complexity([0, 0, 1, 1, 0, 1, 1, 1, 0]) == 5
    assert linear_complexity([0] * 50) == 0
    assert linear_complexity([0] * 9 + [1]) == 10
    for width in (8, 32, 168):
        assert linear_complexity(Lfsr(LfsrParameters(width), 3).bits(1000)) == width
    rng = np.random.default_rng(1)
    for p in (0.5, 0.1, 0.01):
        assert abs(linear_complexity(rng.random(2000) < p) - 1000) < 12


def test_registers_are_found_and_junctions_are_not():
    assert looks_linear(make_bits("lfsr:521", 10_000, 1).bits) == 521
    assert looks_linear(make_bits("lfsr:16", 10_000, 1, streams=3).bits) <= 48
    assert looks_linear(np.arange(10_000) // 50 % 2) <= 51  # an oscillator
    for name in ("xoshiro", "smtj:0.02", "smtj:3"):
        assert looks_linear(make_bits(name, 10_000, 1).bits) is None
    assert looks_linear(np.zeros(10_000)) is None  # stuck: that is for the other figures to say


def test_record_of_a_junction():
    record = quality(make_bits("smtj:0.25", 300_000, 1, clock=2e6))
    assert record["deterministic"] is False
    assert record["bias"] == record["probability_of_1"] - 0.5
    assert len(record["autocorrelation"]) == 32
    for name in ("dwell_p_seconds", "dwell_ap_seconds"):
        estimate, low, high = record[name]
        assert low < 2e-6 < high
        assert low < estimate < high < 1.1 * low
    assert record["min_entropy_per_bit"] == min(record["min_entropy"].values())
    # The predictors see the correlation: the next bit is the last one with probability (1 + e^-1/2) / 2.
    assert record["min_entropy"]["multi_mmc"] == pytest.approx(-math.log2((1 + math.exp(-0.5)) / 2), abs=0.01)
    assert record["p_values"]["runs"] < 1e-9


def test_generators_claim_no_entropy():
    for name in ("lfsr:32", "xoshiro"):
        record = quality(make_bits(name, 50_000, 1))
        assert record["deterministic"] is True
        assert record["min_entropy_per_bit"] is None
        assert record["dwell_p_seconds"] is None
        assert min(record["min_entropy"].values()) > 0.5  # they look good, which is the point
        assert any("no entropy is claimed" in note for note in record["notes"])


def test_a_recorded_register_is_found_out():
    bits = make_bits("lfsr:24", 50_000, 1).bits
    record = quality(BitStream("a.bin", bits, None, False))
    assert record["deterministic"] is True
    assert record["linear_complexity"] == 24
    assert record["min_entropy_per_bit"] is None
    damaged = bits ^ (np.random.default_rng(1).random(len(bits)) < 0.01)
    assert quality(BitStream("a.bin", damaged, None, False))["deterministic"] is False


def test_a_stuck_source():
    record = quality(BitStream("a.bin", np.ones(2000, np.uint8), 1e-6, False))
    assert record["bias"] == 0.5
    assert record["min_entropy_per_bit"] == pytest.approx(0, abs=0.01)
    assert record["autocorrelation"] == [None] * 32
    assert record["dwell_ap_seconds"] is None


def test_ising_column():
    """The ring's energy is right with independent bits, and wrong with those of a junction read too often."""

    def error(name, streams=1):
        value, deviation = entropy_quality.ising(make_bits(name, 400_000, 1, streams=streams).bits).split(" ")
        return float(value) / float(deviation.strip("()"))

    assert abs(error("xoshiro")) < 4
    assert abs(error("smtj:20")) < 4
    assert error("smtj:0.1") < -20
    assert abs(error("smtj:1", 4)) < abs(error("smtj:1")) / 2


def test_columns_of_the_other_ways():
    """Independent bits have the error of independent bits, those of a junction read too often a larger one."""
    for way in (entropy_quality.or_neuron, entropy_quality.rounding):

        def excess(name, way=way):
            value, deviation = way(make_bits(name, 400_000, 1).bits).split(" ")
            return (float(value) - 1) / float(deviation.strip("()"))

        assert abs(excess("xoshiro")) < 4
        assert abs(excess("smtj:20")) < 4
        assert excess("smtj:0.1") > 6


def test_table_row():
    cells = entropy_quality.row("lfsr:8", 1, 20_000, 1, areas=False)
    assert cells[0] == "lfsr:8"
    assert cells[3].startswith("none; 0.000")
    assert len(cells) == 7 + len(entropy_quality.WAYS)
