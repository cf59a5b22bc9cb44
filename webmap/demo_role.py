"""Which role the demo account plays in a browser (演示账号切换角色): a cookie names it.

The demo account holds several roles at once; the cookie leaves it one of them. It can only take permissions away, which
``webmap/identity.py`` makes sure of, so that nobody gains by forging it, and a name that is none is as no cookie. For
any other account it means nothing.
"""

import re
from collections.abc import Mapping
from typing import Any

from flask import Response, request

COOKIE = "shapan_role"

ALL = "all"
"""The choice of no role in particular: all that the account holds, as without the cookie."""

OFFERED = (
    {"name": ALL, "zh": "全部角色", "en": "All roles"},
    {"name": "operator", "zh": "坐席", "en": "Operator"},
    {"name": "importer", "zh": "导入员", "en": "Importer"},
    {"name": "administrator", "zh": "管理员", "en": "Administrator"},
    {"name": "planner", "zh": "规划员", "en": "Planner"},
    {"name": "approver", "zh": "审批员", "en": "Approver"},
    {"name": "viewer", "zh": "查看员", "en": "Viewer"},
)
"""What the page of a refusal offers; one of them sees each page."""

# A pattern and no parser of cookies: this stands before every tile from memory.
_NAMED = re.compile(rf"(?:^|[; ]){COOKIE}=([a-z]{{1,30}})(?:;|$)")


def named(environ: Mapping[str, Any]) -> str | None:
    """Return the word in the cookie of a WSGI request; None without one."""
    cookies = environ.get("HTTP_COOKIE")
    found = _NAMED.search(cookies) if cookies and COOKIE in cookies else None
    return found[1] if found else None


def keep(response: Response, role: str) -> None:
    """Have the browser play a role from its next request on, until it is closed; ``all`` forgets the choice."""
    # Not for scripts, and not sent with what another site's page asks for.
    options = {"httponly": True, "samesite": "Strict", "secure": request.is_secure}
    if role == ALL:
        response.delete_cookie(COOKIE, **options)
    else:
        response.set_cookie(COOKIE, role, **options)
