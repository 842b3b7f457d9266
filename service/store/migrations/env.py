"""Alembic's environment; `service.store.migrate` hands it the connection."""

from alembic import context

from service.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=False,  # migrate() holds the transaction
)
context.run_migrations()
