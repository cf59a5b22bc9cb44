"""The roll-up (态势汇总): what is open, overdue and on record in each grid."""

from sqlalchemy import BigInteger, CheckConstraint, Integer, func
from sqlalchemy.orm import Mapped, mapped_column

from spatial.models.base import Base, Code, Instant, Placed, datetime, place_check


class Rollup(Placed, Base):
    """Counts of one grid, kept by jobs; a column for each measure kept (``spatial/queries/measures.py``).

    The grid may be ``…000``, for what lies in a community and in none of its grids, or all zeros, for what is unplaced
    (未落位). Wider places are sums of rows within the reader's jurisdiction and stand nowhere.
    """

    __tablename__ = "rollup"

    grid_code: Mapped[str] = mapped_column(Code, primary_key=True)
    alarms_critical: Mapped[int] = mapped_column(Integer, server_default="0")
    alarms_major: Mapped[int] = mapped_column(Integer, server_default="0")
    alarms_minor: Mapped[int] = mapped_column(Integer, server_default="0")
    alarms_warning: Mapped[int] = mapped_column(Integer, server_default="0")
    alarms_info: Mapped[int] = mapped_column(Integer, server_default="0")
    unacknowledged_critical: Mapped[int] = mapped_column(Integer, server_default="0")
    unacknowledged_major: Mapped[int] = mapped_column(Integer, server_default="0")
    unacknowledged_minor: Mapped[int] = mapped_column(Integer, server_default="0")
    unacknowledged_warning: Mapped[int] = mapped_column(Integer, server_default="0")
    unacknowledged_info: Mapped[int] = mapped_column(Integer, server_default="0")
    alarms_shelved: Mapped[int] = mapped_column(Integer, server_default="0")
    events_open: Mapped[int] = mapped_column(Integer, server_default="0")
    events_overdue: Mapped[int] = mapped_column(Integer, server_default="0")
    tasks_due: Mapped[int] = mapped_column(Integer, server_default="0")
    tasks_overdue: Mapped[int] = mapped_column(Integer, server_default="0")
    devices_late: Mapped[int] = mapped_column(Integer, server_default="0")
    devices_lost: Mapped[int] = mapped_column(Integer, server_default="0")
    devices_unknown: Mapped[int] = mapped_column(Integer, server_default="0")
    devices: Mapped[int] = mapped_column(Integer, server_default="0")
    buildings: Mapped[int] = mapped_column(Integer, server_default="0")
    households: Mapped[int] = mapped_column(Integer, server_default="0")
    residents: Mapped[int] = mapped_column(Integer, server_default="0")
    entered_population: Mapped[int] = mapped_column(Integer, server_default="0")
    entered_housing: Mapped[int] = mapped_column(Integer, server_default="0")
    entered_legal_entities: Mapped[int] = mapped_column(Integer, server_default="0")
    entered_geography: Mapped[int] = mapped_column(Integer, server_default="0")

    __table_args__ = (place_check(),)


class RollupState(Base):
    """How far the roll-up is: the number of the last change that is in it, and when it was counted. One row."""

    __tablename__ = "rollup_state"

    singleton: Mapped[bool] = mapped_column(primary_key=True, server_default="true")
    seq: Mapped[int] = mapped_column(BigInteger)
    counted_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())

    __table_args__ = (CheckConstraint("singleton", name="singleton"),)
