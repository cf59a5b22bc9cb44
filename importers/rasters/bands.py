"""What a raster may hold: bands, types, size, unit; and the options that a person must give to make it clear."""

from dataclasses import dataclass

from spatial.errors import MappingError, SourceError

MOST_PIXELS = 2_000_000_000

LARGEST_BLOCK = 400 << 20
"""Longest block that is read at once, bytes: GDAL must hold one whole to read a pixel of it."""

SHOWN_BANDS = 6

_METRES = ("", "m", "metre", "metres", "meter", "meters")
_HEIGHT_TYPES = ("uint8", "int8", "int16", "uint16", "int32", "uint32", "float32", "float64")


@dataclass(frozen=True)
class Reading:
    """How the pixels are to be read.

    Attributes:
        bands: bands to take, counted from 1.
        stretch: values of 16 bits that become 0 and 255; None for 8 bits and for heights.
        nodata: value that stands for nothing, where the file does not declare it.
    """

    bands: tuple[int, ...]
    stretch: tuple[float, float] | None = None
    nodata: float | None = None


def check_size(name: str, described: dict) -> None:
    """Refuse a raster that is too large to read.

    Args:
        name: of the file.
        described: what it says of itself, from ``convert.describe``.

    Raises:
        SourceError: too many pixels, or blocks that are too long.
    """
    pixels = described["width"] * described["height"]
    if pixels > MOST_PIXELS:
        raise SourceError(f"{name} has {described['width']:,} × {described['height']:,} pixels; "
                          f"{MOST_PIXELS:,} are the most.",
                          "Nothing was imported. Cut it into parts and import each with a name of its own.")
    if described["block"] > LARGEST_BLOCK:
        raise SourceError(f"{name} is stored in blocks of {described['block'] >> 20:,} MB; "
                          f"{LARGEST_BLOCK >> 20} MB are the most.",
                          "Nothing was imported. Save it again in tiles (TILED=YES).")


def picture(name: str, described: dict, asked: tuple[int, ...], stretch: tuple[float, float] | None,
            nodata: float | None) -> Reading:
    """Decide how imagery is read: red, green, blue of 8 bits, or of 16 with a stretch.

    Args:
        name: of the file.
        described: what it says of itself, from ``convert.describe``.
        asked: bands that the person named; empty for none.
        stretch: values that become 0 and 255, where the person named them.
        nodata: value for nothing that the person named.

    Returns:
        How to read it.

    Raises:
        SourceError: bands or types are no picture.
        MappingError: an option does not fit the file.
    """
    dtypes, colours = described["dtypes"], described["colours"]
    count = len(dtypes)
    if asked and (len(asked) != 3 or len(set(asked)) != 3 or not all(1 <= band <= count for band in asked)):
        raise MappingError(f"--bands {','.join(map(str, asked))} does not name three of the {count} bands of {name}.",
                           "Name red, green and blue, such as --bands 1,2,3.")
    if not asked and (count == 3 or (count == 4 and colours[3] == "alpha")):
        asked = (1, 2, 3)
    if not asked:
        if count < 3:
            palette = "palette" in colours
            raise SourceError(f"{name} has {count} band{'s' * (count > 1)}{' with a palette' * palette}; imagery has "
                              "red, green and blue.", "Nothing was imported. Export it as RGB. If it holds heights: "
                              "shapan import terrain.")
        listed = ", ".join(colours[:SHOWN_BANDS]) + (", …" if count > SHOWN_BANDS else "")
        raise SourceError(f"{name} has {count} bands ({listed}); which are red, green and blue is not clear.",
                          "Nothing was imported. Name them, such as --bands 1,2,3.")
    types = {dtypes[band - 1] for band in asked}
    if types == {"uint8"}:
        if stretch is not None:
            raise MappingError(f"--stretch is for pictures of 16 bits; {name} has 8.", "Leave it out.")
        return Reading(asked, None, nodata)
    if types == {"uint16"}:
        if stretch is None:
            raise SourceError(f"{name} has 16 bits a band; a picture has 8.", "Nothing was imported. Say which values "
                              "become black and white, such as --stretch 0,3000.")
        return Reading(asked, stretch, nodata)
    raise SourceError(f"{name} has bands of {', '.join(sorted(types))}; imagery has 8 or 16 bits without sign.",
                      "Nothing was imported. Export it as a picture of 8 bits.")


def heights(name: str, described: dict, asked: tuple[int, ...], stretch: tuple[float, float] | None,
            nodata: float | None) -> Reading:
    """Decide how an elevation model is read: one band of metres.

    Args, Returns, Raises: see ``picture``.
    """
    dtypes = described["dtypes"]
    if asked or stretch is not None:
        raise MappingError("--bands and --stretch are for imagery.", "Leave them out.")
    if len(dtypes) != 1:
        raise SourceError(f"{name} has {len(dtypes)} bands; an elevation model has one.",
                          "Nothing was imported. If it is a picture: shapan import imagery.")
    if dtypes[0] not in _HEIGHT_TYPES:
        raise SourceError(f"{name} holds {dtypes[0]}; heights are whole numbers or floating point.",
                          "Nothing was imported. Export it again.")
    if described["colours"][0] == "palette":
        raise SourceError(f"{name} holds numbers of colours, not heights.",
                          "Nothing was imported. Export the elevation model itself, not its picture.")
    if (described["unit"] or "").strip().lower() not in _METRES:
        raise SourceError(f"{name} has heights in {described['unit']}; they must be metres.",
                          "Nothing was imported. Convert them, for example with QGIS's raster calculator.")
    return Reading((1,), None, nodata)
