"""`trijunction entropy`: what it prints, refuses and writes, and a measured device on its way into the emulator."""

import json
from pathlib import Path

import numpy as np
import pytest

from hwpy.entropy.junction import JunctionParameters
from tests.entropy.bad_input import BAD_INPUT
from tests.entropy.test_dwell import telegraph
from tests.entropy.test_recording import write_trace
from trijunction.cli import main

FOLDER = Path(__file__).parent / "bad_input"


@pytest.fixture
def fails(capfd):
    """Run `entropy` with arguments that must end in one line on stderr, nothing on stdout, status 2; gives the line."""

    def run(*arguments):
        assert main(["entropy", *map(str, arguments)]) == 2
        out, err = capfd.readouterr()
        assert out == ""
        assert err.endswith("\n")
        assert err.count("\n") == 1
        assert err[:-1].isprintable()
        return err[:-1]

    return run


@pytest.fixture
def measure(capfd):
    """Run `entropy` with --json; gives the record."""

    def run(*arguments):
        assert main(["entropy", *map(str, arguments), "--json"]) == 0
        out, err = capfd.readouterr()
        assert err == ""
        assert out.count("\n") == 1
        return json.loads(out)

    return run


@pytest.fixture
def trace(tmp_path):
    """A trace of a junction with dwell times 3 us in P and 8 us in AP, noisy and unevenly sampled."""
    rng = np.random.default_rng(1)
    times = np.cumsum(rng.uniform(0.2e-6, 1.8e-6, 40_000))
    states = telegraph(rng, times, (3e-6, 8e-6))
    return write_trace(tmp_path / "device.csv", times, 0.2 + 0.1 * states + rng.normal(0, 0.01, len(times)))


@pytest.mark.parametrize("name", BAD_INPUT)
def test_bad_input_is_one_line(name, fails):
    line, fragment = BAD_INPUT[name]
    path = FOLDER / name
    message = fails(f"smtj:{path}" if path.suffix == ".json" else path, "--json")
    assert message.startswith(f"{path}: " if line is None else f"{path}:{line}: ")
    assert fragment in message
    assert "expected" in message or "must be" in message


@pytest.mark.parametrize("name", ["nan.csv", "unsorted.csv", "negative_barrier.json", "binary_junk.csv"])
def test_bad_input_in_a_process(name, refused):
    line, fragment = BAD_INPUT[name]
    argument = f"smtj:{FOLDER / name}" if name.endswith(".json") else str(FOLDER / name)
    message = refused("entropy", argument)
    assert message.startswith(f"{FOLDER / name}:{line}: ")
    assert fragment in message


