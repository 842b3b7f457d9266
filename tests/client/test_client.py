"""The client against a real service, its retries against scripted answers."""

import inspect
import io
import json
import re
import threading
from contextlib import redirect_stdout
from datetime import date
from decimal import Decimal
from pathlib import Path

import anyio
import httpx
import openpyxl
import pytest

from invoice_extraction import client as package
from invoice_extraction import extract
from invoice_extraction.cli import main
from invoice_extraction.client import (
    ApiError,
    AsyncClient,
    Client,
    TaskFailed,
    Unreachable,
    WaitTimeout,
)
from invoice_extraction.client.settings import PAGE
from tests.servers import ROOT, free_port

FILES = ROOT / "samples" / "files"
UBL = FILES / "invoice-ubl.xml"
TRUTH = json.loads((FILES / "truth.json").read_text())


@pytest.fixture
def client(service):
    with Client(service) as client:
        yield client


# ---------------------------------------------------------------- the real service


def test_a_document_is_sent_waited_for_and_read(client):
    task = client.extract(UBL, reference="PO-7", metadata={"a": 1})
    truth = TRUTH["invoice-ubl.xml"]
    assert task.result.invoice_number == truth["invoice_number"]
    assert task.result.totals.gross == Decimal(truth["totals"]["gross"])
    assert task.result == task.invoices[0].result
    assert task.invoices[0].evidence["/totals/gross"].origin == "xml"
    known = client.document(task.task_id)
    assert (known.reference, known.metadata, known.syntax) == ("PO-7", {"a": 1}, "ubl")
    assert client.file(task.task_id) == UBL.read_bytes()


def test_what_the_service_read_is_what_the_library_reads(client):
    told = client.extraction(client.extract(UBL).task_id)
    assert [one.result for one in told.invoices] == [one.result for one in extract(UBL).invoices]


def test_a_document_that_cannot_be_read_is_told(client):
    with pytest.raises(TaskFailed) as caught:
        client.extract(("bad.pdf", b"%PDF-1.7 and nothing else"))
    assert caught.value.code == "corrupt_file"
    assert caught.value.hint
    assert caught.value.task.filename == "bad.pdf"
    (refused,) = client.send(("none", b"\x00\x01"))
    assert (refused.status, refused.error.code) == ("FAILURE", "unsupported_type")


def test_a_request_that_is_refused_is_told(client):
    with pytest.raises(ApiError) as caught:
        client.send(UBL, engine="none")
    assert (caught.value.status, caught.value.code) == (422, "invalid_option")
    assert caught.value.errors[0]["pointer"] == "/engine"
    assert caught.value.request_id
    with pytest.raises(ApiError, match="no task"):
        client.status("0" * 32)
    with pytest.raises(ApiError, match="Not Found"):
        client.document("../keys")


def test_documents_are_found_page_by_page_exported_and_deleted(client):
    entries = [client.send((f"{n}.xml", UBL.read_bytes()), reference="many")[0] for n in range(3)]
    ids = [entry.task_id for entry in entries]
    for task_id in ids:
        assert client.wait(task_id).is_final
    listed = client.documents(reference="many", status="SUCCESS")
    assert [document.task_id for document in listed] == ids[::-1]
    file = io.BytesIO()
    client.export(file, "xlsx", reference="many")
    assert openpyxl.load_workbook(file)["Invoices"].max_row == 4
    chosen = io.BytesIO()
    client.export(chosen, "json", *ids[:2])
    assert [one["task_id"] for one in json.loads(chosen.getvalue())] == ids[:2]
    client.delete(ids[0])
    with pytest.raises(ApiError) as caught:
        client.status(ids[0])
    assert caught.value.code == "expired"
    with pytest.raises(ApiError, match="format"):
        client.export(io.BytesIO(), "none")


