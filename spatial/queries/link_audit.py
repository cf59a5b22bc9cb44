"""What happens to access links (访问链接), in the audit log: who did it, to which link, from where. Never a token."""

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg

from spatial.types import UNPLACED_GRID

WORDS_MOST = 200


@dataclass(frozen=True)
class By:
    """Who does something. ``address``: where the request came from; None at the command line."""

    account: str
    roles: tuple[str, ...] = ()
    address: str | None = None


_WRITE = """
INSERT INTO audit (action, outcome, account, roles, address, fields, words, area_code, grid_code)
VALUES ('link', %(what)s, %(account)s, %(roles)s, %(address)s, '{}', %(words)s, left(%(grid)s, 12), %(grid)s)
"""


def write(connection: psycopg.Connection, what: str, kind: str, link_id: int, places: Sequence[str], by: By,
          more: str = "") -> None:
    """Add a row, in the transaction that does what it tells.

    Args:
        connection: within a jurisdiction that holds the link's places.
        what: one of ``spatial.rules.access_links.OUTCOMES``.
        kind, link_id: which link.
        places: of the link; the row is at the first of them.
        by: who did it.
        more: what was changed.
    """
    first = min(places, default="")
    connection.execute(_WRITE, {
        "what": what, "account": by.account, "roles": list(by.roles), "address": by.address,
        "words": f"{kind}:{link_id} {more}".strip()[:WORDS_MOST],
        "grid": first.ljust(15, "0") if first else UNPLACED_GRID})
