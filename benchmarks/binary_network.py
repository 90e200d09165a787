"""Binary and ternary networks on the digits: accuracy, and two of them as hardware with all test images through it.

`python -m benchmarks.binary_network [accuracy | ice40 | ecp5]`, default all. Accuracies are means and 95 % intervals of
Student's t over the seeds. The hardware is synthesised, its netlist classifies the 599 test images in Verilator, and
it is routed out of context; results are compared with the golden model's.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.runs import mean_and_interval
from boards.netlist import netlist_verilog
from boards.out_of_context import ScanWrapper
from boards.place_route import DEVICES, fmax_spread, route_seeds
from boards.synthesis import component_rtlil, synthesise
from hwpy.low_precision.binary import IdealBits, SmtjBits, SpinDiceBits, binary, sign, ternary, ternary_sign
from hwpy.low_precision.binary_network import BinaryNetwork, BinaryNetworkParameters, thermometer
from hwpy.low_precision.binary_training import BinaryRecipe, train_binary
from hwpy.stochastic_computing.data import Images, load
from rtl.low_precision.binary_network import BinaryNetwork as Hardware
from sim.classifier import run_classifier

SEEDS = range(1, 6)
#: Of pixels of 4 bits: one bit a pixel, or three.
ONE, THREE = (8,), (4, 8, 12)
LANES = 4
#: Latent weights nearer to 0 are 0.
SPARSE = partial(ternary_sign, threshold=0.9)
#: Hidden neurons of the network that is built: it fits both devices.
BUILT = 24
DEVICE = {"ice40": "ice40-hx8k-ct256", "ecp5": "ecp5-85f-caBGA381"}


def pixels(images: Images) -> np.ndarray:
    """Of 4 bits, (images, 64)."""
    return images.pixels.reshape(len(images), -1) >> 4


def trained(levels: tuple[int, ...], hidden: int, how: str, seed: int) -> list[tuple[str, BinaryNetworkParameters]]:
    """The network by the way it reads its weights: of junctions, as they were drawn at the end, and by sign."""
    images, generator = load("digits", "train"), np.random.default_rng(seed)
    rules: dict[str, Callable[[Any], Any]] = {"binary": sign, "ternary": SPARSE}
    sources = {"ideal bits": IdealBits, "spin dice": SpinDiceBits, "SMTJ": SmtjBits}
    kind, _, source = how.partition(", ")
    draws: list[Callable[[Any], Any]] = [rules[kind]] * 2
    if source:
        # Each layer has junctions of its own.
        drawing = {"binary": binary, "ternary": ternary}[kind]
        draws = [partial(drawing, source=sources[source](generator)) for _ in range(2)]
    recipe = BinaryRecipe(hidden=(hidden,))
    latent, biases = train_binary(recipe, thermometer(pixels(images), levels), images.labels, seed, draws)
    reads = {"drawn": draws, "sign": [rules[kind]] * 2} if source else {"": draws}
    shape = {"levels": levels, "pixel_bits": 4, "lanes": LANES}
    return [
        (
            name,
            BinaryNetworkParameters.from_biases(
                tuple(draw(w) for draw, w in zip(given, latent, strict=True)), tuple(biases), **shape
            ),
        )
        for name, given in reads.items()
    ]


def accuracy() -> None:
    """Prints the table."""
    test = load("digits", "test")
    print("inputs x hidden   weights                         weights not 0   accuracy, %")
    for levels, hidden in ((ONE, 64), (THREE, 24), (THREE, 64)):
        drawn = ("binary, ideal bits", "binary, spin dice", "binary, SMTJ", "ternary, spin dice")
        for how in ("binary", "ternary", *(drawn if (levels, hidden) == (THREE, 64) else ())):
            found: dict[str, list[tuple[float, int]]] = {}
            for seed in SEEDS:
                for name, parameters in trained(levels, hidden, how, seed):
                    right = (BinaryNetwork(parameters).classify(pixels(test)) == test.labels).mean()
                    count = sum(int((w != 0).sum()) for w in parameters.weights)
                    found.setdefault(name, []).append((100 * float(right), count))
            for name, rows in found.items():
                _row(64 * len(levels), hidden, f"{how} {f'({name})' if name else ''}", rows)
        _floats(levels, hidden)


def _row(inputs: int, hidden: int | str, name: str, rows: list[tuple[float, int]]) -> None:
    mean, half = mean_and_interval([right for right, _ in rows])
    count = np.mean([weights for _, weights in rows])
    print(f"{inputs:4d} x {hidden!s:10s} {name:32s} {count:10.0f}      {mean:.2f} +- {half:.2f}", flush=True)


def _floats(levels: tuple[int, ...], hidden: int) -> None:
    """A network of the same shape with ReLU, and logistic regression, on the same bits and on the pixels."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPClassifier

    train, test = load("digits", "train"), load("digits", "test")
    # Twice the passes that the others have are enough.
    warnings.simplefilter("ignore", ConvergenceWarning)
    for what, encode in (("bits", lambda images: thermometer(pixels(images), levels)), ("pixels", _reals)):
        x, x_test = encode(train), encode(test)
        rows = []
        for seed in SEEDS:
            network = MLPClassifier((hidden,), max_iter=200, random_state=seed, tol=0).fit(x, train.labels)
            rows.append((100 * network.score(x_test, test.labels), sum(w.size for w in network.coefs_)))
        _row(x.shape[1], hidden, f"float of {what}", rows)
        linear = LogisticRegression(max_iter=5000).fit(x, train.labels)
        right = 100 * linear.score(x_test, test.labels)
        _row(x.shape[1], "-", f"logistic regression of {what}", [(right, linear.coef_.size)])


