"""Access links (访问链接): what opens a wall display or a keeper's page without an account."""

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from spatial.models.base import Base, Instant, PlacedWidely, datetime, identity, one_of, place_check
from spatial.rules.access_links import KINDS


class AccessLink(PlacedWidely, Base):
    """A link that is exchanged once for a session; of both only SHA-256 is kept.

    ``keeper_id``: whose page it opens, for kind ``keeper``. ``display``: what a wall is told about itself.
    ``link_expires_at``: until when the link waits to be opened; ``opened_at``: when it was. ``expires_at``: until when
    the session lasts; ``seen_at``: when somebody last came with it, to the minute. ``places``: a wall's jurisdiction;
    that of a keeper is the grid which the keeper keeps now.
    """

    __tablename__ = "access_link"

    id: Mapped[int] = identity()
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    keeper_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("keeper.id", ondelete="CASCADE"))
    display: Mapped[dict] = mapped_column(JSONB, server_default="{}")
    account: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    link_hash: Mapped[bytes] = mapped_column(LargeBinary)
    link_expires_at: Mapped[datetime] = mapped_column(Instant)
    opened_at: Mapped[datetime | None] = mapped_column(Instant)
    session_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    seen_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        place_check(),
        CheckConstraint("cardinality(places) > 0", name="places"),
        one_of("kind", *KINDS),
        CheckConstraint("(kind = 'keeper') = (keeper_id IS NOT NULL)", name="keeper"),
        CheckConstraint("length(name) BETWEEN 1 AND 200", name="name"),
        Index("access_link_link_hash_idx", "link_hash", unique=True),
        Index("access_link_session_hash_idx", "session_hash", unique=True),
        Index("access_link_keeper_id_idx", "keeper_id"),
    )
