"""What was done that somebody may have to answer for (审计): rows are added and never changed."""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Index, LargeBinary, PrimaryKeyConstraint, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY, INET
from sqlalchemy.orm import Mapped, mapped_column

from spatial.models.base import Base, Instant, Placed, one_of, place_check
from spatial.rules import access_links, survey
from spatial.rules.reveals import FIELDS, OUTCOMES, REASONS

ACTIONS = ("reveal", "survey", "settle", "photo", "link")
"""What is written down: one resident revealed, or refused; one room surveyed, or not; one conflict of surveys settled;
one photograph of a home looked at, or refused; what happened to a link."""


def _among(column: str, words: tuple[str, ...]) -> CheckConstraint:
    return CheckConstraint(f"{column} <@ ARRAY[{', '.join(f'{word!r}' for word in words)}]::text[]", name=column)


class Audit(Placed, Base):
    """One try to see one resident or one home as they are, or to change a room by a survey, and what came of it.

    It never holds what was seen or sent.

    ``id``: without gaps, given by a trigger with the chain (``previous``, ``hash``; migration 0031). ``resident_id``:
    of a reveal, the internal key, whether or not there is such a resident. Its place is the resident's or the edit's;
    the account's where nobody was found. ``fields``: what was shown, or asked for. ``words``: why, in the account's
    words; of a survey and of what was settled, the id of the edit; of a photograph, its id and its room; of a link,
    which it is and what was changed. Partitioned by month of the server's time ``at``.
    """

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    action: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(Text)
    account: Mapped[str] = mapped_column(Text)
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    address: Mapped[str | None] = mapped_column(INET)
    resident_id: Mapped[int | None] = mapped_column(BigInteger)
    fields: Mapped[list[str]] = mapped_column(ARRAY(Text))
    reason: Mapped[str | None] = mapped_column(Text)
    words: Mapped[str | None] = mapped_column(Text)
    alarm_id: Mapped[int | None] = mapped_column(BigInteger)
    event_id: Mapped[int | None] = mapped_column(BigInteger)
    previous: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (
        PrimaryKeyConstraint("id", "at"),
        place_check(),
        one_of("action", *ACTIONS),
        one_of("outcome", *OUTCOMES, *survey.OUTCOMES, survey.KEPT, *access_links.OUTCOMES),
        CheckConstraint("(action = 'reveal') = (resident_id IS NOT NULL)", name="resident"),
        one_of("reason", *REASONS),
        _among("fields", FIELDS),
        CheckConstraint("length(words) <= 200", name="words"),
        Index("audit_account_at_idx", "account", "at"),
        {"postgresql_partition_by": "RANGE (at)"},
    )


class AuditHead(Base):
    """The end of the chain: number and hash of the last row. Nobody but the trigger writes it."""

    __tablename__ = "audit_head"

    singleton: Mapped[bool] = mapped_column(Boolean, primary_key=True, server_default=text("true"))
    id: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (CheckConstraint("singleton", name="singleton"),)
