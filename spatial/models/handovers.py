"""Handovers (交接快照): what a shift froze for the next one."""

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from spatial.models.base import Base, Instant, PlacedWidely, datetime, identity, one_of, place_check
from spatial.rules.handovers import KINDS


class Handover(PlacedWidely, Base):
    """An alarm, or the whole picture, as it was when somebody froze it; never changed but by being accepted.

    ``places``: the jurisdiction that it was made in; seen only by who holds all of it, because its figures go over all
    of it. ``content``: what the server knew then, with masked names. ``picture``: what the browser drew: WebP, PNG or
    JPEG. ``view``: the query string of the page then.
    """

    __tablename__ = "handover"

    id: Mapped[int] = identity()
    kind: Mapped[str] = mapped_column(Text)
    alarm_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("alarm.id", ondelete="SET NULL"))
    account: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    note: Mapped[str | None] = mapped_column(Text)
    view: Mapped[str] = mapped_column(Text)
    content: Mapped[dict] = mapped_column(JSONB)
    picture: Mapped[bytes | None] = mapped_column(LargeBinary)
    accepted_by: Mapped[str | None] = mapped_column(Text)
    accepted_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        place_check(),
        CheckConstraint("cardinality(places) > 0", name="places"),
        one_of("kind", *KINDS),
        CheckConstraint("(accepted_by IS NULL) = (accepted_at IS NULL)", name="accepted"),
        Index("handover_at_idx", "at"),
        Index("handover_alarm_id_idx", "alarm_id"),
    )
