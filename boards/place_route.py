"""Placement, routing and bitstream of a synthesised netlist, for one seed or several."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from json import loads
from pathlib import Path
from statistics import median

from boards import tools
from boards.synthesis import Netlist


@dataclass(frozen=True)
class Device:
    """One FPGA as nextpnr names it; ``cell`` is the cell type that measures a design's size after packing."""

    name: str
    target: str
    arguments: tuple[str, ...]
    cell: str


DEVICES = {
    device.name: device
    for device in (
        Device("ice40-hx8k-ct256", "ice40", ("--hx8k", "--package", "ct256"), "ICESTORM_LC"),
        Device("ice40-up5k-sg48", "ice40", ("--up5k", "--package", "sg48"), "ICESTORM_LC"),
        Device("ecp5-25f-caBGA381", "ecp5", ("--25k", "--package", "CABGA381", "--speed", "6"), "TRELLIS_COMB"),
        Device("ecp5-85f-caBGA381", "ecp5", ("--85k", "--package", "CABGA381", "--speed", "6"), "TRELLIS_COMB"),
    )
}


@dataclass(frozen=True)
class RoutedResult:
    """A routed design.

    ``fmax_mhz`` is the achieved frequency of the only clock, of the slowest if there are several (``clocks``
    has each by net name), None for a design without a register to register path. ``cells`` counts logic cells
    after packing, ``utilisation`` maps a cell type to (used, available).
    """

    fmax_mhz: float | None
    clocks: dict[str, float]
    cells: int
    utilisation: dict[str, tuple[int, int]]
    seed: int
    configuration: Path
    device: Device


def route(
    netlist: Netlist,
    device: Device,
    build_dir: Path,
    *,
    constraints: str = "",
    frequency_mhz: float = 100.0,
    seed: int = 1,
    options: Sequence[str] = (),
) -> RoutedResult:
    """Place and route in ``build_dir``, the folder of the netlist.

    ``constraints`` is the text of a .pcf (iCE40) or .lpf (ECP5) file; a port that it does not name gets any
    free pin. ``frequency_mhz`` is what the tool aims at; to miss it is no error, what it achieved is returned.
    ``options`` go to nextpnr, such as ``--router router2``.

    Raises :class:`boards.tools.ToolError` if the design does not fit or does not route.
    """
    if netlist.target != device.target:
        raise ValueError(f"Netlist is for {netlist.target!r}, device {device.name!r} is {device.target!r}")
    kind, write, suffix = {"ice40": ("pcf", "--asc", "asc"), "ecp5": ("lpf", "--textcfg", "config")}[device.target]
    stem = f"{netlist.path.stem}-seed{seed}"
    pins, log, report, configuration = (f"{stem}.{end}" for end in (kind, "nextpnr.log", "report.json", suffix))
    (build_dir / pins).write_text(constraints)
    arguments = [
        "-q", "-l", log, *device.arguments, "--json", netlist.path.name, f"--{kind}", pins,
        f"--{kind}-allow-unconstrained", write, configuration, "--report", report,
        "--freq", f"{frequency_mhz:.6g}", "--timing-allow-fail", "--seed", str(seed), *options,
    ]  # fmt: skip
    tools.run(f"nextpnr-{device.target}", arguments, build_dir, [configuration, report], log)
    found = loads((build_dir / report).read_text())
    clocks = {net: round(float(clock["achieved"]), 3) for net, clock in found["fmax"].items()}
    used = {cell: (int(n["used"]), int(n["available"])) for cell, n in found["utilization"].items()}
    return RoutedResult(
        fmax_mhz=min(clocks.values(), default=None),
        clocks=clocks,
        cells=used[device.cell][0],
        utilisation=used,
        seed=seed,
        configuration=build_dir / configuration,
        device=device,
    )


def route_seeds(
    netlist: Netlist,
    device: Device,
    build_dir: Path,
    *,
    seeds: Iterable[int],
    constraints: str = "",
    frequency_mhz: float = 100.0,
    processes: int = 2,
    options: Sequence[str] = (),
) -> list[RoutedResult]:
    """:func:`route` once for each seed, ``processes`` at a time; results in the order of the seeds."""

    def one(seed: int) -> RoutedResult:
        return route(
            netlist,
            device,
            build_dir,
            constraints=constraints,
            frequency_mhz=frequency_mhz,
            seed=seed,
            options=options,
        )

    seeds = list(seeds)
    if not seeds:
        raise ValueError("At least one place-and-route seed is needed, not []")
    with ThreadPoolExecutor(processes) as pool:
        return list(pool.map(one, seeds))


def fmax_spread(results: Iterable[RoutedResult]) -> dict[str, float] | None:
    """Smallest, median and largest Fmax in MHz over the seeds; None if the design has no clocked path."""
    found = [result.fmax_mhz for result in results if result.fmax_mhz is not None]
    if not found:
        return None
    return {"min": min(found), "median": round(median(found), 3), "max": max(found)}


def bitstream(routed: RoutedResult) -> Path:
    """Pack the routed configuration into a bitstream (.bin for iCE40, .bit for ECP5) beside it."""
    source = routed.configuration
    if routed.device.target == "ice40":
        output = source.with_suffix(".bin")
        tools.run("icepack", [source.name, output.name], source.parent, [output.name])
    else:
        output = source.with_suffix(".bit")
        tools.run("ecppack", ["--compress", source.name, output.name], source.parent, [output.name])
    return output
