"""`password`: locked PDFs are unlocked as they come in, and the password is forgotten."""

import hashlib
import io
import threading
from dataclasses import replace
from pathlib import Path

import httpx
import pikepdf
import pytest

from app import reader
from app.application import build_app
from invoice_extraction.sandbox.client import Readers
from service.errors import StorageFull
from service.storage.disk import DiskWriter
from service.tenants import TENANT
from tests.app.conftest import PDF, XML, client_of, upload
from tests.servers import ROOT

FILES = ROOT / "samples" / "files"
INVOICE = (FILES / "invoice-en.pdf").read_bytes()
MARK = "tulip-Ω-52f1c0"


def locked(password: str = MARK, data: bytes = INVOICE, owner: str = "rose") -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(user=password, owner=owner))
    return out.getvalue()


def kept_file(services, entry) -> bytes:
    return services.jobs.source(TENANT, entry["task_id"])[1]


def is_locked(data: bytes) -> bool:
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            return pdf.is_encrypted
    except pikepdf.PasswordError:
        return True


@pytest.mark.parametrize("password", [MARK, "rose"])
def test_what_is_kept_is_the_file_without_its_lock(client, services, password):
    sent = locked()
    (entry,) = upload(client, sent, password=password).json()
    assert entry["status"] == "PENDING"
    data = kept_file(services, entry)
    assert not is_locked(data)
    told = client.get(f"/v1/documents/{entry['task_id']}").json()
    assert told["sha256"] == hashlib.sha256(sent).hexdigest()
    assert told["size"] == len(data)
    assert told["options"] == {}
    file = client.get(f"/v1/documents/{entry['task_id']}/file")
    assert file.content == data
    picture = client.get(f"/v1/documents/{entry['task_id']}/pages/1.webp")
    assert picture.status_code == 200


def test_a_wrong_password_fails_its_own_file_alone(client, services, kept):
    sent = [("a.pdf", INVOICE), ("b.pdf", locked()), ("c.xml", XML), ("d.pdf", locked("other"))]
    entries = upload(client, *sent, password=MARK).json()
    assert [entry["status"] for entry in entries] == ["PENDING"] * 3 + ["FAILURE"]
    error = entries[3]["error"]
    assert error["code"] == "password_required"
    assert "does not open" in error["detail"]
    assert "form field `password`" in error["hint"]
    assert kept() == ["source"] * 3
    assert client.get(f"/status/{entries[3]['task_id']}").json()["error"] == error


def test_files_that_need_no_password_stay_as_they_came(client, services):
    restricted, broken = locked("", owner="rose"), INVOICE[:-300]
    sent = [INVOICE, restricted, broken, PDF, XML]
    entries = upload(client, *[("f", data) for data in sent], password=MARK).json()
    assert [kept_file(services, entry) for entry in entries] == sent


def test_a_locked_file_without_a_password_is_kept_as_it_came(client, services):
    sent = locked()
    for fields in ({}, {"password": ""}):
        (entry,) = upload(client, sent, **fields).json()
        assert kept_file(services, entry) == sent


def test_blanks_belong_to_a_password(client):
    (entry,) = upload(client, locked(" x "), password=" x ").json()
    assert entry["status"] == "PENDING"
    (entry,) = upload(client, locked(" x "), password="x").json()
    assert entry["status"] == "FAILURE"


def test_a_file_that_is_larger_without_its_lock_is_judged_as_it_came(make_services, settings):
    sent = locked()
    small = settings.model_copy(update={"max_file_size": len(sent)})
    services = make_services(small)
    grown = replace(services, readers=Growing())
    with client_of(build_app(grown)) as client:
        (entry,) = upload(client, sent, password=MARK).json()
        (larger,) = upload(client, sent + b"\n", password=MARK).json()
    assert entry["status"] == "PENDING"
    job, data = services.jobs.source(TENANT, entry["task_id"])
    assert job.size == len(data) == len(sent) + 1
    assert services.jobs._options(job).limits.max_bytes == job.size
    assert larger["error"]["code"] == "file_too_large"


class Growing:
    """Readers whose answer is larger than the file."""

    def unlocked(self, data: bytes, password: str) -> bytes:
        return data + b"\n"

    def close(self) -> None:
        pass


