"""The macrospin: equilibrium against Boltzmann, escape against Brown, with schemes that are wrong on purpose.

Statistical tests have fixed seeds and a level of 0.001; each has a twin that fails.
"""

import math

import numpy as np
import pytest
from numba import njit
from scipy import integrate, stats
from scipy.special import erfi

from hwpy.entropy.fokker_planck import switching_probability
from hwpy.entropy.macrospin import Macrospin, critical_current

LEVEL = 0.001
SPIN = Macrospin(barrier=2.0, damping=0.5)


def _boltzmann_p_value(z, barrier, tilt):
    """Chi-square of m_z in 16 bins, equal in probability by numerical integration of Boltzmann's density."""
    grid = np.linspace(-1, 1, 20_001)
    cumulative = integrate.cumulative_trapezoid(np.exp(barrier * (grid**2 + 2 * tilt * grid)), grid, initial=0)
    edges = np.interp(np.linspace(0, 1, 17), cumulative / cumulative[-1], grid)
    counts = np.histogram(z, edges)[0]
    return stats.chisquare(counts).pvalue


def _spread_spins(count, generator):
    start = generator.standard_normal((count, 3))
    return start / np.linalg.norm(start, axis=1, keepdims=True)


@pytest.mark.parametrize(("field", "current"), [(0.0, 0.0), (0.15, 0.0), (0.0, 0.15), (0.3, -0.3)])
def test_equilibrium_is_boltzmann_s_with_the_torque_as_a_field(field, current):
    generator = np.random.default_rng(1)
    # 60 time units are six or more times what the wells' populations need to forget their start.
    spins = SPIN.relax(_spread_spins(10_000, generator), 3000, generator, field=field, current=current)
    assert _boltzmann_p_value(spins[:, 2], SPIN.barrier, field + current) > LEVEL
    # Power: a barrier 25 % higher, and a tilt that is off by 0.05, are told apart.
    assert _boltzmann_p_value(spins[:, 2], 1.25 * SPIN.barrier, field + current) < LEVEL
    assert _boltzmann_p_value(spins[:, 2], SPIN.barrier, field + current + 0.05) < LEVEL
    angle = np.arctan2(spins[:, 1], spins[:, 0])
    assert stats.kstest(angle, stats.uniform(-math.pi, 2 * math.pi).cdf).pvalue > LEVEL
    np.testing.assert_allclose(np.linalg.norm(spins, axis=1), 1)


@njit
def _euler(spins, steps, step, damping, noise, projected, generator):  # pragma: no cover
    """Euler's step on the equation as it stands: Ito's sense, without the drift that Stratonovich's would add."""
    for k in range(len(spins)):
        x, y, z = spins[k]
        for _ in range(steps):
            bx, by = noise * generator.standard_normal(), noise * generator.standard_normal()
            bz = z + noise * generator.standard_normal()
            cx, cy, cz = y * bz - z * by, z * bx - x * bz, x * by - y * bx
            fx, fy, fz = y * cz - z * cy, z * cx - x * cz, x * cy - y * cx
            x, y, z = x - step * (cx + damping * fx), y - step * (cy + damping * fy), z - step * (cz + damping * fz)
            if projected:
                length = math.sqrt(x * x + y * y + z * z)
                x, y, z = x / length, y / length, z / length
        spins[k] = x, y, z


def _euler_spins(step, time, projected, spin, count=10_000):
    generator = np.random.default_rng(2)
    spins = _spread_spins(count, generator)
    noise = math.sqrt(spin.damping / (spin.barrier * (1 + spin.damping**2) * step))
    _euler(spins, round(time / step), step, spin.damping, noise, projected, generator)
    return spins


def test_euler_s_scheme_without_the_ito_drift_leaves_the_sphere_and_boltzmann():
    spins = _euler_spins(0.005, 3.0, projected=False, spin=SPIN)
    lengths = np.linalg.norm(spins, axis=1)
    assert np.median(lengths) > 1.2
    assert _boltzmann_p_value(spins[:, 2] / lengths, SPIN.barrier, 0.0) < LEVEL


def test_the_ito_drift_is_radial_so_a_small_projected_euler_step_is_right_and_a_large_one_is_not():
    # The drift is -(noise strength) (1 + alpha^2) m, along m: putting m back to length 1 does what it would.
    small = _euler_spins(0.005, 30.0, projected=True, spin=SPIN, count=5000)
    assert _boltzmann_p_value(small[:, 2], SPIN.barrier, 0.0) > LEVEL
    large = _euler_spins(0.4, 30.0, projected=True, spin=SPIN)
    assert _boltzmann_p_value(large[:, 2], SPIN.barrier, 0.0) < LEVEL


