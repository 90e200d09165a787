"""A network with shift registers for its entropy: a whole classifier."""

from __future__ import annotations

from collections.abc import Sequence

from amaranth.hdl import Cat, Module, ResetInserter
from amaranth.lib import wiring
from amaranth.lib.wiring import connect, flipped
from numpy.typing import ArrayLike

from hwpy.stochastic_computing.network import NetworkParameters
from hwpy.stochastic_computing.pool import REGISTER, pool_seeds
from rtl.entropy.lfsr import Lfsr
from rtl.stochastic_computing.network import Network

__all__ = ["Classifier"]


class Classifier(wiring.Component):
    """The classifier of `hwpy.stochastic_computing.classifier`, in its clocks.

    A `Network` and the registers of `hwpy.stochastic_computing.pool`, which restart with every image.

    Parameters
    ----------
    parameters, weights
        As `Network`.
    seed
        Of the registers.

    Attributes
    ----------
    image, result
        As `Network`.
    """

    def __init__(self, parameters: NetworkParameters, weights: Sequence[ArrayLike], seed: int = 1):
        self.network = Network(parameters, weights)
        self.seeds = pool_seeds(parameters.random_bits, seed)
        members = self.network.signature.members
        super().__init__({name: members[name] for name in ("image", "result")})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.network = network = self.network
        registers = [Lfsr(REGISTER, state) for state in self.seeds]
        for place, register in enumerate(registers):
            m.submodules[f"register_{place}"] = ResetInserter(network.image.ready)(register)
            m.d.comb += register.stream.ready.eq(network.entropy.ready)
        m.d.comb += [
            network.entropy.valid.eq(1),
            network.entropy.payload.eq(Cat(register.stream.payload for register in registers)),
        ]
        connect(m, flipped(self.image), network.image)
        connect(m, network.result, flipped(self.result))
        return m
