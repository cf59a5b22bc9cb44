"""Who is asking: account, roles, permissions, jurisdiction; and which role the demo account plays in a browser."""

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import String
from apiflask.validators import OneOf
from flask import Response, jsonify

from webmap import demo_role, identity
from webmap.identity import Identity
from webmap.services import services

me = APIBlueprint("me", __name__, url_prefix="/api/me", tag="Account")


class RoleIn(Schema):
    """Which role."""

    role = String(required=True, validate=OneOf([demo_role.ALL, *identity.DEMO_AS]),
                  metadata={"description": "`all`: every role that the account holds"})


def as_json(who: Identity) -> dict[str, Any]:
    """Return an account as pages and programs are told of it."""
    demo = {"role": who.roles[0] if who != identity.DEMO else demo_role.ALL,
            "roles": [demo_role.ALL, *identity.DEMO_AS]} if identity.is_demo(who) else None
    return {"account": who.account, "roles": list(who.roles), "permissions": sorted(who.permissions),
            "scope": list(who.scope.prefixes), "demo": demo}


@me.get("")
@identity.needs("account.own")
@me.doc(summary="Account, roles, permissions and jurisdiction of whoever asks")
def get() -> dict[str, Any]:
    """Return who is asking. ``scope`` holds prefixes of grid codes, ``*`` for everything.

    ``demo`` tells which role the demo account plays and which it may; null for any other account.
    """
    return as_json(identity.current())


@me.post("/role")
@identity.needs("account.own")
@me.input(RoleIn, location="json", arg_name="body")
@me.doc(summary="Have the demo account play one of its roles in this browser",
        responses={200: "From the next request on; its live streams end", 403: "Not the demo account"})
def choose(body: dict[str, str]) -> Response:
    """Choose a role by a cookie, and end the account's live streams: each begins anew with what its browser may see."""
    role = body["role"]
    if not identity.is_demo(identity.current()):
        raise identity.NotAllowed(f"Account {identity.current().account} cannot change its role.",
                                  "Only the demo account can.")
    answer = jsonify(as_json(identity.DEMO_AS.get(role, identity.DEMO)))
    demo_role.keep(answer, role)
    # After the answer has left: a stream that begins anew must already come with the new cookie.
    hub = services().hub
    answer.call_on_close(lambda: hub.end_of(identity.DEMO.account))
    return answer
