"""A trained classifier on an FPGA: its bitstream, images a second, and all test images through its netlist.

`python -m benchmarks.or_classifier [MODEL.npz [BOARD [LENGTH [DATA]]]]`, by default the digits on an iCE40 HX8K with
streams of 256 bits. It takes some minutes, most of them in place and route; Fashion-MNIST on an ECP5
(`trijunction/models/fashion-small.npz ulx3s-85f 256 fashion`) a quarter of an hour.

The netlist's results are compared with those of the fast engine, and the fast engine's with the golden model on the
first images.
"""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from boards.design import build
from boards.netlist import netlist_verilog
from boards.registry import board
from boards.synthesis import Area, Netlist
from hwpy.stochastic_computing.data import Images, load
from hwpy.stochastic_computing.inference import classify
from hwpy.stochastic_computing.inference import golden as golden_engine
from hwpy.stochastic_computing.model import Model
from hwpy.stochastic_computing.network import Network
from rtl.stochastic_computing.classifier import Classifier
from sim.classifier import run_classifier

LANES = {"ice40-hx8k-breakout": 4, "ulx3s-85f": 8}
AIM_MHZ = {"ice40-hx8k-breakout": 100, "ulx3s-85f": 50}
SEEDS = {"ice40-hx8k-breakout": 3, "ulx3s-85f": 1}
#: The default router of the ECP5 rips up without end what the placer packs as densely as it likes to.
OPTIONS = {
    "ice40-hx8k-breakout": [],
    "ulx3s-85f": ["--router", "router2", "--router2-alt-weights", "--placer-heap-beta", "0.5"],
}
#: A 1 of a weight is a wire and a third of a LUT4. With all of them Fashion-MNIST was not routed: there the weights of
#: hidden layers are 0 or powers of two from this one on.
LEAST_POWER = {"ice40-hx8k-breakout": None, "ulx3s-85f": 32}
#: Images that the golden model itself classifies, a third of a second each for Fashion-MNIST.
GOLDEN_IMAGES = 599


def measure(model: str, board_name: str, length: int, data: str) -> dict[str, object]:
    """Build, simulate, compare; the figures by name."""
    trained, folder = board_model(model, board_name), Path("build") / f"or-classifier-{board_name}"
    golden = golden_network(trained, board_name, length)
    design = Classifier(golden.parameters, [layer.weights for layer in golden.layers])
    built = build(
        design,
        board_name,
        folder,
        frequency_mhz=AIM_MHZ[board_name],
        seeds=SEEDS[board_name],
        options=OPTIONS[board_name],
    )
    images = load(data)
    figures = through_netlist(golden, trained, folder / "top.json", board_name, images)
    return {
        "model": model,
        "board": board_name,
        "length": length,
        "ones of the weights": sum(ones(layer.weights) for layer in golden.layers),
        **{
            name: built[name] for name in ("lut4", "carry", "ff", "cells", "available", "fmax_mhz", "seed", "bitstream")
        },
        **figures,
        "images a second at the median Fmax": built["fmax_mhz"]["median"] * 1e6 / figures["clocks an image"],
    }


def board_model(path: str, board_name: str) -> Model:
    """The trained model, its hidden layers' weights rounded to few powers of two if the board is to have them so."""
    model, least = Model.load(path), LEAST_POWER[board_name]
    if least is None:
        return model
    *hidden, last = model.kernels
    return replace(model, kernels=(*(power_of_two(kernel, least) for kernel in hidden), last))


def power_of_two(kernel: NDArray[np.int16], least: int) -> NDArray[np.int16]:
    """Whole weights rounded to the nearest power of two, and to 0 if that is below ``least``."""
    levels = 1 << np.arange(15)
    nearest = np.abs(np.abs(kernel.astype(np.int64))[..., None] - levels).argmin(axis=-1)
    levels[levels < least] = 0
    return (np.sign(kernel) * levels[nearest]).astype(np.int16)


def ones(weights: NDArray[np.integer]) -> int:
    """Ones in the magnitudes of all weights."""
    return int(np.unpackbits(np.abs(weights).astype(np.uint16).view(np.uint8)).sum())


def golden_network(model: Model, board_name: str, length: int) -> Network:
    """The golden model as it is on the board."""
    network = model.network(((length, 0),))
    network.parameters = replace(network.parameters, lanes=LANES[board_name])
    return network


def through_netlist(golden: Network, model: Model, path: Path, board_name: str, images: Images) -> dict[str, float]:
    """All images through the netlist: results that are the model's, accuracy, and clocks."""
    shape = golden.parameters
    # The board's top resets itself and has the classifier's ports.
    verilog = netlist_verilog(Netlist(path, "top", board(board_name).device.target, Area(), {}, "area"))
    numbers = model.numbers(images.pixels)
    lanes = numbers.reshape(len(numbers), -1, shape.lanes) << shape.input_bits * np.arange(shape.lanes)
    results, clocks = run_classifier(verilog, lanes.sum(axis=-1).tolist(), path.parent / "netlist")
    field = (shape.classes - 1).bit_length()
    winners, lengths = np.array(results) & (1 << field) - 1, np.array(results) >> field

    fast = classify(golden, numbers, "lfsr")
    checked = classify(golden, numbers[:GOLDEN_IMAGES], "lfsr", engine=golden_engine(golden))
    agreed = (checked.scores == fast.scores[:GOLDEN_IMAGES]).all(axis=-1)
    return {
        "images": len(images),
        "same class and length as the fast engine": int(((winners == fast.winner) & (lengths == fast.length)).sum()),
        "of the first images": len(agreed),
        "same scores by fast engine and golden model": int(agreed.sum()),
        "accuracy": float((winners == images.labels).mean()),
        "clocks an image": clocks / len(images),
    }


def main() -> None:
    """Print the figures."""
    given = sys.argv[1:]
    defaults = ["trijunction/models/digits.npz", "ice40-hx8k-breakout", "256", "digits"]
    model, board_name, length, data = given + defaults[len(given) :]
    for name, value in measure(model, board_name, int(length), data).items():
        print(f"{name}: {value}")


if __name__ == "__main__":
    main()
