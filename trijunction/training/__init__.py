"""Training of OR-gate networks with PyTorch (extra ``train``), and import of weights trained elsewhere."""
