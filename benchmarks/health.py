"""Health tests over 10^9 emulated bits: false alarms against their exact rates, and the time to find each fault.

`python -m benchmarks.health [BITS]` takes another number of bits.
"""

from __future__ import annotations

import math
import sys

import numba
import numpy as np
from numpy.typing import NDArray
from scipy import stats

from hwpy.entropy.health import Health, HealthParameters
from hwpy.entropy.health_bounds import detection_bound, proportion_failures, repetition_rate
from hwpy.entropy.health_fast import FastBitTests
from hwpy.entropy.smtj import SmtjChain

BITS = 10**9
PART = 10**7
FAULTS = 1000
MISS = 2.0**-20


@numba.njit(cache=True)
def _junction(state: int, random: NDArray[np.uint16], from_0: int, from_1: int) -> NDArray[np.uint8]:
    """The states of `hwpy.entropy.smtj.Smtj` with one junction, one for each random number."""
    bits = np.empty(len(random), np.uint8)
    for i in range(len(random)):
        state ^= random[i] < (from_1 if state else from_0)
        bits[i] = state
    return bits


def false_alarms(chain: SmtjChain, entropy: float, bits: int) -> None:
    """Prints failures and what is exact for them, for false-alarm rates of 2^-20 and 2^-13."""
    escapes = chain.escape_from_0 / 65536, chain.escape_from_1 / 65536
    lags_known = escapes == (0.5, 0.5)
    rates = (2.0**-20, 2.0**-13)
    testers = [FastBitTests(HealthParameters(entropy=entropy, false_alarm=rate)) for rate in rates]
    generator, state = np.random.default_rng(2026), 0
    for _ in range(bits // PART):
        random = generator.integers(0, 1 << 16, PART, dtype=np.uint16)
        recording = _junction(state, random, chain.escape_from_0, chain.escape_from_1)
        state = int(recording[-1])
        for tester in testers:
            tester.feed(recording)
    total = bits // PART * PART
    print(f"{total} independent bits of a junction, P(1) = {chain.probability_of_1:.4f}, claimed H = {entropy:.4f}")
    print("alpha    test        cutoff   exact/alpha   expected   95 % of counts    seen at lags 0 to 4")
    for rate, tester in zip(rates, testers, strict=True):
        p = tester.parameters
        repetition = repetition_rate(p.repetition_cutoff, escapes)
        proportion = proportion_failures(p.proportion_cutoff, p.window, escapes)
        for name, cutoff, trials, exact, seen in (
            ("repetition", p.repetition_cutoff, total, repetition, tester.repetition),
            ("proportion", p.proportion_cutoff, total // p.window, proportion, tester.proportion),
        ):
            low, high = stats.poisson.interval(0.95, trials * exact)
            print(
                f"2^{math.log2(rate):.0f}  {name:10s}  {cutoff:6d}   {exact / rate:11.3f}   {trials * exact:8.1f}"
                f"   {low:6.0f} to {high:6.0f}   {' '.join(map(str, seen))}"
                f"{'' if lags_known else '   (exact at lag 0; alpha bounds the others)'}",
                flush=True,
            )


def biases() -> None:
    """Prints how long each bias stays unfound, against the bound."""
    parameters = HealthParameters(lags=0)
    generator = np.random.default_rng(7)
    print(f"\nbias: bound for a miss of 2^-20, and times over {FAULTS} faults (samples from the fault to the alarm)")
    print("P(1)    bound        median   largest")
    for probability in (0.5, 0.51, 0.52, 0.55, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99):
        escapes = probability, 1 - probability
        bound = detection_bound(parameters, escapes, MISS)
        times = []
        while bound < 1e5 and len(times) < FAULTS:
            tests = FastBitTests(parameters)
            before = int(generator.integers(1024, 2048))
            tests.feed(generator.integers(0, 2, before, dtype=np.uint8))
            if tests.repetition.any() or tests.proportion.any():
                continue
            tests.feed((generator.random(int(bound)) < probability).astype(np.uint8))
            found = [int(first[0]) for first in (tests.first_repetition, tests.first_proportion) if first[0] >= 0]
            times.append(min(found) - before + 1 if found else math.inf)
        seen = f"{np.median(times):8.0f}  {max(times):8.0f}" if times else "       -         -"
        print(f"{probability:.2f}  {bound:10.3g}   {seen}", flush=True)


def patterns() -> None:
    """Prints the time to find stuck and periodic sources, against the bound, and what of them was let through."""
    parameters = HealthParameters()
    generator = np.random.default_rng(8)
    print("\nfault      bound   largest time   bad bits let through   (100 faults each)")
    for pattern in ("0", "1", "01", "001", "011", "0011", "0111"):
        period = len(pattern) if len(pattern) > 1 else 0
        largest = let_through = 0
        for _ in range(100):
            health, accepted, good = Health(parameters), 0, int(generator.integers(1100, 1300))
            bad = [int(bit) for bit in pattern * 60]
            delivered = 0
            for word in [*generator.integers(0, 2, good).tolist(), *bad]:
                health.tick(word=word, ready=True)
                accepted += 1
                delivered += health.valid
                if health.alarm:
                    break
            largest = max(largest, accepted - good if health.alarm else len(bad))
            let_through += max(parameters.startup + delivered - good, 0)
        name = f"stuck at {pattern}" if not period else f"period {pattern}"
        print(f"{name:12s} {parameters.repetition_cutoff + period:4d}   {largest:12d}   {let_through:20d}", flush=True)


def main() -> None:
    """Prints the false alarms, then the faults."""
    bits = int(float(sys.argv[1])) if len(sys.argv) > 1 else BITS
    false_alarms(SmtjChain(32768, 32768), 1.0, bits)
    biased = SmtjChain.from_statistics(0.7)
    false_alarms(biased, -math.log2(biased.probability_of_1), bits)
    biases()
    patterns()


if __name__ == "__main__":
    main()
