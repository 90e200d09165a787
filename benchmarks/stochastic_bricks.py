"""The bricks of stochastic computing in figures: levels, product errors by generator, correlation, functions."""

from __future__ import annotations

import itertools

import numpy as np

from benchmarks import stochastic_bricks_functions
from hwpy.entropy.lfsr import LfsrParameters
from hwpy.stochastic_computing import feedback, fsm, seed_search
from hwpy.stochastic_computing.correlation import scc_matrix
from hwpy.stochastic_computing.counter import approximate_count, approximate_error
from hwpy.stochastic_computing.decorrelator import Decorrelator, DecorrelatorParameters
from hwpy.stochastic_computing.encoding import capacity, chain_variance, correlated_error, levels
from hwpy.stochastic_computing.gates import standard_error
from hwpy.stochastic_computing.generator import Generator, GeneratorParameters, rotate
from hwpy.stochastic_computing.sequences import SobolParameters, counter_words, lfsr_words, sobol_words

WIDTH, LENGTH = 8, 256


def main() -> None:
    """Prints every table of `docs/stochastic_bricks.md` but areas and images."""
    _levels()
    _products()
    _sharing()
    _decorrelators()
    _functions()
    _counters()
    stochastic_bricks_functions.main()


def _levels() -> None:
    print("levels told apart by the mean of N independent bits; N at correlation 0.9 for the same standard error")
    print("     N   1 s.e. apart   2 s.e. apart   information, bits   N at r = 0.9")
    for length in (16, 64, 256, 1024, 16384):
        target = float(correlated_error(0.5, length, 0.0))
        longer = next(n for n in itertools.count(length) if correlated_error(0.5, n, 0.9) <= target)
        print(
            f"{length:6d}   {levels(length):12.0f}   {levels(length, 2):12.0f}   "
            f"{capacity(length):17.2f}   {longer:12d}"
        )


def _products() -> None:
    print("\nRMS error of all 65,536 products of two 8-bit codes by one AND")
    print(f"  independent words, N = 256 (formula)                {seed_search.independent_rms(WIDTH, LENGTH):.5f}")
    words = lfsr_words(LfsrParameters(WIDTH), 1, 255 + 3)
    rotations = [seed_search.product_rms(words[:255], rotate(words[:255], k, WIDTH), WIDTH) for k in range(1, WIDTH)]
    delays = [seed_search.product_rms(words[d : 255 + d], words[:255], WIDTH) for d in (1, 2, 3)]
    print(f"  one LFSR of default taps, N = 255, rotated 1 to 7   {min(rotations):.5f} to {max(rotations):.5f}")
    print(f"  the same, delayed 1 to 3                            {delays[0]:.5f}, {delays[1]:.5f}, {delays[2]:.5f}")
    shared = seed_search.search_shared(WIDTH, 255)
    best = shared[0]
    print(f"  one LFSR, all taps, rotations, delays: median       {shared[len(shared) // 2].error:.5f}")
    print(
        f"    best                                              {best.error:.5f}"
        f"  taps {best.taps[0]}, rotated {best.rotation}, delayed {best.delay}"
    )
    separate = seed_search.search_separate(WIDTH, 255, range(1, 256, 16))
    best = separate[0]
    print(f"  two LFSRs, all pairs of taps, 16 seeds: median      {separate[len(separate) // 2].error:.5f}")
    print(f"    worst                                             {separate[-1].error:.5f}")
    print(f"    best                                              {best.error:.5f}  {best.taps}, seeds {best.seeds}")
    points = sobol_words(SobolParameters(WIDTH, 8), LENGTH)
    pairs = [seed_search.product_rms(a, b, WIDTH) for a, b in itertools.combinations(points, 2)]
    print(f"  Sobol, 28 pairs of 8 dimensions, N = 256            {min(pairs):.5f} to {max(pairs):.5f}")
    mixed = seed_search.product_rms(counter_words(WIDTH, LENGTH), points[0], WIDTH)
    print(f"  counter and Sobol dimension 0, N = 256              {mixed:.5f}")