def test_a_document_is_corrected_confirmed_and_read_again(client):
    task = client.extract(UBL)
    known = client.document(task.task_id)
    changed = client.correct(
        task.task_id,
        {"totals": {"gross": Decimal("1.00")}, "due_date": date(2030, 1, 31)},
        known.etag,
    )
    assert (changed.result.totals.gross, changed.result.due_date) == (1, date(2030, 1, 31))
    assert changed.invoices[0].evidence["/totals/gross"].origin == "person"
    with pytest.raises(ApiError) as caught:
        client.correct(task.task_id, {"due_date": None}, known.etag)
    assert (caught.value.status, caught.value.code) == (412, "stale")
    assert client.confirm(task.task_id, changed.etag).is_final
    with pytest.raises(ApiError) as caught:
        client.retry(task.task_id)
    assert caught.value.code == "conflict"
    client.reject(task.task_id)
    client.reopen(task.task_id)
    client.retry(task.task_id, engine="einvoice")
    assert client.wait(task.task_id).result == task.result
    with pytest.raises(ApiError):
        client.cancel(task.task_id)


def test_the_list_goes_on_behind_its_first_page(client):
    for _ in range(PAGE // 20 + 1):
        client.send(*[(f"{n}.pdf", b"none") for n in range(20)], reference="long")
    assert len(list(client.documents(reference="long"))) == PAGE + 20


def test_a_task_that_takes_longer_can_be_waited_for_again(client, service):
    (entry,) = client.send(FILES / "receipt-photo-de.jpg")
    with pytest.raises(WaitTimeout) as caught:
        client.wait(entry.task_id, timeout=0.01)
    assert caught.value.task.task_id == entry.task_id
    assert client.wait(entry.task_id).status == "SUCCESS"


def test_what_people_and_other_documents_have_to_do_with_it_is_told(client):
    name = ("twice.xml", UBL.read_bytes().replace(b"</Invoice>", b"<!-- twice --></Invoice>"))
    first = client.extract(name)
    (entry,) = client.send(name, reference="twice")
    assert (entry.duplicate_of.task_id, entry.duplicate_of.reason) == (first.task_id, "same_file")
    assert client.wait(entry.task_id).duplicate_of == entry.duplicate_of
    client.reject(entry.task_id)
    (found,) = client.documents(reference="twice", duplicate=True)
    assert (found.decision, found.duplicate_of) == ("rejected", entry.duplicate_of)
    assert found.batch_id
    assert list(client.documents(reference="twice", duplicate=False)) == []
    known = client.document(entry.task_id)
    assert [deed.action for deed in known.history] == ["rejected"]
    changed = client.correct(first.task_id, {"notes": ["x"]}, client.document(first.task_id).etag)
    assert changed.as_read[0].result.notes != ["x"]


def test_files_are_read_and_written_apart_from_the_event_loop(service, monkeypatch):
    loop, threads = threading.current_thread(), []
    read = Path.read_bytes

    def noting(path):
        threads.append(threading.current_thread())
        return read(path)

    class Target(io.BytesIO):
        def write(self, piece):
            threads.append(threading.current_thread())
            return super().write(piece)

    async def scenario() -> None:
        async with AsyncClient(service) as client:
            task = await client.extract(UBL)
            await client.export(Target(), "csv", task.task_id)

    monkeypatch.setattr(Path, "read_bytes", noting)
    anyio.run(scenario)
    assert len(threads) >= 2
    assert loop not in threads


def test_the_asynchronous_client_does_the_same(service):
    async def scenario() -> None:
        async with AsyncClient(service) as client:
            task = await client.extract(UBL, reference="async")
            assert task.result.invoice_number == TRUTH["invoice-ubl.xml"]["invoice_number"]
            assert (await client.document(task.task_id)).reference == "async"
            assert [one.task_id async for one in client.documents(reference="async")] == [
                task.task_id
            ]
            assert (await client.extraction(task.task_id)).engine == "einvoice"
            file = io.BytesIO()
            await client.export(file, "csv", task.task_id)
            assert task.task_id.encode() in file.getvalue()
            with pytest.raises(ApiError):
                await client.export(file, "none")
            assert await client.file(task.task_id) == UBL.read_bytes()
            with pytest.raises(TaskFailed):
                await client.extract(("bad.pdf", b"%PDF-1.7"))
            (entry,) = await client.send(FILES / "receipt-photo-de.jpg")
            with pytest.raises(WaitTimeout):
                await client.wait(entry.task_id, timeout=0.01)
            known = await client.document(task.task_id)
            changed = await client.correct(task.task_id, {"notes": ["seen"]}, known.etag)
            assert changed.result.notes == ["seen"]
            await client.reject(task.task_id)
            await client.confirm(task.task_id)
            for refused in (client.retry, client.cancel):
                with pytest.raises(ApiError):
                    await refused(task.task_id)
            assert (await client.reopen(task.task_id)).is_final
            await client.delete(task.task_id)
            with pytest.raises(ApiError):
                await client.status(task.task_id)

    anyio.run(scenario)


def test_both_clients_have_the_same_methods():
    def methods(kind):
        found = inspect.getmembers(kind, inspect.isfunction)
        return {
            name.removeprefix("a") if name == "aclose" else name: list(
                inspect.signature(one).parameters
            )
            for name, one in found
            if not name.startswith("_")
        }

    assert methods(Client) == methods(AsyncClient)


def test_a_key_is_shown_and_never_told(service):
    client = Client(service, "inv_secret")
    assert "inv_secret" not in repr(client._settings)
    with pytest.raises(ApiError) as caught:
        client.status("0" * 32)
    assert caught.value.status in {401, 404}


# ---------------------------------------------------------------- when it does not get through


class Script(httpx.BaseTransport):
    """Answers one after the other; an exception is raised. The last one stands for all that follow."""

    def __init__(self, *answers) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def handle_request(self, request):
        request.read()
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        status, headers, body = answer
        return httpx.Response(status, headers=headers, json=body)


TASK = {
    "task_id": "a" * 32,
    "status": "SUCCESS",
    "filename": "a.pdf",
    "created_at": "2026-01-31T09:00:00Z",
    "invoices": [],
    "result": None,
}
OK = (200, {}, TASK)


@pytest.fixture
def slept(monkeypatch):
    seconds: list[float] = []
    monkeypatch.setattr("time.sleep", seconds.append)
    return seconds


def scripted(*answers, **options):
    script = Script(*answers)
    return Client("http://test", transport=script, **options), script


@pytest.mark.parametrize("status", [429, 503])
def test_a_refused_request_is_sent_again_after_the_time_it_was_told(slept, status):
    client, script = scripted((status, {"Retry-After": "7"}, {}), OK)
    assert client.status("a").status == "SUCCESS"
    assert slept == [7.0]
    assert len(script.requests) == 2


def test_a_pause_of_more_than_a_minute_is_left_to_the_program(slept):
    client, _ = scripted((429, {"Retry-After": "3600"}, {"code": "rate_limited"}))
    with pytest.raises(ApiError) as caught:
        client.status("a")
    assert (caught.value.code, caught.value.retry_after) == ("rate_limited", 3600.0)
    assert slept == []


@pytest.mark.parametrize(
    "trouble",
    [
        httpx.ReadError("cut"),
        httpx.ConnectError("away"),
        httpx.ReadTimeout("slow"),
        (502, {}, None),
    ],
)
def test_a_lost_answer_is_asked_for_again_a_little_later_each_time(slept, trouble):
    client, script = scripted(trouble, trouble, trouble, OK)
    assert client.status("a").task_id == TASK["task_id"]
    assert all(
        least <= one <= 2 * least for least, one in zip([0.25, 0.5, 1.0], slept, strict=True)
    )
    assert len(script.requests) == 4


def test_it_gives_up_and_says_why(slept):
    client, script = scripted(httpx.ConnectError("away"), retries=2)
    with pytest.raises(Unreachable, match="away"):
        client.status("a")
    assert len(script.requests) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 422, 500, 507])
