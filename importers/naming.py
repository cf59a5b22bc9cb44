"""Names that a file or a person gives: of columns that are taken for fields, and of sources."""

from importers.concepts.declare import Concept

LONGEST_SOURCE = 100
"""Characters of the name of a source that a person types."""


def by_name(concept: Concept, columns: tuple[str, ...]) -> dict[str, str]:
    """Return field → column for the columns that are taken because they have a field's name.

    Args:
        concept: what is imported.
        columns: names of the file's columns.
    """
    found = {one.name: column_of(one.name, columns) for one in concept.fields}
    return {name: column for name, column in found.items() if column is not None}


def column_of(name: str, columns: tuple[str, ...]) -> str | None:
    """Return the column that has a field's name; None where there is none, or more than one.

    Args:
        name: of the field.
        columns: names of the file's columns.
    """
    if name in columns:
        return name
    # Shapefiles cut names to ten characters and many programs write them in capitals.
    same = [column for column in columns if column.lower() in (name, name[:10])]
    return same[0] if len(same) == 1 else None


def wrong_source(text: str) -> str | None:
    """Say what is wrong with the name of a source that a person typed; None where it may stand."""
    if not text.strip():
        return "the name of a source cannot be empty"
    if not all(letter.isprintable() for letter in text):
        return "the name of a source holds a line break or another control character"
    if len(text) > LONGEST_SOURCE:
        return f"the name of a source has at most {LONGEST_SOURCE} characters"
    return None
