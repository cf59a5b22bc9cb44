"""Outbound webhooks: made, listed and deleted by administrators; hosts are listed on the machine alone."""

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Integer, List
from apiflask.validators import Length, OneOf, Range, Regexp

from spatial import cipher, outbox
from spatial.errors import InvalidInput
from spatial.queries import webhooks as queries
from spatial.types import Scope
from webmap import identity
from webmap.fields import Text
from webmap.kinds import KINDS, heard
from webmap.services import services, transaction
from webmap.views.changes import LARGEST
from webmap.webhooks import hosts, signature

webhooks = APIBlueprint("webhooks", __name__, url_prefix="/api/webhooks", tag="Webhooks")

SENT = [kind for kind in KINDS if kind != outbox.TILES]
"""Kinds that webhooks may ask for."""


class WebhookIn(Schema):
    """A new webhook."""

    url = Text(required=True, validate=Length(1, hosts.LONGEST_URL),
               metadata={"description": "https://host/path; the host must be on the machine's list"})
    kinds = List(Text(validate=OneOf(SENT)), required=True, validate=Length(1, 20))
    within = Text(load_default=None, allow_none=True, validate=Regexp(r"^[0-9]{2,15}$(?!\n)"),
                  metadata={"description": "beginning of codes; all of the account's area when not given"})
    after = Integer(load_default=None, allow_none=True, validate=Range(0, LARGEST),
                    metadata={"description": "number of the change after which it begins; from now on when not given"})


@webhooks.get("")
@identity.needs("webhooks.edit")
@webhooks.doc(summary="Webhooks and how they are doing")
def listed() -> dict[str, Any]:
    """List the webhooks within the account's area, without their secrets."""
    with transaction() as connection:
        return {"webhooks": [queries.as_json(hook) for hook in queries.every(connection)]}


@webhooks.post("")
@identity.needs("webhooks.edit")
@webhooks.input(WebhookIn, location="json", arg_name="body")
@webhooks.doc(summary="Make a webhook", responses={
    201: "Made; its secret is shown this once", 403: "A kind or an area beyond the account's", 409: "Enough are there",
    410: "Changes after that number are no longer kept", 422: "The address is none that may be called"})
def make(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Make a webhook that gets the changes of some kinds within an area, from now on or from a number on."""
    who = identity.current()
    kinds = heard(who, body["kinds"])
    scope = who.scope
    if body["within"] is not None:
        if not scope.covers(body["within"]):
            raise identity.NotAllowed(f"Account {who.account} is not responsible for all of {body['within']}.",
                                      "Choose a part of its own area.")
        scope = Scope((body["within"],))
    if not scope.prefixes:
        raise identity.NotAllowed(f"Account {who.account} is responsible for no area.", "Ask an administrator.")
    settings = services().settings
    try:
        origin, _ = hosts.parse_url(body["url"])
        hosts.listed(settings.home, origin)
    except hosts.BadOrigin as error:
        raise InvalidInput(error.what, [("url", error.what)], error.cure) from error
    secret = signature.new_secret()
    with transaction() as connection:
        number = queries.make(connection, body["url"], kinds, cipher.from_file(settings.key_file).seal(secret),
                              who.account, scope, body["after"])
    return {"id": number, "secret": secret}, 201


@webhooks.delete("/<int:webhook_id>")
@identity.needs("webhooks.edit")
@webhooks.doc(summary="Delete a webhook", responses={200: "Deleted", 404: "No such webhook within the jurisdiction"})
def delete(webhook_id: int) -> dict[str, int]:
    """Delete a webhook; a message that is under way may still arrive."""
    with transaction() as connection:
        queries.delete(connection, webhook_id)
    return {"deleted": webhook_id}
