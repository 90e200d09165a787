"""What all tests share: the simulators, as markers and as a fixture."""

import subprocess
import sys

import pytest

from sim.runner import SimulatorNotFound, choose_simulator


def pytest_configure(config):
    config.addinivalue_line("markers", "verilator: builds with Verilator, 10 to 20 s a design on one core")


def need(simulator):
    """Skip the test if a simulator is not on this machine."""
    try:
        return choose_simulator(simulator)
    except SimulatorNotFound as error:
        pytest.skip(str(error))


@pytest.fixture
def refused():
    """The one line with which a `trijunction` process of its own refuses its arguments."""

    def run(*arguments):
        done = subprocess.run(
            [sys.executable, "-m", "trijunction", *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 2
        assert done.stdout == ""
        assert done.stderr.count("\n") == 1
        return done.stderr

    return run


@pytest.fixture
def icarus():
    """The name 'icarus', or a skipped test."""
    return need("icarus")


@pytest.fixture
def verilator():
    """The name 'verilator', or a skipped test."""
    return need("verilator")
