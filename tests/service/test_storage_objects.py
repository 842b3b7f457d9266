"""What holds for object storage alone: how it fails, and what it costs."""

import errno
import io
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from service.errors import ServiceUnavailable, StorageFull
from service.storage import BACKENDS, objects
from service.storage.objects import ObjectStorage
from tests.object_server import FailingServer, ObjectServer, environment
from tests.servers import ROOT

USES = {
    "writer": lambda storage: write(storage),
    "put": lambda storage: storage.put("default/a/source", b"1"),
    "get": lambda storage: storage.get("default/a/source"),
    "delete": lambda storage: storage.delete("default/a"),
    "check": lambda storage: storage.check(),
}


def write(storage) -> None:
    writer = storage.writer("default/a/source")
    try:
        writer.write(b"1")
        writer.commit()
    finally:
        writer.abort()


@pytest.fixture(params=USES)
def use(request):
    return USES[request.param]


@pytest.fixture
def made(monkeypatch):
    """Make a storage in an environment."""

    def make(variables: dict[str, str], url: str = "s3://bucket/kept") -> ObjectStorage:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return ObjectStorage.from_url(url)

    return make


@pytest.fixture
def failing():
    with FailingServer() as server:
        yield server


@pytest.fixture
def server():
    with ObjectServer() as server:
        yield server


def test_a_server_that_is_away_is_told_in_time(made, use):
    with socket.socket() as nobody:  # bound and not listening: whoever calls is refused
        nobody.bind(("127.0.0.1", 0))
        storage = made(environment(nobody.getsockname()[1]))
        began = time.monotonic()
        with pytest.raises(ServiceUnavailable, match="does not answer"):
            use(storage)
    assert time.monotonic() - began < 20


def test_a_server_nobody_hears_is_told_in_time(made):
    """Its queue of connections is full: packets to it vanish, as to a machine that is switched off."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        port = deaf.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        storage = made(environment(port))
        began = time.monotonic()
        with pytest.raises(ServiceUnavailable, match="does not answer"):
            storage.put("default/a/source", b"1")
        assert 1 < time.monotonic() - began < 20
        for one in waiting:
            one.close()


def test_a_server_that_hangs_is_given_up(made, failing, monkeypatch):
    monkeypatch.setattr(objects, "REQUEST_SECONDS", 0.5)
    monkeypatch.setattr(objects, "RETRY_SECONDS", 0.0)
    failing.delay = 5.0
    storage = made(failing.environment)
    began = time.monotonic()
    with pytest.raises(ServiceUnavailable, match="does not answer"):
        storage.put("default/a/source", b"1")
    assert time.monotonic() - began < 4.9


def test_an_answer_that_breaks_off_is_no_file(made, failing):
    failing.body, failing.cut = b"half", 4
    with pytest.raises(ServiceUnavailable, match="does not answer"):
        made(failing.environment).get("default/a/source")


def test_a_missing_bucket_is_told_for_what_it_is(made, server, use):
    with pytest.raises(ServiceUnavailable, match="bucket for files does not exist"):
        use(made(server.environment, "s3://nosuchbucket/kept"))


@pytest.mark.parametrize(
    ("status", "code"),
    [(403, b"InvalidAccessKeyId"), (403, b"AccessDenied"), (401, b"")],
)
def test_refused_credentials_are_told_for_what_they_are(made, failing, use, status, code):
    failing.status, failing.body = status, b"<Error><Code>%s</Code></Error>" % code
    with pytest.raises(ServiceUnavailable, match="refuses our credentials"):
        use(made(failing.environment))


@pytest.mark.parametrize(("status", "code"), [(507, b"XMinioStorageFull"), (403, b"QuotaExceeded")])
def test_a_full_bucket_is_told_for_what_it_is(made, failing, status, code):
    failing.status, failing.body = status, b"<Error><Code>%s</Code></Error>" % code
    with pytest.raises(StorageFull):
        write(made(failing.environment))


def test_a_failed_commit_leaves_nothing_and_can_be_tried_again(made, server, failing):
    failing.status = 500
    with pytest.raises(ServiceUnavailable):
        write(made(failing.environment))
    bucket = server.bucket()
    write(made(server.environment, f"s3://{bucket}"))
    assert server.keys(bucket) == ["default/a/source"]


def test_what_failed_is_logged_without_the_whole_answer(made, failing, caplog):
    failing.status, failing.body = (
        403,
        b"<Error>\n<AWSAccessKeyId>AKIATEST</AWSAccessKeyId></Error>",
    )
    with pytest.raises(ServiceUnavailable):
        made(failing.environment).check()
    (record,) = caplog.records
    assert "403" in record.reason
    assert "AKIATEST" not in record.reason


def test_a_full_disk_under_the_temporary_files_is_told(made, server, monkeypatch):
    class Full(io.BytesIO):
        def write(self, _chunk):
            raise OSError(errno.ENOSPC, "No space left on device")

    bucket = server.bucket()
    storage = made(server.environment, f"s3://{bucket}")
    monkeypatch.setattr(tempfile, "TemporaryFile", Full)
    with pytest.raises(StorageFull):
        write(storage)
    assert server.keys(bucket) == []


def test_uploads_take_turns_and_none_waits_for_ever(made, failing, monkeypatch):
    monkeypatch.setattr(objects, "UPLOADS", 1)
    monkeypatch.setattr(objects, "REQUEST_SECONDS", 0.5)
    monkeypatch.setattr(objects, "RETRIES", 0)
    failing.delay = 0.8
    storage = made(failing.environment)
    with ThreadPoolExecutor(4) as pool:
        uploads = [pool.submit(write, storage) for _ in range(4)]
    messages = sorted(str(upload.exception()) for upload in uploads)
    assert all(isinstance(upload.exception(), ServiceUnavailable) for upload in uploads)
    assert "too slow" in messages[-1]
    failing.delay = 0.0
    write(storage)


def test_more_files_than_one_listing_holds_are_deleted(made, server):
    bucket = server.bucket()
    storage = made(server.environment, f"s3://{bucket}/kept")
    for number in range(1_050):
        storage.put(f"default/a/page-{number}", b"1")
    storage.put("default/b/source", b"1")
    storage.delete("default/a")
    assert server.keys(bucket) == ["kept/default/b/source"]


def test_a_file_that_somebody_else_deleted_first_is_no_error(tmp_path):
    """Google's API answers 404 to it; so does a folder."""
    from obstore.store import LocalStore

    store = LocalStore(tmp_path)

    class Raced(ObjectStorage):
        def _remove(self, keys: list[str]) -> None:
            store.delete("a/1")
            super()._remove(keys)

    for name in "123":
        store.put(f"a/{name}", b"1")
    Raced(store).delete("a")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_name_without_a_prefix_is_the_bucket_itself(made, server):
    bucket = server.bucket()
    made(server.environment, f"s3://{bucket}/").put("default/a/source", b"1")
    assert server.keys(bucket) == ["default/a/source"]


@pytest.mark.parametrize("url", ["s3://", "s3:///folder"])
def test_a_url_that_names_no_bucket_is_refused_at_start(url):
    with pytest.raises(ValueError, match="STORAGE_URL"):
        BACKENDS["s3"](url)


def test_azure_without_an_account_is_refused_at_start(monkeypatch):
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME", raising=False)
    with pytest.raises(ValueError, match="Account must be specified"):
        BACKENDS["az"]("az://container/kept")


def test_the_client_is_loaded_only_where_it_is_used():
    code = "import sys, service.wiring; raise SystemExit('obstore' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
