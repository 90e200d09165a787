"""Max-Cut in rudy's format, as in the G-set: `nodes edges`, then a line `i j [weight]` for each edge, from 1."""

from __future__ import annotations

from hwpy.formats.errors import quote
from hwpy.formats.source import Source
from hwpy.ising.formats.pairs import Rows, parse_pairs, parse_value
from hwpy.ising.model import LARGEST_NODES, IsingModel

__all__ = ["parse"]


def parse(source: Source) -> IsingModel:
    """The Max-Cut model (J = -weight) of a rudy file. Weights are integers, 1 when left out."""
    rows = Rows.of(source)
    head, body = rows.split(1)
    at, words = next(iter(head))
    if len(words) != 2:
        source.fail(at, f"expected NODES EDGES, found {quote(' '.join(words))}")
    nodes, edges = (
        int(parse_value(source, at, word, f"the number of {what}", whole=True))
        for word, what in zip(words, ("nodes", "edges"), strict=True)
    )
    if not 1 <= nodes <= LARGEST_NODES:
        source.fail(at, f"expected 1 to {LARGEST_NODES} nodes, found {nodes}")
    if edges < 0:
        source.fail(at, f"expected a number of edges, found {edges}")
    if len(body) > edges:
        source.fail(int(body.number[edges]), f"expected the end after {edges} edges, found another line")
    pairs = parse_pairs(source, body, "I J [WEIGHT]", first=1, nodes=nodes, whole=True, optional=True)
    if len(body) < edges:
        source.fail(len(source.lines), f"expected {edges} edges, found the end after {len(body)}")
    return IsingModel.from_edges(nodes, pairs.i - 1, pairs.j - 1, -pairs.value, max_cut=True)
