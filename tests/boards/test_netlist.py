"""Netlists as Verilog of 64 copies: each cell against its definition, and a classifier against the golden model."""

import itertools
import json
import random
import re
from pathlib import Path

import numpy as np
import pytest

from boards.netlist import COPIES, lookup, netlist_verilog
from boards.synthesis import TARGETS, Area, Netlist, synthesise
from boards.tools import ToolError
from boards.top import BoardTop
from hwpy.stochastic_computing.network import Network, NetworkParameters
from hwpy.stochastic_computing.network_entropy import payloads
from hwpy.stochastic_computing.or_layer import OrLayerParameters
from rtl.stochastic_computing.classifier import Classifier
from sim.classifier import run_classifier

ONES = (1 << COPIES) - 1


def value(expression: str, words: dict[str, int]) -> int:
    """A word of the Verilog, whose operators are Python's."""
    python = expression.replace("'0", "0").replace("'1", "-1")
    return eval(re.sub(r"\w+\[\d+\]|n\d+", lambda net: f"words['{net[0]}']", python), {"words": words}) & ONES


class Copies:
    """Interprets the Verilog: words of the ports in, words of the ports out, a clock at a time."""

    def __init__(self, verilog: str):
        self._assigns = re.findall(r"^assign (\S+) = (.*);", verilog, re.M)
        self._steps = re.findall(r"^(n\d+) <= (.*);", verilog, re.M)
        self._words = {name: value(start, {}) for name, start in re.findall(r"^reg \S+ (n\d+) = (.*);", verilog, re.M)}

    def settle(self, inputs: dict[str, int]) -> dict[str, int]:
        words = self._words | inputs
        waiting = self._assigns
        while waiting:
            later = []
            for net, expression in waiting:
                try:
                    words[net] = value(expression, words)
                except KeyError:
                    later.append((net, expression))
            assert len(later) < len(waiting)
            waiting = later
        self._settled = words
        return words

    def clock(self) -> None:
        self._words |= {net: value(expression, self._settled) for net, expression in self._steps}


def netlist(tmp_path: Path, target: str, ports: str, body: str, **options) -> Netlist:
    return synthesise(f"module top({ports}); {body} endmodule", "top", target, tmp_path, **options)


def test_tables_of_four_inputs_are_their_expressions():
    columns = dict(zip("ABCD", (0xAAAA, 0xCCCC, 0xF0F0, 0xFF00), strict=True))
    # All tables of three inputs, ones that differ in the fourth, and every thirteenth.
    for table in {*range(0, 1 << 16, 257), *range(1 << 8), *range(0, 1 << 16, 13)}:
        expression = lookup(table, list("ABCD")).replace("'0", "0").replace("'1", "-1")
        assert eval(expression, None, columns) & 0xFFFF == table


def test_a_constant_input_chooses_its_part_of_the_table():
    for table, constants in itertools.product(range(0, 1 << 16, 257), itertools.product("01x", repeat=4)):
        inputs = [f"'{bit}" if bit != "x" else "ABCD"[k] for k, bit in enumerate(constants)]
        expression = lookup(table, inputs).replace("'0", "0").replace("'1", "1")
        for address in itertools.product((0, 1), repeat=4):
            if all(bit in ("x", str(given)) for bit, given in zip(constants, address, strict=True)):
                index = sum(bit << k for k, bit in enumerate(address))
                assert eval(expression, None, dict(zip("ABCD", address, strict=True))) & 1 == table >> index & 1


#: Verilog of a register with data d, enable e and a reset r to `level`, and its next state.
REGISTERS = [
    ("q <= d", lambda q, d, e, r, level: d),
    ("if (e) q <= d", lambda q, d, e, r, level: d if e else q),
    ("if (!e) q <= d", lambda q, d, e, r, level: q if e else d),
    ("if (r) q <= level; else q <= d", lambda q, d, e, r, level: level if r else d),
    ("if (r) q <= level; else if (e) q <= d", lambda q, d, e, r, level: level if r else d if e else q),
    ("if (e) begin if (r) q <= level; else q <= d; end", lambda q, d, e, r, level: (level if r else d) if e else q),
]


