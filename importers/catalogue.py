"""What can be imported, as data: for the page that sends files, which knows nothing of this room."""

from typing import Any

from importers import concepts, formats

BESIDE = {".shp": (".shx", ".dbf", ".prj", ".cpg")}
"""Ending → endings of the files that may come with it."""


def content() -> dict[str, Any]:
    """Return concepts with their fields, and the endings of files, in the order of the command line."""
    return {
        "concepts": [
            {
                "name": concept.name,
                "title": concept.title,
                "geometry": concept.geometry,
                "personal": concept.personal,
                "fields": [
                    {"name": one.name, "help": one.help, "kind": one.kind.name.lower(), "required": one.required,
                     "allowed": list(one.allowed)}
                    for one in concept.fields
                ],
            }
            for concept in concepts.CONCEPTS
        ],
        "endings": [ending for one in formats.FORMATS for ending in one.suffixes],
        "beside": {ending: list(others) for ending, others in BESIDE.items()},
    }