@pytest.mark.parametrize(
    ("arguments", "fragment"),
    [
        ("", "Missing argument 'SOURCE|FILE'"),
        ("absent.csv", "absent.csv: expected a source (lfsr:WIDTH"),
        ("lfsr:x", "source must be lfsr:WIDTH, xoshiro"),
        ("lfsr:200", "LFSR width must be"),
        ("smtj:cold", "positive ratio"),
        ("smtj:absent.json", "absent.json: expected"),
        ("lfsr:8 --bits 99", "'99' is not an integer from 100"),
        ("lfsr:8 --clock 0", "'0' is not a positive finite number"),
        ("lfsr:8 --xor 0", "'0' is not an integer from 1"),
        ("lfsr:8 --format bits", "--format is of a file"),
        ("lfsr:8 --format wav", "'wav' is not one of"),
        ("lfsr:8 --bits 1000 --device /tmp/x.json", "--device needs both dwell times"),
        ("smtj:0.5 --bits 1000 --plot absent/a.png", "absent/a.png cannot be written"),
        ("smtj:0.5 --bits 5000 --device absent/a.json", "absent/a.json cannot be written"),
    ],
)
def test_bad_usage_is_one_line(arguments, fragment, fails, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert fragment in fails(*arguments.split())
    assert list(tmp_path.iterdir()) == []


def test_options_that_are_not_of_a_file(trace, fails):
    assert "--xor is of a source" in fails(trace, "--xor", 2)
    assert "--clock is not for a trace" in fails(trace, "--clock", 5)


def test_measured_device_in_digital_system_out(trace, tmp_path, measure):
    """From the trace of a device to its file, and from the emulated device back to the same dwell times."""
    device = tmp_path / "device.json"
    record = measure(trace, "--device", device)
    (p, p_low, p_high), (ap, ap_low, ap_high) = record["dwell_p_seconds"], record["dwell_ap_seconds"]
    assert p_low < 3e-6 < p_high
    assert ap_low < 8e-6 < ap_high
    assert p_high < 1.1 * p_low
    assert record["probability_of_1"] == pytest.approx(8 / 11, abs=0.02)
    assert record["deterministic"] is False
    assert record["levels"]["level_ap"] == pytest.approx(0.3, abs=0.001)
    assert [float(time) for time in JunctionParameters.load(device).dwell_times()] == pytest.approx([p, ap], rel=1e-9)
    emulated = measure(f"smtj:{device}", "--clock", 7e5, "--bits", 200_000)
    assert emulated["clock_hz"] == pytest.approx(7e5)
    assert emulated["dwell_p_seconds"][1] < p < emulated["dwell_p_seconds"][2]
    assert emulated["dwell_ap_seconds"][1] < ap < emulated["dwell_ap_seconds"][2]


def test_an_inverted_or_evenly_read_trace_gives_other_dwells(trace, tmp_path, measure):
    """Power: the figures follow the file."""
    rows = np.loadtxt(trace, delimiter=",", skiprows=1)
    inverted = measure(write_trace(tmp_path / "inverted.csv", rows[:, 0], -rows[:, 1]))
    assert inverted["dwell_p_seconds"][0] == pytest.approx(8e-6, rel=0.1)
    slower = measure(write_trace(tmp_path / "slower.csv", rows[:, 0] * 7, rows[:, 1]))
    assert slower["dwell_p_seconds"][0] == pytest.approx(21e-6, rel=0.1)


def test_bit_files(tmp_path, measure):
    bits = np.cumsum(np.random.default_rng(2).random(80_000) < 0.2) % 2
    packed, text = tmp_path / "a.bin", tmp_path / "a.txt"
    packed.write_bytes(np.packbits(bits).tobytes())
    text.write_text("".join(map(str, bits)))
    first, second = measure(packed), measure(text)
    assert first["dwell_p_seconds"] is None  # in seconds it is not known without a clock
    assert any("need the clock" in note for note in first["notes"])
    for name in ("bias", "autocorrelation", "min_entropy_per_bit", "p_values"):
        assert first[name] == second[name]
    assert first["autocorrelation"][0] == pytest.approx(0.6, abs=0.01)
    clocked = measure(packed, "--clock", 1e6)
    # A chain that toggles with probability 0.2 is a junction of dwell time -2 / ln(1 - 0.4) clocks.
    assert clocked["dwell_p_seconds"][0] == pytest.approx(2 / -np.log(0.6) * 1e-6, rel=0.05)
    swapped = measure(packed, "--format", "bits-lsb")
    assert swapped["bias"] == first["bias"]
    assert swapped["autocorrelation"][0] != first["autocorrelation"][0]
    assert measure(packed, "--bits", 1000)["bits"] == 1000


def test_generators(measure):
    record = measure("lfsr:16", "--bits", 20_000)
    assert record["deterministic"] is True
    assert record["min_entropy_per_bit"] is None
    assert record["dwell_p_seconds"] is None
    assert len(record["autocorrelation"]) == 32
    assert measure("lfsr:16", "--bits", 20_000) == record
    assert measure("lfsr:16", "--bits", 20_000, "--seed", 2) != record


def test_the_table_says_what_it_is(capsys):
    assert main(["entropy", "xoshiro", "--bits", "5000"]) == 0
    out = capsys.readouterr().out
    assert "none claimed" in out
    assert "statistics, no entropy is" in out.replace("\n", " ")
    assert "bias, P(1) - 1/2" in out
    assert main(["entropy", "smtj:0.1", "--bits", "5000", "--xor", "2"]) == 0
    assert "smtj:0.1, XOR of 2: 5,000 bits" in capsys.readouterr().out


def test_plot(trace, tmp_path, measure):
    picture = tmp_path / "a.png"
    for source in (trace, "lfsr:8", "smtj:0.5"):
        measure(source, "--bits", 3000, "--plot", picture)
        assert picture.read_bytes().startswith(b"\x89PNG")
        picture.unlink()
    stuck = tmp_path / "stuck.txt"
    stuck.write_text("1" * 500)
    measure(stuck, "--plot", picture)
    assert picture.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "device.csv", "stuck.txt"]
