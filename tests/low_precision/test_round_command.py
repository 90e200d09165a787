"""`trijunction round`: what it prints, and how it refuses bad input."""

import json

import pytest

from trijunction.cli import main


def run(capfd, *arguments):
    assert main(["round", *arguments]) == 0
    out, err = capfd.readouterr()
    assert err == ""
    return out


def test_numbers_are_rounded_with_their_codes(capfd):
    record = json.loads(run(capfd, "14.327", "-0.3", "1e9", "--format", "s[4][3]", "--json"))
    assert record["values"] == [14.327, -0.3, 1e9]
    assert record["rounded"] == [14.375, -0.25, 15.875]
    assert record["codes"] == [115, -2, 127]
    assert (record["format"], record["rounding"], record["bits"], record["seed"]) == ("s[4][3]", "nearest", 0, None)
    # 448 is the largest of OCP's E4M3; its code is S.1111.110.
    record = json.loads(run(capfd, "500", "-500", "--format", "e4m3", "--json"))
    assert record["rounded"] == [448, -448]
    assert record["codes"] == [0x7E, 0xFE]


def test_the_mean_of_many_stochastic_roundings_is_the_number(capfd):
    arguments = ("14.327", "--format", "s[4][0]", "--rounding", "stochastic", "--repeat", "20000", "--json")
    record = json.loads(run(capfd, *arguments))
    assert record["rounded"][0] in (14, 15)
    # 4 standard errors: level 6e-5. Power: to nearest is 98 of them off.
    assert abs(record["mean"][0] - 14.327) < 4 * record["standard_error"][0]
    assert abs(14 - 14.327) > 4 * record["standard_error"][0]
    assert json.loads(run(capfd, *arguments)) == record
    assert json.loads(run(capfd, *arguments, "--seed", "2")) != record


def test_the_table_shows_value_result_and_code(capfd):
    table = run(capfd, "-0.3", "--format", "s[4][3]")
    assert "s[4][3], nearest" in table
    assert "-0.25, code 0xfe" in table
    assert "mean" in run(capfd, "0.3", "--rounding", "stochastic", "--bits", "4", "--repeat", "9")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["x"], "'x' is not a finite number"),
        (["nan"], "'nan' is not a finite number"),
        (["1", "--fromat"], "'--fromat' is not a finite number"),
        (["1", "--format", "s[3]"], "must be written s[integer bits][fraction bits], not 's[3]'"),
        (["1", "--format", "float"], "must be written s[3][12], bfloat16 or e4m3, not 'float'"),
        (["1", "--rounding", "stochastic", "--bits", "61"], "'61' is not an integer from 1 to 60"),
        (["1", "--bits", "4"], "takes no random bits, not 4"),
        (["1", "--rounding", "up"], "'up'"),
    ],
)
def test_bad_input_is_one_line(capfd, arguments, message):
    assert main(["round", *arguments]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert message in err
