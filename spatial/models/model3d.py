"""3D models (三维模型): tilesets of 3D Tiles."""

from sqlalchemy import CheckConstraint, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from spatial.models.base import Base, identity
from spatial.models.filed import Filed, filed


class Model3d(Filed, Base):
    """A tileset: a folder with ``tileset.json`` in it. ``version``: of 3D Tiles. ``files``: how many it has."""

    __tablename__ = "model3d"

    id: Mapped[int] = identity()
    version: Mapped[str] = mapped_column(Text)
    files: Mapped[int] = mapped_column(Integer)

    __table_args__ = (*filed("model3d"), CheckConstraint("files > 0", name="files"))
