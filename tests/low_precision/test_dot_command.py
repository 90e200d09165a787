"""`trijunction dot`: the paper's example, one result from all engines, and how it refuses bad input."""

import json

import pytest

from trijunction.cli import main


def run(capfd, *arguments):
    assert main(["dot", *map(str, arguments), "--json"]) == 0
    return json.loads(capfd.readouterr().out)


@pytest.fixture
def vectors(tmp_path):
    for name, numbers in (("x", (0.5, -0.25, 0.9, 0.1)), ("w", (0.25, 0.5, -0.75, -1))):
        (tmp_path / name).write_text("".join(f"{number}\n" for number in numbers))
    return tmp_path / "x", tmp_path / "w"


def test_halves_come_to_0_or_to_a_quarter_in_the_mean(capfd):
    assert run(capfd, "--terms", 400, "--rounding", "nearest")["results"] == [0] * 100
    record = run(capfd, "--terms", 400)
    assert record["exact"] == 100
    assert record["random_bits_per_product"] == 2
    # Binomial of 400 and 1/4: standard deviation sqrt(75); the mean of 100 within four standard errors.
    assert abs(record["mean"] - 100) < 4 * 75**0.5 / 10
    assert 0.7 < record["standard_deviation"] / 75**0.5 < 1.3
    assert run(capfd, "--terms", 400, "--seed", 2)["results"] != record["results"]


def test_all_engines_give_the_same(capfd, icarus, vectors):
    arguments = (*vectors, "--format", "s[0][7]", "--accumulator", "s[2][4]", "--bits", 5, "--trials", 20)
    results = [run(capfd, *arguments, "--engine", engine)["results"] for engine in ("golden", "fast", "rtl")]
    assert results[0] == results[1] == results[2]
    assert len(set(results[0])) > 1
    lanes = [run(capfd, *arguments, "--lanes", 3, "--engine", engine)["results"] for engine in ("golden", "rtl")]
    assert lanes[0] == lanes[1]


def test_vectors_are_taken_from_files(capfd, vectors):
    record = run(capfd, *vectors, "--format", "s[1][10]", "--accumulator", "s[3][20]", "--output", "s[3][10]")
    # 0.9 and 0.1 are 922 and 102 in units of 2^-10.
    assert record["exact"] == 0.125 - 0.125 - 0.75 * 922 / 1024 - 102 / 1024
    assert record["random_bits_per_product"] == 2.5
    assert abs(record["mean"] - record["exact"]) < 2**-10


@pytest.mark.parametrize("source", ["lfsr", "smtj"])
def test_every_source_gives_the_mean(capfd, source):
    record = run(capfd, "--terms", 200, "--entropy", source)
    assert record["entropy"] == source
    assert abs(record["mean"] - 50) < 4 * (200 * 3 / 16) ** 0.5 / 10


def test_bad_input_is_one_line(refused, vectors):
    x, w = vectors
    w.write_text("1\nhalf\n")
    assert refused("dot", x, w) == f"{w}:2: expected a finite number, found 'half'\n"
    w.write_text("1\n")
    assert "has 4 numbers and" in refused("dot", x, w)
    assert "must be written s[integer bits][fraction bits], not 'q15'" in refused("dot", "--format", "q15")
    assert "--bits is of stochastic rounding" in refused("dot", "--rounding", "floor", "--bits", "2")
    assert "fast engine takes 1 lane, not 2" in refused("dot", "--engine", "fast", "--lanes", "2")
