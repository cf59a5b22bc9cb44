"""The service is killed outright while gateways post: what was acknowledged is on record, and once."""

import signal
from pathlib import Path

from benchmarks.live_stream.gateway import SOURCE, Gateway
from tests.fixtures.databases import OwnDatabase
from tests.fixtures.objects import Objects
from tests.fixtures.services import start
from tests.fixtures.waiting import until

# One row: messages; alarms; steps that raised one.
COUNTED = """
SELECT (SELECT count(*) FROM alarm_message WHERE source = %(source)s), count(*),
    (SELECT count(*) FROM alarm_step WHERE step = 'raised')
FROM alarm WHERE source = %(source)s
"""
# Rows: device and type of which more than one alarm is active.
TWICE = "SELECT device_id, type FROM alarm WHERE active GROUP BY device_id, type HAVING count(*) > 1"


def test_a_service_that_is_killed_while_gateways_post_loses_and_doubles_nothing(
        database: OwnDatabase, tmp_path: Path) -> None:
    with database.connect("superuser") as connection:
        objects = Objects(connection)
        objects.community()
        objects.grid()
        devices = [f"D{number}" for number in range(40)]
        for device in devices:
            objects.device(device)
    service = start(database, tmp_path)
    reader = database.connect("superuser", autocommit=True)
    try:
        with Gateway(service.url, devices, 400, 10, 4, "killed") as gateway:
            for _ in range(2):
                until_acknowledged(gateway, 20)
                service.stop(signal.SIGKILL)
                service = start(database, tmp_path, port=int(service.url.rpartition(":")[2]))
            until_acknowledged(gateway, 20)
        assert gateway.refused == []
        assert gateway.unacknowledged == 0
        assert sum(batch.attempts - 1 for batch in gateway.batches) > 0, "the kills hit nothing"
        sent = sum(len(batch.ids) for batch in gateway.batches)
        messages, alarms, raised = reader.execute(COUNTED, {"source": SOURCE}).fetchone()
        assert (messages, raised) == (sent, alarms)
        assert reader.execute(TWICE).fetchall() == []
        until(lambda: not reader.execute("SELECT FROM outbox WHERE kind = 'alarm' AND seq IS NULL LIMIT 1").fetchall())
        numbers = [row[0] for row in reader.execute("SELECT seq FROM outbox WHERE seq IS NOT NULL ORDER BY seq")]
        assert numbers == list(range(1, len(numbers) + 1))
    finally:
        service.stop(signal.SIGKILL)


def until_acknowledged(gateway: Gateway, more: int) -> None:
    """Wait until so many more batches are acknowledged."""
    def count() -> int:
        return sum(batch.acknowledged > 0 for batch in gateway.batches)

    before = count()
    until(lambda: count() >= before + more)
