"""What is forgotten of surveys (采集清理), and when: positions with the tracks, photographs, forms that are over."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg

from spatial.settings import Settings

# Each takes some rows at a time, so that nothing waits for long. Parameters: before, limit.
POSITIONS = """
UPDATE survey_edit SET lon = NULL, lat = NULL, accuracy_m = NULL
WHERE id IN (SELECT id FROM survey_edit WHERE (lon IS NOT NULL OR lat IS NOT NULL) AND received_at < %s
             ORDER BY received_at LIMIT %s FOR UPDATE SKIP LOCKED)
"""
# Of a conflict that nobody has settled they stay: somebody is to look at them.
PHOTOS = """
DELETE FROM survey_photo WHERE id IN (
    SELECT photo.id FROM survey_photo AS photo JOIN survey_edit AS edit ON edit.id = edit_id
    WHERE photo.received_at < %s AND NOT (edit.outcome = 'conflict' AND edit.settled_at IS NULL)
    ORDER BY photo.received_at LIMIT %s)
"""
# A conflict counts from when it was settled.
FORMS = """
DELETE FROM survey_edit WHERE id IN (
    SELECT id FROM survey_edit
    WHERE received_at < %(before)s AND coalesce(settled_at, received_at) < %(before)s
      AND NOT (outcome = 'conflict' AND settled_at IS NULL)
    ORDER BY received_at LIMIT %(most)s FOR UPDATE SKIP LOCKED)
"""
# Which building was on whose list counts for 90 days (migration 0035).
GIVEN = "DELETE FROM survey_given WHERE given_at < %s"
GIVEN_KEPT = timedelta(days=90)

BATCH = 1000


@dataclass(frozen=True)
class Forgotten:
    """How many were forgotten: positions, photographs, forms, and buildings that were on a list."""

    positions: int
    photos: int
    forms: int
    given: int


def forget(connection: psycopg.Connection, settings: Settings, now: datetime) -> Forgotten:
    """Forget some of what is old enough. There may be more where a number is ``BATCH``.

    Args:
        connection: of the worker role, autocommit, jurisdiction everything.
        settings: say how long each is kept. now: the server's time.
    """
    def before(days: int) -> datetime:
        return now - timedelta(days=days)

    return Forgotten(
        connection.execute(POSITIONS, (before(settings.track_days), BATCH)).rowcount,
        connection.execute(PHOTOS, (before(settings.survey_photo_days), BATCH)).rowcount,
        connection.execute(FORMS, {"before": before(settings.survey_days), "most": BATCH}).rowcount,
        connection.execute(GIVEN, (now - GIVEN_KEPT,)).rowcount)
