"""What noise of the voltages does to fitted dwell times: a table.

Exact telegraph traces, 4 and 10 samples a dwell time in P and AP, with white noise on the two levels.
"""

from __future__ import annotations

import argparse

import numpy as np

from hwpy.entropy.digitise import OneLevelError, digitise
from hwpy.entropy.dwell import fit

DWELL_P, DWELL_AP = 4.0, 10.0


def main() -> None:
    """Prints the table: relative errors of the two estimates, and half the width of their intervals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=2_000_000)
    arguments = parser.parse_args()
    generator = np.random.default_rng(1)
    lengths = generator.exponential((DWELL_P, DWELL_AP), (arguments.samples // 10, 2)).ravel()
    states = np.searchsorted(np.cumsum(lengths), np.arange(arguments.samples), side="right") % 2
    print("| noise / step | samples wrong | P, % | AP, % |")
    print("| --- | --- | --- | --- |")
    for noise in (0, 1 / 16, 1 / 10, 1 / 8, 1 / 6, 1 / 5, 1 / 4):
        try:
            seen = digitise(states + noise * generator.normal(size=arguments.samples)).states
        except OneLevelError:
            print(f"| {noise:.3f} | refused | | |")
            continue
        found = fit(seen)
        cells = [f"{noise:.3f}", f"{np.count_nonzero(seen != states)}"]
        for true, interval in ((DWELL_P, found.p), (DWELL_AP, found.ap)):
            assert interval is not None
            estimate, low, high = interval
            cells.append(f"{100 * (estimate / true - 1):+.1f} (±{50 * (high - low) / true:.1f})")
        print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
