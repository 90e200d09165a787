"""A restricted Boltzmann machine on the digits: formats and roundings, likelihood, junctions; `--rtl`; `--build`.

`python -m benchmarks.rbm [EXPERIMENT ...]`, default all of `EXPERIMENTS`. Each run is a line of
`trijunction/figures/rbm.csv`, written when it is done; runs that are there are not repeated. The tables are printed
from it, and the figure is drawn from it. A seed gives the order of the images and the random words.

`--rtl [IMAGES]` trains in Verilator and on the fast engine, both on one bank of junctions, and compares the weights.
`--build ENTROPY` places and routes the machine for the ULX3S-85F: `bank`, emulated junctions, or `smtj`, on pins.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, astuple, dataclass, fields
from time import perf_counter, process_time

import numpy as np

from benchmarks import runs
from hwpy.entropy.smtj_bank import SmtjBankParameters
from hwpy.ising.rbm_fast import FastRbm
from hwpy.ising.rbm_measures import classify, free_energy, labelled_digits, learn_float, log_likelihood
from hwpy.ising.rbm_parameters import RbmParameters
from hwpy.ising.rbm_words import BankWords, GeneratorWords, Words
from hwpy.low_precision.fixed import FixedFormat
from hwpy.low_precision.rounding import Rounding
from trijunction.figures.rbm import CHECKPOINTS, RESULTS, junctions, rate_of

EXPERIMENTS = ("formats", "small rate", "likelihood", "junctions")
SEEDS = 3
PIXELS = 64
RATE_FRACTION = 13
BOARD = "ulx3s-85f"


@dataclass(frozen=True)
class Case:
    """One training: the columns of the results, but for what is measured."""

    experiment: str
    hidden: int
    format: str
    rounding: str
    rate: str
    source: str
    seed: int


def cases(experiment: str) -> Iterator[Case]:
    """In the order in which they are run: all settings of a seed first."""
    for seed in range(1, SEEDS + 1):
        if experiment == "junctions":
            for ratio in ("1", "0.3", "0.1"):
                yield Case(experiment, 32, "s[2][5]", "stochastic", "falling", ratio, seed)
        elif experiment == "small rate":
            yield Case(experiment, 32, "float64", "", "2^-7", "ideal", seed)
            for rounding in ("stochastic", "nearest"):
                yield Case(experiment, 32, "s[2][5]", rounding, "2^-7", "ideal", seed)
        else:
            hidden = 32 if experiment == "formats" else 16
            yield Case(experiment, hidden, "float64", "", "falling", "ideal", seed)
            for form in ("s[2][5]", "s[2][3]", "s[2][2]") if experiment == "formats" else ("s[2][5]", "s[2][2]"):
                yield Case(experiment, hidden, form, "stochastic", "falling", "ideal", seed)
                yield Case(experiment, hidden, form, "nearest", "LSB", "ideal", seed)


def rate_log2(case: Case, epoch: int) -> int:
    """The exponent of the learning rate; the weights' LSB is the only one that nearest rounding leaves as it is."""
    if case.rate == "LSB":
        return -FixedFormat.parse(case.format).fraction_bits
    return rate_of(epoch) if case.rate == "falling" else int(case.rate.removeprefix("2^"))


def parameters(case: Case) -> RbmParameters:
    """The machine of a case in fixed point."""
    form = FixedFormat.parse(case.format)
    rounding = Rounding("stochastic", 8) if case.rounding == "stochastic" else Rounding("nearest")
    return RbmParameters(PIXELS + 10, case.hidden, form, RATE_FRACTION, rounding)


