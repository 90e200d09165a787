"""A network and the shift registers that feed it, in the clocks of the hardware: golden model of a whole classifier.

Each image sees the registers' bits from their seeds on: they stand at the seeds while it is loaded and move on with
each beat, so its class does not depend on what came before, nor on who waits for whom at the ports.
"""

from __future__ import annotations

import numpy as np

from hwpy.stochastic_computing.network import Network, Outcome
from hwpy.stochastic_computing.network_clock import NetworkClock
from hwpy.stochastic_computing.pool import pool_bits

__all__ = ["Classifier"]


class Classifier:
    """Golden model of the ports: ``image_ready`` and ``result`` are those of the present clock.

    Parameters
    ----------
    network
        The network, by its golden model.
    seed
        Of the registers.
    """

    def __init__(self, network: Network, seed: int = 1):
        shape = network.parameters
        octets = np.packbits(
            pool_bits(shape.random_bits, shape.latency + shape.length, seed), axis=1, bitorder="little"
        )
        self._payloads = [int.from_bytes(row.tobytes(), "little") for row in octets]
        self._network = NetworkClock(network)
        self._beat = 0

    @property
    def image_ready(self) -> bool:
        return self._network.image_ready

    @property
    def result(self) -> Outcome | None:
        return self._network.result

    def step(self, image: int | None, result_ready: bool) -> None:
        """One clock edge: the payload of the image stream, None where not valid."""
        if self.image_ready:
            self._beat = 0
        random = None
        if self._network.entropy_ready:
            random = self._payloads[self._beat]
            self._beat += 1
        self._network.step(image, random, result_ready)
