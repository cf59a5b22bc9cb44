"""Access links: made, changed, renewed and revoked by administrators; exchanged by whoever opens one."""

from datetime import timedelta
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Dict, Float, Raw, String
from apiflask.validators import Length, OneOf, Range, Regexp
from flask import Response, jsonify, request

from spatial.errors import InvalidInput
from spatial.queries import access_links as queries
from spatial.queries import link_choices, link_sessions
from spatial.queries.link_audit import By
from spatial.rules import access_links as rules
from spatial.types import Scope
from webmap import access_links as sessions
from webmap import identity
from webmap.fields import AREA, Text, Words
from webmap.identity import Identity, NotAllowed
from webmap.services import services, transaction

access_links = APIBlueprint("access_links", __name__, url_prefix="/api/access-links", tag="Access links")

DAYS = rules.LONGEST // timedelta(days=1)
HOURS = DAYS * 24


class Lasting(Schema):
    """How long."""

    link_hours = Float(load_default=rules.LINK_LASTS / timedelta(hours=1),
                       validate=Range(0, HOURS, min_inclusive=False),
                       metadata={"description": "until when the link must be opened"})
    days = Float(load_default=None, allow_none=True, validate=Range(0, DAYS, min_inclusive=False),
                 metadata={"description": "how long it stays open: 400 days for a wall, 90 for a keeper"})


class AccessLinkIn(Lasting):
    """A new link."""

    kind = String(required=True, validate=OneOf(rules.KINDS))
    name = Words(load_default=None, allow_none=True, validate=Length(1, rules.NAME_MOST),
                 metadata={"description": "which wall it is; needed for a kiosk"})
    keeper = Text(load_default=None, allow_none=True, validate=Length(1, 100),
                  metadata={"description": "code of the keeper; needed for a keeper's link"})
    within = Text(load_default=None, allow_none=True, validate=Regexp(r"^[0-9]{2,15}\Z"),
                  metadata={"description": f"{AREA}; all of the account's area when not given"})
    display = Dict(keys=String(), values=Raw(), load_default=dict, metadata={
        "description": "what a wall is told about itself: height_m, distance_m, takeover_s, tour, sound, low_power"})


class ChangeIn(Schema):
    """What is another one now."""

    name = Words(load_default=None, allow_none=True, validate=Length(1, rules.NAME_MOST),
                 metadata={"description": "which wall it is"})
    display = Dict(keys=String(), values=Raw(allow_none=True), load_default=dict, metadata={
        "description": "members that are other ones now, null for one that goes away; the rest stays"})


class TokenIn(Schema):
    """A link's secret part."""

    token = Text(required=True, validate=Length(1, 200), metadata={"description": "what stands behind # in the link"})


@access_links.get("")
@identity.needs("links.edit")
@access_links.doc(summary="Links to walls and keepers' pages, and whether they are open")
def listed() -> dict[str, Any]:
    """List the links whose places all lie within the account's area, the newest first."""
    with transaction() as connection:
        return {"links": [queries.as_json(link) for link in queries.every(connection)]}


@access_links.get("/choices")
@identity.needs("links.edit")
@access_links.doc(summary="What a new link can be made for: areas, keepers and tours within the account's area")
def choices() -> dict[str, Any]:
    """Return areas with the ``within`` that a link takes, keepers with their grids, and tours."""
    with transaction() as connection:
        return link_choices.choices(connection)


@access_links.post("")
@identity.needs("links.edit")
@access_links.input(AccessLinkIn, location="json", arg_name="body")
@access_links.doc(summary="Make a link to a wall or a keeper's page", responses={
    201: "Made; its token is shown this once", 403: "An area beyond the account's", 404: "No such keeper"})
