"""Recordings: what is read, what is refused, and how voltages become states."""

import io
import time
from pathlib import Path

import numpy as np
import pytest

from hwpy.entropy.digitise import OneLevelError, digitise
from hwpy.entropy.recording import format_of, read_bits, read_trace
from hwpy.formats.errors import InputError
from tests.entropy.bad_input import BAD_INPUT

FOLDER = Path(__file__).parent / "bad_input"


def write_trace(path, times, volts, end="\n"):
    text = io.StringIO()
    np.savetxt(text, np.column_stack([times, volts]), fmt="%.12g", delimiter=",", newline=end)
    path.write_bytes(f"time_s,voltage_v{end}{text.getvalue()}".encode())
    return path


@pytest.mark.parametrize(("format", "first"), [("bits", [1, 0, 0, 0]), ("bits-lsb", [1, 0, 1, 1])])
def test_order_of_bits(tmp_path, format, first):
    path = tmp_path / "a.bin"
    path.write_bytes(bytes([0b10001101, 0xFF]))
    assert read_bits(path, format)[:4].tolist() == first
    assert len(read_bits(path, format)) == 16
    assert len(read_bits(path, format, 11)) == 11


def test_text_bits(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"01 1\r\n0\t1\n")
    assert read_bits(path, "ascii").tolist() == [0, 1, 1, 0, 1]


