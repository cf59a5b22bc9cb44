"""Legends of the layers, as data: what a value of a tile's field is coloured, in words of both languages."""

from typing import Any

from apiflask import APIBlueprint

from tiles import legends as declared
from webmap import base_map, identity
from webmap.fields import StyleQuery

legends = APIBlueprint("legends", __name__, tag="Tiles")


@legends.get("/legends.json")
@identity.needs("picture.read")
@legends.input(StyleQuery, location="query", arg_name="query")
@legends.doc(summary="Legends of all layers: classes, colours, labels in Chinese and English")
def documents(query: dict[str, str]) -> dict[str, list[Any]]:
    """Return every legend of every layer as the account's tiles need it, for those who draw the tiles themselves."""
    light = query["style"] in base_map.LIGHT
    return {"legends": [(legend.on_light() if light else legend).as_json()
                        for legend in declared.of(identity.current().field_class)]}
