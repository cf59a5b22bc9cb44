"""A city → the files of its directory."""

from collections.abc import Callable
from pathlib import Path

from sample_gis import chance, image, terrain, write
from sample_gis.city import City
from sample_gis.readme import readme

_SIDECARS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
FILES = (
    "sandbox.gpkg", *(f"buildings{s}" for s in _SIDECARS), *(f"grids{s}" for s in _SIDECARS), "grids.geojson",
    "events.geojson", "residents.csv", "rooms.csv", "events.csv", "elevation.tif", "image.tif", "README.md",
)
"""Everything that `publish` writes."""

IMAGE_PIXEL_M = 1.25


def publish(city: City, directory: Path, seed: int, until: str, size: str, told: Callable[[str], None]) -> None:
    """Write a city into an existing directory; files of the same names must not be there.

    Args:
        until, size: as the command was given them, for the README.
        told: called with the name of each step before it starts.
    """
    layers = city.layers
    told("GeoPackage")
    write.geopackage(directory / "sandbox.gpkg", layers.values())
    told("shapefiles, GeoJSON, CSV")
    for name in ("buildings", "grids"):
        write.shapefile(directory / f"{name}.shp", layers[name])
    for name in ("grids", "events"):
        write.geojson(directory / f"{name}.geojson", layers[name])
    for name in ("residents", "rooms", "events"):
        write.table(directory / f"{name}.csv", layers[name])
    told("elevation")
    wide = terrain.Raster.over(_around(city, terrain.MARGIN), terrain.CELL_M)
    rng = chance.stream(seed, "terrain")
    heights = terrain.elevation(city.network, wide, rng)
    terrain.write_elevation(directory / "elevation.tif", heights, wide)
    told("image")
    window = terrain.Raster.over(_around(city, image.MARGIN), IMAGE_PIXEL_M)
    relief = terrain.resample(heights, wide, window)
    picture = image.paint(city, window, relief, chance.stream(seed, "image"))
    image.write_image(directory / "image.tif", picture, window)
    (directory / "README.md").write_text(readme(city, seed, until, size), encoding="utf-8", newline="\n")


def _around(city: City, margin: float) -> tuple[float, float, float, float]:
    """Return the bounds of the street with a margin, metres: west, south, east, north."""
    west, south, east, north = city.division.street.bounds
    return west - margin, south - margin, east + margin, north + margin
