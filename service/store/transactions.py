"""How both databases are spoken to: one connection pool, our errors, one transaction for each call."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine, create_engine, event, func
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from service.errors import ServiceUnavailable, StorageFull


def connect(url: str) -> Engine:
    """Return an engine for the URL; nothing is connected yet.

    SQLite: WAL with synchronous=FULL, so that a commit survives a loss of power; what is deleted is
    overwritten; a writing transaction begins IMMEDIATE, so that it waits for its turn instead of failing
    half-way.
    """
    if not url.startswith("sqlite"):
        # whatever encoding the database was made with, text comes and goes as UTF-8
        arguments = {
            "connect_timeout": 5,
            "client_encoding": "utf8",
            # a server that vanished is told in seconds, not when the kernel gives up
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 15_000,
        }
        return create_engine(url, pool_pre_ping=True, pool_timeout=5, connect_args=arguments)
    engine = create_engine(url, connect_args={"timeout": 15, "isolation_level": None})

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        mode = "DEFERRED" if connection.get_execution_options().get("reads") else "IMMEDIATE"
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")


class Transactions:
    """Base of what is kept in the database.

    Times are the database's on PostgreSQL, where workers are many machines, and those of `clock` on
    SQLite, where there is but one.
    """

    def __init__(
        self, engine: Engine, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.engine = engine
        self._clock = clock
        self._is_sqlite = engine.dialect.name == "sqlite"

    def _now(self) -> Any:
        """Return this instant, as a value for SQLite and as the server's own clock for PostgreSQL."""
        return self._clock() if self._is_sqlite else func.clock_timestamp()

    @contextlib.contextmanager
    def _write(self) -> Iterator[Connection]:
        with _told(), self.engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def _read(self) -> Iterator[Connection]:
        with _told(), self.engine.connect().execution_options(reads=True) as connection:
            yield connection


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Turn what a database throws when it is away or full into our errors."""
    try:
        yield
    except (DBAPIError, PoolTimeout) as exc:
        reason = str(getattr(exc, "orig", exc))
        if "disk is full" in reason or "No space left" in reason or "readonly database" in reason:
            raise StorageFull("There is no space left for the database.") from exc
        if isinstance(exc, _OURS):
            raise
        raise ServiceUnavailable("The database does not answer.") from exc


_OURS = (DataError, IntegrityError, ProgrammingError)
"""What a statement of ours did wrong; all else is the database's state, which passes."""


def count(result: CursorResult[Any]) -> int:
    """Return how many rows a statement changed."""
    return result.rowcount
