"""Bring the database's tables to what this code expects; one process at a time."""

import logging
from pathlib import Path

from sqlalchemy import Connection, Engine, text

log = logging.getLogger(__name__)

_LOCK = 0x1E_07_0C_E5
"""The key of PostgreSQL's advisory lock, the same in every process of ours."""


def migrate(engine: Engine) -> None:
    """Run what is missing. SQLite's BEGIN IMMEDIATE and PostgreSQL's advisory lock keep others out."""
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    head = ScriptDirectory.from_config(config).get_current_head()
    with engine.begin() as connection:
        _lock(connection)
        current = MigrationContext.configure(connection).get_current_revision()
        if current == head:
            return
        log.info("migrating the database", extra={"from": current, "to": head})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _lock(connection: Connection) -> None:
    """Wait for our turn; held until the transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