def run(case: Case) -> dict[str, str]:
    """Train; accuracies on the held-out digits in % at the checkpoints, and log-likelihoods in nats."""
    train, _ = labelled_digits("train")
    test, classes = labelled_digits("test")
    order = np.random.default_rng(case.seed)
    real = np.zeros((PIXELS + 11, case.hidden + 1))
    machine = None
    if case.format != "float64":
        p = parameters(case)
        words: Words = GeneratorWords(p.entropy_width, case.seed)
        if case.source != "ideal":
            words = BankWords(SmtjBankParameters(p.entropy_width), junctions(float(case.source)), case.seed)
        machine = FastRbm(p, words)
    accuracies, likelihoods = [], []
    for epoch in range(1, CHECKPOINTS[-1] + 1):
        images = train[order.permutation(len(train))]
        rate = rate_log2(case, epoch)
        if machine is None:
            learn_float(real, images, 2.0**rate, order)
        else:
            machine.train(images, rate + RATE_FRACTION)
            real = machine.parameters.weight.from_raw(machine.weights)
        if epoch in CHECKPOINTS:
            accuracies.append(f"{100 * np.mean(classify(real, test[:, :PIXELS]) == classes):.2f}")
            if case.experiment == "likelihood":
                likelihoods.append(f"{log_likelihood(real, test):.2f}")
    counts = (machine.taken, machine.clocks) if machine else (0, 0)
    images_seen = CHECKPOINTS[-1] * len(train)
    return {
        "accuracies": " ".join(accuracies),
        "likelihoods": " ".join(likelihoods),
        "words": f"{counts[0] / images_seen:.1f}",
        "clocks": f"{counts[1] / images_seen:.1f}",
    }


