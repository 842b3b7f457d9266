import io
import threading

import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from app import reader
from service.tenants import TENANT
from tests.app.conftest import PDF, XML, upload
from tests.servers import ROOT


@pytest.fixture(scope="module")
def two_pages() -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file)
    for number in "12":
        canvas.drawString(100, 700, f"Page {number}")
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def sent(client, *files, **fields) -> str:
    return upload(client, *files, **fields).json()[0]["task_id"]


def test_documents_are_listed_newest_first_page_by_page(client):
    ids = [sent(client) for _ in range(5)]
    found, path = [], "/v1/documents?limit=2"
    while path:
        answer = client.get(path)
        found += [document["task_id"] for document in answer.json()["documents"]]
        path = answer.links.get("next", {}).get("url")
        assert bool(path) == bool(answer.json()["next"])
    assert found == ids[::-1]


def test_the_list_can_be_narrowed_to_a_status(client, finish):
    done, _ = sent(client), sent(client)
    finish(done)
    listed = client.get("/v1/documents?status=SUCCESS").json()["documents"]
    assert [document["task_id"] for document in listed] == [done]
    assert listed[0]["result"] is None


@pytest.mark.parametrize(
    "query", ["cursor=x", "cursor=%00", "limit=0", "limit=201", "limit=x", "status=NONE"]
)
def test_a_list_asked_for_wrongly_is_422(client, query):
    answer = client.get(f"/v1/documents?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_option")
    assert answer.json()["errors"][0]["pointer"] == f"/{query.partition('=')[0]}"


@pytest.mark.parametrize("day", ["0001-01-01", "1969-12-31", "2999-01-01", "9999-12-31"])
def test_any_day_can_be_asked_for(client, finish, day):
    task_id = sent(client)
    finish(task_id)
    for query in (f"from={day}", f"to={day}", f"from={day}&q=2026"):
        found = client.get(f"/v1/documents?{query}").json()["documents"]
        assert len(found) == (query.startswith("from") == (day < "2000"))


@pytest.mark.parametrize("day", ["0", "1767225600", "2026-1-1", "2026-01-01T00:00:00"])
def test_what_is_not_written_as_a_day_is_none(client, day):
    answer = client.get(f"/v1/documents?from={day}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_option")


def test_a_document_tells_its_status_and_what_is_recorded(client, finish):
    task_id = sent(client, reference="PO-7", metadata='{"a": 1}', engine="layout")
    finish(task_id)
    told = client.get(f"/v1/documents/{task_id}").json()
    assert client.get(f"/status/{task_id}").json().items() <= told.items()
    assert (told["reference"], told["metadata"]) == ("PO-7", {"a": 1})
    assert (told["media_type"], told["size"]) == ("application/pdf", len(PDF))
    assert (told["starts"], told["options"]) == (1, {"engine": "layout"})


def test_deleting_removes_the_file_and_the_result(client, kept, finish):
    task_id = sent(client)
    finish(task_id)
    assert client.delete(f"/v1/documents/{task_id}").status_code == 204
    assert kept() == []
    for path in ("", "/file", "/pages/1.webp"):
        assert client.get(f"/v1/documents/{task_id}{path}").status_code == 410
    assert client.delete(f"/v1/documents/{task_id}").status_code == 410
    assert client.get("/v1/documents").json()["documents"] == []


def test_the_file_comes_back_as_an_attachment_of_no_type(client):
    task_id = sent(client, ("Rechnung März.pdf", XML))
    answer = client.get(f"/v1/documents/{task_id}/file")
    assert answer.content == XML
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert "filename*=UTF-8''Rechnung%20M%C3%A4rz.pdf" in answer.headers["Content-Disposition"]


def test_a_file_refused_at_the_door_is_not_kept(client):
    task_id = sent(client, b"nothing known")
    assert client.get(f"/v1/documents/{task_id}/file").status_code == 410


def test_a_page_is_drawn_once_and_kept(client, kept, two_pages, services):
    task_id = sent(client, two_pages)
    answer = client.get(f"/v1/documents/{task_id}/pages/2.webp?width=320")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/webp")
    assert Image.open(io.BytesIO(answer.content)).width == 320
    assert kept() == ["page-2-320.webp", "source"]
    services.readers.close()
    assert client.get(f"/v1/documents/{task_id}/pages/2.webp?width=320").content == answer.content


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("3.webp", 404, "no_page"),
        ("0.webp", 404, "no_page"),
        ("-1.webp", 404, "no_page"),
        ("x.webp", 422, "invalid_option"),
        ("9999999999.webp", 422, "invalid_option"),
        ("1.webp?width=321", 422, "invalid_option"),
        ("1.png", 404, "not_found"),
    ],
)
def test_a_page_that_is_not_there_is_told(client, two_pages, path, status, code):
    answer = client.get(f"/v1/documents/{sent(client, two_pages)}/pages/{path}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_an_e_invoice_without_pages_is_drawn(client):
    task_id = sent(client, (ROOT / "samples/files/invoice-ubl.xml").read_bytes())
    answer = client.get(f"/v1/documents/{task_id}/pages/1.webp?width=320")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
    assert Image.open(io.BytesIO(answer.content)).size == (320, 453)
    assert "link" not in answer.headers
    answer = client.get(f"/v1/documents/{task_id}/pages/2.webp?width=320")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_page")


def test_a_page_of_a_drawn_sheet_names_the_next(client):
    task_id = sent(client, (ROOT / "tests/data/einvoice/fatturapa_full.xml").read_bytes())
    path, seen = f"/v1/documents/{task_id}/pages/1.webp?width=320", []
    while path and len(seen) < 20:
        answer = client.get(path)
        assert answer.status_code == 200
        seen.append(answer.content)
        path = answer.links["next"]["url"] if "link" in answer.headers else None
    assert len(set(seen)) == len(seen) > 2


def test_an_xml_that_is_no_invoice_is_not_drawn(client):
    answer = client.get(f"/v1/documents/{sent(client, XML)}/pages/1.webp")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_einvoice_xml")


def test_a_page_that_cannot_be_drawn_is_a_typed_error(client):
    answer = client.get(f"/v1/documents/{sent(client)}/pages/1.webp")
    assert (answer.status_code, answer.json()["code"]) == (422, "corrupt_file")


def test_a_busy_reader_is_503(client, services, two_pages, monkeypatch):
    task_id = sent(client, two_pages)
    drawing, done = threading.Event(), threading.Event()

    def slow(*arguments):
        drawing.set()
        done.wait(10)
        return b"picture"

    monkeypatch.setattr(services.readers, "picture", slow)
    monkeypatch.setattr(reader, "WAIT", 0.2)
    other = threading.Thread(target=client.get, args=[f"/v1/documents/{task_id}/pages/1.webp"])
    other.start()
    drawing.wait(10)
    answer = client.get(f"/v1/documents/{task_id}/pages/2.webp")
    done.set()
    other.join()
    assert (answer.status_code, answer.json()["code"]) == (503, "reader_busy")
    assert answer.headers["Retry-After"] == "2"


def test_a_picture_of_a_document_deleted_meanwhile_is_not_kept(
    client, services, two_pages, monkeypatch, kept
):
    task_id = sent(client, two_pages)

    def deleting(*arguments):
        services.jobs.delete(TENANT, task_id)
        return b"picture"

    monkeypatch.setattr(services.readers, "picture", deleting)
    client.get(f"/v1/documents/{task_id}/pages/1.webp")
    assert kept() == []
