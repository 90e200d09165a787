"""Two junctions on one source, Fig. 2a of *Neural networks three ways*: correlation by series resistor and polarity."""

from __future__ import annotations

import math

from hwpy.entropy.junction import JunctionParameters
from hwpy.ising.coupled_pair import CoupledPair

JUNCTION = JunctionParameters(barrier=10)
CURRENT = 2e-6
RESISTANCES = (0.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6, math.inf)
POLARITIES = ((1, 1), (-1, -1), (1, -1))


def main() -> None:
    """Prints the correlation coefficients, then what circulates."""
    print(
        "5 and 10 kilohm, 10 kT, I_c 5 uA; balanced at 2 uA; by what a current above that favours in the two junctions"
    )
    print("R in ohm     V in mV, ++ and --    both P     both AP    P, then AP")
    for resistance in RESISTANCES:
        pairs = [CoupledPair.balanced(JUNCTION, CURRENT, resistance, polarity) for polarity in POLARITIES]
        volts = "  ".join(f"{1e3 * pairs[0].voltages[k]:7.3f}" for k in (0, 3))
        print(f"{resistance:9g}   {volts}     " + "  ".join(f"{pair.correlation():9.5f}" for pair in pairs))
    print("\non a current source: cycle affinity; correlation with the second one mean dwell time earlier and later")
    for name, polarity in zip(("both P", "both AP", "P, then AP"), POLARITIES, strict=True):
        pair = CoupledPair.balanced(JUNCTION, CURRENT, math.inf, polarity)
        dwell = 1 / (pair.generator.stationary @ pair.generator.rates[:, 0])
        earlier, later = pair.cross_correlation([-dwell, dwell])
        print(f"  {name:12s} {pair.generator.affinity():8.1e}   {earlier:7.4f}  {later:7.4f}")


if __name__ == "__main__":
    main()