def _reals(images: Images) -> np.ndarray:
    return pixels(images) / 16


def hardware(target: str) -> None:
    """Prints cells, the netlist's results, and the clock, of a ternary network, seed 1."""
    test = load("digits", "test")
    ((_, p),) = trained(THREE, BUILT, "ternary", 1)
    count = sum((w != 0).sum() for w in p.weights)
    print(f"{target}, {p.pixels * len(p.levels)}-{BUILT}-{p.classes}, {count} weights", flush=True)
    folder = Path("build") / f"binary-network-{target}"
    netlist = synthesise(component_rtlil(Hardware(p), "top", target), "top", target, folder)
    print(f"  {netlist.area.lut4} LUT4, {netlist.area.carry} carries, {netlist.area.ff} FF", flush=True)
    words = pixels(test).reshape(len(test), -1, p.lanes) << p.pixel_bits * np.arange(p.lanes)
    results, clocks = run_classifier(netlist_verilog(netlist), words.sum(axis=-1).tolist(), folder / "netlist")
    scores = BinaryNetwork(p).scores(pixels(test))
    golden = scores.argmax(axis=1) | scores.max(axis=1) << p.winner_width
    winners = np.array(results) & (1 << p.winner_width) - 1
    same, right = int((np.array(results) == golden).sum()), 100 * (winners == test.labels).mean()
    print(f"  class and score as the golden model: {same} of {len(test)}; right: {right:.2f} %")
    print(
        f"  clocks an image: {p.transfers} in a stream; from first transfer to result {clocks / len(test):g}",
        flush=True,
    )
    wrapper = component_rtlil(ScanWrapper(Hardware(p)), "wrapper", target)
    routed = synthesise(wrapper, "wrapper", target, folder)
    clock = fmax_spread(route_seeds(routed, DEVICES[DEVICE[target]], folder, seeds=range(1, 4), frequency_mhz=100.0))
    assert clock is not None
    print(f"  MHz over three seeds: {clock}; {clock['median'] / p.transfers:.2f} M images/s at the median", flush=True)


def main() -> None:
    """Runs what is asked for."""
    parts: dict[str, Callable[[], None]] = {
        "accuracy": accuracy,
        "ice40": partial(hardware, "ice40"),
        "ecp5": partial(hardware, "ecp5"),
    }
    for name in sys.argv[1:] or parts:
        if name not in parts:
            sys.exit(f"binary_network: expected one of {', '.join(parts)}, not {name!r}")
        parts[name]()


if __name__ == "__main__":
    main()
