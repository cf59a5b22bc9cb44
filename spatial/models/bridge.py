"""What came over a bridge (桥接) and could not be taken: kept, so that nothing is lost silently."""

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, LargeBinary, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from spatial.models.base import Base, Instant, Placed, datetime, identity, place_check
from spatial.rules.bridge_rejects import PAYLOAD_BYTES


class BridgeReject(Placed, Base):
    """A message, or one thing in it, that could not be taken. The same one again raises ``times``.

    Nobody knows where it belongs, so it is unplaced: only who may see everything sees it, because a payload may
    hold anything. ``payload`` is its beginning, ``bytes`` its whole size; ``item`` counts from 0 within a message of
    several things, and is -1 for the message as a whole. ``fingerprint`` is SHA-256 over bridge, topic, whole payload
    and item.
    """

    __tablename__ = "bridge_reject"

    id: Mapped[int] = identity()
    bridge: Mapped[str] = mapped_column(Text)
    topic: Mapped[str] = mapped_column(Text)
    item: Mapped[int] = mapped_column(Integer)
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    bytes: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    times: Mapped[int] = mapped_column(Integer, server_default="1")
    first_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    last_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())

    __table_args__ = (
        UniqueConstraint("fingerprint"),
        place_check(),
        CheckConstraint(f"octet_length(payload) <= {PAYLOAD_BYTES}", name="payload"),
        CheckConstraint("times > 0", name="times"),
        Index("bridge_reject_last_at_idx", "last_at"),
    )
