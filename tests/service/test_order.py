"""The order of the list: by what documents say, page by page, in both databases."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import event, inspect, select

from service.store import migrate as migrating
from service.store import order
from service.store.base import Filter
from service.store.migrate import migrate
from service.store.people import Correction, People
from service.store.tables import jobs
from service.tenants import TENANT
from tests.service.made import a_job

LEASE = timedelta(seconds=60)
MIGRATIONS = Path(migrating.__file__).parent / "migrations"
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)

SAID = {
    "a": ("2026-03-01", "Östra Kvarn", "90.00"),
    "b": ("2026-01-15", "ostra kvarn", "1000.50"),
    "c": ("2025-12-31", "Zimmer & Söhne", "-12.00"),
    "d": (None, None, None),
    "e": ("2026-03-01", "Ahorn Werft", "90.00"),
    "f": (None, "Birkenhof", "7.00"),
}
"""What each document says, in the order in which they were received; `0` is not read yet."""


def extraction(day: str | None, seller: str | None, total: str | None) -> str:
    result = {"issue_date": day, "seller": {"name": seller}, "totals": {"gross": total}}
    return json.dumps({"invoices": [{"result": result}]})


def fill(store) -> None:
    for n, (letter, said) in enumerate(SAID.items()):
        store.add([a_job(letter * 32, created_at=NOW + timedelta(minutes=n))])
        job = store.claim(letter * 32, "w", LEASE)
        text = extraction(*said)
        assert store.finish(job.id, job.lease_token, text, needs_review=n % 2 == 0, text="birch")
    store.add([a_job("0" * 32, created_at=NOW + timedelta(hours=1))])


def pages(store, sort, limit: int, **asked) -> Iterator[str]:
    """Yield what each page lists, as letters."""
    cursor = None
    while True:
        page = store.newest(TENANT, limit=limit, cursor=cursor, asked=Filter(**asked), sort=sort)
        yield "".join(job.id[0] for job in page.jobs)
        if (cursor := page.next) is None:
            return


ORDERS = {
    "-received": "0fedcba",
    "received": "abcdef0",
    "-date": "eabc0fd",
    "date": "cbae0fd",
    "seller": "efabc0d",
    "-seller": "cbafe0d",
    "-total": "beafc0d",
    "total": "cfaeb0d",
}
"""Each order; of those that say the same, the one that was received before the other, or the other way round."""


@pytest.mark.parametrize("sort", ORDERS)
def test_documents_come_in_the_order_that_is_asked_for_and_those_without_the_value_last(
    store, sort
):
    fill(store)
    for limit in (1, 2, 3, 7):
        assert "".join(pages(store, sort, limit)) == ORDERS[sort]


@pytest.mark.parametrize("sort", ORDERS)
def test_an_order_holds_among_what_is_filtered_and_found_by_words(store, sort):
    fill(store)
    wanted = [letter for letter in ORDERS[sort] if letter in "ace"]
    for asked in ({"needs_review": True}, {"needs_review": True, "text": "birch"}):
        assert list("".join(pages(store, sort, 2, **asked))) == wanted
    found = "".join(pages(store, sort, 1, seller="kvarn"))
    assert list(found) == [letter for letter in ORDERS[sort] if letter in "ab"]


@pytest.mark.parametrize("sort", ["-total", "seller", "date"])
def test_what_comes_in_meanwhile_moves_nothing_on_the_next_pages(store, sort):
    fill(store)
    first = store.newest(TENANT, limit=3, sort=sort)
    for letter in "12":
        store.add([a_job(letter * 32, created_at=NOW + timedelta(days=1))])
        job = store.claim(letter * 32, "w", LEASE)
        text = (
            extraction("2027-01-01", "A", "5000.00") if letter == "1" else extraction(*[None] * 3)
        )
        store.finish(job.id, job.lease_token, text, needs_review=False)
    second = store.newest(TENANT, limit=9, cursor=first.next, sort=sort)
    listed = "".join(job.id[0] for job in (*first.jobs, *second.jobs))
    assert "".join(letter for letter in listed if letter not in "12") == ORDERS[sort]
    assert len(set(listed)) == len(listed)


def test_a_cursor_of_another_order_is_a_value_error(store):
    fill(store)
    given = {sort: store.newest(TENANT, limit=1, sort=sort).next for sort in ORDERS}
    for sort, cursor in given.items():
        for other in set(ORDERS) - {sort}:
            if {sort, other} == order.RECEIVED:
                continue  # the same place, from where both ways lead
            with pytest.raises(ValueError, match="cursor"):
                store.newest(TENANT, limit=1, cursor=cursor, sort=other)


@pytest.mark.parametrize(
    ("sort", "value"),
    [
        *[("date", value) for value in (3, "2026-13-01", "", [], "x")],
        *[("seller", value) for value in (3, "a\0b", "\ud800", {})],
        *[("total", value) for value in ("x", [], {"a": 1})],
    ],
)
def test_a_cursor_that_nobody_gave_is_a_value_error(store, sort, value):
    plain = json.dumps([sort, value, NOW.timestamp(), "a" * 32])
    cursor = base64.urlsafe_b64encode(plain.encode()).decode()
    with pytest.raises(ValueError, match="cursor"):
        store.newest(TENANT, limit=1, cursor=cursor, sort=sort)


def test_a_total_beyond_all_numbers_is_a_place_too(store):
    plain = json.dumps(["-total", 10**300, NOW.timestamp(), "a" * 32])
    cursor = base64.urlsafe_b64encode(plain.encode()).decode()
    fill(store)
    assert len(store.newest(TENANT, limit=9, cursor=cursor, sort="-total").jobs) == 7


def sorted_by(store, job_id: str) -> tuple[date | None, str | None, float | None]:
    query = select(*(jobs.c[name] for name in order.NAMES)).where(jobs.c.id == job_id)
    with store.engine.connect() as connection:
        return tuple(connection.execute(query).one())


def test_a_correction_is_sorted_by_and_a_new_reading_forgets_what_was_said(store):
    job_id, people = "a" * 32, People(store.engine)
    store.add([a_job(job_id)])
    job = store.claim(job_id, "w", LEASE)
    text = extraction("2026-03-01", "Östra Kvarn", "90.00")
    store.finish(job_id, job.lease_token, text, needs_review=False)
    assert sorted_by(store, job_id) == (date(2026, 3, 1), "ostra kvarn", 90.0)
    said = extraction("2026-03-02", "Ahorn Werft", "91.25")
    made = Correction(said, text, 1, None, [[]], lambda others: (said, False))
    people.correct(TENANT, job_id, None, None, made)
    assert sorted_by(store, job_id) == (date(2026, 3, 2), "ahorn werft", 91.25)
    people.retry(TENANT, job_id, None, {})
    assert sorted_by(store, job_id) == (None, None, None)


def test_nothing_that_was_sorted_by_is_left_of_a_deleted_document(store):
    fill(store)
    store.delete(TENANT, "a" * 32)
    assert sorted_by(store, "a" * 32) == (None, None, None)


def test_a_long_name_is_cut_and_its_cursor_fits_into_an_address(store):
    for letter in "ab":
        store.add([a_job(letter * 32)])
        job = store.claim(letter * 32, "w", LEASE)
        text = extraction(None, "𠮷野家" * 200, None)
        store.finish(job.id, job.lease_token, text, needs_review=False)
    assert len(list(pages(store, "seller", 1))) == 2
    assert len(store.newest(TENANT, limit=1, sort="seller").next) <= 400


@pytest.mark.parametrize("sort", ["-date", "seller", "-total"])
def test_a_page_is_read_from_the_index_of_its_order(sqlite_store, sort):
    fill(sqlite_store)
    asked = []

    @event.listens_for(sqlite_store.engine, "before_cursor_execute")
    def note(_connection, _cursor, statement, parameters, *_):
        asked.append((statement, parameters))

    first = sqlite_store.newest(TENANT, limit=2, sort=sort)
    sqlite_store.newest(TENANT, limit=9, cursor=first.next, sort=sort)
    lists = [one for one in asked if one[0].startswith("SELECT jobs.id")]
    assert len(lists) == 3
    for statement, parameters in lists:
        with sqlite_store.engine.connect() as connection:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
        told = " ".join(step.detail for step in plan)
        assert f"USING INDEX ix_jobs_{sort.lstrip('-')}" in told
        assert "TEMP B-TREE" not in told


def test_documents_that_were_read_before_are_sorted_once_the_tables_change(store):
    fill(store)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with store.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0015")
    assert "total" not in {column["name"] for column in inspect(store.engine).get_columns("jobs")}
    migrate(store.engine)
    for sort, wanted in ORDERS.items():
        assert "".join(pages(store, sort, 3)) == wanted
