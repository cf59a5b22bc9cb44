"""The change feed: what changed, written in the transaction of the change."""

from sqlalchemy import BigInteger, CheckConstraint, Index, PrimaryKeyConstraint, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from spatial.models.base import Base, Code, Instant, datetime


class Outbox(Base):
    """One change. ``seq`` is stamped by the sequencer after the commit, without gaps.

    ``area_code``: whose listeners may hear of it. Partitioned by month of ``at``.
    """

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    seq: Mapped[int | None] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(Text)
    object: Mapped[str] = mapped_column(Text)
    area_code: Mapped[str] = mapped_column(Code)
    grid_code: Mapped[str] = mapped_column(Code)
    payload: Mapped[dict] = mapped_column(JSONB)
    at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())

    __table_args__ = (
        PrimaryKeyConstraint("id", "at"),
        Index("outbox_unstamped_idx", "id", postgresql_where=text("seq IS NULL")),
        Index("outbox_seq_idx", "seq"),
        CheckConstraint("length(area_code) = 12 AND length(grid_code) = 15", name="place"),
        {"postgresql_partition_by": "RANGE (at)"},
    )


class OutboxHead(Base):
    """The last number given out, and the one up to which changes of every kind may be forgotten: one row."""

    __tablename__ = "outbox_head"

    singleton: Mapped[bool] = mapped_column(primary_key=True, server_default="true")
    seq: Mapped[int] = mapped_column(BigInteger)
    forgotten: Mapped[int] = mapped_column(BigInteger, server_default="0")

    __table_args__ = (CheckConstraint("singleton", name="singleton"),)
