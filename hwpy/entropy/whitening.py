"""Golden models of whitening: what the streams carry, in order. Timing is the stream's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = ["bias_after_xor", "von_neumann", "xor_streams"]


def xor_streams(streams: Sequence[Sequence[int]]) -> list[int]:
    """Exclusive or of k streams, word by word, as long as the shortest."""
    words = []
    for together in zip(*streams, strict=False):
        word = 0
        for one in together:
            word ^= one
        words.append(word)
    return words


def bias_after_xor(bias: float, count: int) -> float:
    """P(1) - 1/2 of the exclusive or of ``count`` independent bits of bias ``P(1) - 1/2`` (the piling-up lemma).

    Correlation between successive bits falls likewise: the autocorrelation of unbiased streams is multiplied.
    """
    return 2 ** (count - 1) * bias**count


def von_neumann(bits: Iterable[int]) -> list[int]:
    """Bits taken in pairs: 01 gives 0, 10 gives 1, 00 and 11 give nothing.

    Independent bits of any bias come out unbiased and independent. Bits of a stationary two-state Markov chain come out
    unbiased as well, since P(0) p01 = P(1) p10, but not independent.
    """
    out = []
    source = iter(bits)
    for first, second in zip(source, source, strict=False):
        if first != second:
            out.append(first)
    return out
