"""What every source of randomness is: a stream of fresh bits, and what the reports say of it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from amaranth.hdl import unsigned
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import Out

__all__ = ["EntropySource", "SourceProperties"]


@dataclass(frozen=True)
class SourceProperties:
    """What a source states of itself for the reports. Area is measured, not stated.

    Parameters
    ----------
    bits_per_clock
        Fresh bits a clock that it gives at most, that is to a consumer that never stalls.
    pins
        Pins of the chip that it takes.
    is_emulation
        Whether its gates stand in for a device outside the chip, so that their area and energy are emulation
        overhead and not the cost of the device.
    energy_per_bit
        Joules a bit, of the device, from the literature; None if not known or if it is to be measured.
    citation
        Where ``energy_per_bit`` comes from; needed with it.
    """

    bits_per_clock: float
    pins: int = 0
    is_emulation: bool = False
    energy_per_bit: float | None = None
    citation: str | None = None

    def __post_init__(self) -> None:
        if not self.bits_per_clock > 0:
            raise ValueError(f"bits per clock must be positive, not {self.bits_per_clock!r}")
        if self.energy_per_bit is not None and not self.citation:
            raise ValueError(f"an energy per bit of {self.energy_per_bit!r} J needs its citation")

    def bits_per_second(self, clock_frequency: float) -> float:
        """Fresh bits a second at most, at a clock in hertz."""
        return self.bits_per_clock * clock_frequency


class EntropySource(wiring.Component):
    """A source of random bits: every payload of ``stream`` is fresh, and none is given twice.

    ``valid`` may drop between transfers, since a device may be slower than the clock: a consumer stalls and never
    reuses a bit. Once raised, ``valid`` and the payload stay until the transfer.

    Parameters
    ----------
    width
        Bits of the payload.
    ports
        Further members of the signature, by name.

    Attributes
    ----------
    stream
        Output stream of ``unsigned(width)``.
    """

    def __init__(self, width: int, ports: Mapping[str, wiring.Member] | None = None):
        if width < 1:
            raise ValueError(f"entropy width must be positive, not {width!r}")
        self.width = width
        super().__init__({"stream": Out(stream.Signature(unsigned(width))), **(ports or {})})

    @property
    @abstractmethod
    def properties(self) -> SourceProperties:
        """What the reports say of this source."""
