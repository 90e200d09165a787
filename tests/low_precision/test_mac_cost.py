"""The record of what MACs cost: it holds what the table needs, and its intervals tell a difference from placement."""

from dataclasses import asdict

import numpy as np

from benchmarks import runs
from benchmarks.mac_cost import interval
from benchmarks.mac_cost_measure import CENTRAL, SEEDS, Case, Found, read_record


def test_a_line_is_read_as_it_was_written(tmp_path):
    path = tmp_path / "record.csv"
    cases = {
        Case("mac", "ECP5, MULT18X18D", *CENTRAL, "stochastic", 6, seed): Found(23, 11, 45, 37, 1, 170.5 + seed)
        for seed in (0, 1)
    }
    for case, found in cases.items():
        runs.append(path, asdict(case) | asdict(found))
    assert read_record(path) == cases


def test_every_rounding_of_the_central_unit_was_placed_with_every_seed():
    record = read_record()
    for family, seeds in SEEDS.items():
        for rounding, bits in (("nearest", 0), ("stochastic", 6)):
            assert Case("mac", family, *CENTRAL, rounding, bits) in record
            assert all(Case("mac", family, *CENTRAL, rounding, bits, 1 + k) in record for k in range(seeds))


def test_interval_covers_no_difference_and_excludes_one():
    generator = np.random.default_rng(4)
    mhz, reference = generator.normal(170, 6, (2, 15))
    low, high = interval(mhz, reference)
    assert low < 0 < high
    low, high = interval(0.85 * mhz, reference)
    assert low < -0.15 < high < -0.05
