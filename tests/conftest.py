"""Fixtures for every test, as plug-ins: one file for each thing that is made ready."""

import itertools
import signal

import pytest
from hypothesis import settings

pytest_plugins = [
    "tests.fixtures.homes",
    "tests.fixtures.databases",
    "tests.fixtures.objects",
    "tests.fixtures.services",
    "tests.fixtures.certificates",
    "tests.fixtures.mqtt",
    "tests.fixtures.shared",
    "tests.fixtures.web",
]


def pytest_configure() -> None:
    """End on SIGTERM as on Ctrl-C, so that a stopped run still stops its database."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # Two processors that others use as well: how long an example takes says nothing about what is tested.
    settings.register_profile("patient", deadline=None)
    settings.load_profile("patient")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spread the files of tests with a browser evenly among the others.

    A browser draws without a graphics card, which keeps a processor busy; most others wait for much of their time. One
    after the other, as they stand, several browsers would share two processors first, and nobody would use them later.
    """
    files = [list(tests) for _, tests in itertools.groupby(items, key=lambda item: item.path)]
    drawing = [file for file in files if file[0].get_closest_marker("browser")]
    others = [file for file in files if not file[0].get_closest_marker("browser")]
    places = [(number / len(drawing), file) for number, file in enumerate(drawing)]
    places += [((number + 0.5) / len(others), file) for number, file in enumerate(others)]
    items[:] = [item for _, file in sorted(places, key=lambda place: place[0]) for item in file]
