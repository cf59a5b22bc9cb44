"""Scenes as deck.gl JSON, made by pydeck."""

from typing import Any

from apiflask import APIBlueprint

from spatial.queries import building_rooms, picture
from tiles.declaration import EXACT
from tiles.grid_legends import TITLES, grid_legend
from tiles.legends import LEGENDS, legend
from webmap import base_map, identity
from webmap.fields import StyleQuery, Text
from webmap.scenes import building, devices, grids, sandbox
from webmap.services import transaction

scenes = APIBlueprint("scenes", __name__, url_prefix="/api", tag="Scenes")


METRICS = sorted({entry.metric for entry in LEGENDS if entry.layer == "buildings"})


class SceneQuery(StyleQuery):
    """What the scene shows."""

    metric = Text(load_default="residents",
                  metadata={"description": "what buildings are coloured by", "enum": METRICS})


@scenes.get("/scenes/sandbox")
@identity.needs("picture.read")
@scenes.input(SceneQuery, location="query", arg_name="query")
@scenes.doc(summary="The sandbox's scene as deck.gl JSON, its legend, camera and counts")
def sandbox_scene(query: dict[str, str]) -> dict[str, Any]:
    """Return the scene of the sandbox within the jurisdiction."""
    chosen = [legend(name, query["metric"], identity.current().field_class) for name in ("buildings", "building_cells")]
    if query["style"] in base_map.LIGHT:
        chosen = [entry.on_light() for entry in chosen]
    with transaction() as connection:
        bounds, counts = picture.extent(connection), picture.counts(connection)
    others = devices.tiled(identity.current().permissions)
    return sandbox.sandbox(*chosen, bounds, counts, "/tiles/buildings/{z}/{x}/{y}.mvt",
                           exact=identity.current().field_class == EXACT, others=others)


@scenes.get("/scenes/building/<int:building_id>")
@identity.needs("rooms.read")
@scenes.doc(summary="One building taken apart as deck.gl JSON: its storeys lifted off one another, rooms by state",
            responses={404: "No such building within the jurisdiction"})
def building_scene(building_id: int) -> dict[str, Any]:
    """Return the scene of one building; the plan is derived where none is on record, and the answer says so."""
    care = identity.current().may("residents.read")
    with transaction() as connection:
        found = building_rooms.contents(connection, building_id, care)
    return building.building(found)


class GridsQuery(StyleQuery):
    """What grids are coloured by."""

    figure = Text(load_default="entry_rate",
                  metadata={"description": "what grids are coloured by", "enum": sorted(TITLES)})


@scenes.get("/scenes/grids")
@identity.needs("picture.read")
@scenes.input(GridsQuery, location="query", arg_name="query")
@scenes.doc(summary="Grids and communities by a figure: layers as deck.gl JSON, and the legends")
def grids_scene(query: dict[str, str]) -> dict[str, Any]:
    """Return the layers that colour grids by a figure; the figures are those of ``/api/grids`` and ``kpi``."""
    chosen = [grid_legend(layer, query["figure"]) for layer in ("communities", "grids")]
    if query["style"] in base_map.LIGHT:
        chosen = [entry.on_light() for entry in chosen]
    return grids.grids(*chosen, "/tiles/{name}/{z}/{x}/{y}.mvt")


@scenes.get("/counts")
@identity.needs("picture.read")
@scenes.doc(summary="What is on record, and how many alarms are open")
def counts() -> dict[str, int]:
    """Count what is on record within the jurisdiction."""
    with transaction() as connection:
        return vars(picture.counts(connection))
