"""Sums by cell (网格单元汇总): what tiles show where single objects would be too many."""

from sqlalchemy import BigInteger, Double, Integer, PrimaryKeyConstraint, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from spatial.models.base import Base, Code


class Cell:
    """A cell of WebMercatorQuad: zoom ``z``, column ``x``, row ``y``, and the grid whose objects are summed."""

    z: Mapped[int] = mapped_column(SmallInteger)
    x: Mapped[int] = mapped_column(Integer)
    y: Mapped[int] = mapped_column(Integer)
    area_code: Mapped[str] = mapped_column(Code)
    grid_code: Mapped[str] = mapped_column(Code)


class BuildingCell(Cell, Base):
    """Buildings of one grid whose boxes have their centres in one cell.

    ``height_sum_m``: metres, as drawn. ``floors_known``: buildings whose storeys above ground are on record, and
    ``floors_sum``: these storeys. ``floor_area_m2``, ``residents_by_area``: floor area of buildings where it is known,
    and who lives in these. ``dwellings``, ``vacant``: as in the tallies. ``rooms_entered``, ``rooms_expected``: of
    buildings whose rooms somebody has declared.
    """

    __tablename__ = "building_cell"

    buildings: Mapped[int] = mapped_column(Integer)
    residents: Mapped[int] = mapped_column(Integer)
    height_sum_m: Mapped[float] = mapped_column(Double)
    floors_sum: Mapped[int] = mapped_column(Integer)
    floors_known: Mapped[int] = mapped_column(Integer)
    floor_area_m2: Mapped[float] = mapped_column(Double)
    residents_by_area: Mapped[int] = mapped_column(Integer)
    dwellings: Mapped[int] = mapped_column(Integer)
    vacant: Mapped[int] = mapped_column(Integer)
    rooms_entered: Mapped[int] = mapped_column(Integer)
    rooms_expected: Mapped[float] = mapped_column(Double)

    __table_args__ = (PrimaryKeyConstraint("z", "x", "y", "grid_code"),)


class EventCell(Cell, Base):
    """Events of one grid in one cell; ``open``: those that are not done."""

    __tablename__ = "event_cell"

    events: Mapped[int] = mapped_column(Integer)
    open: Mapped[int] = mapped_column(Integer)

    __table_args__ = (PrimaryKeyConstraint("z", "x", "y", "grid_code"),)


class CellSum(Base):
    """How far the sums of a layer are: the number of the last change that is in them."""

    __tablename__ = "cell_sum"

    layer: Mapped[str] = mapped_column(Code, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
