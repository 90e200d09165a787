"""What stochastic rounding costs over rounding to nearest in the same multiply-accumulate unit, and a systolic array.

    python -m benchmarks.mac_cost

Prints the record of `benchmarks.mac_cost_measure`. LUT4 are look-up tables without those that a carry chain takes on
ECP5. Logic cells count these too: on ECP5 LUT4 and two for a CCU2C, on iCE40 LUT4 and carries that share their cell
with none.
The entropy is a 31-bit shift register that gives a word a clock to 8 units, as to a row of the array, of which each is
charged an eighth. Fmax is the median over placement seeds; its ratio to that of rounding to nearest has a 95 %
interval by the bootstrap over the seeds of both.
"""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.mac_cost_measure import CENTRAL, FAMILIES, Case, Found, read_record

SHARED_BY = 8
_XOSHIRO_BITS = 32
_REPEATS = 10_000

Record = dict[Case, Found]


def cells_table(record: Record, family: str) -> None:
    """A row for each unit, each format's nearest first; '+' over it, with the share of the shift register."""
    print(f"\n{family}\n  block factors   accumulator  rounding                LUT4     +  cells      +  +LFSR   FF")
    units = [case for case in record if case.block in ("mac", "cell") and case.family == family and not case.seed]
    for case in sorted(units, key=lambda case: (case.block, case.factors, case.accumulator, case.rounding, case.bits)):
        found, nearest = record[case], record.get(replace(case, rounding="nearest", bits=0))
        row = f"  {case.block:5} {case.factors:9} {case.accumulator:12} {_name(case):22} {found.lut4:5}"
        if nearest is None or nearest is found:
            print(f"{row}        {found.cells:5}                  {found.ff:4}")
            continue
        shared = _register(record, case)
        print(
            f"{row} {_over(found.lut4 + shared, nearest.lut4)} {found.cells:5} {_over(found.cells, nearest.cells)} "
            f"{_over(found.cells + shared, nearest.cells)} {found.ff:4}"
        )


def _register(record: Record, case: Case) -> float:
    """Cells of the shift register, for each of the units that it serves; 1 a bit where it was not synthesised."""
    if not case.bits:
        return 0.0
    found = record.get(Case("lfsr", case.family, "", "", "", case.bits))
    return (found.cells if found else case.bits) / SHARED_BY


def sources_table(record: Record, family: str) -> None:
    """Cells and flip-flops of each source for a unit of 6 bits, over the unit's own."""
    unit = record.get(Case("mac", family, *CENTRAL, "stochastic", 6))
    nearest = record.get(Case("mac", family, *CENTRAL, "nearest", 0))
    found = {name: record.get(Case(name, family, "", "", "", bits)) for name, bits in _SOURCES.items()}
    if unit is None or nearest is None or None in found.values():
        return
    print(f"\n{family}: sources of 6 bits a clock for a unit            cells    FF   unit and source over nearest")
    units = _XOSHIRO_BITS / 6
    for name, block, share in (
        ("LFSR of 31 bits, one for 8 units", "lfsr", 8.0),
        ("LFSR of 31 bits, one a unit", "lfsr", 1.0),
        ("xoshiro128++, its 32 bits cut for 5.3 units", "xoshiro", units),
        ("the same, each word for 8 units", "xoshiro", 8 * units),
        ("6 junctions on pins and their synchronisers", "junctions", 1.0),
        ("the same, one set for 8 units", "junctions", 8.0),
    ):
        source = found[block]
        assert source is not None
        cells = source.cells / share
        print(f"  {name:56} {cells:6.2f} {source.ff / share:5.1f} {_over(unit.cells + cells, nearest.cells):>12}")


_SOURCES = {"lfsr": 6, "xoshiro": 32, "junctions": 6}


def speed_table(record: Record, family: str) -> None:
    """Fmax of the central unit for each rounding that was placed."""
    placed: dict[Case, list[float]] = {}
    for case, found in record.items():
        if case.block == "mac" and case.family == family and case.seed:
            placed.setdefault(replace(case, seed=0), []).append(found.mhz)
    nearest = np.array(placed.get(Case("mac", family, *CENTRAL, "nearest", 0), []))
    if not len(nearest):
        return
    print(f"\n{family}, {' '.join(CENTRAL)}    seeds  MHz: least, median, most    median over nearest's (95 %)")
    for case, values in placed.items():
        mhz = np.array(values)
        row = f"  {_name(case):28} {len(mhz):5} {mhz.min():12.1f} {np.median(mhz):7.1f} {mhz.max():7.1f}"
        low, high = interval(mhz, nearest)
        versus = f"   {_over(float(np.median(mhz)), float(np.median(nearest)))} ({low:+.1%} to {high:+.1%})"
        print(row + ("" if case.rounding == "nearest" else versus))


def interval(mhz: NDArray[np.float64], reference: NDArray[np.float64]) -> tuple[float, float]:
    """95 % interval of the ratio of medians less 1: percentiles over resampled seeds, always the same."""
    generator = np.random.default_rng(1)
    medians = [np.median(generator.choice(values, (_REPEATS, len(values))), axis=1) for values in (mhz, reference)]
    low, high = np.quantile(medians[0] / medians[1] - 1, (0.025, 0.975))
    return float(low), float(high)


def array_table(record: Record) -> None:
    """The 8 x 8 array for each rounding."""
    for case in [case for case in record if case.block == "array" and not case.seed]:
        found = record[case]
        mhz = [other.mhz for one, other in record.items() if one.seed and replace(one, seed=0) == case]
        print(
            f"\n8 x 8 array on LFE5U-85F, {_name(case)}: {found.lut4} LUT4, {found.carry} CCU2C, {found.ff} FF, "
            f"{found.dsp} MULT18X18D"
        )
        if mhz:
            median = float(np.median(mhz))
            print(
                f"  {median:.1f} MHz, median of {sorted(mhz)}: {64e-3 * median:.2f} GMAC/s, "
                f"{8e-3 * case.bits * median:.2f} Gbit/s of entropy"
            )


def _name(case: Case) -> str:
    return case.rounding + (f", r = {case.bits}" if case.bits else "")


def _over(value: float, reference: float) -> str:
    return f"{100 * (value / reference - 1):+5.1f}%"


def main() -> None:
    """Prints what is there."""
    record = read_record()
    if not record:
        sys.exit("mac_cost: no record: run python -m benchmarks.mac_cost_measure")
    for family in FAMILIES:
        cells_table(record, family)
        sources_table(record, family)
        speed_table(record, family)
    array_table(record)


if __name__ == "__main__":
    main()
