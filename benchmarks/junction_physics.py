"""The tables of docs/junction.md: how far each closed form of one junction holds."""

from __future__ import annotations

import math

import numpy as np

from hwpy.entropy.fokker_planck import switching_probability
from hwpy.entropy.junction import JunctionParameters
from hwpy.entropy.macrospin import Macrospin
from hwpy.entropy.readout import LITERATURE, SenseAmplifier, sampled
from hwpy.entropy.resonance import DrivenJunction
from hwpy.entropy.spin_dice import SpinDice, current_for, drive_probability, sensitivity

STABLE = Macrospin(barrier=60, damping=0.02, anisotropy_field=0.3)


def main() -> None:
    """Prints the tables."""
    _escape()
    _law()
    _drive()
    _dice()
    _read()
    _disturb()
    _resonance()


def _escape() -> None:
    print("\nescape: barrier, attempt rate (damping 0.01, 0.1 T), exact rate / Brown's, simulated rate / exact (95 %)")
    generator = np.random.default_rng(1)
    for barrier, count in ((2, 20_000), (4, 12_000), (6, 3000), (10, 0), (20, 0), (40, 0)):
        spin = Macrospin(barrier)
        exact = 1 / spin.passage_time(-0.7)
        found = ""
        if count:
            # More damping takes fewer steps; the ratio to the exact rate is to be 1 with any.
            fast = Macrospin(barrier, damping=0.2)
            times = fast.passages(count, -0.7, generator, step=0.03)
            found = f"{fast.passage_time(-0.7) / times.mean():.3f} +- {1.96 / math.sqrt(count):.3f}"
        print(f"{barrier:4d}  {spin.attempt_rate:.2e} Hz  {exact / spin.brown_rates()[0]:.3f}  {found}")


def _law() -> None:
    print(
        "\ncurrent: I / I_c, barriers out of P (kT): macrospin, equation (1) with I_c halved, with I_c; barrier 12 kT"
    )
    for i in (-0.3, -0.1, -0.03, 0.03, 0.1, 0.3):
        print(f"{i:6.2f}  {12 * (1 + i) ** 2:6.2f}  {12 * (1 + 2 * i):6.2f}  {12 * (1 + i):6.2f}")


def _drive() -> None:
    print("\nwrite pulse, drive form: I / I_c, largest error of P over widths, with theta_c matched and pi / 2")
    for i in (1.2, 1.5, 2.0, 3.0, 5.0):
        errors = []
        for t in np.linspace(0.5, 8, 40) / (i - 1):
            exact = float(switching_probability(STABLE, -i, t * STABLE.time_unit / STABLE.damping)[0])
            grown = (i * math.exp(2 * (i - 1) * t) - 1) / (i - 1)
            matched = (2**i * (i - 1) / i) ** (2 / (i + 1))
            errors.append([abs(math.exp(-60 * angle / grown) - exact) for angle in (matched, math.pi**2 / 4)])
        print(f"{i:4.1f}  {max(e[0] for e in errors):.3f}  {max(e[1] for e in errors):.3f}")
    width = 3e-9
    current = current_for(STABLE, 0.5, width)
    closed = drive_probability(STABLE, current, width)
    print(f"3 ns: P = 0.5 at {current / STABLE.critical_current:.3f} I_c, where the form says {closed:.3f}")


def _dice() -> None:
    print(f"\nspin dice, 60 kT, I_c {1e6 * STABLE.critical_current:.1f} uA, 5 and 10 kohm, reset 10 ns, read 2 ns:")
    print("write (ns), I / I_c, dP for 1 % of current, Mbit/s, pJ/bit in the junction")
    reset = current_for(STABLE, 0.999, 10e-9)
    for width in (1e-9, 3e-9, 10e-9, 30e-9, 100e-9):
        current = current_for(STABLE, 0.5, width)
        dice = SpinDice(STABLE, width, current, 10e-9, reset, 2e-9)
        slope = sensitivity(STABLE, current, width) * current / 100
        i = current / STABLE.critical_current
        print(f"{1e9 * width:4.0f}  {i:.3f}  {slope:.3f}  {dice.bits_per_second / 1e6:5.1f}  {1e12 * dice.energy:.2f}")


def _read() -> None:
    print("\nread: R_AP / R_P, P(error) over amplifiers of 20 mV offset, P(metastable) after 400 ps")
    for ratio in (1.2, 1.5, 2.0, 3.0):
        junction = JunctionParameters(barrier=8, resistance_ap=5e3 * ratio)
        amplifier = SenseAmplifier(reference=5e3 * math.sqrt(ratio))
        error, undecided = sum(amplifier.errors(junction)) / 2, amplifier.metastable(junction.resistance_p)
        print(f"{ratio:.1f}  {error:.1e}  {undecided:.1e}")
    print(f"energy: at most {1e15 * SenseAmplifier().energy:.1f} fJ to charge both nodes (2 fF each, 1 V)")
    for source, joules in LITERATURE.items():
        print(f"published: {1e15 * joules:.0f} fJ/bit, {source}")


def _disturb() -> None:
    print("\nread disturb, 8 kT, a read each mean dwell time, state taken as it ends: share of period, P(1) at 0.5 uA")
    junction = JunctionParameters(barrier=8)
    dwell = float(junction.dwell_times()[0])
    for share in (0.001, 0.01, 0.1, 0.5):
        bias, correlation = sampled(junction, dwell, share * dwell, 0.5e-6, latency=share * dwell)
        print(f"{share:.3f}  {bias:.4f}  (correlation {correlation:.3f})")


def _resonance() -> None:
    print(
        "\nresonance, 12 kT at 300 K: frequency (Hz), best temperature of the weak response (K), K / w, response there"
    )
    for frequency in (200.0, 2e3, 20e3):
        driven = DrivenJunction(JunctionParameters(barrier=12), 2.5e-8, frequency)
        best = driven.best_temperature()
        ratio = driven.relaxation_rate(best) / (2 * math.pi * frequency)
        gain = abs(driven.response(best)) / driven.strength(best)
        print(f"{frequency:8.0f}  {best:.1f}  {ratio:.2f}  {gain:.3f} of the drive's tilt")


if __name__ == "__main__":
    main()
