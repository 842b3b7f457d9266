import json
import socket
import time

import httpx
import pytest

from app.application import build_app
from app.uploads import MAX_FIELD
from service.errors import ServiceUnavailable, StorageFull
from service.storage.disk import DiskWriter
from service.store.sql import SqlStore
from service.tenants import TENANT
from tests.app.conftest import PDF, XML, client_of, upload
from tests.servers import wait_until


def raw(client, body: bytes, content_type: str = "multipart/form-data; boundary=b"):
    return client.post("/extract-invoice", content=body, headers={"Content-Type": content_type})


def part(disposition: bytes, content: bytes = PDF) -> bytes:
    return (
        b"--b\r\nContent-Disposition: form-data; " + disposition + b"\r\n\r\n" + content + b"\r\n"
    )


END = b"--b--\r\n"


def test_files_are_accepted_in_their_order(client, services):
    answer = upload(client, ("a.pdf", PDF), ("b.xml", XML))
    assert answer.status_code == 202
    first, second = answer.json()
    assert set(first) == {"task_id", "filename", "status"}
    assert [first["filename"], second["filename"]] == ["a.pdf", "b.xml"]
    assert [first["status"], second["status"]] == ["PENDING", "PENDING"]
    assert services.jobs.source(TENANT, first["task_id"])[1] == PDF
    assert services.jobs.source(TENANT, second["task_id"])[1] == XML


def test_a_bad_file_gets_its_own_entry_and_spoils_no_other(client):
    entries = upload(client, ("a.pdf", PDF), ("b.bin", b"\0\1\2"), ("c.pdf", b"")).json()
    assert [entry["status"] for entry in entries] == ["PENDING", "FAILURE", "FAILURE"]
    assert [entry["error"]["code"] for entry in entries[1:]] == ["unsupported_type", "empty_file"]
    told = client.get(f"/status/{entries[1]['task_id']}").json()
    assert told["error"] == entries[1]["error"]


def test_a_file_over_the_limit_is_thrown_away_and_told(client, kept):
    big = PDF + b"x" * 400_000
    entries = upload(client, ("big.pdf", big), ("a.pdf", PDF)).json()
    assert [entry["status"] for entry in entries] == ["FAILURE", "PENDING"]
    assert entries[0]["error"]["code"] == "file_too_large"
    assert kept() == ["source"]


def test_a_file_of_many_chunks_comes_whole(client, services):
    data = PDF + bytes(range(256)) * 1000
    task = upload(client, data).json()[0]
    assert services.jobs.source(TENANT, task["task_id"])[1] == data


def test_options_come_before_or_after_the_files(client, services):
    body = part(b'name="engine"', b"layout") + part(b'name="files"; filename="a.pdf"')
    body += (
        part(b'name="pages"', b"1-2,5")
        + part(b'name="reference"', b"PO-7")
        + part(b'name="metadata"', b'{"a": [1]}')
        + END
    )
    job = services.jobs.get(TENANT, raw(client, body).json()[0]["task_id"])
    assert job.options == {"engine": "layout", "pages": "1-2,5"}
    assert (job.reference, job.details) == ("PO-7", {"a": [1]})


def test_what_is_asked_of_a_model_is_kept_with_the_job(client, services):
    schema = {"type": "object", "properties": {"project": {"type": "string"}}}
    task = upload(
        client,
        PDF,
        engine="consensus",
        fallback="true",
        force="1",
        fields_schema=json.dumps(schema),
    ).json()[0]
    options = services.jobs.get(TENANT, task["task_id"]).options
    assert options == {
        "engine": "consensus",
        "fallback": True,
        "force": True,
        "fields_schema": schema,
    }


def test_a_switch_that_is_off_counts_as_not_sent(client, services):
    task = upload(client, PDF, fallback="false", force="0").json()[0]
    assert services.jobs.get(TENANT, task["task_id"]).options == {}


