"""What a mapping may not do with columns that hold names, numbers or telephones of people."""

from importers.concepts.declare import Concept, Kind
from importers.expressions import Expression
from importers.naming import column_of


def laid_open(concept: Concept, fields: dict[str, Expression], columns: tuple[str, ...]) -> list[str]:
    """Find fields of a personal concept that would store a personal value in clear.

    Words that are not allowed, numbers and parents that do not exist reject their row, and keys are sealed;
    what remains are texts that are stored as they come, such as the number of a household.
    """
    personal = _personal_columns(concept, fields, columns)
    looked_up = {name for parent in concept.parents for name in parent.fields}
    free = [name for name in fields if (one := concept.find(name)).kind is Kind.TEXT and not one.personal
            and not one.allowed and name != concept.key and name not in looked_up]
    return [f"{name} is stored readable, and {column} holds a name, number or telephone ({personal[column]}); "
            f"take {name} from another column, or leave it out with {name}: null in a mapping file"
            for name in free for column in sorted(fields[name].columns) if column in personal]


def listed(concept: Concept, columns: tuple[str, ...]) -> str:
    """Say which columns a file has. Those of people are not named: without a header line they are values."""
    if concept.personal:
        return (f"its {len(columns)} columns are not named here, because without a header line they would be "
                "somebody's name or number")
    return f"its columns: {', '.join(columns) or 'none'}"


def _personal_columns(concept: Concept, fields: dict[str, Expression], columns: tuple[str, ...]) -> dict[str, str]:
    """Return the columns of a file from which a personal value comes, or by its name would come → the field."""
    found: dict[str, str] = {}
    for one in concept.fields:
        if one.personal:
            named = column_of(one.name, columns)
            read = fields[one.name].columns if one.name in fields else frozenset()
            found |= dict.fromkeys(read | ({named} if named else set()), one.name)
    return found


def key_sealed(concept: Concept, fields: dict[str, Expression], key: Expression | None, columns: tuple[str, ...],
               ) -> bool:
    """Tell whether a key must not be stored as it is.

    In a personal concept only the plain column of the key's own field may be, and not if a personal
    value comes, or by its name would come, from the same column.
    """
    if not concept.personal or key is None:
        return False
    own = fields.get(concept.key or "")
    if own is None or key.column is None or key.column != own.column:
        return True
    return key.column in _personal_columns(concept, fields, columns)


__all__ = ["key_sealed", "laid_open", "listed"]
