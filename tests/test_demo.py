"""The demo: its page from a small record, and the design that it routes, driven by its pins."""

import itertools
import json
import re
from xml.etree import ElementTree

import numpy as np
import pytest

from boards.array import ArrayTop, array_parameters, build_array, used_bits
from boards.synthesis import component_rtlil
from hwpy.ising.array import PBitArray, Phase, Target, to_rows
from hwpy.ising.instances import load
from hwpy.ising.solver import entropy_stream
from tests.serial_host import through_the_pins
from trijunction import demo, demo_page


@pytest.fixture(scope="module")
def record():
    """A real solution of a small problem, with figures of hardware that were never measured."""
    model = load("planted:6x4:1")
    hardware = {
        "nodes": 16, "board": "a-board", "lut4": 210, "carry": 30, "ff": 140, "cells": 260, "available": 7680,
        "entropy_pins": 0, "entropy_bits": 20, "fmax_mhz": {"min": 70.0, "median": 75.5, "max": 80.25},
        "flips_per_second": 642e6, "fresh_bits": 4, "dither_bits": 12,
    }  # fmt: skip
    return {
        "seed": 3,
        "git": None,
        "versions": demo.versions(),
        "parameters": {
            "sweeps": 40, "replicas": 64, "traced_replicas": 64, "beta_start": 0.1, "beta_end": 3.0,
            "schedule": "geometric", "fresh_bits": 4,
        },
        "problem": {
            "instance": "planted:6x4:1", "shape": [6, 4], "nodes": model.nodes, "edges": model.edges,
            "ground_energy": model.ground_energy,
            "couplings": np.stack([model.row, model.col, model.coupling], axis=1).tolist(),
        },
        "solve": demo.solve_both(model, seed=3, sweeps=40, replicas=64),
        "simulation": {"block": "ising/array", "simulator": "none", "passed": True, "seconds": 0.1},
        "hardware": {"instance": "torus:4x4:1", "lfsr": hardware, "smtj": {**hardware, "lut4": 190}},
        "seconds": {"solve": 0.1},
    }  # fmt: skip


def test_a_trace_ends_where_the_solver_does(record):
    for source in demo.SOURCES:
        solved = record["solve"][source]
        trace = solved["trace"]
        assert trace["sweeps"] == list(range(41))
        assert trace["mean"][-1] == pytest.approx(np.mean(solved["energies"]), abs=1e-3)
        assert solved["energy"] == record["problem"]["ground_energy"] <= trace["low"][-1]


def test_the_page_has_the_table_and_the_plots(record, tmp_path):
    written = demo_page.write(record, tmp_path)
    assert {path.name for path in written} == {"report.json", "report.html"}
    assert set(written) == set(tmp_path.iterdir())
    assert json.loads((tmp_path / "report.json").read_text()) == record
    html = (tmp_path / "report.html").read_text()
    cells = re.findall(r"<td>(.*?)</td>", html)
    for value in ("210", "190", "80.2 MHz", "642 M", "260 of 7680"):
        assert value in cells
    assert html.count("data:image/svg+xml;base64,") == 3
    assert not re.search(r"(src|href)=.?https?:", html), "the page needs nothing else"


def test_the_same_record_gives_the_same_plots(record):
    first = demo_page.plots(record)
    assert first == demo_page.plots(record)
    for svg in first.values():
        assert ElementTree.fromstring(svg).tag.endswith("svg")


def test_lines_in_the_lattice_account_for_the_energy(record):
    total = sum(abs(weight) for _, _, weight in record["problem"]["couplings"])
    for source in demo.SOURCES:
        assert 2 * len(demo_page._violated(record, source)) - total == record["solve"][source]["energy"]