def test_an_empty_option_counts_as_not_sent(client, services):
    task = upload(client, PDF, engine="", language=" ").json()[0]
    assert services.jobs.get(TENANT, task["task_id"]).options == {}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("engine", "magic"),
        ("language", "../x"),
        ("pages", "one"),
        ("pages", "3-1"),
        ("reference", "x" * 201),
        ("reference", "a\0b"),
        ("metadata", "{"),
        ("metadata", "NaN"),
        ("metadata", "1e999"),
        ("metadata", "[" * 40 + "]" * 40),
        ("metadata", "[" * 8000 + "]" * 8000),
        ("metadata", '"' + "x" * MAX_FIELD + '"'),
        ("fallback", "maybe"),
        ("force", "2"),
        ("fields_schema", "{"),
        ("fields_schema", "[]"),
        ("fields_schema", '{"type": "object", "properties": {"a": {"$ref": "http://x"}}}'),
        ("fields_schema", "[" * 8000),
        ("colour", "red"),
    ],
)
def test_an_option_that_is_not_valid_is_named(client, kept, field, value):
    answer = upload(client, PDF, **{field: value})
    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid_option"
    assert answer.json()["errors"][0]["pointer"] == f"/{field}"
    assert kept() == []


def test_an_integer_of_any_length_in_metadata_comes_back(client):
    number = 10**30
    task = upload(client, PDF, metadata=json.dumps({"n": number})).json()[0]
    assert client.get(f"/v1/documents/{task['task_id']}").json()["metadata"] == {"n": number}


