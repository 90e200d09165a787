"""A trained classifier on an FPGA: its bitstream, images a second, and all test images through its netlist.

`python -m benchmarks.or_classifier [MODEL.npz [BOARD [LENGTH [DATA]]]]`, by default the digits on an iCE40 HX8K with
streams of 256 bits. It takes some minutes, most of them in place and route.
"""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from boards.design import build
from boards.netlist import netlist_verilog
from boards.registry import board
from boards.synthesis import Area, Netlist
from hwpy.stochastic_computing.data import load
from hwpy.stochastic_computing.model import Model
from hwpy.stochastic_computing.network import Network, NetworkParameters
from hwpy.stochastic_computing.network_entropy import payloads
from rtl.stochastic_computing.classifier import Classifier
from sim.classifier import run_classifier

LANES = {"ice40-hx8k-breakout": 4, "ulx3s-85f": 4}


def measure(model: str, board_name: str, length: int, data: str) -> dict[str, object]:
    """Build, simulate, compare; the figures by name."""
    golden, folder = golden_network(model, board_name, length), Path("build") / f"or-classifier-{board_name}"
    design = Classifier(golden.parameters, [layer.weights for layer in golden.layers])
    built = build(design, board_name, folder, frequency_mhz=100)
    images = load(data)
    same, right, clocks = through_netlist(golden, Model.load(model), folder / "top.json", board_name, images)
    count = len(images.labels)
    fmax = built["fmax_mhz"]["median"]
    return {
        "model": model,
        "board": board_name,
        "length": length,
        **{name: built[name] for name in ("lut4", "carry", "ff", "cells", "available", "bitstream")},
        "fmax_mhz": fmax,
        "images": count,
        "same class and length as golden": same,
        "accuracy": right / count,
        "clocks an image": clocks / count,
        "images a second at Fmax": fmax * 1e6 * count / clocks,
    }


def golden_network(model: str, board_name: str, length: int) -> Network:
    """The golden model as it is on the board."""
    trained = Model.load(model).network(((length, 0),))
    shape: NetworkParameters = replace(trained.parameters, lanes=LANES[board_name])
    trained.parameters = shape
    return trained


def through_netlist(golden: Network, model: Model, netlist: Path, board_name: str, images) -> tuple[int, int, int]:
    """Images whose result is the golden model's, images classified rightly, and all clocks."""
    shape = golden.parameters
    family = board(board_name).device.target
    # The board's top resets itself and has the classifier's ports.
    verilog = netlist_verilog(Netlist(netlist, "top", family, Area(), {}, "area"))
    numbers = model.numbers(images.pixels)
    lanes = numbers.reshape(len(numbers), -1, shape.lanes) << shape.input_bits * np.arange(shape.lanes)
    results, clocks = run_classifier(verilog, lanes.sum(axis=-1).tolist(), netlist.parent / "netlist")
    random = payloads("lfsr", shape, shape.latency + shape.length)
    field = (shape.classes - 1).bit_length()
    same = right = 0
    for image, result, label in zip(numbers, results, images.labels, strict=True):
        outcome = golden.classify(image, random)
        same += result == int(outcome.winner) | int(outcome.length) << field
        right += bool((result & (1 << field) - 1) == label)
    return same, right, clocks


def main() -> None:
    """Print the figures."""
    given = sys.argv[1:]
    defaults = ["trijunction/models/digits.npz", "ice40-hx8k-breakout", "256", "digits"]
    model, board_name, length, data = given + defaults[len(given) :]
    for name, value in measure(model, board_name, int(length), data).items():
        print(f"{name}: {value}")


if __name__ == "__main__":
    main()
