"""Devices (设备): cameras, elevators, detectors, meters and other sensors."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Double,
    ForeignKey,
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
    place_check,
    sound,
    source_key,
    stored,
    web_index,
)


class Device(Placed, Sourced, Base):
    """A device, placed down to unit, room and floor where it is inside a building.

    ``code``: the id it reports under. ``z_m``: metres above the building's base, or above
    ground outdoors. ``expected_interval_s``: seconds between two signs of life; its kind's when null. What it says
    stands elsewhere (``spatial/models/device_states.py``), because this table is drawn.
    """

    __tablename__ = "device"

    id: Mapped[int] = identity()
    code: Mapped[str] = mapped_column(Code)
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str | None] = mapped_column(Text)
    building_id: Mapped[int | None] = mapped_column(BigInteger)
    unit_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("unit.id", ondelete="SET NULL"))
    room_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("room.id", ondelete="SET NULL"))
    floor: Mapped[int | None] = mapped_column(SmallInteger)
    z_m: Mapped[float] = mapped_column(Double, server_default="0")
    expected_interval_s: Mapped[int | None] = mapped_column(Integer)
    stream_url: Mapped[str | None] = mapped_column(Text)
    geom: Mapped[str] = stored("POINT")
    geom_web: Mapped[str] = drawn("geom", "POINT")

    __table_args__ = (
        UniqueConstraint("code"),
        ForeignKeyConstraint(
            ["building_id", "area_code", "grid_code"],
            ["building.id", "building.area_code", "building.grid_code"],
            name="device_building_fkey", onupdate="CASCADE", ondelete="SET NULL (building_id)",
        ),
        source_key(), place_check(), sound("geom"), web_index("device"),
        CheckConstraint("floor BETWEEN -20 AND 200", name="floor"),
        CheckConstraint("expected_interval_s > 0", name="expected_interval_s"),
        Index("device_building_id_idx", "building_id"),
        Index("device_camera_idx", "geom_web", postgresql_using="gist", postgresql_where=text("kind = 'camera'")),
    )