def test_other_answers_are_not_asked_for_again(slept, status):
    client, script = scripted((status, {}, {"code": "x", "detail": "y", "hint": "z"}))
    with pytest.raises(ApiError, match="y") as caught:
        client.status("a")
    assert (caught.value.status, caught.value.hint) == (status, "z")
    assert len(script.requests) == 1


def test_an_answer_that_is_no_problem_is_an_error_all_the_same(slept):
    client, _ = scripted((403, {}, "<html>"))
    with pytest.raises(ApiError, match="HTTP 403") as caught:
        client.status("a")
    assert caught.value.code == "http_403"


def test_a_deletion_whose_answer_got_lost_has_worked(slept):
    gone = (410, {}, {"code": "expired", "detail": "gone"})
    client, script = scripted(httpx.ReadError("cut"), gone)
    client.delete("a")
    assert len(script.requests) == 2
    with pytest.raises(ApiError, match="gone"):
        client.delete("a")  # this one had not to be sent again: it was deleted before


def test_an_upload_sent_again_has_the_same_key_and_content(slept):
    entry = [{"task_id": "a" * 32, "filename": "a.pdf", "status": "PENDING"}]
    busy = (409, {"Retry-After": "1"}, {"code": "idempotency_in_progress"})
    client, script = scripted(httpx.ReadError("cut"), busy, (202, {}, entry))
    (accepted,) = client.send(("a.pdf", b"content"), fallback=True, pages="1-2")
    assert accepted.status == "PENDING"
    keys = {request.headers["Idempotency-Key"] for request in script.requests}
    assert len(keys) == 1
    assert all(
        b"content" in request.content and b"1-2" in request.content for request in script.requests
    )
    client.send(("a.pdf", b"content"))
    assert script.requests[-1].headers["Idempotency-Key"] not in keys


