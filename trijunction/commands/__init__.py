"""The commands, one module each with a function `run`. They import the rest of the project when they run."""
