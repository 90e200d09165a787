"""A layer of OR-gate neurons on unipolar bitstreams, two rails for signed weights: parameters and golden model.

A neuron is one gate (M. W. Daniels et al., *Energy-efficient stochastic computing with superparamagnetic tunnel
junctions*, Physical Review Applied 13, 034016, 2020): the OR over its inputs of input bit AND weight bit. Of
independent streams it has the expectation

    y = 1 - prod_i (1 - w_i x_i),    nearly 1 - exp(-sum_i w_i x_i) for small weights.

A signed weight w / 2**b is a non-negative magnitude on one of two rails, y+ or y-, and is absent from the other. The
neuron's output stream is ``y+ AND NOT y-``, one gate more. No input is on both rails, so they are independent and

    P(output) = y+ (1 - y-).

**Weight bits.** A weight's bit is 1 where the *leading one* of a uniform random word r of b bits is a 1 of the
magnitude. The leading one is bit k with probability ``2**(k - b)``, so the bit has the probability ``w / 2**b``,
exactly that of the comparator ``r < w``. But all of the random logic, the leading one AND x_i, belongs to the input and
not to the neuron: a layer makes it once for all neurons that share the word, and a synapse is an AND-OR over the bits
of its weight (the weighted binary generator of P. K. Gupta and R. Kumaresan, 1988). A magnitude of ``2**b`` stands for
1: the input as it is.

**Sharing.** With 'shared' entropy there is a word for each input, the same for all neurons: within a neuron all streams
are independent and the expectation above holds; the outputs of two neurons are correlated, as they are anyway by their
common inputs. What takes them as independent streams needs them delayed by different times
(`hwpy.stochastic_computing.network`). With 'own' entropy each synapse has a word.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["OrLayer", "OrLayerParameters", "leading_one", "rails", "words_of"]

_ENTROPIES = ("shared", "own")


@dataclass(frozen=True)
class OrLayerParameters:
    """The shape of a layer.

    Parameters
    ----------
    inputs, neurons
        K and M.
    weight_bits
        b: a weight is ``w / 2**b``, with w from ``-2**b`` to ``2**b``; 1 to 16.
    entropy
        'shared': one random word an input, for all neurons; 'own': one a synapse.
    """

    inputs: int
    neurons: int
    weight_bits: int = 8
    entropy: str = "shared"

    def __post_init__(self) -> None:
        for name in ("inputs", "neurons", "weight_bits"):
            value = operator.index(getattr(self, name))
            if value < 1:
                raise ValueError(f"OR layer {name} must be positive, not {value!r}")
            object.__setattr__(self, name, value)
        if self.weight_bits > 16:
            raise ValueError(f"OR layer weight_bits must be 1 to 16, not {self.weight_bits!r}")
        if self.entropy not in _ENTROPIES:
            raise ValueError(f"OR layer entropy must be one of {', '.join(_ENTROPIES)}, not {self.entropy!r}")

    @property
    def words_shape(self) -> tuple[int, ...]:
        """Random words of a clock: (K,) if shared, else (M, K)."""
        return (self.inputs,) if self.entropy == "shared" else (self.neurons, self.inputs)

    @property
    def random_bits(self) -> int:
        """Random bits that the layer takes in a clock."""
        return int(np.prod(self.words_shape)) * self.weight_bits

    def check_weights(self, weights: ArrayLike) -> NDArray[np.int64]:
        """The weights as an (M, K) array of signed integers.

        Raises
        ------
        ValueError
            If they have another shape, are not whole, or a magnitude is above ``2**weight_bits``.
        """
        array = np.asarray(weights)
        if array.shape != (self.neurons, self.inputs):
            raise ValueError(f"OR layer weights must have shape ({self.neurons}, {self.inputs}), not {array.shape!r}")
        if not np.issubdtype(array.dtype, np.integer):
            raise ValueError(f"OR layer weights must be integers, not {array.dtype.name}")
        array = array.astype(np.int64)
        beyond = array[np.abs(array) > 1 << self.weight_bits]
        if beyond.size:
            raise ValueError(
                f"OR layer weights must be at most 2**{self.weight_bits} in magnitude, not {int(beyond[0])}"
            )
        return array


def leading_one(words: ArrayLike) -> NDArray[np.int64]:
    """The highest 1 of each word of up to 16 bits, in its place: a power of two, or 0 for 0."""
    below = np.asarray(words, np.int64)
    for shift in (1, 2, 4, 8):
        below = below | below >> shift
    return below ^ below >> 1


def words_of(random: ArrayLike, shape: tuple[int, ...], bits: int) -> NDArray[np.int64]:
    """Words of ``bits`` bits from random bits (..., count): flat word i is bits ``bits * i`` on, lowest first.

    Bits beyond the last word are left over.
    """
    array = np.asarray(random, np.int64)
    count = int(np.prod(shape))
    split = array[..., : count * bits].reshape(*array.shape[:-1], *shape, bits)
    return (split << np.arange(bits)).sum(axis=-1)


def rails(weights: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The magnitudes of the positive and of the negative weights, each 0 where the weight is on the other rail."""
    signed = np.asarray(weights, np.int64)
    return np.maximum(signed, 0), np.maximum(-signed, 0)


class OrLayer:
    """Golden model: the gates, without registers. Any leading axes are clocks, images or both.

    Parameters
    ----------
    parameters
        The shape.
    weights
        (M, K) signed integers, the weight times ``2**weight_bits``.
    """

    def __init__(self, parameters: OrLayerParameters, weights: ArrayLike):
        self.parameters = parameters
        self.weights = parameters.check_weights(weights)

    def run(self, x: ArrayLike, words: ArrayLike) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Input bits (..., K) and random words (..., K), or (..., M, K) if own, to the bits y+ and y- (..., M)."""
        selected = leading_one(words) | 1 << self.parameters.weight_bits
        if self.parameters.entropy == "shared":
            selected = selected[..., None, :]
        selected = np.where(np.asarray(x)[..., None, :] != 0, selected, 0)
        plus, minus = (np.asarray((selected & rail).any(axis=-1), np.uint8) for rail in rails(self.weights))
        return plus, minus

    def expectation(self, x: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """P(y+) and P(y-), each (..., M), for independent input streams of P(1) = x (..., K)."""
        values = np.asarray(x, np.float64)[..., None, :]
        plus, minus = (
            1 - (1 - values * rail / 2**self.parameters.weight_bits).prod(-1) for rail in rails(self.weights)
        )
        return plus, minus
