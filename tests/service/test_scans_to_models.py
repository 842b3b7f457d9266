"""Scans that a model reads: once it has answered, they wait for OCR among other scans."""

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from config.config import Settings
from invoice_extraction.extract import extract
from invoice_extraction.sandbox.client import Readers
from service.jobs import Jobs, Submission
from service.lane import Lane
from service.tenants import TENANT
from service.wiring import Services, build_worker
from tests.engines.llm.answers import answer, invoice
from tests.engines.llm.stand_in import KEY, Reply, StandIn, fails, says
from tests.servers import ROOT, wait_until

FILES = ROOT / "samples" / "files"
PDF = (FILES / "invoice-en.pdf").read_bytes()
SCAN = (FILES / "receipt-photo-de.jpg").read_bytes()
LATENCY = 0.2
"""Seconds that the model takes for an answer."""
SLOW_OCR = [sys.executable, "-I", str(Path(__file__).with_name("slow_ocr.py")), str(ROOT)]


def right(delay: float = 0.0) -> Reply:
    return says(json.dumps(answer(invoice(invoice_number="INV-7", total="119.00"))), delay=delay)


@pytest.fixture
def model() -> Iterator[StandIn]:
    with StandIn() as stand_in:
        stand_in.script = [right()]
        yield stand_in


@pytest.fixture
def ocr_hangs(tmp_path: Path) -> Path:
    """Return a file as long as which is there OCR hangs; it is not."""
    return tmp_path / "ocr-hangs"


@pytest.fixture
def ocr_ends(ocr_hangs: Path) -> Callable[[], None]:
    """Let OCR hang, and return a function that ends that."""
    ocr_hangs.touch()
    return partial(ocr_hangs.unlink, missing_ok=True)


@pytest.fixture
def worker(model: StandIn, tmp_path: Path, ocr_hangs: Path) -> Iterator[Callable[..., Services]]:
    """Return a function that builds a worker's services, whose OCR can be made to hang."""
    made: list[Services] = []
    with Readers(2, ocr_slots=1, ocr_command=[*SLOW_OCR, str(ocr_hangs)]) as readers:

        def build(**settings: object) -> Services:
            plain = {"data_dir": tmp_path, "gemini_api_key": KEY, "llm_base_url": model.base_url}
            services = build_worker(Settings(_env_file=None, **plain | settings))
            services.start()
            jobs = replace(services.jobs, extract=partial(extract, readers=readers))
            made.append(replace(services, jobs=jobs))
            return made[-1]

        yield build
        for services in made:
            services.stop()


def send(jobs: Jobs, data: bytes, **options: object) -> str:
    file = jobs.receive(TENANT, "a")
    file.write(data)
    (job,) = jobs.submit([file], Submission(tenant=TENANT, options=options))
    return job.id


def read_on(jobs: Jobs) -> None:
    """Carry out the oldest job of the scan lane."""
    job = jobs.store.claim_next("w", jobs.lease, "scan")
    assert job is not None
    jobs.carry_out(job)


def told(jobs: Jobs, job_id: str) -> dict:
    job = jobs.get(TENANT, job_id)
    assert job.status == "SUCCESS", (job.status, job.error)
    return json.loads(job.extraction)


def usage(extraction: dict) -> tuple[int, int, int, str, bool]:
    found = extraction["usage"]
    names = ("calls", "input_tokens", "output_tokens", "cost", "cached")
    return tuple(found[name] for name in names)


def test_a_scan_is_handed_over_after_its_answer_and_tells_the_one_call_it_paid(worker, model):
    jobs = (services := worker()).jobs
    scan = send(jobs, SCAN)
    jobs.process(scan, "w")
    job = jobs.get(TENANT, scan)
    assert (job.status, job.lane, job.attempts, model.calls) == ("STARTED", "scan", 1, 1)
    read_on(jobs)
    found = told(jobs, scan)
    calls, asked, answered, cost, cached = usage(found)
    assert (calls, asked, answered, cached, model.calls) == (1, 1000, 250, False, 1)
    assert float(cost) > 0
    assert found["attempts"][0]["cached"] is False
    assert found["invoices"][0]["evidence"]["/invoice_number"]["origin"] == "ocr"
    (spent,) = services.ledger.used()[0]
    assert (spent.calls, spent.cached, spent.cost) == (1, 0, type(spent.cost)(cost))


