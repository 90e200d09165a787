"""Cells of the bricks of stochastic computing, each alone, on iCE40 and ECP5."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from boards.out_of_context import measure
from hwpy.entropy.lfsr import LfsrParameters
from hwpy.stochastic_computing.counter import CounterParameters
from hwpy.stochastic_computing.decorrelator import DecorrelatorParameters
from hwpy.stochastic_computing.feedback import FeedbackParameters
from hwpy.stochastic_computing.fsm import FsmParameters
from hwpy.stochastic_computing.gates import GateParameters
from hwpy.stochastic_computing.generator import GeneratorParameters
from hwpy.stochastic_computing.image_filters import WindowFilterParameters
from hwpy.stochastic_computing.sequences import SobolParameters
from rtl.stochastic_computing.counter import Counter
from rtl.stochastic_computing.decorrelator import Decorrelator
from rtl.stochastic_computing.feedback import Feedback
from rtl.stochastic_computing.fsm import Fsm
from rtl.stochastic_computing.gates import Gate
from rtl.stochastic_computing.generator import Generator
from rtl.stochastic_computing.image_filters import WindowFilter
from rtl.stochastic_computing.sequences import Sobol, StateLfsr


def bank(method: str) -> Generator:
    """16 generators of 8 bits on one word, as views whose highest bits all differ."""
    rotations = tuple(range(8)) * 2
    return Generator(GeneratorParameters(8, 16, method, rotations=rotations, delays=(0,) * 8 + (8,) * 8))


BLOCKS: dict[str, Callable[[], Any]] = {
    "generator, comparator, 8 bits": lambda: Generator(GeneratorParameters(8)),
    "generator, weighted, 8 bits": lambda: Generator(GeneratorParameters(8, method="weighted")),
    "generator, 16 comparators, shared word": lambda: bank("comparator"),
    "generator, 16 weighted, shared word": lambda: bank("weighted"),
    "LFSR, 8 bits": lambda: StateLfsr(LfsrParameters(8)),
    "Sobol, 8 bits, 1 dimension": lambda: Sobol(SobolParameters(8)),
    "Sobol, 8 bits, 16 dimensions": lambda: Sobol(SobolParameters(8, 16)),
    "gate, mux": lambda: Gate(GateParameters("mux")),
    "gate, divide (CORDIV)": lambda: Gate(GateParameters("divide")),
    "feedback, square root, 8 bits": lambda: Feedback(FeedbackParameters(8, "square root")),
    "fsm, tanh, 8 states": lambda: Fsm(FsmParameters(8)),
    "fsm, relu, 8 states": lambda: Fsm(FsmParameters(8, "relu")),
    "decorrelator, shuffle buffer of 8": lambda: Decorrelator(DecorrelatorParameters(8, "shuffle")),
    "counter, 1 input, N = 256": lambda: Counter(CounterParameters()),
    "counter, 16 inputs, exact, N = 256": lambda: Counter(CounterParameters(16)),
    "counter, 16 inputs, approximate, N = 256": lambda: Counter(CounterParameters(16, approximate=True)),
    "filter, roberts": lambda: WindowFilter(WindowFilterParameters("roberts")),
    "filter, gaussian": lambda: WindowFilter(WindowFilterParameters("gaussian")),
    "filter, median": lambda: WindowFilter(WindowFilterParameters("median")),
}


def main() -> None:
    """Prints a row for each block."""
    print(f"{'':42s}   iCE40: LUT4  carry     FF    ECP5: LUT4  carry     FF")
    for name, factory in BLOCKS.items():
        cells = [measure(factory, target) for target in ("ice40", "ecp5")]
        counts = "   ".join(f"{row['lut4']:9d} {row['carry']:6d} {row['ff']:6d}" for row in cells)
        print(f"{name:42s}     {counts}", flush=True)


if __name__ == "__main__":
    main()
