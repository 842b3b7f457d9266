"""What all tests share: real servers on free ports, and the rule about skipped tests."""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import hypothesis
import psycopg
import pytest

from service.store.migrate import migrate
from service.store.transactions import connect
from tests.servers import Api, Process, Valkey, free_port, wait_until

# by the clock on the wall nothing can be told where other tests run beside
hypothesis.settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("unhurried")

BESIDE = "beside the project: "
"""How the reason of a skip begins when the test needs a folder that is no part of the project."""

WAITING = ("worker", "browser")
"""Folders of tests that start servers, workers and browsers, and wait for them."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Under REQUIRE_ALL=1 a skip is a failure, but for what is no part of the project."""
    report = yield
    if os.environ.get("REQUIRE_ALL") == "1" and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if BESIDE not in reason:
            report.outcome = "failed"
            report.longrepr = f"REQUIRE_ALL=1, but the test was skipped: {reason}"
    return report


def pytest_collection_modifyitems(config, items):
    """Run the long ones only when they are asked for by name, and files that wait among those that compute.

    Of several runners one waits while another computes, from the beginning to the end.
    """
    if "soak" not in (config.option.markexpr or ""):
        kept = [item for item in items if item.get_closest_marker("soak") is None]
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept
    files = list(dict.fromkeys(item.path for item in items))
    waiting = sorted(
        (file for file in files if file.parent.name in WAITING),
        key=lambda file: WAITING.index(file.parent.name),
    )
    computing = [file for file in files if file.parent.name not in WAITING]
    place = {
        file: number / len(group)
        for group in (waiting, computing)
        for number, file in enumerate(group)
    }
    items.sort(key=lambda item: place[item.path])


@pytest.fixture
def valkey(tmp_path) -> Iterator[Valkey]:
    folder = tmp_path / "valkey"
    folder.mkdir()
    server = Valkey(folder)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a real PostgreSQL on a free port, without a database's name."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    binaries = found[-1].parent if found else Path(shutil.which("initdb") or "missing").parent
    if not (binaries / "initdb").exists():
        pytest.skip("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="invoice-pg-"))
    as_user: list[str] = []
    if os.getuid() == 0:  # PostgreSQL refuses to run as root
        shutil.chown(folder, "postgres", "postgres")
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]
    data, port = folder / "data", free_port()
    subprocess.run(
        [*as_user, binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-N"],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=folder,
    )
    server = subprocess.Popen(
        [
            *as_user,
            *[binaries / "postgres", "-D", data, "-p", str(port)],
            *["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={folder}"],
            *["-c", "fsync=off", "-c", "full_page_writes=off"],  # no test cuts the power
        ],
        stderr=subprocess.DEVNULL,
        cwd=folder,
    )
    url = f"postgresql+psycopg://postgres@127.0.0.1:{port}"
    try:
        wait_until(lambda: _accepts(url))
        yield url
    finally:
        server.send_signal(2)  # SIGINT: fast shutdown
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _accepts(url: str) -> bool:
    try:
        psycopg.connect(url.replace("+psycopg", "") + "/postgres", connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


@pytest.fixture
def postgres(postgres_server) -> Iterator[str]:
    """The URL of an empty database of its own."""
    with _database(postgres_server, "template1") as url:
        yield url


@pytest.fixture(scope="session")
def migrated(postgres_server) -> Iterator[str]:
    """The name of a database with the service's tables and no rows, to be copied."""
    with _database(postgres_server, "template1") as url:
        engine = connect(url)
        migrate(engine)
        engine.dispose()
        yield url.rpartition("/")[2]


@pytest.fixture
def postgres_with_tables(postgres_server, migrated) -> Iterator[str]:
    """The URL of a database of its own with the service's tables, and no rows."""
    with _database(postgres_server, migrated) as url:
        yield url


@contextmanager
def _database(server: str, template: str) -> Iterator[str]:
    name = f"t{secrets.token_hex(6)}"
    admin = server.replace("+psycopg", "") + "/postgres"
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield f"{server}/{name}"
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def start_api(tmp_path) -> Iterator[Callable[..., Api]]:
    """Start an API with settings of its own (as environment variables); stopped after the test."""
    started: list[Api] = []

    def start(**settings: str) -> Api:
        environment = {"DATA_DIR": str(tmp_path / "data")} | settings
        api = Api(environment, tmp_path / f"api-{len(started)}.log")
        started.append(api)
        return api.ready()

    yield start
    for api in started:
        if api.process.poll() is None:
            api.stop()


@pytest.fixture
def start_celery(tmp_path) -> Iterator[Callable[..., Process]]:
    """Start a Celery worker by the documented command; stopped after the test."""
    started: list[Process] = []

    def start(**settings: str) -> Process:
        environment = {"DATA_DIR": str(tmp_path / "data")} | settings
        command = [sys.executable, "-m", "celery", "-A", "worker.celery_app", "worker"]
        log = tmp_path / f"celery-{len(started)}.log"
        worker = Process([*command, "--loglevel=info"], environment, log)
        started.append(worker)
        return worker

    yield start
    for worker in started:
        if worker.process.poll() is None:
            worker.stop()
