from datetime import timedelta

import pytest

from invoice_extraction.model.calls import Kept
from invoice_extraction.model.extraction import Extraction
from service.store.answers import Answers
from service.store.migrate import migrate
from service.store.sql import SqlStore
from service.store.tables import answers as table
from service.store.transactions import connect
from service.tenants import TENANT
from tests.service.made import a_job

JOB, OTHER, THIRD = "a" * 32, "b" * 32, "c" * 32
MARKER = b'{"seller": "marker 7261"}'


@pytest.fixture
def kept(store) -> Answers:
    store.add([a_job(JOB), a_job(OTHER), a_job(THIRD)])
    return Answers(store.engine, timedelta(days=30))


def rows(store) -> list[bytes]:
    with store.engine.connect() as connection:
        return [row.answer for row in connection.execute(table.select())]


def test_an_answer_comes_back_under_its_key(kept):
    assert kept.recall("k", JOB) is None
    assert kept.keep("k", JOB, b"\x00 first")
    assert kept.recall("other", JOB) is None
    assert kept.recall("k", JOB) == Kept(b"\x00 first", own=True)


def test_a_job_hears_its_own_answer_and_another_one_the_newest(kept):
    for job, text in ((JOB, b"first"), (OTHER, b"second"), (THIRD, b"third"), (OTHER, b"newest")):
        kept.keep("k", job, text)
    assert kept.recall("k", JOB) == Kept(b"first", own=True)
    assert kept.recall("k", OTHER) == Kept(b"newest", own=True)
    assert kept.recall("k", "d" * 32) == Kept(b"newest", own=False)
    assert kept.recall("k", JOB, only_own=True) == Kept(b"first", own=True)
    assert kept.recall("k", "d" * 32, only_own=True) is None


def test_deleting_the_document_removes_its_answers_and_no_others(store, kept):
    kept.keep("k", JOB, MARKER)
    kept.keep("other", OTHER, b"x")
    store.delete(TENANT, JOB)
    assert rows(store) == [b"x"]


def test_an_answer_about_a_deleted_document_is_not_kept(store, kept):
    store.delete(TENANT, JOB)
    assert not kept.keep("k", JOB, MARKER)
    assert rows(store) == []


@pytest.fixture
def aging(tmp_path, clock):
    """Return a store and what keeps answers for so many days, both by the clock."""
    engine = connect(f"sqlite:///{tmp_path / 'jobs.db'}")
    migrate(engine)

    def make(days: int) -> tuple[SqlStore, Answers]:
        store = SqlStore(engine, clock, keeps_answers=bool(days))
        store.add([a_job(JOB), a_job(OTHER)])
        return store, Answers(engine, timedelta(days=days), clock)

    yield make
    engine.dispose()


def end(store: SqlStore, how: str = "finish") -> None:
    """End the first job."""
    if how == "lost":
        for _ in range(3):
            claimed = store.claim(JOB, "w", timedelta(seconds=-1))
        assert claimed.losses == 2
        assert store.fail_lost({"code": "worker_lost", "title": "It was lost"}) == [JOB]
        return
    token = store.claim(JOB, "w", timedelta(seconds=60)).lease_token
    if how == "fail":
        assert store.fail(JOB, token, {"code": "engine_refused", "title": "It refused"})
    else:
        text = Extraction(media_type="application/pdf", engine="llm", invoices=[])
        assert store.finish(JOB, token, text.model_dump_json(), needs_review=False)


def test_old_answers_are_not_used_by_others_and_go_when_their_job_has_ended(aging, clock):
    store, kept = aging(2)
    kept.keep("old", JOB, b"x")
    clock.move(86_400)
    kept.keep("new", JOB, b"y")
    clock.move(86_401)
    assert kept.recall("old", OTHER) is None
    assert kept.prune() == 0
    assert kept.recall("old", JOB) == Kept(b"x", own=True)  # it still waits, and has paid for it
    end(store)
    assert kept.prune() == 1
    assert kept.recall("new", OTHER) == Kept(b"y", own=False)


@pytest.mark.parametrize("how", ["finish", "fail", "lost"])
def test_answers_that_are_not_kept_for_long_are_their_job_s_until_its_end(aging, clock, how):
    store, kept = aging(0)
    assert kept.keep("k", JOB, MARKER)
    clock.move(30 * 86_400)
    assert kept.prune() == 0
    assert kept.recall("k", OTHER) is None
    assert kept.recall("k", JOB) == Kept(MARKER, own=True)
    end(store, how)
    assert rows(store) == []
    assert not kept.keep("k", JOB, MARKER)  # by a worker that was late
    assert rows(store) == []


def test_the_oldest_answers_make_room(store, kept, monkeypatch):
    monkeypatch.setattr("service.store.answers.MAX_ALL", 250)
    for number in range(5):
        kept.keep(f"k{number}", JOB, bytes([number]) * 100)
    assert kept.prune() == 3
    assert [row[0] for row in sorted(rows(store))] == [3, 4]
    assert kept.prune() == 0
