"""Training: of OR-gate networks with PyTorch (extra ``train``), from weights trained elsewhere too; low precision."""
