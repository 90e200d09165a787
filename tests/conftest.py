"""What all tests share: the simulators, as markers and as a fixture."""

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
def icarus():
    """The name 'icarus', or a skipped test."""
    return need("icarus")


@pytest.fixture
def verilator():
    """The name 'verilator', or a skipped test."""
    return need("verilator")
