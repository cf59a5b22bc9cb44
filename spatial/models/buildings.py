"""Buildings (楼栋) and the running count of what each holds."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    Double,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
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


class Building(Placed, Sourced, Base):
    """A building. Heights are metres: ``base_m`` above the datum, ``height_m`` above its base.

    ``base_given_m``: the base as a file says it. ``ground_m``: the lowest ground under the outline by the
    elevation models on record (``importers/ground.py``). ``base_m`` is the first of the two that is known,
    else 0.
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
    """How many rooms, households and residents a building holds.

    Kept by statement triggers on room, household and resident; never written by hand.
    """

    __tablename__ = "building_tally"

    building_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    rooms: Mapped[int] = mapped_column(Integer, server_default="0")
    households: Mapped[int] = mapped_column(Integer, server_default="0")
    residents: Mapped[int] = mapped_column(Integer, server_default="0")

    __table_args__ = (
        ForeignKeyConstraint(
            ["building_id", "area_code", "grid_code"],
            ["building.id", "building.area_code", "building.grid_code"],
            name="building_tally_building_fkey", onupdate="CASCADE", ondelete="CASCADE",
        ),
        place_check(),
        CheckConstraint("rooms >= 0 AND households >= 0 AND residents >= 0", name="counts"),
    )