def make(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Make a link; ``path`` is what to open in the browser that it is for."""
    who = identity.current()
    _check(body)
    options = {"by": _by(who), **_lasting(body, body["kind"])}
    scope = _within(who, body["within"])
    with transaction() as connection:
        if body["kind"] == "keeper":
            made = queries.make_keeper(connection, body["keeper"], **options)
        else:
            made = queries.make_kiosk(connection, body["name"], scope, display=body["display"], **options)
    return _told(made), 201


def _by(who: Identity) -> By:
    return By(who.account, who.roles, request.remote_addr)


def _check(body: dict[str, Any]) -> None:
    """Refuse members that do not go together, all at once."""
    keeper = body["kind"] == "keeper"
    wants, refuses = ("keeper", ("name", "within", "display")) if keeper else ("name", ("keeper",))
    faults = [] if body[wants] else [(wants, f"is needed for a link of kind {body['kind']}")]
    faults += [(name, f"goes not with a link of kind {body['kind']}") for name in refuses if body[name]]
    faults += [(f"display.{name}", sentence) for name, sentence in rules.display_faults(body["display"])]
    if faults:
        raise InvalidInput("No link was made: " + "; ".join(f"{place} {text}" for place, text in faults) + ".", faults)


def _lasting(body: dict[str, Any], kind: str) -> dict[str, timedelta]:
    lasts = rules.SESSION_LASTS[kind] if body["days"] is None else timedelta(days=body["days"])
    return {"link_lasts": timedelta(hours=body["link_hours"]), "lasts": lasts}


def _within(who: Identity, within: str | None) -> Scope:
    if within is None:
        return who.scope
    if not who.scope.covers(within):
        raise NotAllowed(f"Account {who.account} is not responsible for all of {within}.",
                         "Choose a part of its own area.")
    return Scope((within,))


def _told(made: queries.Made) -> dict[str, Any]:
    return {**queries.as_json(made.link), "token": made.token, "path": f"{rules.PAGES[made.link.kind]}#{made.token}"}


@access_links.patch("/<int:link_id>")
@identity.needs("links.edit")
@access_links.input(ChangeIn, location="json", arg_name="body")
@access_links.doc(summary="Change a wall's name, or what it is told about itself", responses={
    404: "No such link within the jurisdiction", 410: "It was revoked, which is for good"})
def change(link_id: int, body: dict[str, Any]) -> Response:
    """Change what a wall is told; its page loads itself again by itself, as soon as nothing has its picture."""
    told = {member: value for member, value in body["display"].items() if value is not None}
    unknown = {member: value for member, value in body["display"].items() if value is None and not rules.known(member)}
    faults = [(f"display.{member}", sentence) for member, sentence in rules.display_faults({**told, **unknown})]
    if not body["name"] and not body["display"]:
        faults.append(("display", "nothing to change was sent"))
    if faults:
        raise InvalidInput("Nothing was changed.", faults)
    with transaction() as connection:
        link = queries.change(connection, link_id, by=_by(identity.current()), **body)
    return _taken_up(link)


def _taken_up(link: queries.AccessLink) -> Response:
    """Answer with a link, and end its streams: whoever may go on begins anew, with what is so now."""
    parts = services()
    parts.bearers.forget()
    answer = jsonify(queries.as_json(link))
    answer.call_on_close(lambda: parts.hub.end_of(f"{link.kind}:{link.id}"))
    return answer


@access_links.post("/<int:link_id>/renew")
@identity.needs("links.edit")
@access_links.input(Lasting, location="json", arg_name="body")
@access_links.doc(summary="Give a wall or keeper a new link", responses={
    200: "Its token is shown this once; what the old link opened ends when the new one is opened",
    404: "No such link within the jurisdiction", 410: "It was revoked, which is for good"})
def renew(link_id: int, body: dict[str, Any]) -> dict[str, Any]:
    """Make a new link in place of one that was opened, lost or left to expire.

    ``days`` say when what is open now ends, sooner or later; without them it ends no sooner than it would have.
    """
    with transaction() as connection:
        lasting = _lasting(body, queries.get(connection, link_id).kind)
        return _told(queries.renew(connection, link_id, by=_by(identity.current()), longer_only=body["days"] is None,
                                   **lasting))


@access_links.post("/<int:link_id>/revoke")
@identity.needs("links.edit")
@access_links.doc(summary="End a link and what it opened, for good",
                  responses={404: "No such link within the jurisdiction"})
def revoke(link_id: int) -> Response:
    """Revoke a link; its pages and streams end at once in this process, within seconds in others."""
    with transaction() as connection:
        link = queries.revoke(connection, link_id, _by(identity.current()))
    return _taken_up(link)


@access_links.post("/exchange")
@identity.public
@access_links.input(TokenIn, location="json", arg_name="body")
@access_links.doc(summary="Exchange a link for a session, once", responses={
    200: "The session is a cookie; `path` is the page to open",
    410: "It opens nothing any more: `reason` is used, expired, revoked or unknown"})
def exchange(body: dict[str, str]) -> Response:
    """Open a link: the browser gets a cookie that no script reads, and nothing else of the session."""
    with services().database.transaction(Scope.everything()) as connection:
        session = link_sessions.exchange(connection, body["token"], request.remote_addr)
    answer = jsonify({"path": rules.PAGES[session.kind], "expires_at": session.expires_at.isoformat()})
    sessions.keep(answer, session)
    return answer


@access_links.post("/leave")
@identity.public
@access_links.doc(summary="End the session of this browser's link")
def leave() -> Response:
    """End the session, wherever else its cookie may lie; the link stays on record and opens no other one."""
    parts, token = services(), sessions.token_of(request.environ)
    account = None
    if token is not None:
        with parts.database.transaction(Scope.everything()) as connection:
            account = link_sessions.leave(connection, token, request.remote_addr)
        parts.bearers.forget()
    answer = jsonify({})
    sessions.leave(answer)
    if account is not None:
        answer.call_on_close(lambda: parts.hub.end_of(account))
    return answer
