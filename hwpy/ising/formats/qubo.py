"""QUBO in the format of qbsolv.

Lines that start with `c` are comments. `p qubo TOPOLOGY MAXNODES NNODES NCOUPLERS` comes first, then NNODES
lines `i i a` and NCOUPLERS lines `i j q`, nodes from 0 to MAXNODES - 1: E = sum a x_i + sum q x_i x_j.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from hwpy.formats.errors import quote
from hwpy.formats.source import Source
from hwpy.ising.formats.pairs import Rows, parse_pairs, parse_value
from hwpy.ising.model import LARGEST_NODES, IsingModel

__all__ = ["parse"]

_FORM = "p qubo TOPOLOGY MAXNODES NNODES NCOUPLERS"


def _header(source: Source, line: int, words: list[str]) -> tuple[int, int, int]:
    if len(words) != 6 or words[:2] != ["p", "qubo"]:
        source.fail(line, f"expected {_FORM}, found {quote(' '.join(words))}")
    names = ("MAXNODES", "NNODES", "NCOUPLERS")
    nodes, diagonals, couplers = (
        int(parse_value(source, line, word, name, whole=True)) for word, name in zip(words[3:], names, strict=True)
    )
    if not 1 <= nodes <= LARGEST_NODES:
        source.fail(line, f"expected MAXNODES from 1 to {LARGEST_NODES}, found {nodes}")
    if not 0 <= diagonals <= nodes:
        source.fail(line, f"expected NNODES from 0 to {nodes}, found {diagonals}")
    if couplers < 0:
        source.fail(line, f"expected NCOUPLERS of at least 0, found {couplers}")
    return nodes, diagonals, couplers


def parse(source: Source) -> IsingModel:
    """The model of a `.qubo` file, with x = (1 + s) / 2."""
    source = replace(source, text=re.sub(r"(?m)^c.*", "", source.text))
    rows = Rows.of(source)
    if not len(rows):
        source.fail(max(1, len(source.lines)), f"expected {_FORM}, found only comments")
    head, body = rows.split(1)
    nodes, diagonals, couplers = _header(source, *next(iter(head)))
    pairs = parse_pairs(source, body, "I J VALUE", first=0, nodes=nodes, fields=True)
    alone = pairs.i == pairs.j
    for name, wanted, which in (("NNODES", diagonals, alone), ("NCOUPLERS", couplers, ~alone)):
        found = int(which.sum())
        kind = "lines I I VALUE" if name == "NNODES" else "lines I J VALUE"
        if found > wanted:
            line = int(pairs.line[which][wanted])
            source.fail(line, f"expected {wanted} {kind} ({name}), found another")
        if found < wanted:
            source.fail(len(source.lines), f"expected {wanted} {kind} ({name}), found the end after {found}")
    linear = np.zeros(nodes)
    linear[pairs.i[alone]] = pairs.value[alone]
    i, j, quadratic = (column[~alone] for column in (pairs.i, pairs.j, pairs.value))
    return IsingModel.from_qubo(nodes, i, j, quadratic, linear)
