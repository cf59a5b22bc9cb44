"""Changes for other platforms: the change feed by number."""

import time
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import DelimitedList, Float, Integer
from apiflask.validators import Length, OneOf, Range

from spatial.queries import changes as queries
from webmap import identity
from webmap.fields import Text
from webmap.kinds import KINDS, heard
from webmap.services import services, transaction

changes = APIBlueprint("changes", __name__, url_prefix="/api/changes", tag="Changes")

LARGEST = 2**63 - 1 - queries.LOOKED_AT
LONGEST_WAIT_S = 25.0
"""Proxies often end a request that says nothing for 30 s."""


class ChangesQuery(Schema):
    """Which changes."""

    after = Integer(load_default=0, validate=Range(0, LARGEST), metadata={"description": "``next`` of the last answer"})
    limit = Integer(load_default=100, validate=Range(1, 1000))
    kinds = DelimitedList(Text(validate=OneOf(list(KINDS))), load_default=list, validate=Length(max=20),
                          metadata={"description": "all that you may hear of and that last for days, when not given"})
    wait = Float(load_default=0.0, validate=Range(0, LONGEST_WAIT_S),
                 metadata={"description": "seconds to wait for a change where there is none yet"})


@changes.get("")
@identity.needs("changes.read")
@changes.input(ChangesQuery, location="query", arg_name="query")
@changes.doc(summary="Changes after a number, in order", responses={
    200: "Changes, the number to ask with next, and the last number given out", 403: "A kind that you may not hear of",
    410: "Changes after that number are no longer kept: read the lists anew", 503: "Too many requests wait"})
def after(query: dict[str, Any]) -> dict[str, Any]:
    """Return changes within the account's area; whoever asks with ``next`` each time gets each of them once.

    Each ``payload`` is the whole state of its object. More is there while ``next`` is less than ``head``.
    """
    kinds = heard(identity.current(), query["kinds"])
    found = _page(query["after"], kinds, query["limit"])
    if query["wait"] and not found.changes and found.next == found.head:
        deadline = time.monotonic() + query["wait"]
        with services().waiters as waiters:
            while not found.changes and waiters.past(found.head, deadline):
                found = _page(found.next, kinds, query["limit"])
    return {"changes": [queries.as_json(change) for change in found.changes], "next": found.next, "head": found.head}


def _page(seq: int, kinds: list[str], limit: int) -> queries.Page:
    with transaction() as connection:
        return queries.page(connection, seq, kinds, limit)
