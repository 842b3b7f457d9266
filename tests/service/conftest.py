"""Stores over both databases, and a clock that tests can move."""

from datetime import UTC, datetime, timedelta

import pytest

from service.store.migrate import migrate
from service.store.sql import SqlStore
from service.store.transactions import connect


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sqlite_store(tmp_path, clock):
    engine = connect(f"sqlite:///{tmp_path / 'jobs.db'}")
    migrate(engine)
    yield SqlStore(engine, clock)
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def store(request, tmp_path):
    """The same store over SQLite and over a real PostgreSQL, with the real clock."""
    url = (
        f"sqlite:///{tmp_path / 'jobs.db'}"
        if request.param == "sqlite"
        else request.getfixturevalue("postgres_with_tables")
    )
    engine = connect(url)
    migrate(engine)
    yield SqlStore(engine)
    engine.dispose()
