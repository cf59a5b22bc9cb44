"""Import runs and the rows that they rejected."""

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, PrimaryKeyConstraint, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from spatial.models.base import Base, Instant, datetime, identity, one_of


class ImportRun(Base):
    """One import: who, which file, with which mapping, and what became of the rows.

    ``request_sealed``: what is needed to go on with a run that was killed; gone when it has ended.
    """

    __tablename__ = "import_run"

    id: Mapped[int] = identity()
    concept: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str] = mapped_column(Text)
    file_sha256: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    mapping: Mapped[dict] = mapped_column(JSONB, server_default=text("'{}'"))
    account: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, server_default="running")
    started_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    rows_read: Mapped[int] = mapped_column(BigInteger, server_default="0")
    inserted: Mapped[int] = mapped_column(BigInteger, server_default="0")
    updated: Mapped[int] = mapped_column(BigInteger, server_default="0")
    unchanged: Mapped[int] = mapped_column(BigInteger, server_default="0")
    rejected: Mapped[int] = mapped_column(BigInteger, server_default="0")
    unplaced: Mapped[int] = mapped_column(BigInteger, server_default="0")
    detail: Mapped[dict] = mapped_column(JSONB, server_default=text("'{}'"))
    request_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    __table_args__ = (
        one_of("state", "queued", "running", "done", "failed"),
        Index("import_run_started_at_idx", "started_at"),
    )


class ImportReject(Base):
    """One rejected row: where it stood and why. Holds no value of a resident."""

    __tablename__ = "import_reject"

    run_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("import_run.id", ondelete="CASCADE"))
    row_number: Mapped[int] = mapped_column(BigInteger)
    field: Mapped[str] = mapped_column(Text, server_default="")
    reason_code: Mapped[str] = mapped_column(Text)
    message: Mapped[str] = mapped_column(Text)
    ordinal: Mapped[int] = mapped_column(Integer)

    __table_args__ = (PrimaryKeyConstraint("run_id", "ordinal"),)
