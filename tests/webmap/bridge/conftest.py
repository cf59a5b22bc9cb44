"""What the bridge writes to."""

import psycopg
import pytest

from tests.fixtures.databases import OwnDatabase
from tests.webmap.bridge.traffic import furnish


@pytest.fixture
def worker(database: OwnDatabase) -> psycopg.Connection:
    """Return a connection to a database with some devices and a keeper on record."""
    connection = database.connect("worker", autocommit=True)
    furnish(connection)
    return connection