def test_formats_by_suffix():
    assert [format_of(f"a{suffix}") for suffix in (".bin", ".RAW", ".txt", ".csv")] == ["bits", "bits", "ascii", "csv"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_trace_round_trip(tmp_path, end, monkeypatch):
    monkeypatch.setattr("hwpy.entropy.recording._PIECE", 1000)  # many pieces, with lines across their ends
    rng = np.random.default_rng(1)
    times, volts = np.cumsum(rng.exponential(1e-6, 500)), rng.normal(size=500)
    path = write_trace(tmp_path / "a.csv", times, volts, end)
    trace = read_trace(path)
    assert trace.times == pytest.approx(times, rel=1e-11)
    assert trace.volts == pytest.approx(volts, rel=1e-11)
    assert trace.last_line == 501
    assert len(read_trace(path, 77).times) == 77
    path.write_bytes(path.read_bytes().removesuffix(end.encode()))  # no end of the last line
    assert len(read_trace(path).times) == 500


def test_faults_in_later_pieces(tmp_path, monkeypatch):
    monkeypatch.setattr("hwpy.entropy.recording._PIECE", 1000)
    path = write_trace(tmp_path / "a.csv", np.arange(500) * 1e-6, np.zeros(500))
    lines = path.read_text().splitlines()
    for at, text, what in ((400, "1,x", "as VOLTAGE"), (300, "0,1", "ascend"), (451, "", "blank")):
        path.write_text("\n".join([*lines[: at - 1], text, *lines[at:]]) + "\n")
        with pytest.raises(InputError, match=rf"a\.csv:{at}: .*{what}"):
            read_trace(path)


def test_millions_of_samples_take_seconds(tmp_path):
    count = 1_000_000
    path = write_trace(tmp_path / "a.csv", np.arange(count) * 1e-6, np.arange(count) % 7)
    start = time.perf_counter()
    trace = read_trace(path)
    assert time.perf_counter() - start < 10  # 0.6 s on a free core
    assert trace.volts[-1] == (count - 1) % 7


def test_corpus_is_complete():
    files = {path.name for path in FOLDER.iterdir() if path.is_file()}
    assert files - {"__init__.py", ".gitattributes"} == set(BAD_INPUT)
    assert sum(name.endswith(".csv") for name in BAD_INPUT) >= 20


def test_files_that_cannot_be_opened(tmp_path):
    for reader in (read_trace, lambda path: read_bits(path, "bits")):
        with pytest.raises(InputError, match="found no file of this name"):
            reader(tmp_path / "absent.csv")
        with pytest.raises(InputError, match="found a directory"):
            reader(tmp_path)
        with pytest.raises(InputError, match="cannot be read"):
            reader("a\0b")
    with pytest.raises(InputError, match="NUL"):
        read_trace("/dev/zero")
    assert len(read_bits("/dev/zero", "bits", 1000)) == 1000


def test_any_damage_is_an_input_error_or_a_trace(tmp_path):
    """Every prefix of a good file, and 300 with one byte changed."""
    good = write_trace(tmp_path / "a.csv", np.arange(12) * 1e-6, [0.1, 0.2] * 6).read_bytes()
    rng = np.random.default_rng(2)
    variants = [good[:end] for end in range(len(good))]
    for _ in range(300):
        at = int(rng.integers(len(good)))
        variants.append(good[:at] + bytes([int(rng.integers(256))]) + good[at + 1 :])
    path = tmp_path / "b.csv"
    messages = []
    for variant in variants:
        path.write_bytes(variant)
        try:
            trace = read_trace(path)
        except InputError as error:
            messages.append(str(error))
        else:
            assert (np.diff(trace.times) > 0).all()
            assert np.isfinite(trace.volts).all()
    assert len(messages) > 200
    assert all(message.isprintable() and "expected" in message for message in messages)


@pytest.fixture
def noisy():
    """States of a slow junction, and its voltages in noise of a tenth of the step."""
    rng = np.random.default_rng(3)
    states = np.cumsum(rng.random(50_000) < 0.02) % 2
    return states, 0.3 + 0.05 * states + rng.normal(0, 0.005, len(states))


def test_digitised_levels_and_states(noisy):
    states, volts = noisy
    found = digitise(volts)
    assert np.count_nonzero(found.states != states) <= 8  # some 1.4 of 1,000 switchings are seen a sample late
    assert found.level_p == pytest.approx(0.3, abs=2e-4)
    assert found.level_ap == pytest.approx(0.35, abs=2e-4)
    assert found.noise_p == pytest.approx(0.005, rel=0.05)
    assert found.threshold_p == pytest.approx(0.315, abs=3e-4)
    assert found.threshold_ap == pytest.approx(0.335, abs=3e-4)


def test_hysteresis_is_needed():
    """Power: at a noise of a sixth of the step one threshold makes hundreds of switchings that are none."""
    rng = np.random.default_rng(4)
    states = np.cumsum(rng.random(100_000) < 0.002) % 2
    volts = states + rng.normal(0, 1 / 6, len(states))
    true = np.count_nonzero(np.diff(states))
    single = np.count_nonzero(np.diff((volts > 0.5).astype(int)))
    found = np.count_nonzero(np.diff(digitise(volts).states.astype(int)))
    assert single > 2 * true
    assert abs(found - true) < 0.05 * true


def test_glitches_and_rare_states():
    rng = np.random.default_rng(5)
    volts = np.where(rng.random(20_000) < 0.01, 2.0, 1.0) + rng.normal(0, 0.02, 20_000)
    volts[[77, 5000]] = [50, -40]
    found = digitise(volts)
    assert found.level_ap == pytest.approx(2, abs=0.01)
    assert found.states.mean() == pytest.approx(0.01, abs=0.003)


def test_samples_between_the_thresholds_keep_the_state():
    found = digitise([0.6, 0.4, *[0.0, 1.0] * 50, 0.0, 0.5, 1.0, 0.5, 0.35, 0.65, 0.0, 0.6, 0.4, 1.0])
    assert (found.threshold_p, found.threshold_ap) == pytest.approx((0.3, 0.7))
    assert found.states[-10:].tolist() == [0, 0, 1, 1, 1, 1, 0, 0, 0, 1]
    assert found.states[:3].tolist() == [1, 0, 0]  # before any decision: the nearer one


@pytest.mark.parametrize("kind", ["constant", "normal", "uniform", "ramp", "sine"])
def test_one_level_is_refused(kind):
    rng, time = np.random.default_rng(6), np.arange(5000)
    trace = {
        "constant": np.full(5000, 0.7),
        "normal": rng.normal(0.7, 0.1, 5000),
        "uniform": rng.random(5000),
        "ramp": time * 1e-3,
        "sine": np.sin(time * 0.01),
    }[kind]
    with pytest.raises(OneLevelError, match="two levels"):
        digitise(trace)
