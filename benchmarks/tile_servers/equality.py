"""Whether servers answer the same: tiles decoded and compared, feature by feature, before anything is measured."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import mapbox_vector_tile
import shapely.geometry

from benchmarks.tile_servers.city import TABLE
from benchmarks.tile_servers.peers import Server, Tile, fetch
from tiles.matrix import EXTENT

SAME_FROM = 16
"""From this zoom on our tiles hold every building with every field and vertex."""

UNBUFFERED = "tipg"
"""The peer that asks for what intersects the tile itself: in its buffer is only what reaches there from inside."""

TOUCH = 2
"""Units by which a building beside the tile may seem to reach into it: PostGIS simplifies by half a unit, drops points
nearer than that, and rounds each vertex to a whole unit, 0.71 away at most."""

Features = dict[int, tuple[dict[str, Any], dict[str, Any]]]
"""By id: the geometry in units of the tile, as GeoJSON, and the properties."""


@dataclass(frozen=True)
class Sameness:
    """What a comparison found.

    Attributes:
        peer: with whom. z: zoom. tiles: compared.
        ours, theirs: features in them.
        beside: of ours, those that lie in the tile's buffer only, and that they do not send.
        fields_left_out: properties that only theirs have, by our declaration of the zoom.
    """

    peer: str
    z: int
    tiles: int
    ours: int
    theirs: int
    beside: int
    fields_left_out: tuple[str, ...]


def features(server: Server, tile: Tile) -> Features:
    """Return the buildings of a decoded tile."""
    layer = mapbox_vector_tile.decode(fetch(server, tile)).get(server.layer, {"features": []})
    found = {}
    for feature in layer["features"]:
        properties = dict(feature["properties"])
        # tipg gives the key as a property and not as the feature's id.
        identity = properties.pop("id", feature.get("id"))
        found[identity] = feature["geometry"], properties
    return found


def compare(peer: Server, ours: Mapping[Tile, Features]) -> Sameness:
    """Fetch a peer's tiles and compare them with ours; see :func:`same`."""
    # The plain table has other columns than the view.
    return same(peer.name, ours, {tile: features(peer, tile) for tile in ours}, all_fields=peer.layer != TABLE)


def same(peer: str, ours: Mapping[Tile, Features], theirs: Mapping[Tile, Features], *, all_fields: bool) -> Sameness:
    """Compare a peer's tiles with ours of one zoom; end the benchmark where they are not the same.

    With ``UNBUFFERED`` a building may be missing that lies wholly in the buffer beside the tile; those are counted.
    With the others, whose buffer is ours, none may.
    From ``SAME_FROM`` on features, geometries and properties must be equal. Before, ours leave out small buildings,
    some fields and vertices, as declared: then ours must be some of theirs, with equal values.

    Args:
        peer: name. ours, theirs: decoded tiles of one zoom.
        all_fields: from ``SAME_FROM`` on, the fields must be the same too, and not only the values of common ones.
    """
    z, count_ours, count_theirs, beside = next(iter(ours))[0], 0, 0, 0
    fields_ours: set[str] = set()
    fields_theirs: set[str] = set()
    for tile, mine in ours.items():
        their = theirs[tile]
        count_ours, count_theirs = count_ours + len(mine), count_theirs + len(their)
        exact = z >= SAME_FROM
        missing = mine.keys() - their.keys()
        beside += len(missing)
        whole = all(peer == UNBUFFERED and _beside(mine[identity][0]) for identity in missing)
        if not whole or (exact and not their.keys() <= mine.keys()):
            sys.exit(f"{tile}: we have {len(mine)} features, {peer} {len(their)}, and not the same ones.")
        for identity in mine.keys() & their.keys():
            (geometry, properties), (their_geometry, their_properties) = mine[identity], their[identity]
            fields_ours |= properties.keys()
            fields_theirs |= their_properties.keys()
            common = properties.keys() & their_properties.keys()
            if not common or any(properties[name] != their_properties[name] for name in common):
                sys.exit(f"{tile}, building {identity}: {properties} and {peer}'s {their_properties}")
            if exact and geometry != their_geometry:
                sys.exit(f"{tile}, building {identity}: {geometry} and {peer}'s {their_geometry}")
    if not count_ours:
        sys.exit(f"Nothing to compare at zoom {z}.")
    if z >= SAME_FROM and all_fields and fields_ours != fields_theirs:
        sys.exit(f"Zoom {z}: fields {sorted(fields_ours)} and {peer}'s {sorted(fields_theirs)}")
    return Sameness(peer, z, len(ours), count_ours, count_theirs, beside,
                    tuple(sorted(fields_theirs - fields_ours)))


def _beside(geometry: dict[str, Any]) -> bool:
    """Tell whether a geometry lies wholly outside its tile, in the buffer, but for ``TOUCH``.

    Its box may reach into the tile, where it goes around a corner.
    """
    inside = shapely.geometry.box(TOUCH, TOUCH, EXTENT - TOUCH, EXTENT - TOUCH)
    return not inside.intersects(shapely.geometry.shape(geometry))
