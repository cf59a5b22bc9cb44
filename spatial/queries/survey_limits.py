"""How much one keeper may send (采集限额): a device that sends in a loop, or a stolen link, fills no disk."""

import math

import psycopg

HOUR_S, DAY_S = 3600, 86_400

LOCK_CLASS = 0x5355_5256  # "SURV"
"""First half of the advisory locks of keepers: photographs of one keeper are counted one after the other."""

# Both ask about all grids: forms of redrawn ones count as well. Parameters: keeper, forms; keeper.
FORMS_AGE = "SELECT shapan_survey_forms_age(%s, %s)"
PHOTO_BYTES = "SELECT bytes, oldest_s FROM shapan_survey_photo_bytes(%s)"
LOCK = "SELECT pg_advisory_xact_lock(%s, hashtext(%s))"


def forms_wait_s(connection: psycopg.Connection, keeper: str, most: int) -> int:
    """Return in how many seconds a keeper may send forms again who has sent ``most`` within an hour; else 0.

    A request is taken whole or not at all, so that a keeper may come to send one request more.
    """
    age = connection.execute(FORMS_AGE, (keeper, most)).fetchone()[0]
    return 0 if age is None else max(1, math.ceil(HOUR_S - age))


def lock_photos(connection: psycopg.Connection, keeper: str) -> None:
    """Have other photographs of this keeper wait until the transaction is over."""
    connection.execute(LOCK, (LOCK_CLASS, keeper))


def photos_wait_s(connection: psycopg.Connection, keeper: str, size: int, most: int) -> int:
    """Return in how many seconds a keeper may try a photograph again that goes beyond the bytes of a day; else 0.

    Args:
        connection: inside the transaction that :func:`lock_photos` locked.
        keeper: whose it is. size: bytes of the photograph. most: bytes of a day.
    """
    spent, oldest_s = connection.execute(PHOTO_BYTES, (keeper,)).fetchone()
    return 0 if spent + size <= most or oldest_s is None else max(1, math.ceil(DAY_S - oldest_s))
