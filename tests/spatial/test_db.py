"""Connections outside any pool."""

import logging
import time

import psycopg
import pytest

from spatial import db


def test_a_pipeline_that_fails_while_it_is_filled_raises_the_first_error_and_complains_of_nothing_else(
    connection: psycopg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    def fill() -> None:
        connection.execute("SELECT 1 / 0")
        # The server tells of an error at once; then the next statement is on its way when the error is seen.
        time.sleep(0.05)
        connection.execute("SELECT 1")
        connection.execute("SELECT 1")

    with caplog.at_level(logging.DEBUG, "psycopg"):
        with pytest.raises(psycopg.errors.DivisionByZero), connection.transaction(), connection.pipeline():
            fill()
        assert "error ignored terminating" in caplog.text, "without care the library complains"
        caplog.clear()
        with pytest.raises(psycopg.errors.DivisionByZero), connection.transaction(), db.pipelined(connection):
            fill()
    assert caplog.text == ""
    assert connection.execute("SELECT 1").fetchone() == (1,)
