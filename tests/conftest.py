"""Fixtures for every test, as plug-ins: one file for each thing that is made ready."""

import os
import signal
import sys

from hypothesis import settings

# Hundreds of processes of ours start in a run: where the environment forbids to keep what Python compiled, each
# compiles every file anew.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

pytest_plugins = [
    "tests.fixtures.homes",
    "tests.fixtures.databases",
    "tests.fixtures.objects",
    "tests.fixtures.services",
    "tests.fixtures.certificates",
    "tests.fixtures.mqtt",
    "tests.fixtures.shared",
    "tests.fixtures.web",
    "tests.fixtures.street",
]


def pytest_configure() -> None:
    """End on SIGTERM as on Ctrl-C, so that a stopped run still stops its database."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # A shell lets what it starts in the background ignore Ctrl-C, and all that this starts: tests send it to both.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Two processors that others use as well: how long an example takes says nothing about what is tested.
    settings.register_profile("patient", deadline=None)
    settings.load_profile("patient")
