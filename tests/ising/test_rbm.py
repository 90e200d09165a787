"""Restricted Boltzmann machine: its laws by enumeration, and all its engines bit for bit.

Chi-square tests are at level ALPHA with fixed seeds, and so are all z-tests of a row of means together.
"""

import itertools

import numpy as np
import pytest
from scipy import stats

from hwpy.entropy.smtj_bank import SmtjBankParameters
from hwpy.ising.rbm import Rbm, RbmParameters, Target
from hwpy.ising.rbm_fast import FastRbm
from hwpy.ising.rbm_measures import classify, free_energy, learn_float, log_likelihood, log_partition
from hwpy.ising.rbm_words import BankWords, GeneratorWords
from hwpy.low_precision.fixed import FixedFormat
from hwpy.low_precision.rounding import Rounding

ALPHA = 1e-3
FAIR = [(0.5, 0.5)] * 16
SMALL = RbmParameters(4, 3)


def weights_of(p, seed=1, largest=1.2):
    """Random raw weights, up to that value; what is between two units that are always 1 does nothing."""
    raw = p.weight.to_raw(np.random.default_rng(seed).uniform(-largest, largest, (p.rows, p.columns)))
    raw[-1, -1] = 0
    return raw


def states(units):
    """Every state of a layer, with the unit that is always 1."""
    return np.array([[*bits, 1] for bits in itertools.product((0, 1), repeat=units)])


def joint(weights):
    """P(v, h) from the energy, by all states."""
    rows, columns = weights.shape
    boltzmann = np.exp(states(rows - 1) @ weights @ states(columns - 1).T)
    return boltzmann / boltzmann.sum()


def conditionals(weights):
    """P(h | v), (visible states, hidden states), and P(v | h), from the joint distribution."""
    both = joint(weights)
    return both / both.sum(1, keepdims=True), (both / both.sum(0)).T


def chi_square(counts, expected):
    assert expected.min() * counts.sum() > 5
    return stats.chisquare(counts, expected * counts.sum()).pvalue


def visible_counts(words, steps, count=6000):
    """States of the visible units that count runs from 0000 end in."""
    machine = FastRbm(SMALL, words)
    machine.weights[:] = weights_of(SMALL)
    drawn = machine.sample(np.zeros((count, 4)), steps)
    return np.bincount(drawn @ [8, 4, 2, 1], minlength=16)


@pytest.mark.parametrize("steps", [1, 2, 20])
@pytest.mark.parametrize("source", ["ideal", "bank"])
def test_visible_units_have_the_law_of_the_chain(steps, source):
    words = GeneratorWords(16, 7) if source == "ideal" else BankWords(SmtjBankParameters(16), FAIR, 7)
    up, down = conditionals(SMALL.weight.from_raw(weights_of(SMALL)))
    law = np.linalg.matrix_power(up @ down, steps)[0]
    counts = visible_counts(words, steps)
    assert chi_square(counts, law) > ALPHA
    # Twins: units of -1 and 1 have twice the field; no biases.
    doubled = conditionals(2 * SMALL.weight.from_raw(weights_of(SMALL)))
    unbiased = SMALL.weight.from_raw(weights_of(SMALL))
    unbiased[:, -1] = unbiased[-1] = 0
    for other_up, other_down in (doubled, conditionals(unbiased)):
        assert chi_square(counts, np.linalg.matrix_power(other_up @ other_down, steps)[0]) < ALPHA


def test_the_chain_ends_in_the_boltzmann_law():
    weights = SMALL.weight.from_raw(weights_of(SMALL))
    counts = visible_counts(GeneratorWords(16, 8), 20)
    assert chi_square(counts, joint(weights).sum(1)) > ALPHA


def test_junctions_read_too_soon_do_not_have_it():
    slow = BankWords(SmtjBankParameters(16), [(0.1, 0.1)] * 16, 7)
    assert chi_square(visible_counts(slow, 20), joint(SMALL.weight.from_raw(weights_of(SMALL))).sum(1)) < ALPHA


@pytest.mark.parametrize("form", [FixedFormat(2, 5), FixedFormat(3, 8)])
def test_a_draw_is_1_with_the_sigmoid_of_the_field(form):
    p = RbmParameters(2, 2, form, 17)
    machine = Rbm(p)
    for value in (-7.9, 0.0, 0.40625):
        field = round(value * (1 << form.fraction_bits))
        ones = sum(machine.draw(field, word) for word in range(1 << 16))
        # The magnitude has 15 bits; a field of more than 6 fraction bits is rounded to these.
        error = 2**-16 + (0.25 * 2**-7 if form.fraction_bits > 6 else 0)
        assert abs(ones / (1 << 16) - 1 / (1 + np.exp(-field / (1 << form.fraction_bits)))) <= error