def test_an_upload_whose_answer_got_lost_makes_one_document(service, counted, slept):
    class Lossy(httpx.HTTPTransport):
        lost = 0

        def handle_request(self, request):
            answer = super().handle_request(request)
            if Lossy.lost < 2:
                Lossy.lost += 1
                answer.read()
                raise httpx.ReadError("lost")
            return answer

    before = counted()
    with Client(service, transport=Lossy()) as client:
        assert len(client.send(UBL)) == 1
    assert counted() == before + 1


def test_what_a_newer_service_adds_does_no_harm(slept):
    invoice = {"result": {"invoice_number": "1", "new_field": 1}, "new_part": {}}
    client, _ = scripted((200, {}, TASK | {"invoices": [invoice], "new": []}))
    assert client.status("a").invoices[0].result.invoice_number == "1"


def test_an_export_that_breaks_off_is_no_file(slept):
    class Breaking(httpx.BaseTransport):
        def handle_request(self, request):
            def pieces():
                yield b"half"
                raise httpx.RemoteProtocolError("cut")

            class Stream(httpx.SyncByteStream):
                def __iter__(self):
                    return pieces()

            return httpx.Response(200, stream=Stream())

    with pytest.raises(Unreachable):
        Client("http://test", transport=Breaking()).export(io.BytesIO(), "csv")


# ---------------------------------------------------------------- the command


def test_the_command_lets_a_service_read(service, tmp_path, capfd, monkeypatch):
    monkeypatch.delenv("INVOICE_API_KEY", raising=False)
    files = [str(UBL), str(FILES / "factur-x-de.pdf"), str(tmp_path / "not-there.pdf")]
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.7 and nothing else")
    out = tmp_path / "out.csv"
    arguments = ["--server", service, "--format", "csv", "-o", str(out)]
    assert main([*arguments, *files, str(tmp_path / "bad.pdf")]) == 1
    text = out.read_text("utf-8-sig")
    assert len(text.splitlines()) >= 3
    for name in ("invoice-ubl.xml", "factur-x-de.pdf"):
        assert TRUTH[name]["invoice_number"] in text
    told = capfd.readouterr().err
    assert "No such file" in told
    assert "[corrupt_file]" in told


def test_the_command_tells_that_a_service_is_away_or_refuses(service, capfd, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    assert main(["--server", f"http://127.0.0.1:{free_port()}", str(UBL)]) == 3
    assert "[unreachable]" in capfd.readouterr().err
    assert main(["--server", service, "--pages", "x", str(UBL)]) == 3
    assert "[invalid_option]" in capfd.readouterr().err


# ---------------------------------------------------------------- the package, and its page


def test_public_names_are_those_listed():
    public = {
        name
        for name, value in vars(package).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    }
    assert public == set(package.__all__)


def examples():
    text = (ROOT / "docs" / "client.md").read_text("utf-8")
    return re.findall(r"^```python\n(.*?)^```", text, re.M | re.S)


@pytest.mark.parametrize("number", range(len(examples())))
def test_an_example_of_the_page_works(service, number, tmp_path, monkeypatch):
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    monkeypatch.chdir(tmp_path)
    said = io.StringIO()
    with redirect_stdout(said):
        exec(examples()[number].replace("http://localhost:8000", service), {"__name__": "example"})  # noqa: S102
    assert "def receive" in examples()[number] or said.getvalue()
