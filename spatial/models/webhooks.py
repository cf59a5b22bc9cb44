"""Webhooks (出站通知): where changes are sent, and how far they were."""

from sqlalchemy import BigInteger, CheckConstraint, Integer, LargeBinary, Text, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from spatial.models.base import Base, Instant, PlacedWidely, datetime, identity, one_of, place_check


class Webhook(PlacedWidely, Base):
    """An address that gets the changes of some kinds within some places.

    ``cursor``: number of the last change that the receiver has confirmed. ``pending_upto``: last number of the message
    that is being sent; it stays the same message however often it is sent. ``places``: its jurisdiction; an empty
    prefix is everything.
    """

    __tablename__ = "webhook"

    id: Mapped[int] = identity()
    url: Mapped[str] = mapped_column(Text)
    kinds: Mapped[list[str]] = mapped_column(ARRAY(Text))
    secret_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    account: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    state: Mapped[str] = mapped_column(Text, server_default="active")
    cursor: Mapped[int] = mapped_column(BigInteger)
    pending_upto: Mapped[int | None] = mapped_column(BigInteger)
    attempts: Mapped[int] = mapped_column(Integer, server_default="0")
    next_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    failing_since: Mapped[datetime | None] = mapped_column(Instant)
    last_outcome: Mapped[str | None] = mapped_column(Text)
    delivered_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        place_check(),
        CheckConstraint("cardinality(places) > 0", name="places"),
        one_of("state", "active", "disabled"),
    )
