"""Buildings (楼栋) and the running count of what each holds."""

from datetime import date

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    Date,
    Double,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from spatial.models.base import (
    Base,
    Code,
    Placed,
    Sourced,
    drawn,
    identity,
    one_of,
    place_check,
    sound,
    source_key,
    stored,
    web_index,
)

FLOOR_AREA = """
ST_Area(footprint) * 12309072078.888908 * cosd((ST_YMin(footprint) + ST_YMax(footprint)) / 2)
/ power(1 - 0.0066943800229 * power(sind((ST_YMin(footprint) + ST_YMax(footprint)) / 2), 2), 2)
* nullif(floors_above, 0)
"""
"""Square degrees by what one is on the ellipsoid of CGCS2000 at that latitude (see migration 0030), by storeys."""


class Building(Placed, Sourced, Base):
    """A building. Heights are metres: ``base_m`` above the datum, ``height_m`` above its base.

    ``base_given_m``: the base as a file says it. ``ground_m``: the lowest ground under the outline by the
    elevation models on record (``importers/ground.py``). ``base_m`` is the first of the two that is known,
    else 0. ``floor_area_m2``: square metres of the footprint on the ground by the storeys above it; none where these
    are not on record, or none.
    """

    __tablename__ = "building"

    id: Mapped[int] = identity()
    code: Mapped[str] = mapped_column(Code)
    name: Mapped[str | None] = mapped_column(Text)
    address: Mapped[str | None] = mapped_column(Text)
    use: Mapped[str] = mapped_column(Text, server_default="other")
    footprint: Mapped[str] = stored("MULTIPOLYGON")
    geom_web: Mapped[str] = drawn("footprint", "MULTIPOLYGON")
    height_m: Mapped[float | None] = mapped_column(Double)
    base_given_m: Mapped[float | None] = mapped_column(Double)
    ground_m: Mapped[float | None] = mapped_column(Double)
    base_m: Mapped[float] = mapped_column(
        Double, Computed("coalesce(base_given_m, ground_m, 0::double precision)", persisted=True))
    floors_above: Mapped[int | None] = mapped_column(SmallInteger)
    floors_below: Mapped[int | None] = mapped_column(SmallInteger)
    built_year: Mapped[int | None] = mapped_column(SmallInteger)
    floor_area_m2: Mapped[float | None] = mapped_column(Double, Computed(FLOOR_AREA, persisted=True))

    __table_args__ = (
        UniqueConstraint("code"),
        UniqueConstraint("id", "area_code", "grid_code", name="building_place_key"),
        source_key(),
        place_check(),
        one_of("use", "residential", "commercial", "office", "school", "hospital", "market",
               "industrial", "public", "other"),
        CheckConstraint("height_m > 0 AND height_m <= 1000", name="height_m"),
        CheckConstraint("base_given_m BETWEEN -500 AND 9000", name="base_given_m"),
        CheckConstraint("ground_m BETWEEN -500 AND 9000", name="ground_m"),
        CheckConstraint("floors_above BETWEEN 0 AND 200", name="floors_above"),
        CheckConstraint("floors_below BETWEEN 0 AND 20", name="floors_below"),
        CheckConstraint("built_year BETWEEN 1000 AND 2200", name="built_year"),
        sound("footprint"),
        Index("building_grid_code_idx", "grid_code"),
        web_index("building"),
    )


class BuildingTally(Placed, Base):
    """How many rooms, households and residents a building holds, and how many rooms it should.

    Kept by statement triggers on room, household, resident, expected and entry_requirement; never written by hand.

    Attributes:
        dwellings, vacant: rooms for living, and those among them in which no household is on record.
        rooms_entered: rooms with all fields that ``entry_requirement`` asks for; null where it asks for one that rooms
            do not have.
        rooms_declared, rooms_per_floor: the latest declaration of the building's housing that is of today or before,
            as a total or for each storey; null where there is none.
        declared_anew_on: the day of the next declaration, which a job then puts in its place.
    """

    __tablename__ = "building_tally"

    building_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    rooms: Mapped[int] = mapped_column(Integer, server_default="0")
    households: Mapped[int] = mapped_column(Integer, server_default="0")
    residents: Mapped[int] = mapped_column(Integer, server_default="0")
    dwellings: Mapped[int] = mapped_column(Integer, server_default="0")
    vacant: Mapped[int] = mapped_column(Integer, server_default="0")
    rooms_entered: Mapped[int | None] = mapped_column(Integer, server_default="0")
    rooms_declared: Mapped[int | None] = mapped_column(BigInteger)
    rooms_per_floor: Mapped[int | None] = mapped_column(BigInteger)
    declared_anew_on: Mapped[date | None] = mapped_column(Date)

    __table_args__ = (
        ForeignKeyConstraint(
            ["building_id", "area_code", "grid_code"],
            ["building.id", "building.area_code", "building.grid_code"],
            name="building_tally_building_fkey", onupdate="CASCADE", ondelete="CASCADE",
        ),
        place_check(),
        CheckConstraint("rooms >= 0 AND households >= 0 AND residents >= 0", name="counts"),
        CheckConstraint("dwellings BETWEEN 0 AND rooms AND vacant BETWEEN 0 AND dwellings "
                        "AND rooms_entered BETWEEN 0 AND rooms", name="rooms"),
        Index("building_tally_grid_code_idx", "grid_code"),
        Index("building_tally_declared_anew_idx", "declared_anew_on",
              postgresql_where=text("declared_anew_on IS NOT NULL")),
    )