def test_of_two_that_ask_at_the_same_time_each_tells_the_call_it_paid(worker, model):
    jobs = worker().jobs
    model.script = [right(5)]  # until then a busy machine has asked for both
    scans = [send(jobs, SCAN), send(jobs, SCAN)]
    asking = [threading.Thread(target=jobs.process, args=(scan, "w")) for scan in scans]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    read_on(jobs)
    read_on(jobs)
    assert [usage(told(jobs, scan))[::4] for scan in scans] == [(1, False)] * 2
    assert model.calls == 2


def test_a_scan_whose_answer_another_one_paid_for_costs_nothing_and_is_counted_once(worker, model):
    jobs = (services := worker()).jobs
    for _ in range(2):
        scan = send(jobs, SCAN)
        jobs.process(scan, "w")
        read_on(jobs)
    assert usage(told(jobs, scan)) == (0, 0, 0, "0", True)
    (spent,) = services.ledger.used()[0]
    assert (spent.calls, spent.cached, model.calls) == (1, 1, 1)


def test_tries_that_were_billed_before_the_answer_are_told_after_the_hand_over(worker, model):
    jobs = worker().jobs
    model.script = [says("no JSON"), right()]
    scan = send(jobs, SCAN)
    jobs.process(scan, "w")
    read_on(jobs)
    assert usage(told(jobs, scan))[:3] == (2, 2000, 500)


def test_force_asks_once_although_the_scan_is_handed_over(worker, model):
    jobs = worker().jobs
    first = send(jobs, SCAN)
    jobs.process(first, "w")
    read_on(jobs)
    assert model.calls == 1
    forced = send(jobs, SCAN, force=True)
    jobs.process(forced, "w")
    read_on(jobs)
    assert model.calls == 2
    assert usage(told(jobs, forced))[0] == 1


def test_a_scan_that_would_be_paid_again_is_read_where_it_was_asked(worker, model):
    model.script = [fails(403, "PERMISSION_DENIED"), right()]
    jobs = worker(llm_fallbacks=("google:gemini-3.5-flash-lite",)).jobs
    scan = send(jobs, SCAN, fallback=True)
    jobs.process(scan, "w")
    assert usage(told(jobs, scan))[0] == model.calls == 2


def test_a_scan_whose_answer_cannot_be_kept_is_read_where_it_was_asked(worker, model, monkeypatch):
    jobs = worker().jobs
    monkeypatch.setattr(jobs.answers, "keep", lambda *_: False)
    scan = send(jobs, SCAN)
    jobs.process(scan, "w")
    assert usage(told(jobs, scan))[0] == model.calls == 1


def test_without_a_cache_a_scan_is_handed_over_all_the_same(worker, model):
    jobs = (services := worker(llm_cache_days=0)).jobs
    scan = send(jobs, SCAN)
    jobs.process(scan, "w")
    assert jobs.get(TENANT, scan).lane == "scan"
    read_on(jobs)
    assert (usage(told(jobs, scan))[0], model.calls) == (1, 1)
    again = send(jobs, SCAN)
    jobs.process(again, "w")
    assert model.calls == 2  # nothing is left of the first
    assert services.ledger.used()[0][0].cached == 0


def test_documents_with_text_end_beside_scans_as_soon_as_the_model_has_answered(
    worker, model, ocr_ends
):
    model.script = [right(LATENCY)]
    jobs = worker(llm_concurrency=8).jobs
    lanes = (
        Lane(jobs, "w", "fast", 8, threading.Event()),
        Lane(jobs, "w", "scan", 2, jobs.handed_over),
    )
    scans = [send(jobs, SCAN + bytes([n])) for n in range(20)]
    for lane in lanes:
        lane.start()
    try:
        wait_until(lambda: model.calls == len(scans), 120)
        documents = [send(jobs, PDF + b"\n%" + bytes([n])) for n in range(20)]
        wait_until(lambda: ended(jobs, documents) == len(documents), 120)
        # all that were asked about hang in OCR or wait for it, and hold no thread of the others
        assert len(scans) - ended(jobs, scans) > 8
        ocr_ends()
        wait_until(lambda: ended(jobs, scans) == len(scans), 120)
    finally:
        ocr_ends()
        for lane in lanes:
            lane.stop()
            lane.drain(time.monotonic() + 10)
    assert {usage(told(jobs, job_id))[0] for job_id in [*scans, *documents]} == {1}
    assert model.calls == len(scans) + len(documents)


def ended(jobs: Jobs, ids: list[str]) -> int:
    return sum(jobs.get(TENANT, job_id).is_final for job_id in ids)