def test_an_option_given_twice_is_refused(client, kept):
    body = part(b'name="files"; filename="a.pdf"') + part(b'name="engine"', b"auto") * 2 + END
    answer = raw(client, body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_option")
    assert kept() == []


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        (b'name="files"', "document"),
        (b'name="files"; filename=""', "document"),
        (b"name=files; filename=a.pdf", "a.pdf"),
        (b'name="files"; filename="a;b=\\"c\\".pdf"', 'a;b="c".pdf'),
        (b'name="files"; filename="../../etc/passwd"', "passwd"),
        (b'name="files"; filename="C:\\dir\\a.pdf"', "a.pdf"),
        (b'name="files"; filename="caf\xc3\xa9.pdf"', "café.pdf"),
        (b'name="files"; filename="caf\xe9.pdf"', "café.pdf"),
        (b'name="files"; filename="x\xe2\x80\xaefdp.exe"', "xfdp.exe"),
        (b"name=\"files\"; filename*=UTF-8''caf%C3%A9%00.pdf", "café.pdf"),
        (b"name=\"files\"; filename*=ISO-8859-1''caf%E9.pdf", "café.pdf"),
        (b"name=\"files\"; filename=a.pdf; filename*=UTF-8''b.pdf", "a.pdf"),
        (b'filename="a.pdf"; name="files"', "a.pdf"),
    ],
)
def test_a_name_is_data(client, disposition, name):
    answer = raw(client, part(disposition) + END)
    assert answer.status_code == 202
    assert answer.json()[0]["filename"] == name


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 422, "no_files"),
        (END, 422, "no_files"),
        (part(b'name="engine"', b"auto") + END, 422, "no_files"),
        (part(b'name="files"; filename=""', b"") + END, 422, "no_files"),
        (b"nothing of the kind", 400, "malformed_request"),
        (part(b'name="files"; filename="a.pdf"'), 400, "malformed_request"),
        (part(b'name="files"; filename="a.pdf"') + b"--", 400, "malformed_request"),
        (part(b'name="files"; filename="a.pdf"')[:40], 400, "malformed_request"),
        (
            b"--b\nContent-Disposition: form-data; name=files\n\nx\n--b--\n",
            400,
            "malformed_request",
        ),
        (b"--b\r\n\r\nno headers\r\n--b--\r\n", 400, "malformed_request"),
        (part(b'name=""; filename="a.pdf"') + END, 400, "malformed_request"),
        (part(b'filename="a.pdf"') + END, 400, "malformed_request"),
        (part(b'name="files"; x="' + b"y" * 9000 + b'"') + END, 400, "malformed_request"),
        (part(b'name="files"\r\n' + b"A: b\r\n" * 20 + b"C: d") + END, 400, "malformed_request"),
        (part(b'name="f"') * 2 + END, 422, "invalid_option"),
        (part(b'name="file"; filename="a.pdf"') + END, 422, "no_files"),
    ],
)
def test_a_form_that_cannot_be_read_is_refused_as_a_whole(client, kept, body, status, code):
    answer = raw(client, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert kept() == []


def test_too_many_fields_are_refused(client):
    body = b"".join(part(b'name="f%d"' % n, b"x") for n in range(40)) + END
    assert raw(client, body).json()["code"] == "malformed_request"


@pytest.mark.parametrize(
    ("content_type", "status", "code"),
    [
        ("application/json", 415, "not_multipart"),
        ("multipart/mixed; boundary=b", 415, "not_multipart"),
        ("multipart/form-dataX; boundary=b", 415, "not_multipart"),
        ("multipart/form-data", 400, "malformed_request"),
        ("multipart/form-data; boundary=", 400, "malformed_request"),
        ("multipart/form-data; boundary=" + "b" * 300, 400, "malformed_request"),
        ("multipart/form-data; boundary=other", 400, "malformed_request"),
    ],
)
def test_another_content_type_is_refused(client, content_type, status, code):
    answer = raw(client, part(b'name="files"; filename="a.pdf"') + END, content_type)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_more_files_than_the_limit_are_refused(client, kept):
    answer = upload(client, *[(f"{n}.pdf", PDF) for n in range(21)])
    assert (answer.status_code, answer.json()["code"]) == (422, "too_many_files")
    assert kept() == []


def test_a_body_over_the_limit_is_refused_by_its_length(make_services, settings):
    small = settings.model_copy(update={"max_request_size": 10_000})
    with client_of(build_app(make_services(small))) as client:
        answer = upload(client, PDF + b"x" * 20_000)
        assert (answer.status_code, answer.json()["code"]) == (413, "request_too_large")


def test_a_body_over_the_limit_is_refused_by_count(make_services, settings, kept):
    small = settings.model_copy(update={"max_request_size": 200_000})

    def endless():
        yield part(b'name="files"; filename="a.pdf"')[:-2]
        for _ in range(100):
            yield b"x" * 10_000

    with client_of(build_app(make_services(small))) as client:
        answer = raw(client, endless())
        assert (answer.status_code, answer.json()["code"]) == (413, "request_too_large")
    assert kept() == []


def test_a_refusal_is_read_by_a_client_that_still_sends(server):
    big = [("files", (f"{n}.pdf", PDF + b"x" * 200_000)) for n in range(40)]
    answer = httpx.post(f"{server}/extract-invoice", files=big)
    assert answer.json()["code"] == "too_many_files"


def test_a_client_that_goes_away_leaves_nothing(server, kept):
    with socket.create_connection((server.host, server.port)) as connection:
        connection.sendall(
            b"POST /extract-invoice HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000\r\n"
            b"Content-Type: multipart/form-data; boundary=b\r\n\r\n"
        )
        connection.sendall(part(b'name="files"; filename="a.pdf"', PDF + b"x" * 250_000)[:-2])
        wait_until(lambda: kept() != [])
    wait_until(lambda: kept() == [])


def test_a_full_disk_is_told_and_leaves_nothing(client, kept, monkeypatch):
    def full(writer, chunk):
        raise StorageFull("There is no space left to keep the file.")

    monkeypatch.setattr(DiskWriter, "write", full)
    answer = upload(client, PDF, ("b.pdf", PDF))
    assert (answer.status_code, answer.json()["code"]) == (507, "storage_full")
    assert "Retry-After" in answer.headers
    assert kept() == []


def test_a_body_in_single_bytes_is_read_too(server, services):
    body = part(b'name="files"; filename="a.pdf"') + END
    head = (
        b"POST /extract-invoice HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        b"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: %d\r\n\r\n" % len(body)
    )
    with socket.create_connection((server.host, server.port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(head)
        for byte in body:
            connection.sendall(bytes([byte]))
            time.sleep(0.0005)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    assert b" 202 " in answer.split(b"\r\n")[0]
    task = json.loads(answer.partition(b"\r\n\r\n")[2])[0]
    assert services.jobs.source(TENANT, task["task_id"])[1] == PDF


def test_a_database_that_is_away_is_503_and_keeps_nothing(client, kept, monkeypatch):
    def away(*_):
        raise ServiceUnavailable("The database does not answer.")

    monkeypatch.setattr(SqlStore, "add", away)
    answer = upload(client, PDF, ("b.pdf", PDF))
    assert (answer.status_code, answer.json()["code"]) == (503, "service_unavailable")
    assert answer.headers["Retry-After"] == "5"
    assert kept() == []
