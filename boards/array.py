"""The p-bit array on a board: a source of randomness, a serial host port of seven pins, and the build's figures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from amaranth.hdl import Cat, ClockSignal, Const, Instance, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.cdc import FFSynchronizer
from amaranth.lib.wiring import In

from boards.serial_host import serial_load, serial_ports, serial_result
from hwpy.ising.array import PBitArrayParameters

if TYPE_CHECKING:
    from hwpy.ising.model import IsingModel

__all__ = ["ENTROPY", "ArrayTop", "array_parameters", "build_array", "used_bits"]

ENTROPY = ("lfsr", "xoshiro", "smtj")


def used_bits(parameters: PBitArrayParameters) -> list[int]:
    """Bits of the entropy stream that some noise word is made of, ascending. A small array leaves some of its pool."""
    taps = parameters.noise.taps
    return sorted({int(bit) for bit in taps.ravel() if bit >= 0})


class ArrayTop(wiring.Component):
    """A p-bit array with its entropy and the bit-serial host port of `boards.serial_host`.

    Load words have 35 bits (target, address, data), result words 16.

    Parameters
    ----------
    parameters
        The array.
    entropy
        'lfsr': a register a pool that leaps by its whole width in a clock. 'xoshiro': as many xoshiro128++ as fill
        the stream. 'smtj': no generator, but a pin for each bit of the stream that the array looks at.
    seed
        Of the generators: the states are those of replica 0 of `hwpy.ising.solver.solve`.

    Attributes
    ----------
    load_bit, load_shift, load_go, load_ready, result_bit, result_valid, result_next
        See `boards.serial_host.serial_ports`.
    smtj : In(len(used_bits(parameters)))
        With 'smtj' only: the junctions, through a two-flop synchroniser. Each is sampled once a clock, so they
        must be faster than the clock.
    """

    def __init__(self, parameters: PBitArrayParameters, entropy: str = "lfsr", seed: int = 1):
        if entropy not in ENTROPY:
            raise ValueError(f"entropy must be one of {', '.join(ENTROPY)}, not {entropy!r}")
        self.parameters = parameters
        self.entropy = entropy
        self.seed = seed
        ports = serial_ports()
        if entropy == "smtj":
            ports["smtj"] = In(len(used_bits(parameters)))
        super().__init__(ports)

    def elaborate(self, platform: Any) -> Module:
        """The array between its source and the host."""
        from rtl.ising.array import PBitArray

        m = Module()
        m.submodules.array = array = PBitArray(self.parameters)
        if self.entropy == "smtj":
            self._junctions(m, array.entropy, getattr(platform, "technology", None))
        else:
            self._generators(m, array.entropy, self._lfsrs() if self.entropy == "lfsr" else self._xoshiros())
        serial_load(m, self, array.load)
        serial_result(m, self, array.result)
        return m

    def _lfsrs(self) -> list[Any]:
        from hwpy.entropy.planes import lfsr_seeds, pool_register
        from rtl.entropy.lfsr import Lfsr

        noise = self.parameters.noise
        parameters = pool_register(noise.pool_width)
        return [Lfsr(parameters, state) for state in lfsr_seeds(noise.pool_width, noise.pools, self.seed, range(1))[0]]

    def _xoshiros(self) -> list[Any]:
        from hwpy.entropy.planes import xoshiro_states
        from rtl.entropy.xoshiro import Xoshiro

        words = -(-self.parameters.noise.entropy_width // 32)
        return [Xoshiro(tuple(state)) for state in xoshiro_states(words, self.seed, 0).tolist()]

    def _generators(self, m: Module, entropy: Any, sources: list[Any]) -> None:
        for k, source in enumerate(sources):
            m.submodules[f"source_{k}"] = source
            m.d.comb += source.stream.ready.eq(entropy.ready & entropy.valid)
        m.d.comb += [
            entropy.payload.eq(Cat(source.stream.payload for source in sources)),
            entropy.valid.eq(Cat(source.stream.valid for source in sources).all()),
        ]

    def _junctions(self, m: Module, entropy: Any, technology: str | None) -> None:
        """Two flops a pin, and nothing else.

        A sample that is not taken is dropped, not kept: the junction has a new one in the next clock. The array
        takes none before a host has sent a word, so the synchroniser has long been filled.
        """
        first, second = Signal.like(self.smtj), Signal.like(self.smtj)
        m.d.comb += entropy.valid.eq(1)
        m.d.comb += [entropy.payload[bit].eq(second[pin]) for pin, bit in enumerate(used_bits(self.parameters))]
        if technology != "ice40":
            m.submodules.junctions = FFSynchronizer(self.smtj, second)
            return
        # The first flop is the pad's own: an iCE40 register without logic would take a whole logic cell.
        for k in range(len(first)):
            m.submodules[f"pad_{k}"] = Instance(
                "SB_IO",
                p_PIN_TYPE=Const(0b000000, 6),  # registered input, no output
                i_PACKAGE_PIN=self.smtj[k],
                i_INPUT_CLK=ClockSignal(),
                o_D_IN_0=first[k],
            )
        m.d.sync += second.eq(first)


def array_parameters(model: IsingModel, entropy: str = "lfsr", fresh_bits: int = 4, **options: Any) -> Any:
    """The array that is built for a model: thresholds of 16 bits, of which `fresh_bits` see random bits of their own.

    xoshiro, the reference, gives every bit of a word itself; the others share a pool, so that an array needs few
    register bits or junctions.
    """
    spread = "direct" if entropy == "xoshiro" else "pairs"
    return PBitArrayParameters(
        model, **{"fresh_bits": fresh_bits, "dither_bits": 16 - fresh_bits, "spread": spread, **options}
    )


def build_array(
    model: IsingModel,
    board: str,
    entropy: str = "lfsr",
    build_dir: Path | None = None,
    *,
    seeds: int = 1,
    seed: int = 1,
    fresh_bits: int = 4,
    frequency_mhz: float = 100.0,
    **options: Any,
) -> dict[str, Any]:
    """Place and route the array of `model` for a board; `options` go to `PBitArrayParameters`.

    Files go to `build_dir`, by default ``build/ising-array-BOARD-ENTROPY``.

    Returns
    -------
    dict
        What `boards.design.build` does, and `nodes, edges, colors, entropy, entropy_bits` (used in a clock),
        `entropy_pins, fresh_bits, dither_bits, step_bits, flips_per_second`: nodes x Fmax / colours, of the seed in the
        bitstream.

    Raises
    ------
    ValueError
        For an unknown board or entropy, and an array that needs more junctions than the board has pins.
    boards.tools.ToolError
        If a tool fails, or the array does not fit.
    """
    from boards.design import build
    from boards.registry import board as registered

    on = registered(board)
    if entropy not in ENTROPY:
        raise ValueError(f"entropy must be one of {', '.join(ENTROPY)}, not {entropy!r}")
    parameters = array_parameters(model, entropy, fresh_bits, **options)
    noise = parameters.noise
    pins = len(used_bits(parameters)) if entropy == "smtj" else 0
    host = len(serial_ports())
    if pins + host > len(on.free_pins):
        raise ValueError(
            f"{on.name} has {len(on.free_pins)} free pins, and this array needs {pins} for its junctions (one for each "
            f"random bit of a clock) and {host} for the host: split its colours, take a smaller instance, or entropy "
            f"lfsr"
        )
    top = ArrayTop(parameters, entropy, seed)
    folder = Path(build_dir) if build_dir is not None else Path("build") / f"ising-array-{board}-{entropy}"
    record = build(
        top,
        board,
        folder,
        frequency_mhz=frequency_mhz,
        seeds=seeds,
        entropy_ports=["smtj"] if pins else [],
    )
    colors = len(parameters.members)
    fmax = record["fmax_mhz"]
    return {
        "nodes": model.nodes,
        "edges": model.edges,
        "colors": colors,
        "entropy": entropy,
        "entropy_bits": len(used_bits(parameters)),
        "entropy_pins": pins,
        "fresh_bits": noise.fresh_bits,
        "dither_bits": noise.dither_bits,
        "step_bits": noise.step_bits,
        "flips_per_second": model.nodes * fmax["max"] * 1e6 / colors if fmax else None,
        **record,
    }
