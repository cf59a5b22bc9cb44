"""Photographs of surveys (采集照片): sent by keepers, looked at by whoever may see people as they are."""

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import UUID as Uuid
from flask import Response, request

from spatial.errors import InvalidInput, NotFound
from spatial.queries import survey_photos as queries
from spatial.rules import jpeg, reveals
from spatial.types import Scope
from webmap import identity
from webmap.guard import also_takes
from webmap.services import services, transaction
from webmap.survey_limits import TooManyBytes, TooManyLooks
from webmap.views.surveys import uuid_of, who

survey_photos = APIBlueprint("survey_photos", __name__, url_prefix="/api/survey", tag="Survey")

MB = 2**20


class PhotoQuery(Schema):
    """What a photograph belongs to."""

    edit = Uuid(required=True, metadata={"description": "id of the form, sent before"})


@survey_photos.put("/photos/<photo_id>")
@identity.needs("survey.write")
@survey_photos.input(PhotoQuery, location="query", arg_name="query")
@survey_photos.doc(summary="Send a photograph of a form that was sent before: a JPEG, 2 MB at most",
                   responses={404: "No such form of this keeper", 413: "Too large; the page shrinks photographs first",
                              422: "No JPEG, or the form has as many as it may",
                              429: "As many megabytes as a keeper may send in a day; Retry-After"})
@also_takes("image/jpeg")
def put_photo(photo_id: str, query: dict[str, Any]) -> dict[str, Any]:
    """Keep a photograph without its metadata; the same one sent twice is one."""
    key, picture, keeper = uuid_of(photo_id), jpeg.stripped(request.get_data()), who().keeper
    edit, most = str(query["edit"]), services().settings.survey_photo_mb_per_day
    with transaction() as connection:
        grid = queries.place_of(connection, keeper, edit)
    # Where the form is: that may be a grid which is not the keeper's any more.
    with services().database.transaction(Scope((grid,))) as connection:
        put = queries.put_photo(connection, keeper, str(key), edit, picture, most * MB)
    if put.wait_s:
        raise TooManyBytes(most, put.wait_s)
    if not put.kept:
        raise InvalidInput(f"The form has {queries.PHOTOS_MOST} photographs.", [("photo", "is one too many")],
                           "Leave it out.")
    return {"id": str(key), "width": picture.width, "height": picture.height, "bytes": len(picture.data)}


def _look() -> queries.Look:
    one = identity.current()
    return queries.Look(one.account, one.roles, request.remote_addr, one.scope)


def _write_down(photo_id: str) -> None:
    """Write down that somebody tried who may not; an address that is no photograph's was no try."""
    try:
        key = uuid_of(photo_id)
    except NotFound:
        return
    with transaction() as connection:
        queries.write(connection, _look(), reveals.NOT_PERMITTED, key)


@survey_photos.get("/photos/<photo_id>")
@identity.needs("residents.reveal", refused=_write_down)
@survey_photos.doc(summary="A photograph of a form, for who may see people as they are; each look is written down",
                   responses={404: "None within the jurisdiction", 429: "Too many in this hour; Retry-After"})
def get_photo(photo_id: str) -> Response:
    """Return a JPEG without metadata, after the look has been written down."""
    most, key = services().settings.photos_per_hour, uuid_of(photo_id)
    with transaction() as connection:
        seen = queries.look(connection, _look(), key, most)
    # Committed: from here on it may be shown.
    if seen.outcome == reveals.TOO_MANY:
        raise TooManyLooks(most, seen.retry_s)
    if seen.picture is None:
        raise NotFound(f"There is no photograph {key}.", "It may lie outside your area.")
    return Response(seen.picture, mimetype="image/jpeg")
