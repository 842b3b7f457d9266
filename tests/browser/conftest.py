"""A real service, a real browser, and documents in every state that a page can show.

The browser's client runs an event loop in the tests' own thread, so the browser ends with each module:
no other test finds that loop.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from sqlalchemy import column, select, table

from config.config import Settings
from invoice_extraction.model.extraction import Extraction
from service.store.base import Store
from service.store.migrate import migrate
from service.store.tables import metadata, workers
from service.tenants import TENANT
from service.wiring import Services, build_services
from tests.browser.documents import Filler, an_invoice, an_xml_invoice, fill, paper
from tests.servers import ROOT, Api

CHROMIUM = Path("/usr/bin/chromium")
SCREENSHOTS = ROOT / "out" / "screenshots"

expect.set_options(timeout=20_000)  # a machine under load is slow, which is no fault of a page


@dataclass
class Service:
    """A running service and the ids of the documents that were put into it."""

    url: str
    ids: dict[str, str]
    store: Store | None = None

    def page(self, name: str) -> str:
        """Return the address of a document's page."""
        return f"{self.url}/documents/{self.ids[name]}"

    def finish(self, name: str) -> None:
        """Do what a worker does at the end of a job."""
        assert self.store is not None
        job = self.store.get(TENANT, self.ids[name])
        text = Extraction.model_validate(an_xml_invoice()).model_dump_json()
        assert self.store.finish(job.id, job.lease_token or "", text, needs_review=False)

    def status(self, job_id: str) -> dict[str, Any]:
        """Return what GET /status answers."""
        answer: dict[str, Any] = httpx.get(f"{self.url}/status/{job_id}").json()
        return answer


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service as it is run, in processes of its own, with documents of every kind in it."""
    folder = tmp_path_factory.mktemp("service")
    services = build_services(Settings(data_dir=folder / "data", gemini_api_key=None))
    ids = fill(services)
    api = Api({"DATA_DIR": str(folder / "data")}, folder / "api.log")
    try:
        yield Service(api.ready().url, ids, services.store)
    finally:
        api.stop()


@contextmanager
def running(
    folder: Path, prepare: Callable[[Services, dict[str, str]], None] | None = None
) -> Iterator[Service]:
    """Run a service that the test may change, with the usual documents and what `prepare` does to them."""
    services = build_services(Settings(data_dir=folder / "data", gemini_api_key=None))
    ids = fill(services)
    if prepare:
        prepare(services, ids)
    api = Api({"DATA_DIR": str(folder / "data")}, folder / "api.log")
    try:
        yield Service(api.ready().url, ids, services.store)
    finally:
        api.stop()


@pytest.fixture(scope="session")
def kept_running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """The data folder of a running service, and its address: one for all tests, each of which empties it."""
    folder = tmp_path_factory.mktemp("kept")
    api = Api({"DATA_DIR": str(folder / "data")}, folder / "api.log")
    try:
        yield folder / "data", api.ready().url
    finally:
        api.stop()


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A data folder with the usual documents, which no service runs on, and their ids."""
    folder = tmp_path_factory.mktemp("filled") / "data"
    services = build_services(Settings(data_dir=folder, gemini_api_key=None))
    ids = fill(services)
    services.engine.dispose()
    return folder, ids


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that no service runs on and nobody has sent anything to."""
    folder = tmp_path_factory.mktemp("blank") / "data"
    services = build_services(Settings(data_dir=folder, gemini_api_key=None))
    folder.mkdir()
    migrate(services.engine)
    services.engine.dispose()
    return folder


TABLES: dict[str, Sequence[str]] = {
    **{one.name: one.c.keys() for one in metadata.sorted_tables if one is not workers},
    "search": ("rowid", "job", "facts", "number", "seller", "other", "text"),
    "search_words": ("word",),
    "search_removed": ("id",),
}
"""What a service holds, with the columns of each table: all but the signs that workers live."""


def hold(folder: Path, documents: Path) -> Store:
    """Let the service that runs on a data folder hold what another folder holds, and nothing else."""
    services = build_services(Settings(data_dir=folder, gemini_api_key=None))
    with services.engine.begin() as connection:
        connection.exec_driver_sql("ATTACH ? AS other", (str(documents / "jobs.db"),))
        for name in reversed(TABLES):
            connection.execute(table(name).delete())
        for name, columns in TABLES.items():
            rows = select(table(name, *map(column, columns), schema="other"))
            connection.execute(
                table(name, *map(column, columns)).insert().from_select(columns, rows)
            )
        shutil.copytree(documents, folder, ignore=_databases, dirs_exist_ok=True)
    services.engine.dispose()
    return services.store


def _databases(_: str, names: list[str]) -> list[str]:
    return [name for name in names if name.startswith("jobs.db")]


@pytest.fixture
def empty_service(kept_running: tuple[Path, str], blank: Path) -> Service:
    """A service that nobody has sent anything to; no test makes a key in it."""
    folder, url = kept_running
    return Service(url, {}, hold(folder, blank))


@pytest.fixture
def own(kept_running: tuple[Path, str], filled: tuple[Path, dict[str, str]]) -> Service:
    """A service whose documents the test may change; no test makes a key in it.

    A test ends when what it sent was answered: the next one's documents have the same ids.
    """
    (folder, url), (documents, ids) = kept_running, filled
    return Service(url, dict(ids), hold(folder, documents))


@pytest.fixture
def empty_process(tmp_path: Path) -> Iterator[Service]:
    """As `empty_service`, but in processes of the test's own, where it may make a key.

    Named before `open_page` it outlives the pages, which go on asking for news.
    """
    api = Api({"DATA_DIR": str(tmp_path / "data")}, tmp_path / "api.log")
    try:
        yield Service(api.ready().url, {})
    finally:
        api.stop()


@pytest.fixture
def own_process(tmp_path: Path) -> Iterator[Service]:
    """As `own`, but in processes of the test's own, where it may make a key.

    Named before `open_page` it outlives the pages, which go on asking for news.
    """
    with running(tmp_path) as service:
        yield service


@pytest.fixture(scope="session")
def thousand(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A folder of 1,000 documents that were read, every third of which needs a look, and their ids."""
    folder = tmp_path_factory.mktemp("thousand") / "data"
    services = build_services(Settings(data_dir=folder, gemini_api_key=None))
    folder.mkdir()
    migrate(services.engine)
    filler = Filler(services)
    boxes = dict.fromkeys(("/totals/tax", "/lines/1/unit_price"), (0.1, 0.1, 0.2, 0.2))
    told = an_invoice(boxes)
    told["invoices"][0]["checks"] = []
    pages, (picture, _) = told["pages"], paper()
    for number in range(1000):
        told["invoices"][0]["needs_review"] = number % 3 == 0
        seen = number >= 850  # what the newest pages of the list show
        told["pages"] = pages if seen else []
        filler.done(
            str(number),
            f"paper-{number:04}.pdf",
            told,
            picture if seen else None,
            review=number % 3 == 0,
        )
    services.engine.dispose()
    return folder, filler.ids


