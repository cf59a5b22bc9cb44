"""Monthly partitions, made two months ahead, so that no row ever needs the default one."""

import threading

import psycopg

TABLES = ("keeper_track", "alarm_step", "warning_step", "outbox", "event_step", "task_step")
MONTHS_AHEAD = 2
EVERY_S = 6 * 3600

MAKE = "SELECT shapan_month_partitions(%s::regclass, %s)"


def run(connection: psycopg.Connection, stop: threading.Event) -> None:
    """Make missing partitions now and every six hours, until told to stop.

    Args:
        connection: of the worker role, autocommit.
        stop: set by whoever wants it to end.
    """
    while not stop.is_set():
        for table in TABLES:
            connection.execute(MAKE, (table, MONTHS_AHEAD))
        stop.wait(EVERY_S)