@pytest.mark.parametrize("target", TARGETS)
def test_registers_do_what_was_written(tmp_path, target):
    cases = [(body, update, level) for body, update in REGISTERS for level in (0, 1)]
    starts = [level if target == "ecp5" else 0 for _, _, level in cases]
    lines = [f"initial q = {len(cases)}'b{''.join(map(str, reversed(starts)))};"]
    for place, (body, _, level) in enumerate(cases):
        lines.append(f"always @(posedge clk) {body};".replace("q", f"q[{place}]").replace("level", str(level)))
    ports = f"input clk, input d, input e, input r, output reg [{len(cases) - 1}:0] q"
    copies, numbers = Copies(netlist_verilog(netlist(tmp_path, target, ports, "\n".join(lines)))), random.Random(1)
    states = [[start] * COPIES for start in starts]
    for _ in range(20):
        inputs = {f"{name}[0]": numbers.getrandbits(COPIES) for name in "der"}
        words = copies.settle(inputs)
        bits = [[inputs[f"{name}[0]"] >> k & 1 for name in "der"] for k in range(COPIES)]
        for place, (_, update, level) in enumerate(cases):
            assert [words[f"q[{place}]"] >> k & 1 for k in range(COPIES)] == states[place]
            states[place] = [update(q, *each, level) for q, each in zip(states[place], bits, strict=True)]
        copies.clock()


@pytest.mark.parametrize(("target", "carry"), [("ice40", "SB_CARRY"), ("ecp5", "CCU2C")])
def test_carry_chains_add_subtract_and_compare(tmp_path, target, carry):
    ports = "input [8:0] a, input [8:0] b, output [8:0] y, output [8:0] z, output less"
    made = netlist(tmp_path, target, ports, "assign y = a + b, z = a - b, less = $signed(a) < $signed(b);")
    assert made.cells[carry]
    numbers = random.Random(2)
    inputs = {f"{name}[{bit}]": numbers.getrandbits(COPIES) for name in "ab" for bit in range(9)}
    words = Copies(netlist_verilog(made)).settle(inputs)
    for k in range(COPIES):
        a, b, y, z = (sum((words[f"{name}[{bit}]"] >> k & 1) << bit for bit in range(9)) for name in "abyz")
        assert (y, z) == ((a + b) % 512, (a - b) % 512)
        assert words["less[0]"] >> k & 1 == ((a ^ 256) < (b ^ 256))


def made_of(tmp_path: Path, kind: str, parameters: dict[str, str], connections: dict[str, list]) -> Netlist:
    """A netlist of one cell, the ports of which, all inputs but S0, S1 and COUT, are those of the module."""
    ports = {
        name: {"direction": "output" if name in ("S0", "S1", "COUT") else "input", "bits": bits}
        for name, bits in connections.items()
    }
    cell = {"type": kind, "parameters": parameters, "connections": connections}
    path = tmp_path / "top.json"
    path.write_text(json.dumps({"modules": {"top": {"ports": ports | CLOCK, "cells": {"one": cell}}}}))
    return Netlist(path, "top", "", Area(), {}, "")


CLOCK = {"clk": {"direction": "input", "bits": [2]}}


