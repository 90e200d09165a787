"""Binary and ternary weights, drawn from real latent ones.

BinaryConnect (M. Courbariaux, Y. Bengio and J.-P. David, *NIPS* (2015)) keeps a real weight w, clipped to -1 to 1, and
computes with ``sign(w)`` or with a random sign of mean w: ``P(+1) = hard_sigmoid(w) = clip((w + 1) / 2, 0, 1)``. Its
ternary form (Z. Lin et al., *ICLR* (2016)) is sign(w) with probability |w|, else 0. In a crossbar a weight is a pair
of junctions, and its value the bit of the one less the bit of the other: the binary weight is a bit and its complement,
the ternary one two bits of ``P = max(w, 0)`` and ``max(-w, 0)``, of which one is always 0.

A bit of a wanted probability comes from a source: ideal random numbers; a stable junction, reset and then written with
a pulse of the amplitude that switches it with that probability ("spin dice"); or a superparamagnetic junction whose
bias sets P(1), and whose bits repeat if it is read faster than it dwells. A source holds one junction for each weight.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwpy.entropy.fokker_planck import switching_probability
from hwpy.entropy.macrospin import Macrospin

__all__ = [
    "BitSource",
    "IdealBits",
    "SmtjBits",
    "SpinDiceBits",
    "binary",
    "hard_sigmoid",
    "sign",
    "ternary",
    "ternary_sign",
]

Reals = NDArray[np.float64]
Bits = NDArray[np.bool_]
#: Critical currents; a pulse of more is taken for one of so many.
_LARGEST = 6.0


class BitSource(Protocol):
    """Bits of wanted probabilities, one for each element."""

    def sample(self, probability: Reals) -> Bits:
        """Bits of the shape of ``probability``."""


def hard_sigmoid(w: ArrayLike) -> Reals:
    """``clip((w + 1) / 2, 0, 1)``."""
    return np.clip((np.asarray(w, float) + 1) / 2, 0, 1)


def sign(w: ArrayLike) -> NDArray[np.int8]:
    """The deterministic binary weight: +1 for w not below 0, else -1."""
    return np.where(np.asarray(w) >= 0, 1, -1).astype(np.int8)


def ternary_sign(w: ArrayLike, threshold: float = 0.5) -> NDArray[np.int8]:
    """The deterministic ternary weight: 0 for w nearer to 0 than ``threshold``, else its sign."""
    if not 0 <= threshold < 1:
        raise ValueError(f"ternary threshold must be 0 or more and below 1, not {threshold!r}")
    w = np.asarray(w)
    return np.where(np.abs(w) < threshold, 0, np.sign(w)).astype(np.int8)


def binary(w: ArrayLike, source: BitSource) -> NDArray[np.int8]:
    """Weights of -1 and +1 and mean w, for w from -1 to 1."""
    return (2 * source.sample(hard_sigmoid(w)).astype(np.int8) - 1).astype(np.int8)


def ternary(w: ArrayLike, source: BitSource) -> NDArray[np.int8]:
    """Weights of -1, 0 and +1 and mean w, for w from -1 to 1.

    The source draws for both junctions of a pair: its elements are w's, with a last axis of 2.
    """
    latent = np.clip(np.asarray(w, float), -1, 1)
    pair = source.sample(np.stack([np.maximum(latent, 0), np.maximum(-latent, 0)], axis=-1)).astype(np.int8)
    return pair[..., 0] - pair[..., 1]


@dataclass
class IdealBits:
    """Independent bits, exactly of the wanted probability."""

    generator: np.random.Generator

    def sample(self, probability: Reals) -> Bits:
        """As `BitSource`."""
        return self.generator.random(probability.shape) < probability


@cache
def _switching_curve(spin: Macrospin, width: float) -> tuple[Reals, Reals]:
    """Currents in critical ones, and the probabilities to switch; straight lines between are within 0.005 of it."""
    currents = np.linspace(0, _LARGEST, 121)
    switched = [float(switching_probability(spin, -i, width, cells=400, steps=200)[0]) for i in currents]
    return currents, np.maximum.accumulate(switched)


@dataclass
class SpinDiceBits:
    """Stable junctions, each reset and then written with a pulse.

    Parameters
    ----------
    generator
        Stands in for the thermal noise.
    spin
        The free layer.
    width
        Seconds of the write pulse, and of the reset pulse.
    highest, reset
        Largest write current, and the reset current, in critical currents.
    driver_bits
        The driver has ``2**driver_bits`` amplitudes from 0 to ``highest``; 1 to 16.
    spread
        Relative standard deviation of the critical current from junction to junction, which the driver does not know.
    """

    generator: np.random.Generator
    spin: Macrospin = field(default_factory=lambda: Macrospin(barrier=60, damping=0.02, anisotropy_field=0.3))
    width: float = 10e-9
    highest: float = 3.0
    reset: float = 3.0
    driver_bits: int = 8
    spread: float = 0.0
    _state: Bits | None = field(default=None, init=False, repr=False)
    _scale: Reals | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if not 1 <= self.driver_bits <= 16:
            raise ValueError(f"driver bits must be 1 to 16, not {self.driver_bits!r}")
        if not 0 <= self.spread < 0.3:
            raise ValueError(f"critical-current spread must be 0 or more and below 0.3, not {self.spread!r}")
        for name in ("highest", "reset"):
            if not 0 < getattr(self, name) <= _LARGEST:
                raise ValueError(
                    f"{name} current must be above 0 to {_LARGEST:g} critical ones, not {getattr(self, name)}"
                )

    def switching(self, current: ArrayLike) -> Reals:
        """P(switch) of a pulse of a current in critical ones."""
        return np.interp(np.asarray(current), *_switching_curve(self.spin, self.width))

    def amplitude(self, probability: ArrayLike) -> Reals:
        """The driver's amplitude, in critical currents, that comes nearest in current to a probability.

        For 0 there is no pulse, and for 1 the highest.
        """
        currents, switched = _switching_curve(self.spin, self.width)
        first = max(int(np.searchsorted(switched, switched[0], "right")) - 1, 0)
        exact = np.interp(np.asarray(probability), switched[first:], currents[first:])
        exact = np.select([np.asarray(probability) <= 0, np.asarray(probability) >= 1], [0.0, self.highest], exact)
        step = self.highest / (2**self.driver_bits - 1)
        return np.minimum(np.round(exact / step) * step, self.highest)

    def sample(self, probability: Reals) -> Bits:
        """As `BitSource`. A junction that was not reset stays 1."""
        if self._state is None or self._scale is None:
            self._state = np.zeros(probability.shape, bool)
            self._scale = 1 + self.spread * self.generator.standard_normal(probability.shape)
        if self._state.shape != probability.shape:
            raise ValueError(f"there are junctions for weights of shape {self._state.shape}, not {probability.shape}")
        kept = self._state & (self.generator.random(probability.shape) >= self.switching(self.reset / self._scale))
        written = self.switching(self.amplitude(probability) / self._scale)
        self._state = kept | (self.generator.random(probability.shape) < written)
        return self._state


@dataclass
class SmtjBits:
    """Superparamagnetic junctions of ``barrier`` kT, biased for P(1) and read every ``period`` mean dwell times.

    The dwell time meant is that of the balanced junction; one that is biased forgets faster, for the sum of its escape
    rates is cosh(barrier I / I_c) times as large (`hwpy.entropy.smtj`).
    """

    generator: np.random.Generator
    period: float = 10.0
    barrier: float = 12.0
    _state: Bits | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if not self.period > 0:
            raise ValueError(f"SMTJ period must be positive, in dwell times, not {self.period!r}")
        if not 0 < self.barrier < 700:
            raise ValueError(f"SMTJ barrier must be above 0 and below 700 kT, not {self.barrier!r}")

    def bias(self, probability: ArrayLike) -> Reals:
        """I / I_c for a stationary P(1), at most 1 either way."""
        p = np.clip(probability, 1e-300, 1 - 1e-16)
        return np.clip((np.log1p(-p) - np.log(p)) / (2 * self.barrier), -1, 1)

    def sample(self, probability: Reals) -> Bits:
        """As `BitSource`: the state a period after the new bias came on."""
        tilt = self.barrier * self.bias(probability)
        stationary = 1 / (1 + np.exp(2 * tilt))
        if self._state is None:
            self._state = self.generator.random(probability.shape) < 0.5
        if self._state.shape != probability.shape:
            raise ValueError(f"there are junctions for weights of shape {self._state.shape}, not {probability.shape}")
        kept = np.exp(-2 * np.cosh(tilt) * self.period)
        self._state = self.generator.random(probability.shape) < stationary + (self._state - stationary) * kept
        return self._state
