"""`combine`: several pictures, one document."""

import io
import zipfile

import pytest
from PIL import Image, ImageDraw

from app.application import build_app
from invoice_extraction.intake import COMBINED
from service.errors import StorageFull
from service.storage.disk import DiskWriter
from service.tenants import TENANT
from tests.app.conftest import PDF, client_of, upload


def a_picture(width: int = 60, height: int = 40, kind: str = "PNG", pages: int = 1) -> bytes:
    drawn = Image.new("RGB", (width, height), "white")
    ImageDraw.Draw(drawn).rectangle((4, 4, width // 2, height // 2), fill="navy")
    out = io.BytesIO()
    more = {"save_all": True, "append_images": [drawn] * (pages - 1)} if pages > 1 else {}
    drawn.save(out, kind, **more)
    return out.getvalue()


def members(data: bytes) -> list[bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [archive.read(name) for name in archive.namelist()[1:]]


def test_pictures_become_one_document_in_the_order_of_the_files(client, services, kept):
    sent = [a_picture(), a_picture(30, 90, "TIFF", pages=2), a_picture(80, 80, "JPEG")]
    names = ["first.png", "second.tif", "third.jpg"]
    (entry,) = upload(client, *zip(names, sent, strict=True), combine="true").json()
    assert entry["status"] == "PENDING"
    assert entry["filename"] == "first.png and 2 more.zip"
    job, data = services.jobs.source(TENANT, entry["task_id"])
    assert (job.media_type, job.size) == (COMBINED, len(data))
    assert members(data) == sent
    assert kept() == ["source"]
    drawn = [
        Image.open(io.BytesIO(client.get(f"/v1/documents/{job.id}/pages/{n}.webp").content)).size
        for n in (1, 2, 3, 4)
    ]
    assert drawn == [(60, 40), (30, 90), (30, 90), (80, 80)]
    assert client.get(f"/v1/documents/{job.id}/pages/5.webp").json()["code"] == "no_page"


def test_the_file_comes_back_whole_and_is_the_same_document_when_sent_again(client, services):
    (entry,) = upload(client, a_picture(), a_picture(9, 9), combine="1").json()
    answer = client.get(f"/v1/documents/{entry['task_id']}/file")
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    assert ".zip" in answer.headers["Content-Disposition"]
    (again,) = upload(client, ("again.zip", answer.content)).json()
    first, second = (services.jobs.get(TENANT, one["task_id"]) for one in (entry, again))
    assert first.sha256 == second.sha256
    assert second.media_type == COMBINED


@pytest.mark.parametrize("value", ["false", "0", "", "False"])
def test_files_that_are_not_to_be_combined_stay_apart(client, value):
    assert len(upload(client, a_picture(), a_picture(), combine=value).json()) == 2


def test_one_picture_needs_no_combining(client, services):
    (entry,) = upload(client, ("a.png", a_picture()), combine="true").json()
    assert entry["filename"] == "a.png"
    assert services.jobs.source(TENANT, entry["task_id"])[1] == a_picture()


def test_combine_is_yes_or_no(client, kept):
    answer = upload(client, a_picture(), a_picture(), combine="maybe")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_option")
    assert kept() == []


@pytest.mark.parametrize("odd", [PDF, b"", b"\0\1\2", b"just text"])
def test_what_is_no_picture_is_named_in_the_one_entry(client, kept, odd):
    (entry,) = upload(client, ("a.png", a_picture()), ("odd.one", odd), combine="true").json()
    assert entry["status"] == "FAILURE"
    assert entry["error"]["code"] == "invalid_option"
    assert "odd.one" in entry["error"]["detail"]
    assert "odd.one" in entry["error"]["hint"]
    assert client.get(f"/status/{entry['task_id']}").json()["error"] == entry["error"]
    assert kept() == []


def test_each_picture_is_within_the_limit_of_a_file_and_all_within_the_request(
    client, services, kept
):
    noise = Image.effect_noise((500, 500), 90)
    out = io.BytesIO()
    noise.save(out, "BMP")  # 251 kB; a file may have 300
    (entry,) = upload(client, *[out.getvalue()] * 4, combine="true").json()
    assert entry["status"] == "PENDING"
    assert services.jobs.get(TENANT, entry["task_id"]).size > 1_000_000
    big = out.getvalue() + b"\0" * 100_000
    (entry,) = upload(client, a_picture(), ("big.bmp", big), combine="true").json()
    assert entry["error"]["code"] == "file_too_large"
    assert "big.bmp" in entry["error"]["detail"]
    assert kept() == ["source"]


def test_a_form_that_is_full_to_the_brim_is_refused_not_broken(make_services, settings, kept):
    """The container is a little longer than the form was, where names and headers are short."""
    size = 200_000
    body = [
        f"--b\r\nContent-Disposition: form-data; name={part}\r\n\r\n".encode()
        for part in ("files", "files", "combine")
    ]
    picture = a_picture() + b"\0" * size
    whole = body[0] + picture + b"\r\n" + body[1] + picture + b"\r\n" + body[2] + b"1\r\n--b--\r\n"
    small = settings.model_copy(update={"max_request_size": len(whole)})
    with client_of(build_app(make_services(small))) as client:
        kind = {"Content-Type": "multipart/form-data; boundary=b"}
        (entry,) = client.post("/extract-invoice", content=whole, headers=kind).json()
    assert entry["error"]["code"] == "file_too_large"
    assert kept() == []


@pytest.mark.parametrize("writes", [3, 4, 5, 6, 9])
def test_a_disk_that_fills_up_meanwhile_keeps_nothing(client, kept, monkeypatch, writes):
    written = 0
    write = DiskWriter.write

    def full(writer, chunk):
        nonlocal written
        written += 1
        if written >= writes:
            raise StorageFull("There is no space left to keep the file.")
        write(writer, chunk)

    monkeypatch.setattr(DiskWriter, "write", full)
    answer = upload(client, a_picture(), a_picture(), combine="true")
    assert (answer.status_code, answer.json()["code"]) == (507, "storage_full")
    assert kept() == []
