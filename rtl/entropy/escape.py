"""The draw of `hwpy.entropy.escape` in gates."""

from amaranth.hdl import Array, Cat, Const, Value

from hwpy.entropy.escape import FRACTION_BITS, RANDOM_BITS

__all__ = ["draw"]


def draw(code: Value, random: Value) -> Value:
    """One bit: whether the event of the probability ``code`` happens, with RANDOM_BITS bits of ``random``.

    Without registers: a comparison of 12 bits and about 45 LUTs for the bits that must be 0.
    """
    fraction, exponent = code[:FRACTION_BITS], code[FRACTION_BITS:]
    low, high = random[: FRACTION_BITS + 1], random[FRACTION_BITS + 1 : RANDOM_BITS]
    # 31 less the exponent. At 31 more than the bits there are: all of them.
    required_zero = ~exponent
    rest, whole = required_zero[:2], required_zero[2:]
    groups = [high[start : start + 4] for start in range(0, len(high), 4)]
    partial = Array(Cat(group, Const(0, 4 - len(group))) for group in groups)[whole]
    ones = [group.any() & (whole > g) for g, group in enumerate(groups)]
    ones += [partial[k] & (rest > k) for k in range(3)]
    return (low < Cat(fraction, exponent.any())) & ~Cat(ones).any()
