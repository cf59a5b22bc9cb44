"""Disaster warnings (灾害预警) after the Common Alerting Protocol 1.2, their messages, steps and colours."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from spatial.models.base import (
    Base,
    Code,
    Instant,
    PlacedWidely,
    datetime,
    drawn,
    identity,
    one_of,
    place_check,
    sound,
    stored,
    web_index,
)
from spatial.rules.warnings import MESSAGE_TYPES, SEVERITIES, STATUSES


class WarningColour(Base):
    """A colour of China's warnings (预警颜色), and the severity of CAP that it stands for: data of the city."""

    __tablename__ = "warning_colour"

    code: Mapped[str] = mapped_column(Code, primary_key=True)
    severity: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)

    __table_args__ = (UniqueConstraint("severity"), one_of("severity", *SEVERITIES))


class WarningMessage(Base):
    """Every accepted message stands once, cancellations too. ``refers_to``: ``sender,identifier`` each.

    The fate of a warning follows from all messages, in whatever order they came (``spatial/rules/warnings.py``).
    """

    __tablename__ = "warning_message"

    sender: Mapped[str] = mapped_column(Code)
    identifier: Mapped[str] = mapped_column(Code)
    sent: Mapped[datetime] = mapped_column(Instant)
    status: Mapped[str] = mapped_column(Text)
    msg_type: Mapped[str] = mapped_column(Text)
    refers_to: Mapped[list[str]] = mapped_column(ARRAY(Code))
    received_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())

    __table_args__ = (
        PrimaryKeyConstraint("sender", "identifier"),
        one_of("status", *STATUSES), one_of("msg_type", *MESSAGE_TYPES),
        Index("warning_message_refers_to_idx", "refers_to", postgresql_using="gin"),
    )


class Warning_(PlacedWidely, Base):
    """A warning of an area. In force from ``begins_at`` to ``ends_at`` while its ``fate`` is ``standing``.

    ``fated_by``: the message that replaced or cancelled it. ``due_at``: when the clock changes its state next.
    ``texts``: its words in other languages. ``outline``: its area as small GeoJSON, EPSG:4490.
    """

    __tablename__ = "warning"

    id: Mapped[int] = identity()
    sender: Mapped[str] = mapped_column(Code)
    identifier: Mapped[str] = mapped_column(Code)
    sent: Mapped[datetime] = mapped_column(Instant)
    status: Mapped[str] = mapped_column(Text)
    msg_type: Mapped[str] = mapped_column(Text)
    categories: Mapped[list[str]] = mapped_column(ARRAY(Text))
    event: Mapped[str] = mapped_column(Text)
    urgency: Mapped[str] = mapped_column(Text)
    severity: Mapped[str] = mapped_column(Text)
    certainty: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    headline: Mapped[str | None] = mapped_column(Text)
    description: Mapped[str | None] = mapped_column(Text)
    instruction: Mapped[str | None] = mapped_column(Text)
    texts: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    area_desc: Mapped[str | None] = mapped_column(Text)
    begins_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    fate: Mapped[str] = mapped_column(Text, server_default="standing")
    fated_by: Mapped[str | None] = mapped_column(Text)
    fated_at: Mapped[datetime | None] = mapped_column(Instant)
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    account: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    outline: Mapped[dict[str, Any]] = mapped_column(JSONB)
    geom: Mapped[str] = stored("MULTIPOLYGON")
    geom_web: Mapped[str] = drawn("geom", "MULTIPOLYGON")

    __table_args__ = (
        UniqueConstraint("sender", "identifier"),
        ForeignKeyConstraint(["sender", "identifier"], ["warning_message.sender", "warning_message.identifier"],
                             name="warning_message_fkey"),
        place_check(), sound("geom"), web_index("warning"),
        CheckConstraint("cardinality(places) > 0", name="places"),
        CheckConstraint("begins_at < ends_at", name="life"),
        one_of("fate", "standing", "replaced", "cancelled", "void"),
        one_of("severity", *SEVERITIES),
        Index("warning_due_at_idx", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        Index("warning_ends_at_idx", "ends_at"),
    )


class WarningStep(PlacedWidely, Base):
    """One step in a warning's life: taken, begun, ended, or another fate. Partitioned by month of ``at``."""

    __tablename__ = "warning_step"

    id: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    warning_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("warning.id", ondelete="CASCADE"))
    step: Mapped[str] = mapped_column(Text)
    account: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())

    __table_args__ = (
        PrimaryKeyConstraint("id", "at"),
        place_check(),
        one_of("step", "taken", "begun", "ended", "replaced", "cancelled", "void", "standing"),
        Index("warning_step_warning_id_idx", "warning_id"),
        {"postgresql_partition_by": "RANGE (at)"},
    )
