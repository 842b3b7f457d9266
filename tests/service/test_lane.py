import signal
import threading
import time
from datetime import timedelta

import pytest

from invoice_extraction.extract import OcrDeferred
from invoice_extraction.model.extraction import Extraction
from invoice_extraction.model.options import Options
from service.jobs import Jobs, Submission
from service.lane import Lane
from service.queue import NoQueue
from service.storage.disk import DiskStorage
from service.tenants import TENANT
from tests.servers import wait_until

PDF, SCAN = b"%PDF-1.7 with text", b"%PDF-1.7 scanned"


class Scanner:
    """Reads what has text at once, and scans when it is let: as `extract` does, without OCR's work."""

    def __init__(self) -> None:
        self.let = threading.Event()
        self.reading = 0

    def __call__(self, data, options, progress, defer_ocr, **_) -> Extraction:
        if data == SCAN:
            if defer_ocr:
                raise OcrDeferred(9)
            self.reading += 1
            progress("reading", 1, 9)
            assert self.let.wait(20)
        return Extraction(media_type="application/pdf", engine="layout", invoices=[])


@pytest.fixture
def scanner() -> Scanner:
    return Scanner()


@pytest.fixture
def jobs(store, tmp_path, scanner) -> Jobs:
    return Jobs(
        store=store,
        storage=DiskStorage(tmp_path / "files"),
        queue=NoQueue(),
        base_options=Options(),
        lease=timedelta(seconds=60),
        extract=scanner,
    )


@pytest.fixture
def lanes(jobs, scanner):
    """One worker's two lanes, of two threads each; stopped after the test."""
    both = (
        Lane(jobs, "w", "fast", 2, threading.Event()),
        Lane(jobs, "w", "scan", 2, jobs.handed_over),
    )
    for lane in both:
        lane.start()
    yield both
    scanner.let.set()
    for lane in both:
        lane.stop()
        lane.drain(time.monotonic() + 2)


def send(jobs: Jobs, data: bytes) -> str:
    file = jobs.receive(TENANT, "a.pdf")
    file.write(data)
    (job,) = jobs.submit([file], Submission(tenant=TENANT, options={}))
    return job.id


def statuses(jobs: Jobs, ids: list[str]) -> set[str]:
    return {jobs.get(TENANT, job_id).status for job_id in ids}


def test_scans_never_hold_the_threads_that_read_documents_with_text(jobs, lanes, scanner):
    scans = [send(jobs, SCAN) for _ in range(9)]
    wait_until(lambda: statuses(jobs, scans) == {"STARTED"})
    documents = [send(jobs, PDF) for _ in range(9)]
    wait_until(lambda: statuses(jobs, documents) == {"SUCCESS"})
    assert statuses(jobs, scans) == {"STARTED"}
    assert scanner.reading == 2
    scanner.let.set()
    wait_until(lambda: statuses(jobs, scans) == {"SUCCESS"})
    assert {jobs.get(TENANT, job_id).attempts for job_id in scans} == {1}


def test_large_scans_leave_room_for_documents_with_text(jobs, lanes, scanner, monkeypatch):
    for room in jobs.rooms.values():
        monkeypatch.setattr(room, "_most", 1)  # so that each file goes alone
    scan = send(jobs, SCAN)
    wait_until(lambda: scanner.reading == 1)
    document = send(jobs, PDF)
    wait_until(lambda: jobs.get(TENANT, document).status == "SUCCESS")
    assert jobs.get(TENANT, scan).status == "STARTED"


def test_a_scan_is_taken_up_as_soon_as_it_is_handed_over(jobs, lanes, scanner, monkeypatch):
    monkeypatch.setattr("service.lane.POLL_SECONDS", 60)
    time.sleep(0.6)  # now both lanes wait to be woken
    scan = send(jobs, SCAN)
    jobs.process(scan, "w")  # as a broker's message has it done
    wait_until(lambda: scanner.reading == 1, 5)


def test_progress_tells_the_pages_while_a_scan_waits_and_is_read(jobs, lanes, scanner):
    scans = [send(jobs, SCAN) for _ in range(3)]
    wait_until(lambda: scanner.reading == 2)
    begun, waits = ({"stage": "reading", "page": page, "pages": 9} for page in (1, None))
    expected = sorted(map(str, (begun, begun, waits)))  # which of them waits is not said
    wait_until(lambda: sorted(str(jobs.get(TENANT, one).progress) for one in scans) == expected)


def test_a_stop_waits_for_what_runs_until_the_deadline(jobs, lanes, scanner):
    scan = send(jobs, SCAN)
    wait_until(lambda: scanner.reading == 1)
    fast, scans = lanes
    for lane in lanes:
        lane.stop()
    assert fast.drain(time.monotonic() + 5)
    assert not scans.drain(time.monotonic() + 0.2)
    assert jobs.store.hand_back("w") == [scan]
    assert jobs.get(TENANT, scan).status == "RETRY"


def test_a_stop_that_comes_before_the_start_ends_at_once(jobs):
    lane = Lane(jobs, "w", "scan", 2, jobs.handed_over)
    lane.stop()
    assert lane.drain(time.monotonic() + 5)


def test_a_lane_that_dies_of_a_fault_asks_its_process_to_end(jobs, monkeypatch):
    asked = []

    def fault(*_):
        raise ZeroDivisionError

    monkeypatch.setattr("service.lane.os.kill", lambda _pid, number: asked.append(number))
    monkeypatch.setattr("threading.excepthook", lambda _: None)
    monkeypatch.setattr(jobs.store, "claim_next", fault)
    Lane(jobs, "w", "scan", 1, jobs.handed_over).start()
    wait_until(lambda: asked == [signal.SIGTERM])
