"""The words of pages: kept by the worker beside the result, found by search, gone with the document."""

from dataclasses import replace
from datetime import timedelta

import pytest

from invoice_extraction import extract
from invoice_extraction.model.document import Page, Word
from invoice_extraction.model.extraction import Extraction
from invoice_extraction.model.options import Options
from service import words
from service.errors import StorageFull
from service.files import words_key
from service.jobs import Jobs, Submission
from service.storage.disk import DiskStorage
from service.store.base import Filter
from service.tenants import TENANT
from tests.servers import ROOT

PAGE = Page(1, 100.0, 200.0, (Word("Zahlbar", 10.0, 20.0, 40.0, 30.0),), origin="text")


class Quiet:
    """A queue that nobody hears."""

    def announce(self, job_ids):
        pass


def reading(data, options, *, pages, **_):
    pages([PAGE])
    return Extraction(media_type="application/pdf", engine="layout", invoices=[])


@pytest.fixture
def jobs(sqlite_store, tmp_path, clock) -> Jobs:
    return Jobs(
        store=sqlite_store,
        storage=DiskStorage(tmp_path / "files"),
        queue=Quiet(),
        base_options=Options(),
        lease=timedelta(seconds=60),
        extract=reading,
        clock=clock,
    )


def send(jobs: Jobs) -> str:
    file = jobs.receive(TENANT, "a.pdf")
    file.write(b"%PDF-1.7 a file")
    (job,) = jobs.submit([file], Submission(tenant=TENANT, options={}))
    return job.id


def kept(jobs: Jobs, job_id: str) -> bytes | None:
    try:
        return jobs.storage.get(words_key(TENANT, job_id))
    except FileNotFoundError:
        return None


def test_the_words_that_were_read_are_kept_and_found(jobs):
    job_id = send(jobs)
    jobs.process(job_id, "w")
    assert kept(jobs, job_id) == words.written([PAGE])
    assert jobs.newest(TENANT, asked=Filter(text="zahlbar")).jobs[0].id == job_id
    jobs.delete(TENANT, job_id)
    assert kept(jobs, job_id) is None


def test_words_of_a_document_deleted_meanwhile_are_not_kept(jobs):
    job_id = send(jobs)

    def deleting(data, options, *, pages, **_):
        jobs.delete(TENANT, job_id)
        return reading(data, options, pages=pages)

    replace(jobs, extract=deleting).process(job_id, "w")
    assert kept(jobs, job_id) is None


def test_a_result_counts_more_than_the_room_for_its_words(jobs, monkeypatch):
    def full(key, data):
        raise StorageFull("full")

    job_id = send(jobs)
    monkeypatch.setattr(jobs.storage, "put", full)
    jobs.process(job_id, "w")
    assert jobs.get(TENANT, job_id).status == "SUCCESS"


def test_a_document_without_pages_has_no_words(jobs):
    job_id = send(jobs)
    stating = replace(jobs, extract=lambda *_, **__: reading(*_, pages=lambda pages: None))
    stating.process(job_id, "w")
    assert kept(jobs, job_id) is None


def test_extract_tells_the_pages_with_their_words():
    seen = []
    extract(ROOT / "samples/files/rechnung-de.pdf", pages=seen.extend)
    assert [page.number for page in seen] == [1]
    assert len(seen[0].words) > 20


def test_words_turned_with_their_page_stand_where_people_see_them():
    turned = replace(PAGE, width=200.0, height=100.0, angle=90.0)
    told = words.of_page(words.written([turned]), 1)
    assert b'"width":100.0,"height":200.0' in told
    assert words.of_page(words.written([turned]), 2) is None