@pytest.mark.parametrize("form", [FixedFormat(2, 5), FixedFormat(1, 8)])
def test_the_hardware_draws_as_golden_at_the_edge_of_every_threshold(form):
    from amaranth.sim import Simulator

    from rtl.ising.rbm_draw import Draw

    p = RbmParameters(9, 2, form, 17)
    golden, draw = Rbm(p), Draw(p)
    fields = [sign * size for size in range(0, 14 << form.fraction_bits, 37) for sign in (1, -1)] + [1, -1]

    async def bench(ctx):
        ctx.set(draw.enable, 1)
        ctx.set(draw.offered, 1)
        for field in fields:
            ctx.set(draw.field, field)
            await ctx.tick().repeat(2)
            assert ctx.get(draw.valid)
            edge = p.thresholds[min(abs(field) + (1 << p.field_shift >> 1) >> p.field_shift, len(p.thresholds) - 1)]
            for magnitude in {0, max(edge - 1, 0), min(edge, (1 << 15) - 1), (1 << 15) - 1}:
                for sign in (0, 1):
                    ctx.set(draw.word, magnitude << 1 | sign)
                    assert ctx.get(draw.state) == golden.draw(field, magnitude << 1 | sign), (field, magnitude, sign)

    simulator = Simulator(draw)
    simulator.add_clock(1e-8)
    simulator.add_testbench(bench)
    simulator.run()


def expected_change(weights, visible):
    """The mean of v h - v' h' after one step of contrastive divergence from a visible state, by enumeration."""
    rows, columns = weights.shape
    up, down = conditionals(weights)
    all_visible, all_hidden = states(rows - 1), states(columns - 1)
    start = int(visible @ [8, 4, 2, 1])
    reached = up[start] @ down
    negative = np.einsum("v,vh,vi,hj->ij", reached, up, all_visible, all_hidden)
    return np.outer(all_visible[start], up[start] @ all_hidden) - negative


def mean_change(mode, bits, count=4000):
    """Mean of the change of the weights by one image in units of the rate, 2^-13, and its standard error."""
    p = RbmParameters(4, 3, FixedFormat(2, 5), 13, Rounding(mode, bits))
    raw, image = weights_of(p), np.array([[1, 0, 1, 1]])
    machine = FastRbm(p, GeneratorWords(p.entropy_width, 5))
    changes = np.empty((count, p.rows, p.columns))
    for k in range(count):
        machine.weights[:] = raw
        machine.train(image, 6)
        changes[k] = (machine.weights - raw) * 4.0
    error = changes.std(0) / np.sqrt(count)
    return changes.mean(0), np.where(error > 0, error, np.inf), expected_change(p.weight.from_raw(raw), image[0])


def worst_p_value(mean, error, expected):
    """Of all weights together (Bonferroni)."""
    return min(1.0, 2 * mean.size * stats.norm.sf(np.abs((mean - expected) / error).max()))


def test_the_mean_change_is_the_gradients_estimate_by_enumeration():
    """At a rate of a quarter of the weights' LSB."""
    mean, error, expected = mean_change("stochastic", 8)
    assert np.isfinite(error).sum() == mean.size - 1  # all but that of the two units that are always 1
    assert worst_p_value(mean, error, expected) > ALPHA


def test_a_biased_rounding_fails_that_test_and_nearest_does_not_learn():
    mean, error, expected = mean_change("stochastic-naive", 1)
    assert worst_p_value(mean, error, expected) < ALPHA
    mean, _, _ = mean_change("nearest", 0, 50)
    assert not mean.any()


def run_golden(machine, words, commands, random):
    """The results of commands on the golden model, whose words sometimes lack; its clocks from command to command."""
    results, clocks, waiting = [], 0, list(commands)
    while waiting or not machine.load_ready:
        clocks += not machine.load_ready
        offered = random.random() < 0.7
        if machine.result is not None:
            results.append(machine.result)
        load = waiting.pop(0) if machine.load_ready and waiting else None
        takes = machine.entropy_ready and offered
        clocks -= machine.entropy_ready and not offered
        machine.tick(load=load, entropy=words[0] if offered else None, result_ready=True)
        if takes:
            del words[0]
    return results, clocks


