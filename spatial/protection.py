"""Row security (行级安全) of a table: the one helper through which every table gets it."""

from alembic import op


def protect(*tables: str) -> None:
    """Force row-level security on tables within a migration.

    A row is seen and written only where its ``grid_code`` lies inside the transaction's
    jurisdiction (``shapan.scope``); an empty one sees nothing. The policy stands in the SQL
    function ``shapan_protect`` (migration 0001), so that partitions made later by the
    database itself get the very same.

    Args:
        tables: names of tables that have a ``grid_code`` column.
    """
    for table in tables:
        op.execute(f"SELECT shapan_protect('{table}')")
