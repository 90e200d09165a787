"""What a way's core is to the report: ports, work, and random bits."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from rtl.entropy.lfsr import Lfsr

__all__ = ["Stimulus", "Way", "as_bits"]

#: For each input port its bits (clocks, lanes, width), set after the clock's edge; clock 0 is that of the reset.
Stimulus = Mapping[str, NDArray[np.uint8]]


class Way(ABC):
    """A core that takes its randomness from a stream ``entropy`` of ``random_bits`` bits.

    A *period* is ``period`` clocks in which the core does ``units`` units of work and takes ``draws`` payloads, if it
    never waits; the first one that counts begins ``warm_up`` clocks after power-up, the clock of the reset among them.
    """

    unit: ClassVar[str]
    #: What trades quality for cost here, and the value of it that the report builds.
    knob: ClassVar[str]
    default: ClassVar[int]

    random_bits: int
    warm_up: int
    period: int
    units: float
    draws: int

    @abstractmethod
    def core(self) -> Any:
        """The component, made afresh."""

    @abstractmethod
    def registers(self) -> tuple[list[Lfsr], list[int]]:
        """Shift registers, and for each bit of the stream its place in their payloads, put side by side."""

    @abstractmethod
    def stimulus(self, clocks: int, lanes: int) -> dict[str, NDArray[np.uint8]]:
        """Real work on all inputs but the entropy, different in each lane."""


def as_bits(numbers: NDArray[np.integer], width: int) -> NDArray[np.uint8]:
    """A last axis of numbers as one of bits, the first number's lowest bit first."""
    return (numbers[..., None] >> np.arange(width) & 1).astype(np.uint8).reshape(*numbers.shape[:-1], -1)
