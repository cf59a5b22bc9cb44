"""Monthly partitions: made two months ahead, so that no row ever needs the default one; old readings dropped."""

import threading

import psycopg

from spatial.settings import load

TABLES = ("keeper_track", "alarm_step", "warning_step", "outbox", "event_step", "task_step", "device_reading",
          "device_step", "rule_step", "audit")
MONTHS_AHEAD = 2
EVERY_S = 6 * 3600

FORGET = "SELECT shapan_forget_readings(%s)"
MAKE = "SELECT shapan_month_partitions(%s::regclass, %s)"


def run(connection: psycopg.Connection, stop: threading.Event) -> None:
    """Make missing partitions and drop readings that are too old, now and every six hours, until told to stop.

    Args:
        connection: of the worker role, autocommit.
        stop: set by whoever wants it to end.
    """
    while not stop.is_set():
        for table in TABLES:
            connection.execute(MAKE, (table, MONTHS_AHEAD))
        connection.execute(FORGET, (load().reading_months,))
        stop.wait(EVERY_S)
