"""Search (检索): one entry for every object that has a name or an address."""

from sqlalchemy import BigInteger, Index, PrimaryKeyConstraint, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from spatial.models.base import Base, Code, Placed, place_check


class SearchEntry(Placed, Base):
    """The words of one object. Residents never have one: their names are sealed.

    ``kind``: the object's table. ``label``: what is shown. ``also``: further words that are searched, such
    as an address. ``sought``: the label in the form of ``spatial.rules.search.sought``. ``pinyin``: the same in
    full pinyin. ``grams``: characters and pairs of label and ``also``, and marked pairs of pinyin initials.
    """

    __tablename__ = "search_entry"

    kind: Mapped[str] = mapped_column(Text)
    object_id: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    label: Mapped[str] = mapped_column(Text)
    also: Mapped[str | None] = mapped_column(Text)
    sought: Mapped[str] = mapped_column(Code)
    pinyin: Mapped[str] = mapped_column(Code)
    grams: Mapped[list[str]] = mapped_column(ARRAY(Code), server_default=text("'{}'"))

    __table_args__ = (
        PrimaryKeyConstraint("kind", "object_id"),
        place_check(),
        Index("search_entry_grams_idx", "grams", postgresql_using="gin"),
        Index("search_entry_sought_idx", "sought"),
        Index("search_entry_pinyin_idx", "pinyin"),
        Index("search_entry_grid_code_idx", "grid_code"),
    )
