"""Import runs, the rows that they rejected, and what can be imported."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from spatial.models.base import Base, Instant, datetime, identity, one_of


class ImportRun(Base):
    """One import: who, which file, with which mapping, and what became of the rows.

    ``request_sealed``: what is needed to go on with a run that was killed; gone when it has ended.
    ``upload``: folder of its file below ``uploads`` in the data directory, while that is kept; NULL
    for a run from the command line. ``rows_expected``: what the file announces. ``step``: what is done
    after reading. ``cancelled_by``: account that wants it to end.
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
    upload: Mapped[str | None] = mapped_column(Text)
    upload_bytes: Mapped[int | None] = mapped_column(BigInteger)
    queued_at: Mapped[datetime | None] = mapped_column(Instant)
    rows_expected: Mapped[int | None] = mapped_column(BigInteger)
    step: Mapped[str] = mapped_column(Text, server_default="")
    cancelled_by: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        one_of("state", "queued", "running", "done", "failed", "cancelled"),
        Index("import_run_started_at_idx", "started_at"),
        Index("import_run_queued_idx", "id", postgresql_where=text("state = 'queued'")),
        Index("import_run_upload_idx", "upload", postgresql_where=text("upload IS NOT NULL")),
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


class ImportCatalogue(Base):
    """What the import worker can take: concepts with their fields, endings of files. One row.

    The worker writes it when it starts, because the web room does not know the importers.
    """

    __tablename__ = "import_catalogue"

    singleton: Mapped[bool] = mapped_column(primary_key=True, server_default="true")
    content: Mapped[dict] = mapped_column(JSONB)
    written_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())

    __table_args__ = (CheckConstraint("singleton", name="singleton"),)
