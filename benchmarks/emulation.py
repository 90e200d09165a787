"""Emulated junctions: dwell times over four decades, which registers may drive them, and feedback against drift."""

from __future__ import annotations

import math

import numpy as np

from hwpy.entropy.bias_feedback import BiasFeedback, BiasFeedbackParameters
from hwpy.entropy.escape import RANDOM_BITS, decode, draws, encode, waits
from hwpy.entropy.lfsr import Lfsr, LfsrParameters
from hwpy.entropy.smtj import Smtj, SmtjChain, SmtjParameters
from hwpy.entropy.smtj_bank import dwells

CLOCK = 12e6
COUNT = 64
PERIOD = COUNT / CLOCK
DWELLS = 200_000

BARRIER, STEP, CODE_BITS = 8.0, 0.5 / 4096, 12
BITS = 200_000
DRIFT = 0.2


def dwell_times() -> None:
    """Prints the mean dwell time of junctions of a bank of 64 at 12 MHz, from the code and from simulated dwells."""
    print(f"{COUNT} junctions at {CLOCK / 1e6:g} MHz, each visited every {PERIOD * 1e6:.2f} us; {DWELLS} dwells each")
    print("barrier / kT   Néel-Brown    code        error       simulated   error     with 16-bit fractions")
    generator = np.random.default_rng(1)
    for barrier in np.linspace(9.277, 18.487, 9):
        junction = SmtjParameters(float(barrier))
        dwell, probability = junction.dwell_times[0], dwells(junction, PERIOD)[0]
        code = encode(probability)
        rounded = PERIOD / decode(code)
        simulated = waits(code, DWELLS, generator).mean() * PERIOD
        plain = probability * 65536 / max(round(probability * 65536), 1) - 1
        print(
            f"{barrier:12.3f}   {dwell:.4e}   {rounded:.4e}  {rounded / dwell - 1:+.4%}   "
            f"{simulated:.4e}  {simulated / dwell - 1:+.2%}   {plain:+.2%}"
        )
    slowest, fastest = decode(1 << 11), decode((1 << 16) - 1)
    print(f"mean dwell times of codes with full precision: {PERIOD / fastest:.3g} s to {PERIOD / slowest:.3g} s")


def pairs(width: int, probability: float, visits: int) -> tuple[float, float]:
    """Escapes of a bank driven by a register: their number, in standard deviations, and chi-square of pairs over 64.

    A pair is two escapes 1 to 64 visits apart, so of two junctions of a bank or one visit of a junction and its next.
    Independent escapes have a mean of 0 and of 1.
    """
    parameters = LfsrParameters(width, leap=RANDOM_BITS)
    bits = Lfsr(parameters, (1 << width) // 3 | 1).bits(RANDOM_BITS * visits).reshape(visits, RANDOM_BITS)
    words = np.zeros(visits, np.int64)
    for place in range(RANDOM_BITS):
        words |= bits[:, place].astype(np.int64) << place
    code = encode(probability)
    escapes, p = draws(code, words), decode(code)
    counts = np.array([(escapes[lag:] & escapes[:-lag]).sum() for lag in range(1, 65)])
    expected = (visits - np.arange(1, 65)) * p**2
    number = (escapes.sum() - visits * p) / math.sqrt(visits * p * (1 - p))
    return float(number), float(((counts - expected) ** 2 / expected).mean())


def registers() -> None:
    """Prints `pairs` for several registers."""
    print("\nescapes of probability 2^-8 in 2000000 visits with the bits of a register that leaps 42")
    print("register (taps)          escapes, sigma   pairs, chi-square / 64")
    for width in (89, 107, 128, 168, 63, 127):
        number, square = pairs(width, 2.0**-8, 2_000_000)
        print(f"{' '.join(map(str, LfsrParameters(width).delays)):24s} {number:+14.1f}   {square:22.2f}", flush=True)


def feedback() -> None:
    """Prints how far P(1) of a drifting junction is from its set point, for several gains."""
    junction = SmtjParameters(BARRIER)
    period = 2 * junction.dwell_times[0]
    slope, drift = 2 * BARRIER * STEP / 4, 2 * BARRIER / 4 * DRIFT / BITS
    correlation = junction.correlation(period)
    print(
        f"\n{BARRIER:g} kT, balance drifting by {DRIFT:g} I_c in {BITS} bits, a step of the code {STEP:.3g} I_c, "
        f"correlation of the bits {correlation:.4f}"
    )
    print("gain    tau, bits   lag: closed, seen   jitter: closed, seen   largest error   bits' mean")
    true, bits = drifting(None, period)
    missing = "".join(f"{'-':>{width}s}" for width in (13, 9, 9, 13, 9))
    print(f"none{missing}        {abs(true - 0.5).max():.4f}          {bits.mean():.4f}")
    for gain in range(4):
        loop = BiasFeedbackParameters(CODE_BITS, gain, rising=False)
        true, bits = drifting(loop, period)
        tau = loop.time_constant(slope)
        held = true[round(4 * tau) :] - 0.5
        print(
            f"2^-{gain}  {tau:11.0f}   {loop.lag(slope, drift):.4f}, {held.mean():.4f}       "
            f"{loop.jitter(slope, 0.5, correlation):.4f}, {held.std():.4f}        "
            f"{abs(held).max():.4f}          {bits.mean():.4f}"
        )


def drifting(parameters: BiasFeedbackParameters | None, period: float) -> tuple[np.ndarray, np.ndarray]:
    """P(1) at each bit, and the bits, of the emulated junction; without feedback the bias stays at mid-range."""
    loop = parameters and BiasFeedback(parameters)
    smtj, chains = Smtj(1), {}
    true, bits = np.empty(BITS), np.empty(BITS, int)
    for i, random in enumerate(np.random.default_rng(8).integers(0, 1 << 16, BITS).tolist()):
        bias = (loop.code - (1 << CODE_BITS - 1)) * STEP if loop else 0.0
        # Currents in tenths of a step of the code, so that few chains are computed.
        current = round((bias - DRIFT * (i / BITS - 0.5)) / STEP * 10)
        if current not in chains:
            chains[current] = SmtjParameters(BARRIER, current * STEP / 10).chain(period)
        chain: SmtjChain = chains[current]
        true[i], bits[i] = chain.probability_of_1, smtj.step(random, chain)
        if loop:
            loop.step(int(bits[i]), 1 << 15)
    return true, bits


def main() -> None:
    """Prints the tables."""
    dwell_times()
    registers()
    feedback()


if __name__ == "__main__":
    main()