def measured(wanted: list[str]) -> list[dict[str, str]]:
    """The lines of the results for these experiments; those that lack are run, and added to the file."""
    done = {tuple(row[field.name] for field in fields(Case)): row for row in runs.read(RESULTS)}
    rows = []
    for experiment in wanted:
        for case in cases(experiment):
            key = tuple(map(str, astuple(case)))
            if key not in done:
                start = perf_counter()
                done[key] = {name: str(value) for name, value in asdict(case).items()} | run(case)
                runs.append(RESULTS, done[key])
                print(f"{' '.join(key)}: {perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
            rows.append(done[key])
    return rows


def interval(values: list[float]) -> str:
    """Mean and the 95 % interval of Student's t."""
    return "{:7.2f} +- {:4.2f}".format(*runs.mean_and_interval(values))


def print_tables(rows: list[dict[str, str]]) -> None:
    """The last checkpoint over the seeds."""
    groups = defaultdict(list)
    for row in rows:
        groups[tuple(row[name] for name in ("experiment", "hidden", "format", "rounding", "rate", "source"))].append(
            row
        )
    experiment = ""
    for key, group in groups.items():
        if key[0] != experiment:
            experiment = key[0]
            print(f"{experiment}: {key[1]} hidden units, {CHECKPOINTS[-1]} epochs, {len(group)} seeds")
            print("                                         accuracy, %      log P, nats      words, clocks an image")
        text = interval([float(row["accuracies"].split()[-1]) for row in group])
        nats = [float(row["likelihoods"].split()[-1]) for row in group if row["likelihoods"]]
        text += "   " + (interval(nats) if nats else " " * 15)
        words, clocks = (np.mean([float(row[name]) for row in group]) for name in ("words", "clocks"))
        print(f"  {key[2]:8} {key[3]:11} {key[4]:8} {key[5]:6} {text}   {words:6.1f} {clocks:7.1f}")


def print_baselines() -> None:
    """Classifiers of the same binary pixels: logistic regression, on them and on the features of machines."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import BernoulliRBM

    (train, labels), (test, classes) = labelled_digits("train"), labelled_digits("test")
    pixels, held_out = train[:, :PIXELS], test[:, :PIXELS]

    def logistic(features, held_out_features):
        return 100 * LogisticRegression(max_iter=5000).fit(features, labels).score(held_out_features, classes)

    print("baselines: accuracy, %")
    print(f"  logistic regression of the pixels                          {logistic(pixels, held_out):6.2f}")
    for rate in (0.1, 0.03, 0.01):
        found = []
        for seed in range(1, 6):
            rbm = BernoulliRBM(32, learning_rate=rate, n_iter=CHECKPOINTS[-1], random_state=seed).fit(pixels)
            found.append(logistic(rbm.transform(pixels), rbm.transform(held_out)))
        print(f"  scikit-learn's BernoulliRBM(32), rate {rate:4}, and the same      {interval(found)}", flush=True)
    for joint, name in ((False, "pixels alone"), (True, "with the labels")):
        found = []
        for seed in range(1, 6):
            order, units = np.random.default_rng(seed), PIXELS + 10 * joint
            p = RbmParameters(units, 32)
            machine = FastRbm(p, GeneratorWords(p.entropy_width, seed))
            for epoch in range(1, CHECKPOINTS[-1] + 1):
                machine.train(train[order.permutation(len(train)), :units], rate_of(epoch) + RATE_FRACTION)
            weights = p.weight.from_raw(machine.weights)
            into = np.concatenate([weights[:PIXELS, :-1], weights[-1:, :-1]])
            found.append(logistic(*(1 / (1 + np.exp(-(x @ into[:-1] + into[-1]))) for x in (pixels, held_out))))
        print(f"  this machine in s[2][5], {name:15}, and the same        {interval(found)}", flush=True)


def print_sampled_classes() -> None:
    """The classes that the machine itself draws with the pixels held, against those of least free energy."""
    from trijunction.figures.rbm import learnt

    machine = learnt()
    test, classes = labelled_digits("test")
    weights = machine.parameters.weight.from_raw(machine.weights)
    blank = test * (np.arange(PIXELS + 10) < PIXELS)
    print("on the bank, seed 1: classes of the held-out digits, %")
    print(f"  least free energy              {100 * np.mean(classify(weights, test[:, :PIXELS]) == classes):6.2f}")
    votes = np.zeros((len(test), 10))
    for draws in range(1, 33):
        votes += machine.sample(blank, 10, PIXELS)[:, PIXELS:]
        if draws in (1, 8, 32):
            found = np.mean(votes.argmax(1) == classes)
            print(f"  most of {draws:2} draws of 10 steps    {100 * found:6.2f}", flush=True)
    train, _ = labelled_digits("train")
    both = [free_energy(weights, part).mean() for part in (train, test)]
    print(f"  mean free energy of the images to train, and held out: {both[0]:.2f}, {both[1]:.2f} nats")


def rtl(count: int) -> None:
    """Train in Verilator and on the fast engine, from the same bank, and compare every weight."""
    from sim.ising.run_rbm import rtl_train

    images, _ = labelled_digits("train")
    images = images[np.random.default_rng(1).permutation(len(images))[:count]]
    p = RbmParameters(PIXELS + 10, 32)
    # A quarter of the weights' LSB, so that every update is rounded.
    shift = RATE_FRACTION - 7
    weights, clocks, seconds = rtl_train(p, images, shift, junctions(1), simulator="verilator")
    bank = SmtjBankParameters(p.entropy_width)
    FastRbm(p, BankWords(bank, junctions(1))).train(images[:1], shift)  # compiles
    machine = FastRbm(p, BankWords(bank, junctions(1)))
    start = process_time()
    machine.train(images, shift)
    fast = process_time() - start
    same = int((weights == machine.weights).sum())
    print(f"{count} images: {same} of {weights.size} weights equal, {np.count_nonzero(weights)} not 0")
    print(f"hardware: {clocks / count:.0f} clocks and {machine.taken / count:.0f} words an image")
    print(f"Verilator: {seconds:.1f} s, {clocks / seconds:,.0f} clocks/s, {count / seconds:.1f} images/s")
    print(f"fast engine: {fast:.3f} s, {count / fast:,.0f} images/s, {clocks / fast:,.0f} of these clocks/s")
    if same < weights.size:
        raise SystemExit("the hardware and the fast engine differ")


def build(entropy: str) -> None:
    """Place and route."""
    from boards.rbm import build_rbm

    record = build_rbm(RbmParameters(PIXELS + 10, 32), BOARD, entropy)
    for name in ("lut4", "carry", "ff", "bram", "dsp", "cells", "available", "fmax_mhz", "clock_mhz", "bitstream"):
        print(f"{name:10} {record[name]}")


def main() -> None:
    """Print the tables, or do as the options say."""
    arguments = sys.argv[1:]
    if arguments[:1] == ["--rtl"]:
        return rtl(int(arguments[1]) if arguments[1:] else 200)
    if arguments[:1] == ["--build"]:
        return build(arguments[1] if arguments[1:] else "bank")
    known = (*EXPERIMENTS, "baselines", "sampled")
    wanted = arguments or list(known)
    for name in wanted:
        if name not in known:
            sys.exit(f"benchmarks.rbm: expected some of {', '.join(known)}, not {name!r}")
    print_tables(measured([name for name in wanted if name in EXPERIMENTS]))
    if "baselines" in wanted:
        print_baselines()
    if "sampled" in wanted:
        print_sampled_classes()


if __name__ == "__main__":
    main()
