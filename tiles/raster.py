"""Tiles of imagery (影像): WebP or PNG with transparency, from a Cloud Optimized GeoTIFF.

The importer has made every picture red, green and blue of 8 bits, one of 16 bits by the stretch that its person
named, and holes a mask (``importers/rasters``): nothing is guessed here.
"""

from pathlib import Path

from spatial.queries.imagery import Imagery
from tiles import filed, images
from tiles.datasets import Datasets
from tiles.filed import Frame
from tiles.matrix import Address


def tile(datasets: Datasets, place: Path, picture: Imagery, address: Address, size: int, form: str) -> bytes:
    """Return a tile of a picture.

    Args:
        datasets: opens the file.
        place: the file.
        picture: its row.
        address: the tile.
        size: pixels along its side.
        form: a key of ``images.FORMATS``.

    Returns:
        The bytes of the image, transparent where the picture has no pixels; empty where it has none at all.

    Raises:
        SourceUnavailable, Overloaded: see ``Datasets.lend``.
    """
    with filed.drawn(datasets, place, picture, Frame.of(address, size), add_alpha=True) as view:
        pixels = view.read()
        if not pixels[3].any():
            return b""
        return images.encode(pixels[:3] if pixels[3].all() else pixels, form)
