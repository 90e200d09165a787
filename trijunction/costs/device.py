"""The junction that a comparison takes: one of a device file or of the literature, with the range of what is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from trijunction.costs.break_even import Bounds, Inputs, bounds, clocks_a_read, energy, fold
from trijunction.costs.inputs import Results, span

__all__ = ["Junction", "Range"]

Range = tuple[float, float, float]


@dataclass(frozen=True)
class Junction:
    """Price of a read in fJ, dwell time in ns and P(1) - 1/2: each as taken, at least, at most."""

    price: Range
    dwell: Range
    bias: Range

    @classmethod
    def of(cls, results: Results) -> Junction:
        """That of the stage ``literature``."""
        return cls(*(span(results, "literature", name) for name in ("smtj_energy", "dwell", "bias_error")))

    def _ends(self) -> Iterator[tuple[float, float, float]]:
        return product(self.price[1:], self.dwell[1:], self.bias[1:])  # type: ignore[return-value]

    def energy(self, known: Bounds) -> Range:
        """Of a unit of work with these junctions, over all ranges."""

        def of(price: float, dwell: float, bias: float) -> Callable[..., np.ndarray]:
            return lambda inputs, strategy: energy(inputs, price, dwell, bias, strategy)

        value = float(bounds(of(self.price[0], self.dwell[0], self.bias[0]), known, np.minimum)[0])
        ends = [float(part) for end in self._ends() for part in bounds(of(*end), known, np.minimum)[1:]]
        return value, min(value, *ends), max(value, *ends)

    def reads(self, inputs: Inputs) -> float:
        """Energy of a unit of work that the junctions take themselves."""
        return inputs.bits * fold(inputs, self.bias[0]) * self.price[0]

    def count(self, known: Bounds) -> Range:
        """Junctions a bit so that the design need not wait, over all ranges."""

        def of(inputs: Inputs, dwell: float, bias: float) -> float:
            return fold(inputs, bias) * float(clocks_a_read(inputs, dwell, bias))

        value = of(known.nominal, self.dwell[0], self.bias[0])
        ends = [of(inputs, dwell, bias) for inputs in known.corners() for _, dwell, bias in self._ends()]
        return value, min(value, *ends), max(value, *ends)
