"""Differential equations on the MAC: steps against exact fractions, solver against closed forms. Level 0.001."""

import json
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from scipy.linalg import expm

from hwpy.low_precision.fixed import FixedFormat
from hwpy.low_precision.ode import SYSTEMS, izhikevich, lorenz, oscillator
from hwpy.low_precision.ode_error import compare
from hwpy.low_precision.ode_solver import FixedSolver, FloatSolver, solve
from hwpy.low_precision.rounding import Rounding
from sim.low_precision.run_ode import HardwareSolve
from trijunction.cli import main


def _exact_sums(ode, base, at, weights):
    """What the state's sums are before rounding, for a whole step, in units of the last place."""
    unit = Fraction(1, 2**16)
    constant = [Fraction(round(Fraction(c) * Fraction(ode.step) * 2**24), 2**16) for c in ode.constant.tolist()]
    return [
        base[i] + sum(int(w) * unit * x for w, x in zip(weights[i], at, strict=True)) + constant[i]
        for i in range(len(base))
    ]


def _nearest_step(ode, state):
    """The midpoint rule in fractions: h A and h Q at 16 fraction bits, states and h c at the state's 8."""
    h, one = Fraction(ode.step), 2**16
    linear = [[round(Fraction(a) * h * one) for a in row] for row in ode.linear.tolist()]
    quadratic = [[[round(Fraction(q) * h * one) for q in row] for row in plane] for plane in ode.quadratic.tolist()]

    def weights(at):
        return [
            [a + round(sum(q * Fraction(x, 2**8) for q, x in zip(row, at, strict=True))) for a, row in zip(*rows)]  # noqa: B905
            for rows in zip(linear, quadratic, strict=True)
        ]

    middle = [
        round(b + (s - b) / 2) for b, s in zip(state, _exact_sums(ode, state, state, weights(state)), strict=True)
    ]
    return [round(s) for s in _exact_sums(ode, state, middle, weights(middle))]


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_nearest_step_is_that_of_exact_fractions(name):
    ode = SYSTEMS[name](form=FixedFormat(7, 8))
    states = np.random.default_rng(1).integers(-6000, 6000, (40, len(ode.names)))
    stepped = FixedSolver(ode, Rounding("nearest"), runs=40).step(states)
    expected = [_nearest_step(ode, state) for state in states.tolist()]
    assert np.array_equal(stepped, ode.form.saturate(expected))


def test_a_stochastic_step_has_the_exact_mean():
    # Of the linear system the two roundings' means add up: the error of the midpoint goes on in proportion.
    ode = oscillator(FixedFormat(7, 8))
    state = np.tile([[300, -211]], (20_000, 1))
    stepped = FixedSolver(ode, Rounding("stochastic", 17), runs=20_000, seed=2).step(state)
    matrix = np.rint(ode.linear * ode.step * 2**16) / 2**16
    exact = (np.eye(2) + matrix + matrix @ matrix / 2) @ [300, -211]
    assert np.all(abs(stepped.mean(axis=0) - exact) < 3.5 * stepped.std(axis=0) / 20_000**0.5)
    nearest = FixedSolver(ode, Rounding("nearest")).step(state[:1])[0]
    assert np.all(abs(nearest - exact) > 3.5 * stepped.std(axis=0) / 20_000**0.5)


def test_float64_follows_the_closed_form_with_an_error_that_falls_as_the_step_squared():
    def error(step_log2):
        ode = replace(oscillator(), step_log2=step_log2)
        trajectory, _ = solve(FloatSolver(ode), 2**-step_log2)
        return np.abs(trajectory[-1, 0] - expm(ode.linear) @ ode.start).max()

    assert error(-7) < 0.02
    assert 3.5 < error(-6) / error(-7) < 4.5


def test_a_neuron_spikes_and_is_reset():
    ode = izhikevich("fast")
    for solver in (FloatSolver(ode), FixedSolver(ode, Rounding("stochastic", 16), runs=2)):
        trajectory, spikes = solve(solver, 400)
        for run, times in enumerate(spikes):
            assert 3 <= len(times) <= 9
            after = trajectory[(times * 8).astype(int), run]
            assert (after[:, 0] == -65).all()
            assert trajectory[:, run, 0].max() < 30


def test_stochastic_errors_average_out_and_those_of_nearest_do_not():
    errors = {error.arithmetic: error for error in compare(oscillator(), 512, runs=16)}
    assert errors["float64"].rms == 0
    assert errors["float32"].rms < 1e-6
    assert errors["stochastic"].rms_of_mean < errors["stochastic"].rms / 2
    assert errors["stochastic"].rms_of_mean < errors["nearest"].rms / 1.5
    assert errors["nearest"].rms < errors["floor"].rms / 2
    assert errors["nearest"].lag_mean is None


def test_the_hardware_has_the_golden_trajectory(icarus):
    cases = (
        (izhikevich(current=100), Rounding("stochastic", 3), 2, False, 60),
        (lorenz(), Rounding("nearest"), 1, True, 20),
    )
    hardware = HardwareSolve(icarus)
    for ode, rounding, runs, dithered, steps in cases:
        golden, on_chip = (
            run(FixedSolver(ode, rounding, runs, 3, dithered=dithered), steps) for run in (solve, hardware)
        )
        assert np.array_equal(golden[0], on_chip[0])
        assert all(np.array_equal(*times) for times in zip(golden[1], on_chip[1], strict=True))
        assert not ode.reset or all(len(times) for times in golden[1])
    # No fewer than the pairs of the sums: 3 + 14 + 3 + 10 a step of two runs, and 8 + 24 + 8 + 18 of one.
    assert hardware.clocks > 60 * 2 * 30 + 20 * 58


def test_refuses_an_ode_that_does_not_fit():
    with pytest.raises(ValueError, match=r"must fit s\[1\]\[16\], not be 3.5"):
        replace(lorenz(), step_log2=-3)
    with pytest.raises(ValueError, match="constant must have shape"):
        replace(lorenz(), constant=np.zeros(2))
    with pytest.raises(ValueError, match="must have an integer bit"):
        replace(lorenz(), form=FixedFormat(0, 15))
    with pytest.raises(ValueError, match=r"constant times the step must fit s\[7\]\[8\] with 1 to spare, not be 142.5"):
        izhikevich(current=1000)
    with pytest.raises(ValueError, match="at most 100000 steps of all runs, not 200000"):
        HardwareSolve()(FixedSolver(lorenz(), Rounding("floor"), 2), 100_000)
    with pytest.raises(ValueError, match="regular or fast, not 'slow'"):
        izhikevich("slow")


def test_command_gives_one_json_object(capsys):
    assert main(["ode", "regular", "--time", "20", "--runs", "2", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert [error["arithmetic"] for error in record["errors"]] == [
        "float64", "float32", "floor", "nearest", "dithered", "stochastic",
    ]  # fmt: skip
    assert record["steps"] == 160
    assert record["errors"][0]["spikes"] >= 1


def test_command_refuses_bad_input(capsys):
    assert main(["ode", "lorenz", "--format", "q9"]) == 2
    assert "s[integer bits][fraction bits], not 'q9'" in capsys.readouterr().err
    assert main(["ode", "lorenz", "--time", "1e-9"]) == 2
    assert "time must be" in capsys.readouterr().err
