"""Wine on binary perceptrons: 300 solutions in software, on 15 x 15 crossbars, and retrained on them.

One split of the data, half for the test. Medians have a 95 % interval from the order statistics of the solutions, the
best a Clopper-Pearson one from the test samples; the best is chosen by the test and so is optimistic, which the last
column is not: it is the solution of the lowest cross-entropy in training.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from hwpy.low_precision.binary import IdealBits, SmtjBits, SpinDiceBits, binary, ternary, ternary_sign
from hwpy.low_precision.binary_perceptron import Perceptron, initial, train
from hwpy.low_precision.crossbar import CrossbarParameters
from hwpy.low_precision.wine import ALL_DEFECTS, Accuracies, load, measured, on_crossbars

SOLUTIONS = 300
_OFFSET = ALL_DEFECTS.offset
DEFECTS = {
    "none": CrossbarParameters(),
    "spread of 10 %": CrossbarParameters(spread=0.1),
    "spread of 30 %": CrossbarParameters(spread=0.3),
    "TMR of 50 %, spread of 10 %": CrossbarParameters(tmr=0.5, spread=0.1),
    "2 % stuck": CrossbarParameters(stuck=0.02),
    "10 % stuck": CrossbarParameters(stuck=0.1),
    "2 % of writes fail": CrossbarParameters(write_error=0.02),
    "10 ohm a segment": CrossbarParameters(line_resistance=10.0),
    "50 ohm a segment": CrossbarParameters(line_resistance=50.0),
    "100 ohm a segment": CrossbarParameters(line_resistance=100.0),
    "sense offset 0.5 step": CrossbarParameters(offset=_OFFSET),
    "sense offset 1 step": CrossbarParameters(offset=2 * _OFFSET),
    "all": ALL_DEFECTS,
    "all, twice": CrossbarParameters(
        spread=0.2, tmr_spread=0.2, stuck=0.04, write_error=0.02, line_resistance=20.0, offset=2 * _OFFSET
    ),
}


def row(name: str, found: Accuracies, samples: int) -> str:
    """One line of the tables."""
    from scipy import stats

    ordered, n = np.sort(found.test), len(found.test)
    k = int(stats.binom.ppf(0.025, n, 0.5))
    best = stats.binomtest(round(ordered[-1] * samples), samples).proportion_ci()
    values = (np.median(ordered), ordered[k - 1], ordered[n - k], np.quantile(ordered, 0.1), ordered[-1], *best)
    text = "{:6.1f} [{:.1f}, {:.1f}]   {:5.1f}   {:5.1f} [{:.1f}, {:.1f}]".format(*(100 * v for v in values))
    return f"{name:44}{text}   {100 * found.chosen:5.1f}"


def main() -> None:
    """Print the tables."""
    try:
        data = load()
    except ImportError:
        raise SystemExit("the wine data are scikit-learn's: pip install 'trijunction[data]'") from None
    perceptron, samples = Perceptron(), len(data.test)
    start = initial(perceptron, SOLUTIONS, np.random.default_rng(1))
    fit = partial(train, perceptron, data.train, data.train_class)
    print(f"{SOLUTIONS} solutions, {len(data.train)} samples to train, {samples} to test; accuracy in %")
    print(f"{'':44}median [95 %]          10 % below   best [95 %]    by training")

    print("software")
    latent, weights = fit(start)
    print(row("  binary, sign", measured(perceptron, data, weights), samples))
    _, found = fit(start, draws=(ternary_sign, ternary_sign))
    print(row("  ternary, nearest", measured(perceptron, data, found), samples))
    _, real = fit(start, draws=(lambda w: w, lambda w: w))
    print(row("  real weights", measured(perceptron, data, real), samples))
    medians = []
    for split in range(1, 11):
        other = load(split)
        _, found = train(perceptron, other.train, other.train_class, [w[:50] for w in start])
        medians.append(100 * np.median(measured(perceptron, other, found).test))
    print(f"  binary, median of 50 solutions on ten other splits: {min(medians):.1f} to {max(medians):.1f}")

    print("weights drawn in every step of training")
    generator = np.random.default_rng(2)
    sources = {
        "ideal bits": partial(IdealBits, generator),
        "spin dice, 8-bit driver": partial(SpinDiceBits, generator),
        "spin dice, 4-bit driver": partial(SpinDiceBits, generator, driver_bits=4),
        "spin dice, spread of 10 %": partial(SpinDiceBits, generator, spread=0.1),
        "SMTJ read every 10 dwell times": partial(SmtjBits, generator),
        "SMTJ read every 0.1 dwell times": partial(SmtjBits, generator, period=0.1),
        "SMTJ read every 0.03 dwell times": partial(SmtjBits, generator, period=0.03),
    }
    for kind in (binary, ternary):
        for name, source in sources.items():
            _, found = fit(start, draws=[partial(kind, source=source()) for _ in start])
            print(row(f"  {kind.__name__}, {name}", measured(perceptron, data, found), samples), flush=True)

    print("the binary solutions by sign on crossbars, and after 40 steps in the loop")
    for number, (name, parameters) in enumerate(DEFECTS.items()):
        both = on_crossbars(perceptron, data, latent, weights, parameters, seed=3 + number)
        for label, found in zip(("transferred", "retrained"), both, strict=True):
            print(row(f"  {name}: {label}", found, samples), flush=True)


if __name__ == "__main__":
    main()
