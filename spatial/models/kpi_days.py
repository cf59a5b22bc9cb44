"""Figures of each day (每日指标): the history of what has no history of its own."""

from datetime import date

from sqlalchemy import CheckConstraint, Date, PrimaryKeyConstraint, SmallInteger, Text, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from spatial.models.base import Base, Code, Instant, datetime


class KpiDay(Base):
    """Figures of one place on one day of the command centre's zone.

    ``grid_code``: first digits of codes: none for everything, 6, 9, 12, or 15 for one grid. A jurisdiction sees a
    wider place's row only when it holds the whole place. ``values``: measure to its last figure of the day; ``hours``:
    hour to such figures of what changes by the hour. A measure that was taken and is left out is 0; which were taken
    stands in :class:`KpiTaken`.
    """

    __tablename__ = "kpi_day"

    grid_code: Mapped[str] = mapped_column(Code)
    area_code: Mapped[str] = mapped_column(Code)
    day: Mapped[date] = mapped_column(Date)
    values: Mapped[dict] = mapped_column(JSONB)
    hours: Mapped[dict] = mapped_column(JSONB)

    __table_args__ = (
        PrimaryKeyConstraint("grid_code", "day"),
        CheckConstraint("length(grid_code) IN (0, 6, 9, 12, 15) AND area_code = left(grid_code, 12)", name="place"),
    )


class KpiTaken(Base):
    """Which figures were taken, everywhere at once: at an hour of a day, or at its end (``hour`` 24).

    What is not named is not known for that hour, and is never made up.
    """

    __tablename__ = "kpi_taken"

    day: Mapped[date] = mapped_column(Date)
    hour: Mapped[int] = mapped_column(SmallInteger)
    measures: Mapped[list[str]] = mapped_column(ARRAY(Text))
    taken_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())

    __table_args__ = (
        PrimaryKeyConstraint("day", "hour"),
        CheckConstraint("hour BETWEEN 0 AND 24", name="hour"),
    )
