"""ORs of many subsets of the same bits: a layer's constant weights, laid out for few LUT4 and short wires."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from amaranth.hdl import Module, Value

from rtl.lut import lut4
from rtl.stochastic_computing.or_neuron import any_of

__all__ = ["common_fours", "or_plane"]


def or_plane(
    m: Module, platform: object, bits: Sequence[Value], subsets: Sequence[AbstractSet[int]], window: int
) -> list[Value]:
    """For each subset of places in ``bits`` the OR of these bits: a tree of LUT4 over neighbours, 0 for the empty set.

    Four bits of a window of so many places that several subsets have are ORed once for all. Neighbours stay together,
    so that placement can put their OR where they are made and one long wire takes the place of several. (ABC orders
    and shares them without regard to wires: a classifier that filled two thirds of an FPGA was not routable.)
    """
    terms = [{place: bits[place] for place in subset} for subset in subsets]
    for number, (four, members) in enumerate(common_fours(len(bits), subsets, window)):
        common = lut4(m, platform, f"common_{number}", lambda *four: any(four), [bits[place] for place in four])
        for member in members:
            for place in four:
                del terms[member][place]
            terms[member][four[0]] = common
    return [
        any_of(m, platform, f"any_{member}", [own[place] for place in sorted(own)]) if own else Value.cast(0)
        for member, own in enumerate(terms)
    ]


def common_fours(count: int, subsets: Sequence[AbstractSet[int]], window: int) -> Iterator[tuple[list[int], list[int]]]:
    """Fours of the ``count`` places, each with the two or more subsets that have it; no subset loses a place twice.

    Greedy, window by window: the place that most subsets have, then three times the one that most of these have.
    """
    for start in range(0, count, window):
        # Sets of subsets, as the bits of a number.
        having = {
            place: sum(1 << member for member, subset in enumerate(subsets) if place in subset)
            for place in range(start, min(start + window, count))
        }
        while len(having) >= 4:
            four: list[int] = []
            members = -1
            for _ in range(4):
                rest = [place for place in having if place not in four]
                four.append(max(rest, key=lambda place: (having[place] & members).bit_count()))
                members &= having[four[-1]]
            if members.bit_count() < 2:
                del having[four[0]]
                continue
            for place in four:
                having[place] &= ~members
            yield four, [member for member in range(len(subsets)) if members >> member & 1]