def test_a_bond_is_drawn_between_its_spins():
    assert demo_page._bond(0, 1, 6, 4) == [(-0.5, 0.5), (0.5, 0.5)]
    assert demo_page._bond(0, 4, 6, 4) == [(0.5, -0.5), (0.5, 0.5)]
    assert demo_page._bond(0, 20, 6, 4) == [(5.5, -0.5), (5.5, 0.5)]  # round the torus
    assert demo_page._bond(0, 3, 6, 4) == [(-0.5, 3.5), (0.5, 3.5)]


def _through_the_pins(top, program, words, drive=None):
    codes = [int(target) | address << 3 | value << 19 for target, address, value in program]
    return through_the_pins(top, codes, 35, words, drive)


def _golden(parameters, program, stream):
    """The result words of the golden model, fed from a stream of entropy words."""
    golden = PBitArray(parameters)
    for word in program:
        golden.tick(load=word)
    while golden.phase != Phase.READ:
        golden.tick(entropy=next(stream))
    return to_rows(golden.spins)


PROGRAM_BETAS = [0.1, 0.3]


@pytest.mark.parametrize("entropy", ["lfsr", "xoshiro"])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_routed_design_gives_the_golden_state_through_its_pins(entropy, seed):
    parameters = array_parameters(load("torus:6x4:1"), entropy, steps=2)
    program = [*parameters.program(PROGRAM_BETAS, 3), (Target.START, 0, 0)]
    words = _through_the_pins(ArrayTop(parameters, entropy, seed), program, parameters.rows)
    assert words == _golden(parameters, program, entropy_stream(parameters, entropy, seed, 0))


@pytest.mark.parametrize("seed", range(3))
def test_each_pin_is_the_random_bit_that_it_stands_for(seed):
    """Junctions that do not move: their states are the golden model's entropy in every clock."""
    parameters = array_parameters(load("torus:6x4:1"), "smtj", steps=2)
    program = [*parameters.program(PROGRAM_BETAS, 3), (Target.START, 0, 0)]
    top = ArrayTop(parameters, "smtj")
    states = np.random.default_rng(seed).integers(0, 2, len(top.smtj))
    entropy = np.zeros(parameters.noise.entropy_width, np.uint8)
    entropy[used_bits(parameters)] = states

    async def junctions(ctx):
        ctx.set(top.smtj, sum(int(state) << k for k, state in enumerate(states)))

    words = _through_the_pins(top, program, parameters.rows, junctions)
    assert words == _golden(parameters, program, itertools.repeat(entropy))


def test_each_random_bit_that_is_used_has_a_pin():
    parameters = array_parameters(load("torus:8x8:1"), "smtj")
    top = ArrayTop(parameters, "smtj")
    component_rtlil(top)
    assert len(top.smtj) == len(used_bits(parameters)) < parameters.noise.entropy_width
    assert {name for name in top.signature.members if name != "smtj"} == {
        "load_bit", "load_shift", "load_go", "load_ready", "result_bit", "result_next", "result_valid"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("instance", "board", "entropy", "message"),
    [
        ("torus:16x16:1", "ice40-hx8k-breakout", "smtj", "has 96 free pins, and this array needs .* for its junctions"),
        ("torus:4x4:1", "ice40-hx8k-breakout", "dice", "entropy must be one of lfsr, xoshiro, smtj, not 'dice'"),
        ("torus:4x4:1", "basys3", "lfsr", "not 'basys3'"),
    ],
)
def test_what_cannot_be_built_is_said_in_one_line(tmp_path, instance, board, entropy, message):
    with pytest.raises(ValueError, match=message) as error:
        build_array(load(instance), board, entropy, tmp_path)
    assert "\n" not in str(error.value)
    assert not list(tmp_path.iterdir())


def test_the_demo_s_array_fits_the_board_s_pins():
    from boards.registry import board

    parameters = array_parameters(load(demo.CHIP), "smtj", demo.FRESH_BITS, split=demo.SPLIT)
    assert len(used_bits(parameters)) + 7 <= len(board(demo.BOARD).free_pins)