def _sharing() -> None:
    print("\nlargest |SCC| among 16 streams of one 8-bit LFSR, codes 128, N = 255; worst RMS product error of a pair")
    words = lfsr_words(LfsrParameters(WIDTH), 1, 255 + 15)
    views = seed_search.choose_views(words, WIDTH, 16, range(16))
    chosen = {
        "same word": [(0, 0)] * 16,
        "rotations 0 to 7, delays 0, 1": [(d, r) for d in (0, 1) for r in range(8)],
        "rotations 0 to 7, delays 0, 8": [(d, r) for d in (0, 8) for r in range(8)],
        "chosen by seed_search": views,
    }
    for name, pairs in chosen.items():
        delays, rotations = zip(*pairs, strict=True)
        parameters = GeneratorParameters(WIDTH, 16, rotations=rotations, delays=delays)
        streams = Generator(parameters).streams(words[15 - parameters.depth :], [128] * 16)
        matrix = abs(scc_matrix(streams))
        rows = [rotate(words[15 - d : len(words) - d], r, WIDTH) for d, r in pairs]
        worst = max(seed_search.product_rms(a, b, WIDTH) for a, b in itertools.combinations(rows, 2))
        print(f"  {name:30s} {matrix[np.triu_indices(16, 1)].max():.3f}   {worst:.4f}")
    print(f"  the chosen (delay, rotation): {views}")


def _decorrelators() -> None:
    print("\nSCC of two streams of one word (codes 100 and 180 of 256, N = 65,536) after decorrelators")
    generator = np.random.default_rng(1)
    sources = {
        "fair junctions": generator.integers(0, 256, 1 << 16),
        "8-bit LFSR": np.resize(lfsr_words(LfsrParameters(WIDTH), 1, 255), 1 << 16),
    }
    for name, words in sources.items():
        first, second = Generator(GeneratorParameters(WIDTH, 2)).streams(words, [100, 180])
        row = [f"none {scc_matrix([first, second])[0, 1]:.3f}"]
        for depth in (1, 8):
            later = Decorrelator(DecorrelatorParameters(depth)).run(second)
            row.append(f"isolator {depth} {scc_matrix([first, later])[0, 1]:.3f}")
        for depth in (4, 16):
            shuffled = [
                Decorrelator(DecorrelatorParameters(depth, "shuffle")).run(s, generator.integers(0, depth, len(s)))
                for s in (first, second)
            ]
            row.append(f"two shuffle buffers {depth} {scc_matrix(shuffled)[0, 1]:.3f}")
        print(f"  {name}: " + "; ".join(row))


def _functions() -> None:
    print(
        f"\nCORDIV, 0.3 / 0.6: standard error at N = 256 {standard_error('divide', [0.3, 0.6], LENGTH, 1):.4f}, no bias"
    )
    print("feedback, steady state: bias, and standard error at N = 256 (that of independent bits)")
    for kind, x, z, wanted in (("divide", 0.3, 0.6, 0.5), ("square root", 0.25, 1.0, 0.5)):
        for width in (4, 6, 8):
            mean, variance = chain_variance(*feedback.chain(feedback.FeedbackParameters(width, kind), x, z), LENGTH)
            plain = (mean * (1 - mean) / LENGTH) ** 0.5
            print(f"  {kind:12s} {width} bits   {mean - wanted:+.5f}   {variance**0.5:.4f} ({plain:.4f})")
    print("saturating counters, 8 states: bipolar mean, standard error at N = 256 (that of independent bits)")
    for kind in ("tanh", "relu"):
        for x in (-0.4, -0.1, 0.0, 0.1, 0.4):
            parameters = fsm.FsmParameters(8, kind)
            mean, variance = chain_variance(*fsm.chain(parameters, x), LENGTH)
            plain = 2 * (mean * (1 - mean) / LENGTH) ** 0.5
            ideal = np.tanh(4 * x) if kind == "tanh" else max(x, 0)
            found = f"{2 * mean - 1:+.4f} (meant {ideal:+.4f})"
            print(f"  {kind} x = {x:+.1f}   {found}   {2 * variance**0.5:.4f} ({plain:.4f})")


def _counters() -> None:
    print("\napproximate parallel counter, 16 inputs: error of the count in one clock, mean and standard deviation")
    generator = np.random.default_rng(2)
    for name, p in (
        ("all 0.5", np.full(16, 0.5)),
        ("all 0.1", np.full(16, 0.1)),
        ("0.0 to 0.9", np.linspace(0, 0.9, 16)),
    ):
        mean, variance = approximate_error(p)
        bits = generator.random((100_000, 16)) < p
        error = approximate_count(bits) - bits.sum(axis=1)
        print(
            f"  P(1) {name:11s} formula {mean:+.3f}, {variance**0.5:.3f}; "
            f"measured {error.mean():+.3f}, {error.std():.3f}"
        )


if __name__ == "__main__":
    main()