def test_the_density_is_normalised():
    z = np.linspace(-1, 1, 20_001)
    for barrier, tilt in ((0.5, 0.0), (5, 0.2), (60, -0.1)):
        assert integrate.trapezoid(Macrospin(barrier).density(z, tilt), z) == pytest.approx(1, rel=1e-4)
    # Without tilt the norm is sqrt(pi / D) erfi(sqrt(D)).
    expected = math.exp(4 * 0.3**2) / (math.sqrt(math.pi / 4) * erfi(2.0))
    assert float(Macrospin(4).density(0.3)) == pytest.approx(expected)


def _quad_passage_time(spin, stop, tilt):
    """The same double integral by adaptive quadrature."""

    def f(z):
        return math.exp(spin.barrier * (z**2 + 2 * tilt * z))

    def outer(z):
        return integrate.quad(f, z, 1)[0] / ((1 - z**2) * f(z))

    return 2 * spin.barrier / spin.damping * integrate.quad(outer, stop, 1)[0] * spin.time_unit


@pytest.mark.parametrize(("barrier", "stop", "tilt"), [(2, -0.5, 0.0), (8, -0.7, 0.1), (15, 0.0, -0.2)])
def test_the_passage_time_is_the_double_integral(barrier, stop, tilt):
    spin = Macrospin(barrier, damping=0.1)
    assert spin.passage_time(stop, tilt) == pytest.approx(_quad_passage_time(spin, stop, tilt), rel=1e-6)


BARRIERS = np.array([3.0, 4.0, 5.0, 6.0])


@pytest.fixture(scope="module")
def passages():
    """Of each barrier, seconds until m_z = -0.7: beyond the barrier, where it does not matter just where it counts."""
    generator = np.random.default_rng(3)
    return [
        Macrospin(barrier, damping=0.3).passages(count, -0.7, generator, step=0.03)
        for barrier, count in zip(BARRIERS, (3000, 2000, 1500, 1000), strict=True)
    ]


def _mean_p_value(samples, expected):
    return 2 * stats.norm.sf(abs(samples.mean() - expected) / (samples.std() / math.sqrt(len(samples))))


@pytest.mark.parametrize("place", range(len(BARRIERS)))
def test_the_mean_escape_time_is_the_exact_one(passages, place):
    spin = Macrospin(BARRIERS[place], damping=0.3)
    expected = spin.passage_time(-0.7)
    assert _mean_p_value(passages[place], expected) > LEVEL / len(BARRIERS)
    assert _mean_p_value(passages[place], 1.25 * expected) < LEVEL / len(BARRIERS)


def test_escape_from_the_higher_barrier_is_nearly_exponential(passages):
    # All but the first relaxation within the well: from the median on.
    times = passages[-1]
    late = times[times > np.median(times)] - np.median(times)
    assert stats.kstest(late, stats.expon(scale=times.mean()).cdf).pvalue > LEVEL
    assert stats.kstest(late, stats.expon(scale=1.4 * times.mean()).cdf).pvalue < LEVEL


def test_the_logarithm_of_the_rate_is_linear_in_the_barrier(passages):
    """With Brown's prefactor taken off the slope is -1, within 3 standard errors and what is left of 1 / Delta."""
    rates = np.array([1 / times.mean() for times in passages])
    errors = np.array([times.std() / times.mean() / math.sqrt(len(times)) for times in passages])
    prefactors = np.array([Macrospin(barrier, damping=0.3).attempt_rate for barrier in BARRIERS])
    logs = np.log(rates / prefactors)
    (slope, _), covariance = np.polyfit(BARRIERS, logs, 1, w=1 / errors, cov="unscaled")
    assert slope == pytest.approx(-1, abs=3 * math.sqrt(covariance[0, 0]) + 0.05)
    residual = logs - np.polyval(np.polyfit(BARRIERS, logs, 1, w=1 / errors), BARRIERS)
    assert stats.chi2.sf(((residual / errors) ** 2).sum(), len(BARRIERS) - 2) > LEVEL


@pytest.mark.parametrize("barrier", [6, 10, 20, 40, 80])
@pytest.mark.parametrize("tilt", [0.0, 0.05, -0.05])
def test_brown_s_formula_is_within_1_5_over_the_barrier_of_the_exact_rate(barrier, tilt):
    spin = Macrospin(barrier)
    brown = spin.brown_rates(tilt)[0]
    exact = 1 / spin.passage_time(-0.7, tilt)
    assert abs(exact / brown - 1) < 1.5 / barrier


