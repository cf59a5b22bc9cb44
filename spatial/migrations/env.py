"""What alembic runs for each command; ``spatial/migrate.py`` hands it the connection."""

from alembic import context
from geoalchemy2 import alembic_helpers

attributes = context.config.attributes
applied = attributes.get("applied", [])


def note(step, **_) -> None:
    """Remember each revision that was applied, so that an error can name the one that was not."""
    applied.extend(step.up_revision_ids)


context.configure(
    connection=attributes["connection"],
    target_metadata=attributes.get("metadata"),
    # A killed migration must leave the schema at a whole revision.
    transaction_per_migration=True,
    on_version_apply=note,
    include_object=alembic_helpers.include_object,
    render_item=alembic_helpers.render_item,
    process_revision_directives=alembic_helpers.writer,
)

with context.begin_transaction():
    context.run_migrations()