def test_a_carry_pair_of_any_tables(tmp_path):
    """Yosys uses few of them. S = table of A, B, C, D, XOR carry in; carry out: in if that table is 1, else the
    table's first quarter (Lattice's CCU2C without injection, as Yosys' ecp5/ccu2c_sim.vh has it).
    """
    numbers = random.Random(3)
    inputs = [port + half for half in "01" for port in "ABCD"] + ["CIN"]
    connections = {port: [10 + place] for place, port in enumerate([*inputs, "S0", "S1", "COUT"])}
    for _ in range(20):
        tables = [numbers.getrandbits(16) for _ in range(2)]
        parameters = {f"INIT{half}": f"{table:016b}" for half, table in enumerate(tables)}
        parameters |= {"INJECT1_0": "NO", "INJECT1_1": "NO"}
        given = {port: numbers.getrandbits(COPIES) for port in inputs}
        copies = Copies(netlist_verilog(made_of(tmp_path, "CCU2C", parameters, connections)))
        words = copies.settle({f"{port}[0]": word for port, word in given.items()})
        for k in range(COPIES):
            carry = given["CIN"] >> k & 1
            for half, table in enumerate(tables):
                a, b, c, d = (given[f"{port}{half}"] >> k & 1 for port in "ABCD")
                chosen = table >> (a + 2 * b + 4 * c + 8 * d) & 1
                assert words[f"S{half}[0]"] >> k & 1 == chosen ^ carry
                carry = carry if chosen else table >> (a + 2 * b) & 1
            assert words["COUT[0]"] >> k & 1 == carry


@pytest.mark.parametrize(
    ("kind", "parameters", "connections", "words"),
    [
        ("DP16KD", {}, {}, "no simulation of cell DP16KD"),
        ("SB_DFFN", {}, {"C": [2]}, "no simulation of cell SB_DFFN"),
        ("SB_DFF", {}, {"C": [3]}, "clock is not the port clk"),
        ("TRELLIS_FF", {"SRMODE": "ASYNC"}, {"CLK": [2]}, "TRELLIS_FF with SRMODE ASYNC"),
        ("TRELLIS_FF", {"CLKMUX": "INV"}, {"CLK": [2]}, "TRELLIS_FF with CLKMUX INV"),
        ("CCU2C", {"INJECT1_0": "YES"}, {"CIN": ["0"]}, "CCU2C with INJECT1_0"),
    ],
)
def test_what_is_not_simulated_is_said(tmp_path, kind, parameters, connections, words):
    with pytest.raises(ToolError, match=words):
        netlist_verilog(made_of(tmp_path, kind, parameters, connections))


def classifier() -> Network:
    """A network that stops early for some images, so that the copies part."""
    layers = tuple(OrLayerParameters(inputs, neurons, 6) for inputs, neurons in ((6, 5), (5, 3)))
    numbers = np.random.default_rng(3)
    weights = [numbers.integers(-40, 41, (layer.neurons, layer.inputs)) for layer in layers]
    return Network(NetworkParameters(layers, ((8, 5), (16, 4), (48, 0)), lanes=2), weights)


@pytest.mark.verilator
@pytest.mark.parametrize(
    ("target", "kinds"),
    [
        ("ice40", {"SB_LUT4", "SB_CARRY", "SB_DFFE", "SB_DFFSR", "SB_DFFESR", "SB_DFFESS"}),
        ("ecp5", {"LUT4", "CCU2C", "TRELLIS_FF"}),
    ],
)
def test_all_copies_of_a_classifier_are_golden(tmp_path, verilator, target, kinds):
    golden = classifier()
    shape = golden.parameters
    top = BoardTop(Classifier(shape, [layer.weights for layer in golden.layers]), 12.0)
    made = synthesise(top.rtlil(), "top", target, tmp_path)
    assert kinds <= made.cells.keys()
    images = np.random.default_rng(4).integers(0, 16, (3 * COPIES + 7, shape.inputs))
    transfers = (images.reshape(len(images), -1, 2) << np.array([0, 4])).sum(axis=-1).tolist()
    results, clocks = run_classifier(netlist_verilog(made), transfers, tmp_path)
    outcomes = [golden.classify(image, payloads("lfsr", shape, shape.latency + shape.length)) for image in images]
    lengths = [int(outcome.length) for outcome in outcomes]
    assert results == [int(outcome.winner) | length << 2 for outcome, length in zip(outcomes, lengths, strict=True)]
    assert {8, 16, 48} == set(lengths)
    # As `rtl.stochastic_computing.network` states it: 3 transfers, and 3 classes in two stages and a decision.
    compared = {8: 1, 16: 2, 48: 3}
    assert clocks == sum(3 + shape.latency + length + 5 * compared[length] + 1 for length in lengths)
