"""Runs the benchmarks that need only Python: `python -m benchmarks [NAME ...]`."""

import sys
from importlib import import_module

NAMES = (
    "fast_engine",
    "energy_statistics",
    "entropy_sharing",
    "junction_physics",
    "junction_pair",
    "junction_equations",
    "junction_boltzmann",
    "junction_network",
    "digitisation",
    "emulation",
    "stochastic_bricks",
    "image_filters",
    "population",
    "or_network",
    "or_neuron_cost",
    "rounding_proof",
    "rounded_mac",
    "mac_cost",
    "asic_energy",
)
#: These take many minutes.
LONG = (
    "programmable",
    "rbm",
    "entropy_quality",
    "emulation_area",
    "health",
    "stochastic_bricks_area",
    "or_accuracy",
    "or_training",
    "or_classifier",
    "wine",
    "binary_network",
    "low_precision_training",
    "mac_cost_measure",
    "or_neuron_measure",
    "float_rounding_proof",
    "float_mac_proof",
    "float_mac_cost",
    "rounding_cost",
)

if __name__ == "__main__":
    names, sys.argv[1:] = sys.argv[1:] or NAMES, []
    for name in names:
        if name not in NAMES + LONG:
            sys.exit(f"benchmarks: expected one of {', '.join(NAMES + LONG)}, not {name!r}")
        print(f"== {name}", flush=True)
        import_module(f"benchmarks.{name}").main()
