"""The clocks of a streaming network: when it takes an image, random bits, and offers its result.

States, one a clock:

- *load* takes ``inputs / lanes`` payloads of the image;
- *run* takes a payload of random bits a clock, a beat: ``latency`` beats that fill the pipeline, then those that are
  counted;
- *compare* follows each checkpoint, ``comparison`` clocks in which the pipeline stands still;
- *offer* holds the result until it is taken, then the next image is loaded.
"""

from __future__ import annotations

import numpy as np

from hwpy.stochastic_computing.network import Network, Outcome

__all__ = ["NetworkClock"]


class NetworkClock:
    """Golden model of the ports. ``image_ready``, ``entropy_ready`` and ``result`` are those of the present clock."""

    def __init__(self, network: Network):
        self.network = network
        self.result: Outcome | None = None
        self._image: list[int] = []
        self._random: list[int] = []
        self._compare = 0

    @property
    def image_ready(self) -> bool:
        return self.result is None and len(self._image) < self.network.parameters.inputs

    @property
    def entropy_ready(self) -> bool:
        return self.result is None and not self.image_ready and not self._compare

    def step(self, image: int | None, random: int | None, result_ready: bool) -> None:
        """One clock edge: the payloads on the two inputs, None where not valid."""
        parameters = self.network.parameters
        if self.result is not None:
            if result_ready:
                self.result, self._image, self._random = None, [], []
        elif self.image_ready:
            if image is not None:
                mask = (1 << parameters.input_bits) - 1
                self._image += [image >> lane * parameters.input_bits & mask for lane in range(parameters.lanes)]
        elif self._compare:
            self._compare -= 1
            if not self._compare:
                outcome = self.network.classify(self._image, self._bits())
                # No earlier checkpoint stopped it: the outcome is of this length, or of one still to come.
                if int(outcome.length) == self._counted:
                    self.result = outcome
        elif random is not None:
            self._random.append(random)
            if self._counted in [length for length, _ in parameters.checkpoints]:
                self._compare = parameters.comparison

    @property
    def _counted(self) -> int:
        return len(self._random) - self.network.parameters.latency

    def _bits(self) -> np.ndarray:
        parameters = self.network.parameters
        # Beats not there yet are zeros; they come after the present checkpoint.
        bits = np.zeros((parameters.latency + parameters.length, parameters.random_bits), np.uint8)
        for beat, word in enumerate(self._random):
            octets = np.frombuffer(word.to_bytes(-(-parameters.random_bits // 8), "little"), np.uint8)
            bits[beat] = np.unpackbits(octets, bitorder="little")[: parameters.random_bits]
        return bits
