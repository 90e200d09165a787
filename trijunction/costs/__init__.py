"""What randomness costs: area, energy and quality of LFSR, xoshiro and SMTJ in each of the three ways."""
