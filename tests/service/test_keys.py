"""Keys over both databases."""

import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from service.errors import InvalidKey, ServiceUnavailable, UnknownKey
from service.keys import FRESH, USED, Keys
from service.store.keys import SqlKeyStore
from service.store.tables import keys as table

READ = frozenset({"read"})


@pytest.fixture
def made(store) -> Keys:
    return Keys(SqlKeyStore(store.engine))


def rows(store) -> str:
    with store.engine.connect() as connection:
        return repr(connection.execute(table.select()).all())


def test_a_key_is_recognised_by_its_text_and_kept_as_a_hash(store, made):
    key, text = made.make("acme", "till 7", READ, rate=5, budget_day=Decimal("1.5"))
    found = made.recognise(text)
    assert found == key
    assert (found.caller.tenant, found.caller.scopes) == ("acme", READ)
    assert text.startswith(f"{key.prefix}_")
    assert text not in rows(store)
    assert text.rpartition(key.prefix)[2] not in rows(store)


def test_two_keys_have_nothing_in_common(made):
    secrets = {made.make("acme", "k", READ)[1].partition("_")[2] for _ in range(50)}
    assert len({secret[:6] for secret in secrets}) == 50
    assert {len(secret) for secret in secrets} == {12 + 1 + 43}  # 256 bits in base64


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-1] + ("A" if text[-1] != "A" else "B"),
        lambda text: text + "A",
        lambda text: text[:-1],
        lambda text: text.upper(),
        lambda text: f"inv_{'0' * 12}_{text[-43:]}",
        lambda text: "",
        lambda text: "x" * 100_000,
        lambda text: "ü€" * 30,
    ],
)
def test_what_is_not_exactly_the_key_is_not_valid(made, change):
    _, text = made.make("acme", "k", READ)
    made.recognise(text)
    with pytest.raises(InvalidKey, match="no such key"):
        made.recognise(change(text))


def test_a_revoked_key_is_refused_at_once_here_and_soon_elsewhere(store, made):
    key, text = made.make("acme", "k", READ)
    elsewhere = Keys(SqlKeyStore(store.engine))
    elsewhere.recognise(text)
    caller = key.caller
    made.revoke("acme", key.id)
    revoked = time.monotonic()
    with pytest.raises(InvalidKey, match="revoked"):
        made.recognise(text)
    with pytest.raises(InvalidKey):  # noqa: PT012
        while time.monotonic() < revoked + 5:
            elsewhere.recognise(text)
            time.sleep(0.05)
    assert time.monotonic() - revoked < FRESH + 1
    with pytest.raises(InvalidKey):
        elsewhere.confirm(caller)
    with pytest.raises(UnknownKey):
        made.revoke("acme", key.id)


def test_a_key_of_another_tenant_cannot_be_revoked_or_seen(made):
    key, text = made.make("theirs", "k", READ)
    with pytest.raises(UnknownKey):
        made.revoke("ours", key.id)
    made.recognise(text)
    assert made.listed("ours") == []
    assert [found.id for found in made.listed(None)] == [key.id]


def test_a_key_expires(sqlite_store, clock):
    keys = Keys(SqlKeyStore(sqlite_store.engine, clock), clock)
    _, text = keys.make("acme", "k", READ, expires_at=clock.now + timedelta(hours=1))
    keys.recognise(text)
    clock.move(3601)
    with pytest.raises(InvalidKey, match="expired"):
        keys.recognise(text)


@pytest.mark.parametrize(
    ("tenant", "scopes", "days"),
    [
        ("", READ, 1),
        ("../x", READ, 1),
        ("A", READ, 1),
        ("acme", frozenset(), 1),
        ("acme", READ, -1),
    ],
)
def test_a_key_that_makes_no_sense_is_not_made(made, tenant, scopes, days):
    with pytest.raises(ValueError, match="a"):
        made.make(tenant, "k", scopes, expires_at=datetime.now(UTC) + timedelta(days=days))
    assert made.opened()


def test_the_first_key_closes_open_mode_for_ever(store, made):
    elsewhere = Keys(SqlKeyStore(store.engine))
    assert elsewhere.opened()
    key, _ = made.make("acme", "k", READ)
    assert not made.opened()
    time.sleep(FRESH)
    assert not elsewhere.opened()
    made.revoke(None, key.id)
    assert not Keys(SqlKeyStore(store.engine)).opened()


def test_the_last_use_is_written_once_a_minute(sqlite_store, clock):
    written = []

    class Counting(SqlKeyStore):
        def touch(self, key_id, age):
            written.append(clock.now)
            super().touch(key_id, age)

    kept = Counting(sqlite_store.engine, clock)
    _, text = Keys(kept, clock).make("acme", "k", READ)
    for _ in range(4):
        Keys(kept, clock).recognise(text)  # as another process does
        clock.move(USED.total_seconds() / 2)
    assert len(written) == 2
    assert kept.listed("acme")[0].last_used_at == written[-1]


def test_a_full_disk_keeps_nobody_out(sqlite_store, monkeypatch):
    kept = SqlKeyStore(sqlite_store.engine)
    keys = Keys(kept)
    _, text = keys.make("acme", "k", READ)

    def full(*_):
        raise ServiceUnavailable("The database is full.")

    monkeypatch.setattr(kept, "touch", full)
    assert keys.recognise(text).tenant == "acme"


def test_a_known_key_asks_the_database_once_in_two_seconds(sqlite_store, monkeypatch):
    kept = SqlKeyStore(sqlite_store.engine)
    keys = Keys(kept)
    _, text = keys.make("acme", "k", READ)
    asked, find = [], kept.find
    monkeypatch.setattr(kept, "find", lambda key_id: (asked.append(1), find(key_id))[1])
    assert not keys.is_fresh(text)
    for _ in range(200):
        keys.recognise(text)
        assert keys.is_fresh(text)
    assert len(asked) == 1
