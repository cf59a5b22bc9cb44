"""The database as commands open it."""

import psycopg
import pytest

from spatial import db
from spatial.commands.opened import open_database
from spatial.errors import SchemaOutOfDate


def test_a_connection_to_another_schema_is_closed_again(bare_database, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in bare_database.environment.items():
        monkeypatch.setenv(name, value)
    opened: list[psycopg.Connection] = []
    really = db.open_connection
    monkeypatch.setattr(db, "open_connection", lambda *words: opened.append(really(*words)) or opened[-1])
    with pytest.raises(SchemaOutOfDate):
        open_database()
    assert [connection.closed for connection in opened] == [True]
