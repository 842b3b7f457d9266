"""The application over its real parts: SQLite, files on disk, the page reader; no worker runs."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.application import build_app
from config.config import Settings
from invoice_extraction.model.extraction import Evidence, ExtractedInvoice, Extraction
from invoice_extraction.model.invoice import Invoice, Totals
from service.queue import NoQueue
from service.wiring import Services, build_services
from tests.servers import free_port, wait_until

PDF = b"%PDF-1.7\nnot more than a head"
XML = b"<?xml version='1.0'?><Invoice/>"


def upload(client, *files, **fields):
    """Send files, each (name, bytes) or bytes."""
    parts = [f if isinstance(f, tuple) else ("invoice.pdf", f) for f in files or (PDF,)]
    return client.post("/extract-invoice", files=[("files", part) for part in parts], data=fields)


def an_extraction(gross: str = "119.00") -> Extraction:
    return Extraction(
        media_type="application/pdf",
        engine="layout",
        invoices=[
            ExtractedInvoice(
                result=Invoice(invoice_number="2026-001", totals=Totals(gross=Decimal(gross))),
                pages=[1],
                evidence={
                    "/totals/gross": Evidence(
                        origin="text", text=gross, page=1, confidence=0.95, level="high"
                    )
                },
            )
        ],
    )


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(_env_file=None, data_dir=tmp_path / "data", max_file_size=300_000)


@pytest.fixture
def make_services() -> Iterator[Callable[[Settings], Services]]:
    made: list[Services] = []

    def make(settings: Settings) -> Services:
        services = build_services(settings)
        queue = NoQueue()
        services = replace(
            services,
            queue=queue,
            jobs=replace(services.jobs, queue=queue),
            documents=replace(services.documents, queue=queue),
        )
        made.append(services)
        return services

    yield make
    for services in made:
        services.stop()


@pytest.fixture
def services(make_services, settings) -> Services:
    return make_services(settings)


@pytest.fixture
def app(services) -> FastAPI:
    return build_app(services)


def client_of(app: FastAPI, **options) -> TestClient:
    """A client on this machine; an unhandled error is an answer to it."""
    plain = {"base_url": "http://127.0.0.1", "client": ("127.0.0.1", 50_000)}
    return TestClient(app, raise_server_exceptions=False, **plain | options)


@pytest.fixture
def client(app) -> Iterator[TestClient]:
    with client_of(app) as client:
        yield client


@pytest.fixture
def finish(services) -> Callable[..., None]:
    """End a task as a worker does."""

    def end(task_id: str, extraction: Extraction | None = None) -> None:
        job = services.store.claim(task_id, "w", timedelta(seconds=60))
        text = (extraction or an_extraction()).model_dump_json()
        assert services.store.finish(job.id, job.lease_token, text, needs_review=False)

    return end


@pytest.fixture
def begin(services) -> Callable[[str], None]:
    """Begin a task as a worker does."""
    return lambda task_id: services.store.claim(task_id, "w", timedelta(seconds=60))


@pytest.fixture
def server(app) -> Iterator[httpx.URL]:
    """The application behind a real uvicorn."""
    port = free_port()
    config = uvicorn.Config(app, port=port, log_config=None, access_log=False)
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run)
    thread.start()
    wait_until(lambda: running.started)
    yield httpx.URL(f"http://127.0.0.1:{port}")
    running.should_exit = True
    thread.join()


@pytest.fixture
def kept(services) -> Callable[[], list[str]]:
    """The names of the files that lie in storage, unfinished ones too."""
    root = services.settings.data_dir / "files"
    return lambda: sorted(path.name for path in root.rglob("*") if path.is_file())
