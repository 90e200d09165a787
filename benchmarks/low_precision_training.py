"""Training in fixed point: formats, rates, random bits, entropy sources and 8-bit integers, each with several seeds.

`python -m benchmarks.low_precision_training [EXPERIMENT ...]`, default all of `EXPERIMENTS`. Each run is a line of
`trijunction/figures/low_precision_training.csv`, written when it is done; runs that are there are not repeated. The
tables are printed from it, and the figure is drawn from it. A seed gives the initial weights, the order of the images
and the random words; differences are taken seed by seed.
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np

from benchmarks import runs
from benchmarks.runs import mean_and_interval
from hwpy.entropy.smtj import SmtjChain
from hwpy.low_precision.entropy import JunctionWords, LfsrWords, WordSource, XoshiroWords
from hwpy.low_precision.fixed import FixedFormat
from hwpy.low_precision.rounding import Rounding
from hwpy.low_precision.training import Arithmetic, FixedArithmetic, FloatArithmetic, Recipe, train
from hwpy.low_precision.training_wage import Wage, train_wage
from hwpy.stochastic_computing.data import Images, load
from trijunction.figures.low_precision_training import RESULTS

EXPERIMENTS = ("formats", "rates", "bits", "entropy", "period", "wage", "wage-fashion")
#: MACs that round at a time, each with its own word.
LANES = 64
FASHION = Recipe(hidden=(128,), epochs=15, batch=100, rate_log2=-12)
DIGITS = Recipe(hidden=(32,), epochs=40, batch=20, rate_log2=-10)
DIGITS_FORM = "s[7][8]"
#: With 17 lanes a step of this takes 255 clocks, the period of a register of 8 bits: each weight has one word.
PERIOD, PERIOD_LANES = Recipe(hidden=(34,), epochs=40, batch=20, rate_log2=-10), 17
#: Clock period over mean dwell time.
RATIOS = ("1", "0.1", "0.01", "0.001", "0.0001")


@dataclass(frozen=True)
class Case:
    """One training: the columns of the results, but for the accuracies."""

    experiment: str
    data: str
    format: str
    rounding: str
    bits: int
    entropy: str
    rate: str
    seed: int

    @property
    def setting(self) -> tuple[str, ...]:
        """All but the seed."""
        return self.format, self.rounding, str(self.bits), self.entropy, self.rate


COLUMNS = [field.name for field in fields(Case)]


def cases(experiment: str) -> Iterator[Case]:
    """The runs of an experiment, float32 first."""
    if experiment == "formats":
        # After a slash, the format of activations and errors if it is another.
        forms = ("s[6][9]", "s[7][8]", "s[5][10]", "s[3][12]", "s[3][12]/s[5][10]", "s[1][14]/s[5][10]", "s[1][14]")
        for form, seed in product(forms, range(1, 6)):
            yield _float(experiment, "fashion", FASHION, seed)
            for rounding, bits in (("nearest", 0), ("stochastic", 16)):
                yield _fixed(experiment, "fashion", form, rounding, bits, "xoshiro", FASHION, seed)
        return
    for seed in range(1, 6):
        if experiment == "wage-fashion":
            yield _float(experiment, "fashion", FASHION, seed)
            yield from _wage(experiment, "fashion", ("1", "0.5", "0.25"), seed)
            continue
        if experiment == "rates":
            for rate_log2 in (-8, -9, -10, -11):
                recipe = replace(DIGITS, rate_log2=rate_log2)
                yield _float(experiment, "digits", recipe, seed)
                for rounding, bits in (("nearest", 0), ("stochastic", 16)):
                    yield _fixed(experiment, "digits", DIGITS_FORM, rounding, bits, "xoshiro", recipe, seed)
            continue
        yield _float(experiment, "digits", DIGITS, seed)
        if experiment == "bits":
            yield _fixed(experiment, "digits", DIGITS_FORM, "nearest", 0, "xoshiro", DIGITS, seed)
            for bits in (1, 2, 3, 4, 6, 8, 16):
                for rounding in ("stochastic", "stochastic-fast", "stochastic-naive"):
                    yield _fixed(experiment, "digits", DIGITS_FORM, rounding, bits, "xoshiro", DIGITS, seed)
        elif experiment == "entropy":
            registers = [f"lfsr {width}{how}" for how in ("", " shared") for width in (8, 12, 16, 32)]
            for entropy in ("xoshiro", *registers, *(f"junctions {ratio}" for ratio in RATIOS), "frozen"):
                yield _fixed(experiment, "digits", DIGITS_FORM, "stochastic", 8, entropy, DIGITS, seed)
        elif experiment == "period":
            for entropy in ("xoshiro", "lfsr 8 shared", "lfsr 9 shared", "lfsr 8"):
                yield _fixed(experiment, "digits", DIGITS_FORM, "stochastic", 8, entropy, PERIOD, seed)
        else:
            yield from _wage(experiment, "digits", ("1", "0.5"), seed)


def _float(experiment: str, data: str, recipe: Recipe, seed: int) -> Case:
    return Case(experiment, data, "float32", "", 0, "", f"2^{recipe.rate_log2}", seed)


def _wage(experiment: str, data: str, rates: tuple[str, ...], seed: int) -> Iterator[Case]:
    for weight_bits, rate, (rounding, bits) in product((8, 2), rates, (("nearest", 0), ("stochastic", 16))):
        # An update is at most 1.41 times the rate: of this one, none is rounded up.
        if rounding == "stochastic" or float(rate) > 0.35:
            entropy = "xoshiro" if bits else ""
            yield Case(experiment, data, f"WAGE {weight_bits}-8-8-8", rounding, bits, entropy, rate, seed)


def _fixed(
    experiment: str, data: str, form: str, rounding: str, bits: int, entropy: str, recipe: Recipe, seed: int
) -> Case:
    used = entropy if bits else ""
    return Case(experiment, data, form, rounding, bits, used, f"2^{recipe.rate_log2}", seed)


def source(entropy: str, bits: int, seed: int, lanes: int = LANES) -> WordSource | None:
    """The source of a name in the results."""
    kind, _, rest = entropy.partition(" ")
    if kind == "xoshiro":
        return XoshiroWords(lanes, bits, seed)
    if kind == "lfsr":
        return LfsrWords(lanes, bits, int(rest.split()[0]), seed, shared=rest.endswith("shared"))
    if kind == "frozen":
        return JunctionWords(lanes, bits, SmtjChain(0, 0), seed)
    if kind == "junctions":
        # Both states dwell as long: the correlation over a clock is exp(-2 period / dwell).
        return JunctionWords(lanes, bits, SmtjChain.from_statistics(0.5, float(np.exp(-2 * float(rest)))), seed)
    return None


def run(case: Case) -> list[float]:
    """The accuracies after each epoch, 0 to 1."""
    images, test = _data(case.data)
    rounding = Rounding(case.rounding, case.bits) if case.rounding else None
    is_period = case.experiment == "period"
    lanes = PERIOD_LANES if is_period else LANES
    words = source(case.entropy, case.bits, case.seed, lanes) if case.bits else None
    if case.format.startswith("WAGE"):
        assert rounding is not None
        recipe, hidden = (FASHION, FASHION.hidden) if case.data == "fashion" else (DIGITS, (64,))
        wage = Wage(int(case.format[5]), float(case.rate), rounding, words, hidden, recipe.epochs, recipe.batch)
        return train_wage(wage, images, test, case.seed)[1]
    arithmetic: Arithmetic = FloatArithmetic()
    if rounding is not None:
        forms = [FixedFormat.parse(name) for name in case.format.split("/")]
        arithmetic = FixedArithmetic(forms[0], forms[-1], rounding, words)
    recipe = FASHION if case.data == "fashion" else PERIOD if is_period else DIGITS
    return train(arithmetic, replace(recipe, rate_log2=int(case.rate[2:])), images, test, case.seed)[1]


@cache
def _data(name: str) -> tuple[Images, Images]:
    return load(name, "train"), load(name, "test")


def read_results(path: Path = RESULTS) -> dict[Case, list[float]]:
    """The accuracies in percent after each epoch of each run."""
    return {
        Case(**{name: int(row[name]) if name in ("bits", "seed") else row[name] for name in COLUMNS}): [
            float(value) for value in row["accuracies"].split()
        ]
        for row in runs.read(path)
    }


def _table(experiment: str) -> None:
    runs = {case: values[-1] for case, values in read_results().items() if case.experiment == experiment}
    exact = {(case.seed, case.rate): value for case, value in runs.items() if case.format == "float32"}
    only = {seed: value for (seed, _), value in exact.items()}
    settings = defaultdict(list)
    for case in runs:
        settings[case.setting].append(case)
    print(
        "format        rounding          r   entropy            rate    seeds  accuracy, %      minus float32, points"
    )
    for (form, rounding, bits, entropy, rate), chosen in settings.items():
        mean, half = mean_and_interval([runs[case] for case in chosen])
        # WAGE's rates are of another kind: float32 has one.
        loss, loss_half = mean_and_interval(
            [runs[case] - exact.get((case.seed, rate), only.get(case.seed, np.nan)) for case in chosen]
        )
        print(
            f"{form:19s} {rounding:16s} {bits:>2s}   {entropy:18s} {rate:6s} {len(chosen):5d}   "
            f"{mean:5.2f} +- {half:5.2f}   {loss:+6.2f} +- {loss_half:.2f}"
        )


def main() -> None:
    """Runs what is missing, and prints a table for each experiment."""
    for experiment in sys.argv[1:] or EXPERIMENTS:
        if experiment not in EXPERIMENTS:
            sys.exit(f"low_precision_training: expected one of {', '.join(EXPERIMENTS)}, not {experiment!r}")
        done, began, count = read_results(), time.process_time(), 0
        for case in cases(experiment):
            if case not in done:
                done[case] = run(case)
                accuracies = " ".join(f"{100 * value:.2f}" for value in done[case])
                runs.append(RESULTS, asdict(case) | {"accuracies": accuracies})
                count += 1
        seconds = time.process_time() - began
        print(f"== {experiment}: {count} runs in {seconds:.0f} CPU seconds; mean and 95 % interval over the seeds")
        _table(experiment)


if __name__ == "__main__":
    main()
