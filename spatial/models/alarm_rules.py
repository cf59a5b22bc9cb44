"""Rules that turn what devices say into alarms (告警规则), where each stands for each device, and who changed them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Double,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from spatial.models.base import Base, Code, Instant, Placed, datetime, identity, one_of, place_check
from spatial.rules.alarms import SEVERITIES
from spatial.rules.readings import COMPARISONS, LONGEST_FOR_S

_THRESHOLD = """CASE comparison
    WHEN 'lost' THEN num_nonnulls(threshold, word, clear_threshold) = 0
    WHEN 'equals' THEN num_nonnulls(threshold, word) = 1 AND clear_threshold IS NULL
    WHEN 'above' THEN threshold IS NOT NULL AND word IS NULL AND coalesce(clear_threshold <= threshold, true)
    ELSE threshold IS NOT NULL AND word IS NULL AND coalesce(clear_threshold >= threshold, true) END"""


class AlarmRule(Base):
    """One rule. Alarms that it raises have the source ``rule:<code>``.

    ``device_kind`` or ``device_code``: whose values it looks at. ``within``: first digits of the grids in which it
    holds; empty everywhere. ``for_s``: seconds for which the value must stay wrong. ``basis``: where the threshold
    comes from. ``version`` grows with each change.
    """

    __tablename__ = "alarm_rule"

    id: Mapped[int] = identity()
    code: Mapped[str] = mapped_column(Code)
    name: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    enabled: Mapped[bool] = mapped_column(Boolean, server_default="true")
    device_kind: Mapped[str | None] = mapped_column(Text)
    device_code: Mapped[str | None] = mapped_column(Code)
    within: Mapped[str] = mapped_column(Code, server_default="")
    quantity: Mapped[str | None] = mapped_column(Text)
    comparison: Mapped[str] = mapped_column(Text)
    threshold: Mapped[float | None] = mapped_column(Double)
    word: Mapped[str | None] = mapped_column(Text)
    clear_threshold: Mapped[float | None] = mapped_column(Double)
    for_s: Mapped[int] = mapped_column(Integer, server_default="0")
    severity: Mapped[str] = mapped_column(Text)
    alarm_type: Mapped[str] = mapped_column("type", Text)
    note: Mapped[str | None] = mapped_column(Text)
    basis: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer, server_default="1")

    __table_args__ = (
        UniqueConstraint("code"),
        one_of("comparison", *COMPARISONS), one_of("severity", *SEVERITIES),
        CheckConstraint(f"for_s BETWEEN 0 AND {LONGEST_FOR_S}", name="for_s"),
        CheckConstraint("num_nonnulls(device_kind, device_code) = 1", name="device"),
        CheckConstraint("(quantity IS NULL) = (comparison = 'lost')", name="quantity"),
        CheckConstraint(_THRESHOLD, name="threshold"),
    )


class RuleState(Placed, Base):
    """Where a rule stands for a device; without a row, nothing was ever wrong.

    ``since``: the device's time from which the value is wrong. ``active``: its alarm was raised. ``due_at``: when it
    will be raised if nothing else is heard, by the server's time. ``told_at``: instant of the last message, the
    device's time or a later one; the next ones are later, so that alarms take them in their order. After an end of the
    alarm that the rule did not make, the device's time up to which readings were known then.
    """

    __tablename__ = "rule_state"

    rule_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("alarm_rule.id", ondelete="CASCADE"))
    device_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("device.id", ondelete="CASCADE"))
    since: Mapped[datetime | None] = mapped_column(Instant)
    active: Mapped[bool] = mapped_column(Boolean, server_default="false")
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    told_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        PrimaryKeyConstraint("rule_id", "device_id"),
        place_check(),
        CheckConstraint("NOT active OR (since IS NOT NULL AND due_at IS NULL)", name="since"),
        Index("rule_state_device_id_idx", "device_id"),
        Index("rule_state_due_at_idx", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    )


class RuleStep(Base):
    """A change of a rule: what it was, what it is, who did it and when. Stays when the rule goes.

    Partitioned by month of ``at``.
    """

    __tablename__ = "rule_step"

    id: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    rule_id: Mapped[int] = mapped_column(BigInteger)
    step: Mapped[str] = mapped_column(Text)
    account: Mapped[str] = mapped_column(Text)
    before: Mapped[dict | None] = mapped_column(JSONB)
    after: Mapped[dict | None] = mapped_column(JSONB)
    at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())

    __table_args__ = (
        PrimaryKeyConstraint("id", "at"),
        one_of("step", "created", "changed", "deleted"),
        Index("rule_step_rule_id_idx", "rule_id"),
        {"postgresql_partition_by": "RANGE (at)"},
    )
