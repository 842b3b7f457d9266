"""What is deleted, or whose time is over, is gone: from files, database, broker and logs; over real processes."""

import io
import json
import sqlite3
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest
from reportlab.pdfgen.canvas import Canvas

from tests.engines.llm.answers import answer, invoice, party
from tests.engines.llm.stand_in import KEY, StandIn, says
from tests.servers import Api, free_port, wait_until

MARKER = "zyxmarker7261"
"""Stands in everything that a document says; in lower case, as all is searched."""

SELLER = f"{MARKER} Trading Limited"


def a_pdf(number: str) -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file)
    canvas.setTitle(MARKER)
    printed = [SELLER, f"Invoice number: {MARKER}-{number}", "Invoice date: 2026-01-31"]
    printed += ["Net total: 100.00 EUR", "VAT 19%: 19.00 EUR", "Total: 119.00 EUR"]
    for n, line in enumerate([*printed, "IBAN: DE02 1203 0000 0000 2020 51"]):
        canvas.drawString(72, 760 - 20 * n, line)
    canvas.save()
    return file.getvalue()


@pytest.fixture
def settings():
    """Settings with a model that says what the documents show, and webhooks to a place where nobody listens."""
    told = invoice(
        invoice_number=f"{MARKER}-1",
        currency="EUR",
        seller=party(name=SELLER),
        subtotal="100.00",
        tax_total="19.00",
        total="119.00",
    )
    with StandIn() as stand_in:
        stand_in.script = [says(json.dumps(answer(told)))]
        yield {
            "GEMINI_API_KEY": KEY,
            "LLM_BASE_URL": stand_in.base_url,
            "WEBHOOK_ALLOWED_HOSTS": f"127.0.0.1:{free_port()}",
            "LOG_LEVEL": "DEBUG",
        }


@dataclass
class Place:
    """A service's API, and how everything that it keeps is looked at; `restart` begins it anew."""

    api: Api
    kept: Callable[[], list[bytes]]
    age: Callable[[str], None]
    restart: Callable[[], Api]

    def call(self, method: str, path: str, **options) -> httpx.Response:
        return httpx.request(method, f"{self.api.url}{path}", timeout=40, **options)

    def marked(self) -> int:
        """Return how much of what is kept holds the marker."""
        return sum(MARKER.encode() in data.lower() for data in self.kept())


def files_in(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def embedded(start_api, settings, tmp_path) -> Place:
    """SQLite and one worker beside the API: all of it lies in DATA_DIR, whose raw bytes are searched."""

    def age(task: str) -> None:
        with sqlite3.connect(tmp_path / "data" / "jobs.db", timeout=20) as connection:
            past = "UPDATE jobs SET expires_at = '2026-01-01 00:00:00.000000' WHERE id = ?"
            assert connection.execute(past, (task,)).rowcount == 1

    def restart() -> Api:
        place.api.stop()
        place.api = start_api(**settings)
        return place.api

    place = Place(start_api(**settings), lambda: files_in(tmp_path), age, restart)
    return place


@pytest.fixture
def celery(start_api, start_celery, settings, tmp_path, postgres, valkey) -> Place:
    """PostgreSQL, Celery and Valkey, whose log of everything that was ever sent is searched too."""
    url = postgres.replace("+psycopg", "")
    shared = settings | {"DATABASE_URL": url, "BROKER_URL": valkey.url}
    workers = [start_celery(**shared)]
    dump = ["/usr/bin/env", "pg_dump", "--dbname", url]

    def kept() -> list[bytes]:
        dumped = subprocess.run(dump, capture_output=True, check=True).stdout
        return [*files_in(tmp_path), dumped]

    def age(task: str) -> None:
        with psycopg.connect(url) as connection:
            past = "UPDATE jobs SET expires_at = now() - interval '1 s' WHERE id = %s"
            assert connection.execute(past, (task,)).rowcount == 1

    def restart() -> Api:
        workers.pop().stop()
        workers.append(start_celery(**shared))
        return workers[0]

    return Place(start_api(**shared), kept, age, restart)


def use(place: Place, name: str) -> str:
    """Send a document, do with it whatever can be done, and return its id."""
    files = {"files": (f"{MARKER} {name}.pdf", a_pdf(name))}
    form = {"reference": MARKER, "metadata": json.dumps({"of": MARKER}), "language": "en"}
    key = {"Idempotency-Key": f"{name}-1"}
    sent = place.call("POST", "/extract-invoice", files=files, data=form, headers=key)
    task = sent.json()[0]["task_id"]

    def is_read() -> bool:
        return place.call("GET", f"/status/{task}?wait=20").json()["status"] == "SUCCESS"

    wait_until(is_read, 90)
    document = f"/v1/documents/{task}"
    assert place.call("POST", f"{document}/retry").status_code == 202
    wait_until(is_read, 90)
    assert MARKER in place.call("GET", f"{document}/earlier").text
    assert MARKER in place.call("GET", f"{document}/pages/1/words").text
    assert place.call("GET", f"{document}/pages/1.webp?width=320").status_code == 200
    change = {"buyer": {"name": f"{MARKER} buyer"}}
    patch = {"If-Match": "*", "Content-Type": "application/merge-patch+json"}
    path = f"{document}/invoices/1"
    assert place.call("PATCH", path, json=change, headers=patch).status_code == 200
    assert place.call("POST", f"{document}/confirm").status_code == 200
    assert place.call("GET", f"{document}/export?format=csv").status_code == 200
    return task


@pytest.mark.parametrize("kind", ["embedded", "celery"])
def test_nothing_is_left_of_documents_that_were_deleted_or_expired(kind, request, settings):
    place: Place = request.getfixturevalue(kind)
    hook = {"url": f"http://{settings['WEBHOOK_ALLOWED_HOSTS']}/", "events": ["document.completed"]}
    assert place.call("POST", "/v1/webhooks", json=hook).status_code == 201
    deleted, expired = use(place, "1"), use(place, "2")
    assert len(place.call("GET", f"/v1/documents?q={MARKER}").json()["documents"]) == 2
    assert place.marked()

    assert place.call("DELETE", f"/v1/documents/{deleted}").status_code == 204
    place.age(expired)
    assert place.call("GET", f"/status/{expired}").status_code == 410
    worker = place.restart()  # its first round and sweep come at once
    wait_until(lambda: "swept" in worker.logged(), 60)
    time.sleep(0.5)
    left = [data for data in place.kept() if MARKER.encode() in data.lower()]
    assert left == []
    for task in (deleted, expired):
        for path in (f"/status/{task}", f"/v1/documents/{task}", f"/v1/documents/{task}/file"):
            answered = place.call("GET", path)
            assert (answered.status_code, answered.json()["code"]) == (410, "expired")
    assert place.call("GET", f"/v1/documents?q={MARKER}").json()["documents"] == []
