"""Who is asking, what they may do, and where.

A role is a set of permissions. Every route names the one it needs with ``@needs``, or says
that it is public; a test walks all routes and fails on one that does neither. Walls and keepers
come by access links (``webmap/access_links.py``). Accounts of people come with a later page:
until then there is the demo account, for loopback visitors only and only where
``SHAPAN_DEMO_ACCOUNT`` is set, and everybody else is nobody. The demo account holds several
roles, of which a browser may choose one (``webmap/demo_role.py``).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache, wraps
from ipaddress import ip_address
from typing import Any, TypeVar

from flask import current_app, g, request

from spatial.errors import ShapanError
from spatial.settings import Settings
from spatial.types import Scope
from tiles.layers import CLASSED, EXACT
from webmap import demo_role

View = TypeVar("View", bound=Callable[..., Any])

OWN = frozenset({"account.own"})
"""What every role allows: to know who one is."""

VIEWER = OWN | {"picture.read", "alarms.read", "alarms.brief", "events.read", "devices.read", "search.read",
                "tasks.read", "warnings.read", "rooms.read", "keepers.named"}
"""``keepers.named``: who keeps a grid or a building, with telephone; ``keepers.read``: where keepers are and were.
``alarms.brief``: alarms down to their building; who holds ``alarms.read`` as well gets the whole of them instead."""

PROXY_HEADERS = ("HTTP_FORWARDED", "HTTP_X_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")
"""Beginnings of WSGI names of what a proxy adds."""

ROLES: dict[str, frozenset[str]] = {
    "wall": OWN | {"picture.read", "alarms.brief", "warnings.read"},
    "viewer": VIEWER,
    "operator": VIEWER | {"alarms.handle", "events.handle", "tasks.handle", "assessment.read", "residents.count",
                          "residents.read", "residents.reveal", "keepers.read", "handover.read",
                          "handover.write", "cameras.watch", "tours.edit", "survey.settle"},
    "importer": VIEWER | {"imports.read", "imports.send"},
    "gateway": OWN | {"devices.read", "alarms.send", "readings.send", "events.send", "keepers.send",
                      "warnings.send"},
    "keeper": OWN | {"survey.read", "survey.write"},
    "planner": VIEWER | {"plans.read", "plans.edit"},
    "approver": VIEWER | {"plans.read", "plans.approve", "plans.publish"},
    "platform": VIEWER | {"changes.read"},
    "administrator": VIEWER | {"changes.read", "webhooks.edit", "rules.edit", "audit.read", "links.edit",
                              "tours.edit", "survey.settle"},
}
"""Roles (角色): wall 大屏, viewer 查看, operator 坐席, importer 导入员, gateway 网关, platform 外部平台,
administrator 管理员, planner 规划员, approver 审批员, keeper 网格员 (by an access link; the demo account is one without
a grid of its own)."""


class NotLoggedIn(ShapanError):
    """The request comes from nobody that we know."""


class NotAllowed(ShapanError):
    """The account lacks the permission."""


@dataclass(frozen=True)
class Identity:
    """An account in force for one request. ``keeper``: code of the keeper who it is; None for all others."""

    account: str
    roles: tuple[str, ...]
    scope: Scope
    keeper: str | None = None

    @cached_property
    def permissions(self) -> frozenset[str]:
        """What the roles allow together."""
        return frozenset().union(*(ROLES[role] for role in self.roles))

    def may(self, permission: str) -> bool:
        """Tell whether one of the roles holds a permission."""
        return permission in self.permissions

    def declarer(self, name: str | None) -> str | None:
        """Return who declared a total, which is free text, for whoever may read names of staff; None for a wall."""
        return name if self.may("keepers.named") else None

    @property
    def field_class(self) -> str:
        """Which form of counts tiles and cards hold for this account."""
        return EXACT if self.may("residents.count") else CLASSED


NOBODY = Identity("nobody", (), Scope.nothing())
DEMO = Identity("demo", ("operator", "importer", "gateway", "administrator", "keeper", "planner", "approver"),
                Scope.everything())

DEMO_AS = {role: Identity(DEMO.account, (role,), DEMO.scope) for role in ROLES if ROLES[role] <= DEMO.permissions}
"""The demo account in one role. One that allows more than the account may is none that it can choose."""


def of_environ(environ: Mapping[str, Any], settings: Settings,
               by_link: Callable[[Mapping[str, Any]], Identity | None]) -> Identity:
    """Return whose request this is, from its WSGI environment.

    Args:
        environ: of the request.
        settings: of the service.
        by_link: tells who comes with the session of an access link, which goes first: a browser that was made a wall
            is one, wherever it runs.

    Raises:
        DatabaseError: a session has to be looked up and the database does not answer.
    """
    if (bearer := by_link(environ)) is not None:
        return bearer
    if settings.demo_account and _from_loopback(environ):
        return DEMO_AS.get(demo_role.named(environ) or demo_role.ALL, DEMO)
    return NOBODY


def _from_loopback(environ: Mapping[str, Any]) -> bool:
    # Behind a proxy on this machine every visitor comes from loopback; the headers tell. One look through all names
    # at once: this stands before every cached tile.
    names = "\n".join(environ)
    proxied = any(beginning in names for beginning in PROXY_HEADERS)
    return not proxied and _loopback(environ.get("REMOTE_ADDR") or "")


@lru_cache(maxsize=64)
def _loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def is_demo(identity: Identity) -> bool:
    """Tell whether this is the demo account, in whatever role."""
    return identity.account == DEMO.account


def current() -> Identity:
    """Return the identity of the request in hand."""
    if "identity" not in g:
        parts = current_app.extensions["shapan"]
        g.identity = of_environ(request.environ, parts.settings, parts.bearers.identity)
    return g.identity


def demand(*permissions: str) -> None:
    """Refuse whoever asks and lacks one of some permissions.

    Raises:
        NotAllowed: names those that are missing.
    """
    identity = current()
    if missing := sorted({permission for permission in permissions if not identity.may(permission)}):
        raise NotAllowed(
            f"Account {identity.account} may not do this ({', '.join(missing)}).", "Ask an administrator."
        )


def needs(permission: str, *, refused: Callable[..., None] | None = None) -> Callable[[View], View]:
    """Let a view run only for an identity that holds a permission.

    Args:
        permission: its name.
        refused: called with the parts of the address before an account without it is refused: some tries are written
            down.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            identity = current()
            if identity is NOBODY:
                raise NotLoggedIn(
                    "You are not logged in.", "On this machine, scripts/demo opens the demo account."
                )
            if refused is not None and not identity.may(permission):
                refused(**request.view_args)
            demand(permission)
            return view(*args, **kwargs)

        guarded.permission = permission
        return guarded

    return decorate


def public(view: View) -> View:
    """Mark a view as open to everybody: health and the pages' own files."""
    view.permission = None
    return view
