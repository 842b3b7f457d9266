import errno
import os
from pathlib import Path

import pytest

from service.errors import StorageFull
from service.storage import BACKENDS, disk
from service.storage.disk import DiskStorage


@pytest.fixture(params=BACKENDS)
def storage(request, tmp_path):
    return BACKENDS[request.param](f"{request.param}://{tmp_path}/kept")


def test_a_file_comes_back_as_it_was_put(storage):
    storage.put("default/a/source", b"\x00\xff")
    assert storage.get("default/a/source") == b"\x00\xff"


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


def test_what_is_aborted_leaves_nothing(storage, tmp_path):
    writer = storage.writer("default/a/source")
    writer.write(b"1")
    writer.abort()
    writer.abort()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


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
def test_a_key_cannot_leave_the_folder(storage, key):
    with pytest.raises(ValueError, match="key"):
        storage.put(key, b"")


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


def test_too_little_space_is_told_before_a_file_is_begun(monkeypatch, tmp_path):
    storage = DiskStorage(tmp_path)
    monkeypatch.setattr(disk, "RESERVE", 10**18)
    with pytest.raises(StorageFull):
        storage.writer("default/a/source")


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