def test_brown_s_two_rates_are_mirrored_and_in_detailed_balance():
    spin = Macrospin(30)
    assert spin.brown_rates(0.1) == spin.brown_rates(-0.1)[::-1]
    assert spin.brown_rates()[0] == pytest.approx(spin.attempt_rate * math.exp(-30))
    # The wells' Boltzmann weights, to leading order exp(2 h Delta) / (1 + h) against exp(-2 h Delta) / (1 - h).
    out_of_p, out_of_ap = spin.brown_rates(0.1)
    assert out_of_ap / out_of_p == pytest.approx(math.exp(4 * 0.1 * 30) * 0.9 / 1.1)


def test_the_junction_has_the_macrospin_s_bias_and_near_balance_its_rates():
    spin = Macrospin(30)
    junction = spin.junction()
    small = 0.01 * spin.critical_current
    np.testing.assert_allclose(junction.escape_rates(small), spin.brown_rates(0.01), rtol=0.02)
    for i in (0.1, 0.3):
        out_of_p, out_of_ap = ((1 + side) ** 2 * 30 for side in (i, -i))
        low, high = junction.barriers(i * spin.critical_current)
        assert low - high == pytest.approx(out_of_p - out_of_ap)


def test_the_critical_current_makes_up_for_the_damping():
    # At i = -1 the torque takes P's stability away: the linearised growth (i.e. -(1 + h + i)) vanishes.
    energy = 10 * 1.380649e-23 * 300
    assert Macrospin(10).critical_current == pytest.approx(critical_current(energy, 0.01, 0.5))
    assert critical_current(energy, 0.01, 0.5) == pytest.approx(5.034e-6, rel=1e-3)


def test_the_fokker_planck_chain_agrees_with_heun_s_scheme():
    spin = Macrospin(20, damping=0.3)
    generator = np.random.default_rng(4)
    width, current = 3.0, -2.0  # time units over alpha
    equilibrium = np.empty((4000, 3))
    # Within the well of P: m_z by inversion of its Boltzmann distribution.
    grid = np.linspace(0, 1, 20_001)
    cumulative = integrate.cumulative_trapezoid(np.exp(20 * (grid**2 - 1)), grid, initial=0)
    z = np.interp(generator.random(4000), cumulative / cumulative[-1], grid)
    angle = 2 * math.pi * generator.random(4000)
    equilibrium[:] = np.stack([np.sqrt(1 - z**2) * np.cos(angle), np.sqrt(1 - z**2) * np.sin(angle), z], axis=1)
    for current in (-1.0, -1.3, -2.0):
        spins = spin.relax(equilibrium, round(width / 0.3 / 0.02), generator, current=current)
        switched = int((spins[:, 2] < 0).sum())
        expected = float(switching_probability(spin, current, width / 0.3 * spin.time_unit)[0])
        assert 0.1 < expected < 0.999
        assert stats.binomtest(switched, len(spins), expected).pvalue > LEVEL / 3
        less = float(switching_probability(spin, current + 0.15, width / 0.3 * spin.time_unit)[0])
        assert stats.binomtest(switched, len(spins), less).pvalue < LEVEL / 3


def test_the_fokker_planck_chain_decays_at_brown_s_rate():
    spin = Macrospin(12, damping=0.1)
    rate = 1 / spin.passage_time(-0.7)
    found = switching_probability(spin, 0.0, 0.1 / rate, count=3)
    # Both ways at the same rate: (1 - exp(-2 rate t)) / 2.
    np.testing.assert_allclose(found, (1 - np.exp(-2 * rate * np.array([0.1, 0.2, 0.3]) / rate)) / 2, rtol=0.01)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"barrier": 0}, "macrospin barrier must be above 0 and at most 100, not 0"),
        ({"barrier": 10, "damping": math.nan}, "macrospin damping must be above 0 and at most 10, not nan"),
        ({"barrier": 10, "polarisation": 1.5}, "macrospin polarisation must be above 0 and at most 1, not 1.5"),
    ],
)
def test_bad_parameters_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Macrospin(**arguments)


def test_bad_calls_are_refused():
    with pytest.raises(ValueError, match="macrospin tilt must be within -1 and 1, not 1"):
        SPIN.brown_rates(1)
    with pytest.raises(ValueError, match="macrospin stop must be within -1 and 1, not -1"):
        SPIN.passage_time(-1)
    with pytest.raises(ValueError, match="macrospin start must have shape"):
        SPIN.relax(np.zeros(3), 1, np.random.default_rng(0))
