"""What pygeoapi calls to get features and tiles: our own queries, within the request's jurisdiction."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pygeoapi.provider.base import BaseProvider, ProviderItemNotFoundError
from pygeoapi.provider.base_mvt import BaseMVTProvider

from spatial.queries import features
from spatial.queries.features import Condition, Feature, Source, Wanted
from spatial.types import Box
from tiles import layers
from tiles.server import Asked
from webmap import identity
from webmap.ogc import asked, cql, tilesets, times
from webmap.ogc.collections import JSON_TYPES, TIME, collection, typed
from webmap.ogc.cql_geometry import finite
from webmap.ogc.faults import BadRequest
from webmap.page import language
from webmap.services import services, transaction

LARGEST_ID = 2**63 - 1
"""The largest id that the database can hold, and the largest offset."""


class Links(list):
    """The links of an answer with features: ours alone.

    pygeoapi appends its own, which name formats that we do not offer, leave out a filter that it has not
    read itself, and lead to an empty page behind a last page that is full.
    """

    def extend(self, _links: Iterable[dict[str, str]]) -> None:
        """Take none."""

    def append(self, _link: dict[str, str]) -> None:
        """Take none."""


class FeatureProvider(BaseProvider):
    """Features of one collection, as the request's account may read them."""

    def __init__(self, provider_def: dict[str, Any]) -> None:
        super().__init__(provider_def)
        self._collection = collection(self.data, identity.current().field_class)
        self._fields = {
            one.name: {**JSON_TYPES[one.kind], "title": one.name, "description": one.description[language()]}
            for one in self._collection.properties.values()
        }

    def query(
        self, offset: int = 0, limit: int = 10, resulttype: str = "results", bbox: list[float] | None = None,
        datetime_: str | None = None, properties: list[tuple[str, str]] | None = None,
        sortby: list[dict[str, str]] | None = None, select_properties: list[str] | None = None,
        skip_geometry: bool = False, crs_transform_spec: Any = None, **_unused: Any,
    ) -> dict[str, Any]:
        """Return a page of features as a GeoJSON FeatureCollection.

        Args:
            offset, limit: of the page.
            resulttype: ``hits`` for the number alone.
            bbox: west, south, east, north, longitude and latitude.
            datetime_: instant or interval.
            properties: names and values that must be equal.
            sortby: ``property`` and ``order`` (``+`` or ``-``).
            select_properties: names that come along; all when empty.
            skip_geometry: leave geometries out.
            crs_transform_spec: pygeoapi's; its target is the coordinate system of the answer.
        """
        if offset > LARGEST_ID - limit:
            raise BadRequest("The offset is beyond every feature.", "Follow the link next.")
        source = self._collection.source if datetime_ is None else self._collection.ever
        conditions = self._conditions(source, bbox, datetime_, properties or [])
        order = tuple((self._collection.properties[one["property"]].sql, one["order"] == "-") for one in sortby or [])
        wanted = Wanted(
            tuple(conditions), tuple(select_properties) if select_properties else None, order, limit + 1, offset,
            None if skip_geometry else _target(crs_transform_spec),
        )
        with transaction() as connection:
            found = [] if resulttype == "hits" else features.page(connection, source, wanted)
            # A page that ends the features tells their number by itself.
            ends = resulttype != "hits" and len(found) <= limit and (found or offset == 0)
            matched = offset + len(found) if ends else features.count(connection, source, conditions)
        content: dict[str, Any] = {
            "type": "FeatureCollection",
            "features": [self._geojson(feature) for feature in found[:limit]],
            "numberReturned": min(len(found), limit),
        }
        if matched is not None:
            content["numberMatched"] = matched
        content["links"] = Links(asked.links(offset, limit, more=len(found) > limit))
        return content

    def get(self, identifier: str, crs_transform_spec: Any = None, **_unused: Any) -> dict[str, Any]:
        """Return one feature by its id as GeoJSON; of grids one that is no longer in force too.

        Raises:
            ProviderItemNotFoundError: no such feature within the jurisdiction.
        """
        if not (identifier.isascii() and identifier.isdigit() and int(identifier[:20]) <= LARGEST_ID):
            raise ProviderItemNotFoundError(user_msg="There is no such feature.")
        source = self._collection.ever
        wanted = Wanted((features.with_id(source, int(identifier)),), limit=1, crs=_target(crs_transform_spec))
        with transaction() as connection:
            found = features.page(connection, source, wanted)
        if not found:
            raise ProviderItemNotFoundError(user_msg="There is no such feature.")
        return {**self._geojson(found[0]), "links": Links(asked.item_links())}

    def _conditions(
        self, source: Source, bbox: list[float] | None, datetime_: str | None, properties: list[tuple[str, str]]
    ) -> list[Condition]:
        conditions = []
        zone = ZoneInfo(services().settings.time_zone)
        if bbox:
            west, south, east, north = (finite(value) for value in (*bbox[:2], *bbox[len(bbox) // 2:][:2]))
            conditions.append(features.in_box(source, Box(west, south, east, north)))
        if datetime_ is not None:
            conditions += times.within(source, self._collection.times, times.interval(datetime_, zone))
        for name, text in properties:
            value = typed(self._collection.properties[name], text)
            equal = {"op": "=", "args": [{"property": name}, value]}
            conditions.append(cql.condition(self._collection, equal, zone))
        if (asked_filter := asked.filter_in_force()) is not None:
            node, crs = asked_filter
            conditions.append(cql.condition(self._collection, node, zone, crs))
        return conditions

    def _geojson(self, feature: Feature) -> dict[str, Any]:
        kinds = self._collection.properties
        return {
            "type": "Feature", "id": feature.id, "geometry": feature.geometry,
            "properties": {name: _rfc3339(value) if kinds[name].kind == TIME else value
                           for name, value in feature.properties.items()},
        }

    def __repr__(self) -> str:
        return f"<FeatureProvider> {self.data}"


class TileProvider(BaseMVTProvider):
    """Vector tiles of one collection, as our own tile builder makes them."""

    def get_layer(self) -> str:
        """Return the name of the layer, and of the MVT layer in its tiles."""
        return self.data

    def get_tiles_service(self, baseurl: str, servicepath: str, **_unused: Any) -> dict[str, list[dict[str, str]]]:
        """Return the link to the tiles: a template in the standard's own variables."""
        return {"links": [{"type": self.mimetype, "rel": "item", "href": servicepath, "templated": True,
                           "title": self.data}]}

    def get_tiles(self, layer: str, tileset: str, z: str, y: str, x: str, **_unused: Any) -> bytes:
        """Return one tile, empty when nothing is there: matrix, row from the north, column from the west.

        Raises:
            NotFound: another tile matrix set, or outside it.
        """
        who = identity.current()
        address = tilesets.address(layers.layer(layer), tileset, z, x, y)
        return services().tiles.ask(Asked((layer,), address, who.field_class, who.scope)).tile.plain()

    def get_metadata(self, **_unused: Any) -> dict[str, Any]:
        """Return the metadata of the tileset (OGC 17-083r4, TileSet)."""
        return tilesets.metadata(layers.layer(self.data), asked.base_url(), language())

    def __repr__(self) -> str:
        return f"<TileProvider> {self.data}"


def _target(spec: Any) -> str:
    """Return the coordinate system of the answer: pygeoapi gives none when it is that of the store."""
    return features.CRS84 if spec is None else spec.target_crs_uri


def _rfc3339(value: datetime | None) -> str | None:
    return None if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")
