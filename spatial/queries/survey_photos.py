"""Photographs that come with the forms of surveys (采集照片)."""

from uuid import UUID

import psycopg

from spatial.errors import NotFound
from spatial.queries.survey_batch import OWN
from spatial.rules.jpeg import Picture


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
PHOTOS = "SELECT count(*) FROM survey_photo WHERE edit_id = %s AND id <> %s"

PHOTOS_MOST = 6
"""Photographs of one form."""


def put_photo(connection: psycopg.Connection, keeper: str, photo: str, edit: str, picture: Picture) -> bool:
    """Keep a photograph of a form; return False where the form has as many as it may.

    Args:
        connection: inside the caller's transaction, within the grid of the form.
        keeper: whose form it is. photo, edit: ids that the device chose. picture: without metadata.
    """
    if connection.execute(PHOTOS, (edit, photo)).fetchone()[0] >= PHOTOS_MOST:
        return False
    connection.execute(PHOTO, {"id": photo, "edit": edit, "keeper": keeper, "width": picture.width,
                               "height": picture.height, "picture": picture.data})
    return True


def photo(connection: psycopg.Connection, photo_id: UUID) -> bytes:
    """Return a photograph, a JPEG.

    Raises:
        NotFound: none within the jurisdiction.
    """
    found = connection.execute("SELECT picture FROM survey_photo WHERE id = %s", (photo_id,)).fetchone()
    if found is None:
        raise NotFound(f"There is no photograph {photo_id}.", "It may lie outside your area.")
    return found[0]
