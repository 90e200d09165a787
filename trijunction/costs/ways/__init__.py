"""The three ways at a real size: a core, the shift registers that feed it best, and work for it to do."""
