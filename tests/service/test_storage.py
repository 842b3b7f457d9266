"""What holds for every storage, and what for the local disk alone."""

import errno
import os
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service.errors import ServiceUnavailable, StorageFull
from service.storage import BACKENDS, disk
from service.storage.disk import DiskStorage
from tests.object_server import ObjectServer


@pytest.fixture(scope="session")
def objects():
    with ObjectServer() as server:
        yield server


@pytest.fixture(params=["file", "s3"])
def backend(request, tmp_path, monkeypatch):
    """A storage, and what lies in it, unfinished things too."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))

    def files() -> list[str]:
        return [str(path) for path in tmp_path.rglob("*") if path.is_file()]

    if request.param == "file":
        return BACKENDS["file"](f"file://{tmp_path}/kept"), files
    server = request.getfixturevalue("objects")
    bucket = server.bucket()
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    return BACKENDS["s3"](f"s3://{bucket}/kept"), lambda: files() + server.keys(bucket)


@pytest.fixture
def storage(backend):
    return backend[0]


def test_each_scheme_is_one_of_two_storages():
    """The three providers differ in obstore alone; S3 stands for them here."""
    classes = {scheme: make.__self__.__name__ for scheme, make in BACKENDS.items()}
    assert classes.pop("file") == "DiskStorage"
    assert set(classes.values()) == {"ObjectStorage"}


def test_it_is_ready_when_files_can_be_kept(storage):
    storage.check()


def test_a_file_comes_back_as_it_was_put(storage):
    storage.put("default/a/source", b"\x00\xff")
    assert storage.get("default/a/source") == b"\x00\xff"


def test_a_file_comes_back_piece_by_piece(storage):
    data = bytes(range(256)) * 1_000
    storage.put("default/a/source", data)
    assert b"".join(storage.chunks("default/a/source")) == data
    with pytest.raises(FileNotFoundError):
        storage.chunks("default/b/source")


def test_folders_are_told_once_they_are_old(storage):
    storage.put("default/a/source", b"1")
    storage.put("default/a/page-1", b"1")
    storage.put("default/b/source", b"1")
    now = datetime.now(UTC)
    assert list(storage.folders("default", now - timedelta(minutes=1))) == []
    assert sorted(storage.folders("default", now + timedelta(minutes=1))) == ["a", "b"]
    assert list(storage.folders("other", now)) == []


def test_what_is_deleted_while_folders_are_told_does_no_harm(storage):
    names = sorted(f"{number:032x}" for number in range(5))
    for name in names:
        storage.put(f"default/{name}/source", b"1")
    told = storage.folders("default", datetime.now(UTC) + timedelta(minutes=1))
    found = [next(told)]
    for name in names:
        storage.delete(f"default/{name}")
    assert set(found + list(told)) <= set(names)


def test_a_file_url_with_a_host_is_refused():
    with pytest.raises(ValueError, match="file:///srv/x"):
        BACKENDS["file"]("file://srv/x")


def test_a_file_that_cannot_be_read_now_is_told_as_unavailable(tmp_path, monkeypatch):
    storage = DiskStorage(tmp_path)
    storage.put("default/a/source", b"1")

    def refused(_path):
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(disk.Path, "read_bytes", refused)
    with pytest.raises(ServiceUnavailable):
        storage.get("default/a/source")


def test_a_file_replaces_one_under_its_key(storage):
    storage.put("default/a/source", b"1")
    storage.put("default/a/source", b"2")
    assert storage.get("default/a/source") == b"2"


def test_an_unknown_key_is_file_not_found(storage):
    with pytest.raises(FileNotFoundError):
        storage.get("default/a/source")


def test_nothing_is_seen_before_the_commit(storage):
    writer = storage.writer("default/a/source")
    writer.write(b"1")
    with pytest.raises(FileNotFoundError):
        storage.get("default/a/source")
    writer.commit()
    assert storage.get("default/a/source") == b"1"


@pytest.mark.parametrize("size", [0, 1, 100_000, 12_000_000])
def test_a_file_of_any_size_comes_back_as_it_was_written(storage, size):
    chunk = os.urandom(min(size, 65_537))
    writer = storage.writer("default/a/source")
    written = b""
    while len(written) < size:
        writer.write(chunk)
        written += chunk
    writer.commit()
    writer.abort()
    assert storage.get("default/a/source") == written


def test_what_was_written_can_be_read_back_before_the_commit(storage):
    writer = storage.writer("default/a/source")
    written = os.urandom(200_000)
    writer.write(written)
    pieces = writer.pieces()
    assert next(pieces) == written[:65_536]
    assert b"".join(pieces) == written[65_536:]
    writer.write(b"and more")
    next(writer.pieces())
    writer.commit()
    assert storage.get("default/a/source") == written + b"and more"
    with pytest.raises(ValueError, match="closed"):
        writer.pieces()


def test_a_writer_that_ended_takes_nothing_more(storage):
    writer = storage.writer("default/a/source")
    writer.commit()
    with pytest.raises(ValueError, match="closed"):
        writer.write(b"1")
    with pytest.raises(ValueError, match="closed"):
        writer.commit()


def test_what_is_aborted_leaves_nothing(backend):
    storage, files = backend
    writer = storage.writer("default/a/source")
    writer.write(b"1")
    writer.abort()
    writer.abort()
    assert files() == []


def test_deleting_a_prefix_deletes_its_files_alone(storage):
    storage.put("default/a/source", b"1")
    storage.put("default/a/page-1", b"1")
    storage.put("default/ab/source", b"2")
    storage.delete("default/a")
    storage.delete("default/a")
    with pytest.raises(FileNotFoundError):
        storage.get("default/a/source")
    assert storage.get("default/ab/source") == b"2"


@pytest.mark.parametrize("key", ["../a", "a/../../b", "/etc/passwd", "a//b", "", ".hidden", "a\0b"])
def test_a_key_cannot_leave_its_place(storage, key):
    for use in (storage.get, storage.delete, storage.writer, lambda key: storage.put(key, b"")):
        with pytest.raises(ValueError, match="key"):
            use(key)


def test_too_little_space_is_told_before_a_file_is_begun(monkeypatch, storage):
    monkeypatch.setattr(disk, "RESERVE", 10**18)
    with pytest.raises(StorageFull):
        storage.writer("default/a/source")
    with pytest.raises(StorageFull):
        storage.check()


def test_the_folder_is_for_its_owner_alone(tmp_path):
    storage = DiskStorage(tmp_path / "kept")
    storage.put("default/a/source", b"1")
    assert (tmp_path / "kept").stat().st_mode & 0o077 == 0


def test_a_full_disk_is_told_and_leaves_nothing(monkeypatch, tmp_path):
    storage = DiskStorage(tmp_path / "kept")

    def full(_handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(disk.os, "fsync", full)
    with pytest.raises(StorageFull):
        storage.put("default/a/source", b"1")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_deletion_goes_on_where_somebody_else_deletes_too(monkeypatch, tmp_path):
    storage = DiskStorage(tmp_path)
    for name in ("source", "words.json", "page-1-320.webp"):
        storage.put(f"default/a/{name}", b"1")
    unlink = os.unlink

    def late(name, *, dir_fd=None):
        monkeypatch.undo()
        unlink(name, dir_fd=dir_fd)
        unlink(name, dir_fd=dir_fd)

    monkeypatch.setattr(os, "unlink", late)
    storage.delete("default/a")
    assert not (tmp_path / "default" / "a").exists()


def test_each_file_and_its_folders_are_synced(monkeypatch, tmp_path):
    synced = []
    real = os.fsync
    monkeypatch.setattr(
        disk.os,
        "fsync",
        lambda h: (synced.append(str(Path(f"/proc/self/fd/{h}").readlink())), real(h)),
    )
    DiskStorage(tmp_path).put("default/a/source", b"1")
    assert any(".source." in path for path in synced)
    assert {str(tmp_path / "default" / "a"), str(tmp_path / "default")} <= set(synced)