@pytest.fixture
def full_service(tmp_path: Path, thousand: tuple[Path, dict[str, str]]) -> Iterator[Service]:
    """A service with 1,000 documents, which the test may change."""
    folder, ids = thousand
    shutil.copytree(folder, tmp_path / "data")
    services = build_services(Settings(data_dir=tmp_path / "data", gemini_api_key=None))
    api = Api({"DATA_DIR": str(tmp_path / "data")}, tmp_path / "api.log")
    try:
        yield Service(api.ready().url, ids, services.store)
    finally:
        api.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"needs a browser at {CHROMIUM}")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield running
        running.close()


@dataclass
class Watched:
    """What went wrong on a page while nobody looked."""

    console: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    @property
    def all(self) -> list[str]:
        return [*self.console, *self.dialogs, *self.foreign]


OpenPage = Callable[..., Page]


@pytest.fixture
def allow_console(allowed: list[str]) -> Callable[[str], None]:
    """Lets messages of the console pass that have this text: the browser's own, of answers that are meant to fail."""
    return allowed.append


@pytest.fixture
def allowed() -> list[str]:
    return []


@pytest.fixture
def open_page(browser: Browser, allowed: list[str]) -> Iterator[OpenPage]:
    """Opens a page; at the end of the test nothing may have gone wrong on any of them."""
    contexts: list[BrowserContext] = []
    watched = Watched()

    def opened(url: str, width: int = 1360, height: int = 900, **options: Any) -> Page:
        origin = "/".join(url.split("/")[:3])
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda message: (
                message.type in {"error", "warning"}
                and watched.console.append(f"{message.type}: {message.text}")
            ),
        )
        page.on("pageerror", lambda error: watched.console.append(str(error)))
        page.on("dialog", lambda dialog: (watched.dialogs.append(dialog.message), dialog.dismiss()))
        page.on(
            "request",
            lambda request: (
                request.url.startswith((origin, "blob:", "data:"))
                or watched.foreign.append(request.url)
            ),
        )
        page.goto(url)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [said for said in watched.all if not any(text in said for text in allowed)] == []


@pytest.fixture(scope="module")
def screenshots() -> Path:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    return SCREENSHOTS