@pytest.mark.parametrize(
    ("form", "rate_fraction", "rounding", "lanes"),
    [
        ((2, 5), 13, ("stochastic", 8), 2),
        ((2, 5), 7, ("nearest", 0), 3),
        ((1, 8), 12, ("stochastic-fast", 3), 4),
        ((0, 2), 8, ("stochastic-naive", 4), 1),
    ],
)
def test_the_fast_engine_is_golden(form, rate_fraction, rounding, lanes):
    p = RbmParameters(7, 5, FixedFormat(*form), rate_fraction, Rounding(*rounding), lanes)
    random = np.random.default_rng(3)
    images, raw = random.integers(0, 2, (12, 7)), weights_of(p, 2, 3)
    golden, fast = Rbm(p), FastRbm(p, GeneratorWords(p.entropy_width, 4))
    words = GeneratorWords(p.entropy_width, 4).words(1 << 15).tolist()
    fast.weights[:] = raw
    run_golden(golden, words, p.load_weights(raw), random)
    clocks = 0
    for steps, persistent, shift in ((1, False, rate_fraction - 1), (2, True, rate_fraction - 3)):
        fast.train(images, shift, steps, persistent)
        for image in images:
            clocks += run_golden(golden, words, [*p.load_visible(image), p.train(shift, steps, persistent)], random)[1]
        assert (golden.weights == fast.weights).all()
    for image in images:
        sent, _ = run_golden(golden, words, [*p.load_visible(image), p.sample(3, 2)], random)
        assert (p.unpack(sent) == fast.sample(image[None], 3, 2)[0]).all()
        assert (p.unpack(sent)[:2] == image[:2]).all()
        sent, _ = run_golden(golden, words, [*p.load_visible(image), p.sample(3, 4, True)], random)
        assert (p.unpack(sent) == fast.sample(image[None], 3, 4, True)[0]).all()
        assert (p.unpack(sent)[4:] == image[4:]).all()
    assert (1 << 15) - len(words) == fast.taken
    assert clocks == fast.clocks
    sent, _ = run_golden(golden, words, [(Target.READ, 0, 0)], random)
    assert (np.array(sent).reshape(raw.shape) == fast.weights % (1 << 16)).all()
    assert (fast.weights != raw).mean() > 0.3


def test_the_hardware_on_its_bank_of_junctions_is_the_fast_engine():
    from sim.ising.run_rbm import rtl_train

    p = RbmParameters(6, 4)
    images, raw = np.random.default_rng(0).integers(0, 2, (5, 6)), weights_of(p)
    junctions = [(0.45, 0.4 + k / 100) for k in range(16)]
    found, clocks, _ = rtl_train(p, images, 9, junctions, weights=raw, seed=9)
    fast = FastRbm(p, BankWords(SmtjBankParameters(16), junctions, 9))
    fast.weights[:] = raw
    fast.train(images, 9)
    assert (found == fast.weights).all()
    assert (found != raw).mean() > 0.3
    # The bank gives a word in 16 clocks.
    assert clocks > 16 * (fast.taken - 1)


def test_measures_are_those_by_enumeration():
    weights = np.random.default_rng(2).normal(0, 1, (5, 4))
    weights[-1, -1] = 0
    boltzmann = np.exp(states(4) @ weights @ states(3).T)
    assert log_partition(weights) == pytest.approx(np.log(boltzmann.sum()))
    assert np.exp(-free_energy(weights, states(4)[:, :-1])) == pytest.approx(boltzmann.sum(1))
    law = joint(weights).sum(1)
    assert log_likelihood(weights, states(4)[:, :-1]) == pytest.approx(np.log(law).mean())
    # Two pixels and two labels, of which one is 1: states 10 01 and 10 10 are 9 and 10.
    assert classify(weights, [[1, 0]], 2)[0] == (0 if law[10] > law[9] else 1)


def test_float_learning_raises_the_likelihood_to_that_of_the_data():
    """Two patterns, equally often: no law gives them more than 1/2 each."""
    images = np.tile([[1, 1, 0, 0], [0, 0, 1, 1]], (3000, 1))
    weights = np.zeros((5, 4))
    generator = np.random.default_rng(1)
    for rate in (0.1, 0.02):
        learn_float(weights, images, rate, generator)
    assert -0.9 < log_likelihood(weights, images) <= np.log(0.5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"visible": 1}, "visible must be 2 to 1023, not 1"),
        ({"hidden": 300}, "hidden must be 2 to 255, not 300"),
        ({"weight": FixedFormat(4, 12)}, r"at most 16 bits, not s\[4\]\[12\]"),
        ({"rate_fraction": 4, "rounding": Rounding("nearest")}, "must not grow"),
        ({"rounding": Rounding("stochastic", 9)}, "at most the 8 that are dropped, not 9"),
    ],
)
def test_bad_parameters_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        RbmParameters(**{"visible": 4, "hidden": 3, **change})


def test_bad_commands_are_refused():
    p = SMALL
    with pytest.raises(ValueError, match="rate_shift must be 0 to 12, not 13"):
        p.train(13)
    with pytest.raises(ValueError, match="steps must be 1 to 255, not 0"):
        p.sample(0)
    with pytest.raises(ValueError, match="held must be 0 to 4, not 5"):
        p.sample(1, 5)
    with pytest.raises(ValueError, match=r"must be raw s\[2\]\[5\] of shape \(5, 4\)"):
        p.load_weights(np.full((5, 4), 128))
