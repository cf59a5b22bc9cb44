"""Surveys of keepers (网格员采集): what was sent and what came of it, photographs, and who was given which building."""

from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Double,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import UUID as Uuid
from sqlalchemy.orm import Mapped, mapped_column

from spatial.models.base import Base, Instant, Placed, datetime, one_of, place_check
from spatial.rules.survey import ENDINGS, OUTCOMES, REASONS


class SurveyEdit(Placed, Base):
    """One form that a keeper filled in, whatever came of it: nothing that was sent is lost.

    Its place is the room's and goes with it; where no room was found, the keeper's.

    Attributes:
        id: chosen by the device, so that the same form sent twice counts once.
        keeper: code of the keeper; the account's name where it is none. account: whose session it was.
        place: where the form says the room is, as it was sent: ``building``, with ``room`` or unit, floor and number.
        base: version of the room that the form saw; null for a new one. follows: an earlier form of the same device
            for the same room. resolves: the form whose conflict this one ends.
        said: the values. theirs: what stood there in a conflict.
        done_at: by the device's clock. at: the same instant as the server believes it.
        lon, lat, accuracy_m: where the device was: degrees, EPSG:4490; metres.
        version: of the room afterwards; in a conflict, the one that stood there.
        settled_by: the form that ended the conflict; null where the record was let stand. settled_how: one of
            ``ENDINGS``. settled_who: the keeper's code, or the account. remark: what whoever settled it says.
    """

    __tablename__ = "survey_edit"

    id: Mapped[UUID] = mapped_column(Uuid(as_uuid=True), primary_key=True)
    keeper: Mapped[str] = mapped_column(Text)
    account: Mapped[str] = mapped_column(Text)
    room_id: Mapped[int | None] = mapped_column(BigInteger)
    building_id: Mapped[int | None] = mapped_column(BigInteger)
    place: Mapped[dict[str, Any]] = mapped_column(JSONB)
    base: Mapped[int | None] = mapped_column(Integer)
    follows: Mapped[UUID | None] = mapped_column(Uuid(as_uuid=True))
    resolves: Mapped[UUID | None] = mapped_column(Uuid(as_uuid=True))
    said: Mapped[dict[str, Any]] = mapped_column(JSONB)
    theirs: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    done_at: Mapped[datetime] = mapped_column(Instant)
    at: Mapped[datetime] = mapped_column(Instant)
    received_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    lon: Mapped[float | None] = mapped_column(Double)
    lat: Mapped[float | None] = mapped_column(Double)
    accuracy_m: Mapped[float | None] = mapped_column(Double)
    outcome: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    faults: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    version: Mapped[int | None] = mapped_column(Integer)
    settled_by: Mapped[UUID | None] = mapped_column(Uuid(as_uuid=True))
    settled_at: Mapped[datetime | None] = mapped_column(Instant)
    settled_how: Mapped[str | None] = mapped_column(Text)
    settled_who: Mapped[str | None] = mapped_column(Text)
    remark: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        UniqueConstraint("id", "area_code", "grid_code", name="survey_edit_place_key"),
        ForeignKeyConstraint(
            ["room_id", "building_id", "area_code", "grid_code"],
            ["room.id", "room.building_id", "room.area_code", "room.grid_code"],
            name="survey_edit_room_fkey", onupdate="CASCADE", ondelete="SET NULL (room_id)",
        ),
        place_check(),
        one_of("outcome", *OUTCOMES),
        one_of("reason", *REASONS),
        CheckConstraint("lon BETWEEN -180 AND 180", name="lon"),
        CheckConstraint("lat BETWEEN -90 AND 90", name="lat"),
        CheckConstraint("(settled_at IS NULL) = (settled_how IS NULL)", name="settled"),
        CheckConstraint("coalesce(settled_how <> 'kept', false) = (settled_by IS NOT NULL)", name="settled_by"),
        one_of("settled_how", *ENDINGS),
        CheckConstraint("length(remark) <= 200", name="remark"),
        Index("survey_edit_keeper_received_at_idx", "keeper", "received_at"),
        Index("survey_edit_room_id_idx", "room_id", postgresql_where=text("room_id IS NOT NULL")),
        Index("survey_edit_open_idx", "received_at", "id",
              postgresql_where=text("outcome = 'conflict' AND settled_at IS NULL")),
        Index("survey_edit_unrecorded_idx", "building_id",
              postgresql_where=text("room_id IS NULL AND outcome = 'conflict' AND settled_at IS NULL")),
        Index("survey_edit_settled_idx", "settled_at",
              postgresql_where=text("settled_at IS NOT NULL AND outcome = 'conflict'")),
        Index("survey_edit_positions_idx", "received_at", postgresql_where=text("lon IS NOT NULL OR lat IS NOT NULL")),
        Index("survey_edit_received_at_idx", "received_at"),
    )


class SurveyPhoto(Placed, Base):
    """A photograph that came with a form: a JPEG without any metadata. ``width``, ``height``: pixels."""

    __tablename__ = "survey_photo"

    id: Mapped[UUID] = mapped_column(Uuid(as_uuid=True), primary_key=True)
    edit_id: Mapped[UUID] = mapped_column(Uuid(as_uuid=True))
    keeper: Mapped[str] = mapped_column(Text)
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    picture: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())

    __table_args__ = (
        ForeignKeyConstraint(
            ["edit_id", "area_code", "grid_code"],
            ["survey_edit.id", "survey_edit.area_code", "survey_edit.grid_code"],
            name="survey_photo_edit_fkey", onupdate="CASCADE", ondelete="CASCADE",
        ),
        place_check(),
        Index("survey_photo_edit_id_idx", "edit_id"),
        Index("survey_photo_received_at_idx", "received_at"),
        Index("survey_photo_keeper_received_at_idx", "keeper", "received_at"),
    )


class SurveyGiven(Placed, Base):
    """A building that was on a keeper's list, and when last: what they did there counts after its grid was redrawn."""

    __tablename__ = "survey_given"

    keeper: Mapped[str] = mapped_column(Text)
    building_id: Mapped[int] = mapped_column(BigInteger)
    given_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())

    __table_args__ = (
        PrimaryKeyConstraint("keeper", "building_id"),
        ForeignKeyConstraint(
            ["building_id", "area_code", "grid_code"],
            ["building.id", "building.area_code", "building.grid_code"],
            name="survey_given_building_fkey", onupdate="CASCADE", ondelete="CASCADE",
        ),
        place_check(),
        Index("survey_given_building_id_idx", "building_id"),
    )