def test_where_no_reader_is_free_the_other_files_are_kept(services, app, kept, monkeypatch):
    monkeypatch.setattr(reader, "WAIT", 0.2)
    busy, done = threading.Event(), threading.Event()

    def slow(data, password):
        busy.set()
        done.wait(10)

    monkeypatch.setattr(services.readers, "unlocked", slow)
    with client_of(app) as client:
        first = threading.Thread(target=upload, args=(client, locked()), kwargs={"password": MARK})
        first.start()
        busy.wait(10)
        (document,) = upload(client, INVOICE).json()
        other, refused = upload(client, ("a.xml", XML), ("b.pdf", locked()), password=MARK).json()
        assert (other["status"], refused["status"]) == ("PENDING", "FAILURE")
        assert (refused["error"]["code"], refused["error"]["retryable"]) == ("reader_busy", True)
        page = client.get(f"/v1/documents/{document['task_id']}/pages/1.webp")
        assert page.status_code == 200  # pages are drawn meanwhile
        done.set()
        first.join()
    assert kept().count("source") == 3


def test_without_any_reader_a_locked_file_is_to_be_sent_again(services, kept):
    without = replace(services, readers=Readers(1, command=["/no/such/program"]))
    with client_of(build_app(without)) as client:
        (entry,) = upload(client, locked(), password=MARK).json()
        assert (entry["status"], entry["error"]["code"]) == ("FAILURE", "reader_busy")
        assert upload(client, XML, password=MARK).status_code == 202
    assert kept() == ["source"]


def test_a_disk_that_fills_up_meanwhile_keeps_nothing(client, kept, monkeypatch):
    written = []
    write = DiskWriter.write

    def full(writer, chunk):
        if written and writer is not written[0]:
            raise StorageFull("There is no space left to keep the file.")
        written.append(writer)
        write(writer, chunk)

    monkeypatch.setattr(DiskWriter, "write", full)
    answer = upload(client, locked(), password=MARK)
    assert (answer.status_code, answer.json()["code"]) == (507, "storage_full")
    assert kept() == []


def spellings(text: str) -> list[bytes]:
    """How the marker may stand in a file: as it is, escaped, in two bytes a character, in part."""
    return [
        text.encode(),
        text.encode("unicode_escape"),
        text.encode("utf-16-le"),
        text.rpartition("-")[2].encode(),
    ]


def family(pid: int) -> list[int]:
    """Return a process and all below it."""
    found = [pid]
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in tasks.read_text().split():
            found += family(int(child))
    return found


def final(api, task_id: str) -> dict:
    """Return the task once it is final."""
    while True:
        told = httpx.get(f"{api.url}/status/{task_id}?wait=20", timeout=60).json()
        if told["status"] in {"SUCCESS", "FAILURE"}:
            return told


def test_the_password_is_nowhere_to_be_found_afterwards(start_api, tmp_path):
    api = start_api(LOG_LEVEL="DEBUG")
    factur_x = (FILES / "factur-x-de.pdf").read_bytes()
    files = [
        ("files", (f"{n}.pdf", data))
        for n, data in enumerate((locked(), locked(data=factur_x), locked("no"), INVOICE))
    ]
    url = f"{api.url}/extract-invoice"
    answer = httpx.post(url, files=files, data={"password": MARK}, timeout=30)
    refused = httpx.post(url, files=files, data={"password": MARK, "colour": "red"}, timeout=30)
    assert refused.status_code == 422
    entries = answer.json()
    found = [final(api, entry["task_id"]) for entry in entries]
    assert [one["status"] for one in found] == ["SUCCESS", "SUCCESS", "FAILURE", "SUCCESS"]
    assert found[0]["result"] == found[3]["result"]
    assert (found[1]["engine"], found[1]["result"]["currency"]) == ("einvoice", "EUR")
    processes = family(api.process.pid)
    assert len(processes) >= 4  # the API, its worker, a reader of each
    shown = [
        Path(f"/proc/{pid}/{name}").read_bytes()
        for pid in processes
        for name in ("cmdline", "environ")
    ]
    said = [answer.content, refused.content] + [
        httpx.get(f"{api.url}/v1/documents/{entry['task_id']}").content for entry in entries
    ]
    api.stop()
    files_left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.name.startswith("jobs.db") for path in files_left)
    assert any(path.suffix == ".log" for path in files_left)
    for content in (*shown, *said, *(path.read_bytes() for path in files_left)):
        assert not [mark for mark in spellings(MARK) if mark in content]
