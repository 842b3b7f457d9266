import threading
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from invoice_extraction.errors import (
    CorruptFile,
    EngineAuth,
    EngineOverloaded,
    EngineRateLimited,
    EngineTimeout,
)
from invoice_extraction.model.extraction import ExtractedInvoice, Extraction
from invoice_extraction.model.invoice import Invoice, Party, Totals
from invoice_extraction.model.options import Limits, Options
from invoice_extraction.sandbox.client import ReadersUnavailable
from service.comparison import Comparison
from service.errors import Expired, ServiceUnavailable, StorageFull, UnknownTask
from service.files import folder, source_key
from service.jobs import LONGEST_OUTAGE, LONGEST_WAIT, ORPHAN_AGE, SHORTEST_WAIT, Jobs, Submission
from service.room import Room
from service.running import LONGEST_JOB, Running
from service.storage.disk import DiskStorage
from service.store.known import Known
from service.store.people import People
from service.tenants import TENANT
from tests.servers import wait_until

PDF = b"%PDF-1.7 a file"
LEASE = timedelta(seconds=60)


class Announced:
    """Keeps what was announced."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    def announce(self, job_ids):
        self.ids += job_ids

    def check(self):
        pass

    def close(self):
        pass


def answer(*, needs_review: bool = False) -> Extraction:
    invoice = ExtractedInvoice(result=Invoice(invoice_number="1"), needs_review=needs_review)
    return Extraction(media_type="application/pdf", engine="layout", invoices=[invoice])


@pytest.fixture
def jobs(sqlite_store, tmp_path, clock) -> Jobs:
    return Jobs(
        store=sqlite_store,
        storage=DiskStorage(tmp_path / "files"),
        queue=Announced(),
        base_options=Options(limits=Limits(max_bytes=100)),
        lease=LEASE,
        extract=lambda *_, **__: answer(),
        clock=clock,
    )


def send(jobs: Jobs, *files: bytes):
    incoming = []
    for data in files:
        file = jobs.receive(TENANT, "a.pdf")
        file.write(data)
        incoming.append(file)
    return jobs.submit(incoming, Submission(tenant=TENANT, options={}, request_id="r1"))


def raising(error: Exception):
    def extract(data, options, progress, **_):
        raise error

    return extract


def test_a_submitted_file_is_kept_and_announced(jobs):
    (job,) = send(jobs, PDF)
    assert jobs.get(TENANT, job.id).status == "PENDING"
    assert jobs.source(TENANT, job.id)[1] == PDF
    assert jobs.queue.ids == [job.id]


def test_a_bad_file_gets_its_own_refusal_and_never_sinks_its_neighbours(jobs):
    done = send(jobs, PDF, b"", b"\x00\x01\x02", PDF + b"x" * 200, PDF)
    assert [job.status for job in done] == ["PENDING", "FAILURE", "FAILURE", "FAILURE", "PENDING"]
    codes = [job.error and job.error["code"] for job in done]
    assert codes == [None, "empty_file", "unsupported_type", "file_too_large", None]
    assert (
        jobs.get(TENANT, done[3].id).error["detail"] == "The file has 215 bytes; the limit is 100."
    )
    assert jobs.queue.ids == [done[0].id, done[4].id]


def test_files_of_one_request_keep_their_order_in_the_list(jobs):
    sent = [job.id for job in send(jobs, *[PDF] * 9)]
    assert [job.id for job in jobs.newest(TENANT).jobs] == sent[::-1]


def test_a_refused_file_is_not_kept(jobs, tmp_path):
    (job,) = send(jobs, b"")
    assert not [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
    with pytest.raises(Expired):
        jobs.source(TENANT, job.id)


def test_a_request_whose_rows_cannot_be_written_keeps_no_file(jobs, monkeypatch, tmp_path):
    def away(*_):
        raise ServiceUnavailable("The database does not answer.")

    monkeypatch.setattr(jobs.store, "add", away)
    with pytest.raises(ServiceUnavailable):
        send(jobs, PDF)
    assert not [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
    assert jobs.queue.ids == []


def test_a_job_is_carried_out_once_however_often_it_is_announced(jobs):
    calls = []
    counting = replace(jobs, extract=lambda data, *a, **k: (calls.append(data), answer())[1])
    (job,) = send(jobs, PDF)
    for _ in range(3):
        counting.process(job.id, "w")
    assert calls == [PDF]
    done = jobs.get(TENANT, job.id)
    assert (done.status, done.attempts, done.error) == ("SUCCESS", 1, None)
    assert Extraction.model_validate_json(done.extraction).engine == "layout"


def test_review_is_told_on_the_row(jobs):
    (job,) = send(jobs, PDF)
    replace(jobs, extract=lambda *a, **k: answer(needs_review=True)).process(job.id, "w")
    assert jobs.get(TENANT, job.id).needs_review is True


def test_a_failure_keeps_its_code_and_what_to_do(jobs):
    (job,) = send(jobs, PDF)
    replace(jobs, extract=raising(CorruptFile("It is damaged."))).process(job.id, "w")
    error = jobs.get(TENANT, job.id).error
    assert (error["code"], error["detail"]) == ("corrupt_file", "It is damaged.")
    assert error["hint"]
    assert error["request_id"] == "r1"


def test_a_fault_of_ours_fails_the_job_without_internals_and_is_raised(jobs):
    (job,) = send(jobs, PDF)
    with pytest.raises(ZeroDivisionError):
        replace(jobs, extract=raising(ZeroDivisionError("secret"))).process(job.id, "w")
    failed = jobs.get(TENANT, job.id)
    assert (failed.status, failed.error["code"]) == ("FAILURE", "internal_error")
    assert "secret" not in str(failed.error)


def test_a_job_waits_through_an_outage_and_then_succeeds(jobs, clock):
    (job,) = send(jobs, PDF)
    replace(jobs, extract=raising(EngineOverloaded("Busy."))).process(job.id, "w")
    waiting = jobs.get(TENANT, job.id)
    assert (waiting.status, waiting.error["code"]) == ("RETRY", "engine_overloaded")
    jobs.process(job.id, "w")
    assert jobs.get(TENANT, job.id).status == "RETRY"
    clock.move(SHORTEST_WAIT * 1.3)
    jobs.process(job.id, "w")
    assert jobs.get(TENANT, job.id).status == "SUCCESS"


def test_a_provider_cannot_make_a_job_wait_for_ever(jobs, clock):
    (job,) = send(jobs, PDF)
    limited = raising(EngineRateLimited("Slow down.", retry_after=1e12))
    replace(jobs, extract=limited).process(job.id, "w")
    clock.move(LONGEST_WAIT * 1.2)
    jobs.process(job.id, "w")
    assert jobs.get(TENANT, job.id).status == "SUCCESS"


def test_an_outage_of_our_own_never_fails_a_job(jobs, clock):
    (job,) = send(jobs, PDF)
    away = replace(jobs, extract=raising(ServiceUnavailable("Away.")))
    for _ in range(10):
        away.process(job.id, "w")
        clock.move(60)
    assert jobs.get(TENANT, job.id).status == "RETRY"


def test_progress_that_cannot_be_told_does_not_decide_the_job(jobs, monkeypatch):
    (job,) = send(jobs, PDF)

    def report(*_):
        raise StorageFull("There is no space left for the database.")

    def extract(data, options, progress, **_):
        progress("model", None, 1)
        return answer()

    monkeypatch.setattr(jobs.store, "report", report)
    replace(jobs, extract=extract).process(job.id, "w")
    assert jobs.get(TENANT, job.id).status == "SUCCESS"


def test_only_claims_that_are_worked_on_are_renewed(jobs):
    (job,) = send(jobs, PDF)
    seen = []

    def extract(data, options, progress, **_):
        seen.extend(jobs.running.tokens())
        raise CorruptFile("It is damaged.")

    replace(jobs, extract=extract).process(job.id, "w")
    assert len(seen) == 1
    assert jobs.running.tokens() == []


def test_a_claim_that_hangs_is_no_longer_renewed(monkeypatch):
    running = Running()
    with running.hold("t"):
        running.advance("t")
        assert running.tokens() == ["t"]
        monkeypatch.setattr("service.running.LONGEST_JOB", -1)
        assert running.tokens() == []


def test_a_job_that_waits_for_room_does_not_hang_and_its_work_counts_from_then_on(
    jobs, monkeypatch
):
    monkeypatch.setattr("service.running.LONGEST_JOB", -1)
    (job,) = send(jobs, PDF)
    working = []
    worker = replace(
        jobs,
        rooms={"fast": Room(1)},
        extract=lambda *_, **__: (working.append(jobs.running.tokens()), answer())[1],
    )
    with worker.rooms["fast"].hold(1):
        waiting = threading.Thread(target=worker.process, args=(job.id, "w"))
        waiting.start()
        wait_until(jobs.running.tokens)
    waiting.join()
    assert working == [[]]


def test_work_on_a_model_goes_on_with_each_report(jobs, monkeypatch):
    now = 0.0
    monkeypatch.setattr("service.jobs.time.monotonic", lambda: now)
    (job,) = send(jobs, PDF)
    seen = []

    def extract(data, options, progress, **_):
        nonlocal now
        for stage in ("model", "model", "checking"):
            now += LONGEST_JOB - 1
            progress(stage, None, 1)
            seen.append(len(jobs.running.tokens()))
        now += LONGEST_JOB + 1
        seen.append(len(jobs.running.tokens()))
        return answer()

    replace(jobs, extract=extract).process(job.id, "w")
    assert seen == [1, 1, 1, 0]


def test_a_long_scan_is_renewed_as_long_as_its_pages_follow_one_another(monkeypatch):
    now = 0.0
    monkeypatch.setattr("service.jobs.time.monotonic", lambda: now)
    running = Running()
    with running.hold("t"):
        running.advance("t")
        for now in range(0, 3 * int(LONGEST_JOB), int(LONGEST_JOB) - 1):  # noqa: B007
            assert running.tokens() == ["t"]
            running.advance("t")
        now += LONGEST_JOB + 1
        assert running.tokens() == []


def test_a_commit_whose_answer_got_lost_keeps_its_files(jobs, monkeypatch):
    real = jobs.store.add

    def add(*asked):
        real(*asked)
        raise ServiceUnavailable("The database does not answer.")

    monkeypatch.setattr(jobs.store, "add", add)
    with pytest.raises(ServiceUnavailable):
        send(jobs, PDF)
    (job,) = jobs.newest(TENANT).jobs
    jobs.process(job.id, "w")
    assert jobs.get(TENANT, job.id).status == "SUCCESS"


def test_a_fault_while_rows_are_written_keeps_no_file(jobs, monkeypatch, tmp_path):
    def fault(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(jobs.store, "add", fault)
    with pytest.raises(ZeroDivisionError):
        send(jobs, PDF)
    assert not [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


def test_files_without_a_job_are_swept_when_they_are_old(jobs, clock, tmp_path):
    (job,) = send(jobs, PDF)
    jobs.receive(TENANT, "cut.pdf").write(PDF)
    jobs.storage.put("default/orphan/source", PDF)
    assert jobs.sweep() == 0
    clock.move(ORPHAN_AGE.total_seconds() + 10)
    assert jobs.sweep() == 2
    kept = [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
    assert [path.parent.name for path in kept] == [job.id]


def test_a_job_waits_as_long_as_the_provider_says(jobs, clock):
    (job,) = send(jobs, PDF)
    limited = raising(EngineRateLimited("Slow down.", retry_after=120))
    replace(jobs, extract=limited).process(job.id, "w")
    clock.move(119)
    jobs.process(job.id, "w")
    assert jobs.get(TENANT, job.id).status == "RETRY"
    clock.move(14)
    jobs.process(job.id, "w")
    assert jobs.get(TENANT, job.id).status == "SUCCESS"


def test_a_job_waits_a_day_for_its_provider_and_then_fails_with_the_reason(jobs, clock):
    (job,) = send(jobs, PDF)
    busy = replace(jobs, extract=raising(EngineOverloaded("Busy.")))
    began, tries = clock.now, 0
    while jobs.get(TENANT, job.id).status in {"PENDING", "RETRY"}:
        busy.process(job.id, "w")
        clock.move(30)
        tries += 1
    assert clock.now - began > LONGEST_OUTAGE
    failed = jobs.get(TENANT, job.id)
    assert (failed.status, failed.error["code"]) == ("FAILURE", "engine_overloaded")
    assert failed.attempts < 200


def test_after_an_outage_of_a_minute_no_job_waits_for_much_longer(jobs, clock):
    (job,) = send(jobs, PDF)
    busy = replace(jobs, extract=raising(EngineOverloaded("Busy.")))
    for second in range(120):
        (busy if second < 60 else jobs).process(job.id, "w")
        clock.move(1)
    assert jobs.get(TENANT, job.id).status == "SUCCESS"


def test_an_e_invoice_without_lines_waits_for_a_model_and_ends_without_them_at_last(jobs, clock):
    (job,) = send(jobs, PDF)
    error = EngineRateLimited("Slow down.", retry_after=30)

    def extract(*_, passing, **__):
        if isinstance(error, passing):
            raise error
        return answer()

    worker = replace(jobs, extract=extract, refusal=lambda: error)
    began = clock.now
    while jobs.get(TENANT, job.id).status in {"PENDING", "RETRY"}:
        worker.process(job.id, "w")
        clock.move(60)
    assert clock.now - began > LONGEST_OUTAGE
    assert jobs.get(TENANT, job.id).status == "SUCCESS"


def test_a_refused_job_is_not_opened_again_only_to_be_refused(jobs, clock):
    (refused, new) = send(jobs, PDF, PDF)
    opened = []

    def extract(*_, **__):
        opened.append(1)
        raise EngineOverloaded("Busy.")

    told = [EngineOverloaded("Busy.", retry_after=20)]
    worker = replace(jobs, extract=extract, refusal=lambda: told[0])
    worker.process(refused.id, "w")
    clock.move(SHORTEST_WAIT * 1.3)
    worker.process(refused.id, "w")
    assert len(opened) == 1
    assert jobs.get(TENANT, refused.id).error["code"] == "engine_overloaded"
    worker.process(new.id, "w")  # nobody knows yet that it needs the model
    assert len(opened) == 2
    told[0] = None
    clock.move(30)
    replace(worker, extract=jobs.extract).process(refused.id, "w")
    assert jobs.get(TENANT, refused.id).status == "SUCCESS"


def test_a_job_that_a_model_refused_is_read_by_another_engine_at_once(jobs, clock):
    (job,) = send(jobs, PDF)
    busy = EngineOverloaded("Busy.")
    worker = replace(jobs, extract=raising(busy), refusal=lambda: busy)
    worker.process(job.id, "w")
    people = People(jobs.store.engine, clock)
    people.cancel(TENANT, job.id, None, {"code": "cancelled"})
    people.retry(TENANT, job.id, None, {"engine": "layout"})
    replace(worker, extract=jobs.extract).process(job.id, "w")
    assert jobs.get(TENANT, job.id).status == "SUCCESS"


def test_a_job_without_a_call_left_fails_with_the_last_error_and_does_not_wait(jobs):
    (waits, fails) = send(jobs, PDF, PDF)
    last = EngineTimeout("It hangs.")
    replace(jobs, extract=raising(last)).process(waits.id, "w")
    assert jobs.get(TENANT, waits.id).status == "RETRY"
    last.is_last = True
    replace(jobs, extract=raising(last)).process(fails.id, "w")
    failed = jobs.get(TENANT, fails.id)
    assert (failed.status, failed.error["code"]) == ("FAILURE", "engine_timeout")


def test_a_job_waits_when_no_reader_can_be_started(jobs):
    (job,) = send(jobs, PDF)
    replace(jobs, extract=raising(ReadersUnavailable())).process(job.id, "w")
    waiting = jobs.get(TENANT, job.id)
    assert (waiting.status, waiting.error["code"]) == ("RETRY", "service_unavailable")


def test_a_job_waits_a_day_for_readers_and_then_fails_so_that_it_can_be_sent_again(jobs, clock):
    (job,) = send(jobs, PDF)
    without = replace(jobs, extract=raising(ReadersUnavailable()))
    without.process(job.id, "w")
    clock.move(LONGEST_OUTAGE.total_seconds() - 1)
    without.process(job.id, "w")
    assert jobs.get(TENANT, job.id).status == "RETRY"
    clock.move(60)
    without.process(job.id, "w")
    failed = jobs.get(TENANT, job.id)
    assert (failed.status, failed.error["code"]) == ("FAILURE", "service_unavailable")
    assert failed.error["retryable"]


def test_what_waiting_does_not_mend_fails_at_once(jobs):
    (job,) = send(jobs, PDF)
    replace(jobs, extract=raising(EngineAuth("No."))).process(job.id, "w")
    assert jobs.get(TENANT, job.id).status == "FAILURE"


def test_a_late_result_of_a_lost_claim_changes_nothing(jobs, clock):
    (job,) = send(jobs, PDF)

    def slow(*_, **__):
        clock.move(120)  # the lease runs out, and another worker is done first
        replace(jobs, extract=lambda *a, **k: answer(needs_review=True)).process(job.id, "w2")
        return answer()

    replace(jobs, extract=slow).process(job.id, "w1")
    done = jobs.get(TENANT, job.id)
    assert (done.status, done.needs_review, done.losses) == ("SUCCESS", True, 1)


def test_a_result_waits_for_a_database_that_is_away_for_a_moment(jobs, monkeypatch):
    (job,) = send(jobs, PDF)
    real, failures = jobs.store.finish, iter([True, True])

    def finish(*args, **kwargs):
        if next(failures, False):
            raise ServiceUnavailable("The database does not answer.")
        return real(*args, **kwargs)

    monkeypatch.setattr(jobs.store, "finish", finish)
    monkeypatch.setattr("service.jobs.time.sleep", lambda _seconds: None)
    jobs.process(job.id, "w")
    assert jobs.get(TENANT, job.id).status == "SUCCESS"


def test_options_of_the_caller_reach_the_library(jobs):
    seen = []
    file = jobs.receive(TENANT, "a.pdf")
    file.write(PDF)
    (job,) = jobs.submit(
        [file],
        Submission(tenant=TENANT, options={"engine": "layout", "language": "de", "pages": "2"}),
    )
    replace(jobs, extract=lambda data, o, **_: (seen.append(o), answer())[1]).process(job.id, "w")
    assert (seen[0].engine, seen[0].language, seen[0].pages) == ("layout", "de", "2")


def test_deleting_a_job_removes_its_files(jobs, tmp_path):
    (job,) = send(jobs, PDF)
    jobs.storage.put(f"{folder(TENANT, job.id)}/page-1-320.webp", b"x")
    jobs.delete(TENANT, job.id)
    assert not list((tmp_path / "files").rglob("source"))
    with pytest.raises(Expired):
        jobs.get(TENANT, job.id)
    with pytest.raises(Expired):
        jobs.delete(TENANT, job.id)
    with pytest.raises(UnknownTask):
        jobs.delete(TENANT, "f" * 32)


def test_a_job_whose_files_cannot_be_deleted_stays_to_be_deleted_again(jobs, monkeypatch):
    (job,) = send(jobs, PDF)

    def away(_prefix):
        raise ServiceUnavailable("The storage for files does not answer.")

    with monkeypatch.context() as patch:
        patch.setattr(DiskStorage, "delete", lambda _self, prefix: away(prefix))
        with pytest.raises(ServiceUnavailable):
            jobs.delete(TENANT, job.id)
    jobs.delete(TENANT, job.id)
    with pytest.raises(Expired):
        jobs.get(TENANT, job.id)


def test_a_job_deleted_while_it_runs_ends_without_a_trace(jobs):
    (job,) = send(jobs, PDF)

    def extract(data, options, progress, **_):
        jobs.delete(TENANT, job.id)
        return answer()

    replace(jobs, extract=extract).process(job.id, "w")
    with pytest.raises(Expired):
        jobs.get(TENANT, job.id)


@pytest.mark.parametrize("case", ["deleted", "taken by another worker"])
def test_a_job_that_is_no_longer_ours_is_not_read_to_its_end(jobs, clock, case):
    (job,) = send(jobs, PDF)
    pages = []

    def extract(data, options, progress, **_):
        for page in range(1, 10):
            progress("reading", page, 9)
            pages.append(page)
            if page == 3 and case == "deleted":
                jobs.delete(TENANT, job.id)
            elif page == 3:
                clock.move(LEASE.total_seconds() + 1)
                jobs.process(job.id, "w2")
        return answer(needs_review=True)

    replace(jobs, extract=extract).process(job.id, "w")
    assert pages == [1, 2, 3]
    if case == "deleted":
        with pytest.raises(Expired):
            jobs.get(TENANT, job.id)
    else:
        done = jobs.get(TENANT, job.id)
        assert (done.status, done.needs_review) == ("SUCCESS", False)


def test_upkeep_announces_again_what_got_lost(jobs, clock):
    (job,) = send(jobs, PDF)
    jobs.queue.ids.clear()
    jobs.reap()
    assert jobs.queue.ids == [job.id]


def test_a_job_whose_file_is_gone_says_so(jobs):
    (job,) = send(jobs, PDF)
    jobs.storage.delete(source_key(TENANT, job.id).rpartition("/")[0])
    jobs.process(job.id, "w")
    assert jobs.get(TENANT, job.id).error["code"] == "expired"


def test_what_was_read_is_compared_with_the_other_documents(jobs, sqlite_store):
    invoice = Invoice(
        invoice_number="1",
        issue_date=date(2026, 1, 31),
        seller=Party(name="Acme"),
        totals=Totals(gross=Decimal(5)),
    )
    read = answer().model_copy(update={"invoices": [ExtractedInvoice(result=invoice)]})
    comparison = Comparison(Known(sqlite_store.engine))
    jobs = replace(jobs, comparison=comparison, extract=lambda *_, **__: read)
    (first,), (second,) = send(jobs, PDF), send(jobs, PDF + b"!")
    for job in (first, second):
        jobs.process(job.id, "w")
    told = [jobs.get(TENANT, job.id) for job in (first, second)]
    assert [job.duplicate_of for job in told] == [None, first.id]
    assert [job.needs_review for job in told] == [False, True]
    assert first.id in told[1].extraction


def test_a_document_is_deleted_when_its_time_is_over(jobs, clock, tmp_path):
    jobs = replace(jobs, retention=timedelta(days=30))
    (old,) = send(jobs, PDF)
    clock.move(29 * 86_400)
    (new,) = send(jobs, PDF)
    assert jobs.expire() == 0
    assert old.expires_at == jobs.get(TENANT, old.id).expires_at == old.created_at + jobs.retention
    clock.move(86_400)
    with pytest.raises(Expired):  # though nobody has deleted it yet
        jobs.get(TENANT, old.id)
    assert jobs.expire() == 1
    assert jobs.expire() == 0
    with pytest.raises(Expired):
        jobs.get(TENANT, old.id)
    assert jobs.get(TENANT, new.id) == new
    assert [path.parent.name for path in tmp_path.rglob("source")] == [new.id]


def test_documents_that_cannot_be_deleted_do_not_hinder_those_behind_them(
    jobs, clock, tmp_path, monkeypatch
):
    jobs = replace(jobs, retention=timedelta(days=1))
    sent = [send(jobs, PDF)[0] for _ in range(60)]
    stuck = {folder(TENANT, job.id) for job in sent[:2]}
    clock.move(86_401)
    delete = jobs.storage.delete

    def fails(prefix):
        if prefix in stuck:
            raise ServiceUnavailable("It cannot be deleted.")
        delete(prefix)

    monkeypatch.setattr(jobs.storage, "delete", fails)
    with pytest.raises(ServiceUnavailable):
        jobs.expire()
    kept = {path.parent.name for path in tmp_path.rglob("source")}
    assert kept == {job.id for job in sent[:2]}
    stuck.clear()
    assert jobs.expire() == 2


def test_many_documents_expire_in_one_round_and_more_workers_do_not_hinder_one_another(jobs, clock):
    jobs = replace(jobs, retention=timedelta(days=1))
    for _ in range(6):
        send(jobs, *[PDF] * 20)
    clock.move(86_401)
    found: list[int] = []
    workers = [threading.Thread(target=lambda: found.append(jobs.expire())) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(found) == 120
    assert jobs.newest(TENANT).jobs == ()


def test_a_new_time_holds_for_the_documents_that_are_there(jobs, clock):
    (job,) = send(jobs, PDF)
    assert job.expires_at is None
    for days in (30, 7, None, 3):
        age = timedelta(days=days) if days else None
        jobs = replace(jobs, retention=age)
        jobs.sweep()
        assert jobs.get(TENANT, job.id).expires_at == (job.created_at + age if age else None)
    assert jobs.store.keep_for(timedelta(days=3)) == 0
    clock.move(3 * 86_400)
    assert jobs.expire() == 1
    assert jobs.store.keep_for(timedelta(days=9)) == 0  # what is gone does not come back
