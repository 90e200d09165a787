"""Population coding: a function read from counts, and wine classified by a perceptron on junctions."""

from __future__ import annotations

import numpy as np

from hwpy.stochastic_computing.population import Perceptron, PopulationParameters, counts, fit, rates

MEAN_CYCLE = 2 * np.exp(12.0) / 1e9


def main() -> None:
    """Prints both tables."""
    parameters = PopulationParameters(9, 0.15)
    grid = np.linspace(0, 1, 201)
    target = np.sin(2 * np.pi * grid)
    weights = fit(rates(parameters, grid) * MEAN_CYCLE, target[:, None])[:, 0]
    ideal = rates(parameters, grid) * MEAN_CYCLE @ weights[:-1] + weights[-1]
    print("sin(2 pi x) from 9 junctions of 12 kT; time in mean cycles of a balanced junction; RMS error")
    print(f"  mean rates   {np.sqrt(((ideal - target) ** 2).mean()):.4f}")
    generator = np.random.default_rng(1)
    for cycles in (10, 100, 1000):
        found = counts(parameters, grid, cycles * MEAN_CYCLE, generator) / cycles @ weights[:-1] + weights[-1]
        print(f"  {cycles:6d}       {np.sqrt(((found - target) ** 2).mean()):.4f}")
    _wine()


def _wine() -> None:
    try:
        from sklearn.datasets import load_wine
        from sklearn.model_selection import train_test_split
    except ImportError:
        raise SystemExit("the wine data are scikit-learn's: pip install scikit-learn") from None

    data = load_wine()
    train, test, known, wanted = train_test_split(data.data, data.target, test_size=1 / 3, random_state=0)
    low, high = train.min(axis=0), train.max(axis=0)
    train, test = (np.clip((part - low) / (high - low), 0, 1) for part in (train, test))
    print(f"wine, {len(test)} held-out samples, 13 stimuli; accuracy in %, counts over a time in mean cycles, 5 runs")
    print("  junctions a stimulus   mean rates   10 cycles    30   100   300")
    for count in (1, 2, 3, 5):
        perceptron = Perceptron.trained(PopulationParameters(count, 0.3), train, known)
        row = [f"{100 * (perceptron.classify(test) == wanted).mean():10.1f}"]
        generator = np.random.default_rng(2)
        for cycles in (10, 30, 100, 300):
            runs = [perceptron.classify(test, cycles * MEAN_CYCLE, generator) for _ in range(5)]
            row.append(f"{100 * (np.array(runs) == wanted).mean():.1f}")
        print(f"  {count:20d}   " + "   ".join(row))


if __name__ == "__main__":
    main()
