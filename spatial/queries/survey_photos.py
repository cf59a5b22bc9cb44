"""Photographs that come with the forms of surveys (采集照片): kept, and shown to whoever may see people as they are."""

import math
from dataclasses import dataclass
from uuid import UUID

import psycopg

from spatial.errors import NotFound
from spatial.queries import reveals, survey_limits
from spatial.queries.survey_batch import OWN
from spatial.rules import reveals as rules
from spatial.rules.jpeg import Picture
from spatial.types import Scope


def place_of(connection: psycopg.Connection, keeper: str, edit: str) -> str:
    """Return the grid in which a form of a keeper is on record, wherever that is.

    Raises:
        NotFound: none is.
    """
    found = connection.execute(OWN, (keeper, [edit])).fetchone()
    if found is None:
        raise NotFound(f"There is no form {edit} of yours.", "Send the form first, then its photographs.")
    return found[1]


# The same photograph sent twice is one. Parameters: see put_photo.
PHOTO = """
INSERT INTO survey_photo (id, edit_id, keeper, width, height, picture, area_code, grid_code)
SELECT %(id)s, id, keeper, %(width)s, %(height)s, %(picture)s, area_code, grid_code
FROM survey_edit WHERE id = %(edit)s AND keeper = %(keeper)s
ON CONFLICT (id) DO NOTHING
"""
PHOTOS = "SELECT count(*), bool_or(id = %s) FROM survey_photo WHERE edit_id = %s"

PHOTOS_MOST = 6
"""Photographs of one form."""


@dataclass(frozen=True)
class Put:
    """What came of a photograph that was sent: kept, one too many of its form, or to be sent in ``wait_s`` seconds."""

    kept: bool = True
    wait_s: int = 0


def put_photo(connection: psycopg.Connection, keeper: str, photo: str, edit: str, picture: Picture, most: int) -> Put:
    """Keep a photograph of a form, where the form and the keeper's day have room for it.

    Args:
        connection: inside the caller's transaction, within the grid of the form.
        keeper: whose form it is. photo, edit: ids that the device chose. picture: without metadata.
        most: bytes that a keeper may send within a day.
    """
    survey_limits.lock_photos(connection, keeper)
    count, known = connection.execute(PHOTOS, (photo, edit)).fetchone()
    if known:
        return Put()
    if count >= PHOTOS_MOST:
        return Put(kept=False)
    if wait_s := survey_limits.photos_wait_s(connection, keeper, len(picture.data), most):
        return Put(kept=False, wait_s=wait_s)
    connection.execute(PHOTO, {"id": photo, "edit": edit, "keeper": keeper, "width": picture.width,
                               "height": picture.height, "picture": picture.data})
    return Put()


# --- looked at -----------------------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Look:
    """Who looks at a photograph: account, roles, address of the request, jurisdiction."""

    account: str
    roles: tuple[str, ...]
    address: str | None
    scope: Scope


@dataclass(frozen=True)
class Seen:
    """What came of a look: an outcome of reveals, the JPEG, and seconds until another one where there were too many."""

    outcome: str
    picture: bytes | None = None
    retry_s: int = 0


# Parameters: id.
ONE = """
SELECT photo.picture, photo.grid_code, edit.room_id, edit.id FROM survey_photo AS photo
JOIN survey_edit AS edit ON edit.id = photo.edit_id WHERE photo.id = %s
"""
# Rows: how long ago the account looked at photographs, in seconds, the newest first. Parameters: account, seconds,
# limit.
RECENT = """
SELECT extract(epoch FROM now() - at)::float8 FROM audit
WHERE account = %s AND action = 'photo' AND outcome = 'done' AND at > now() - make_interval(secs => %s)
ORDER BY at DESC LIMIT %s
"""
WRITE = """
INSERT INTO audit (action, outcome, account, roles, address, fields, words, area_code, grid_code)
VALUES ('photo', %(outcome)s, %(account)s, %(roles)s, %(address)s, '{}', %(words)s, left(%(grid)s, 12), %(grid)s)
"""


def look(connection: psycopg.Connection, who: Look, photo: UUID, most: int) -> Seen:
    """Show a photograph, or refuse it, and write down which.

    Args:
        connection: inside a transaction, within the account's jurisdiction. The caller commits it before it shows
            anything.
        who: who looks. photo: its id. most: photographs that an account may see in an hour.
    """
    connection.execute(reveals.LOCK, (reveals.LOCK_CLASS, who.account))
    ages = [age for age, in connection.execute(RECENT, (who.account, rules.WINDOW_S, max(most, 1)))]
    if len(ages) >= most:
        write(connection, who, rules.TOO_MANY, photo)
        return Seen(rules.TOO_MANY, retry_s=math.ceil(rules.WINDOW_S - (ages[-1] if most and ages else 0.0)))
    found = connection.execute(ONE, (photo,)).fetchone()
    if found is None:
        write(connection, who, rules.NOT_FOUND, photo)
        return Seen(rules.NOT_FOUND)
    picture, grid, room, edit = found
    write(connection, who, rules.DONE, photo, f"room {room}" if room else f"form {edit}", grid)
    return Seen(rules.DONE, bytes(picture))


def write(connection: psycopg.Connection, who: Look, outcome: str, photo: UUID, where: str = "",
          grid: str | None = None) -> None:
    """Add a look to the audit log. ``grid``: of the photograph; None where it was not looked for or not found."""
    connection.execute(WRITE, {
        "outcome": outcome, "account": who.account, "roles": list(who.roles), "address": who.address,
        "words": f"{photo} {where}".strip(), "grid": grid or reveals.home(who.scope)})
