"""An Ising model as an edge list: lines `i j J` and `i i h`, nodes from 0, `#` starts a comment.

E = -sum J s_i s_j - sum h s_i, so a positive J is ferromagnetic. The nodes are 0 to the largest number.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from hwpy.formats.source import Source
from hwpy.ising.formats.pairs import Rows, parse_pairs
from hwpy.ising.model import LARGEST_NODES, IsingModel

__all__ = ["parse"]


def parse(source: Source) -> IsingModel:
    """The model of an edge list; real values are put on a grid."""
    source = replace(source, text=re.sub(r"#.*", "", source.text))
    rows = Rows.of(source)
    if not len(rows):
        source.fail(max(1, len(source.lines)), "expected lines I J COUPLING, found only comments")
    pairs = parse_pairs(source, rows, "I J COUPLING", first=0, nodes=None, fields=True)
    nodes = 1 + int(max(pairs.i.max(), pairs.j.max()))
    if nodes > LARGEST_NODES:
        line = int(pairs.line[np.argmax(np.maximum(pairs.i, pairs.j))])
        source.fail(line, f"expected a node number of at most {LARGEST_NODES - 1}, found {nodes - 1}")
    alone = pairs.i == pairs.j
    field = np.zeros(nodes)
    field[pairs.i[alone]] = pairs.value[alone]
    i, j, coupling = (column[~alone] for column in (pairs.i, pairs.j, pairs.value))
    return IsingModel.from_real(nodes, i, j, coupling, field)
