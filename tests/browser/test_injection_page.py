"""Files whose fields say what a browser, a template or a spreadsheet might obey: the pages show it as text."""

import io
import re
import time
from collections.abc import Iterator
from html import escape

import httpx
import pytest
from playwright.sync_api import expect
from reportlab.pdfgen.canvas import Canvas

from tests.browser.conftest import Service
from tests.servers import ROOT, Api

SAID = {
    "script": "<script>window.broken=1</script>",
    "picture": '"><img src=x onerror="window.broken=1">',
    "vector": "<svg/onload=window.broken=1>",
    "link": "javascript:window.broken=1//",
    "event": "x' autofocus onfocus='window.broken=1",
    "style": "</style><style>body{display:none}</style>",
    "closing": "</textarea></pre></script><script>window.broken=1</script>",
    "comment": "--><script>window.broken=1</script><!--",
    "template": "{{ 7*7 }}{% include 'base.html' %}${7*7}#{7*7}",
    "formula": '=HYPERLINK("http://127.0.0.1:9/","pay here")',
    "query": "'; DROP TABLE jobs; --",
    "object": '"},"__proto__":{"broken":1},"x":{"',
    "direction": "total \u202e00.001 \u2066x\u2069",
    "endless": "W" * 5_000,
}
PRINTED = ("script", "picture", "formula", "direction")

_TEXTS = re.compile(r"(<cbc:(?:Name|RegistrationName|Note|PaymentID|StreetName|CityName)>)[^<]*")


def e_invoice(said: str) -> bytes:
    """Return our sample e-invoice with this in place of each of its free texts, and as its number."""
    text = (ROOT / "samples" / "files" / "invoice-ubl.xml").read_text()
    text = _TEXTS.sub(lambda found: found[1] + escape(said), text)
    number = f"<cbc:ID>{escape(said)}</cbc:ID>"
    return re.sub(r"<cbc:ID>INV-[^<]*</cbc:ID>", lambda _: number, text, count=1).encode()


def page_of(said: str) -> bytes:
    """Return a PDF that prints this as its seller, number and item."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(595, 842))
    canvas.setFont("Helvetica", 10)
    lines = ("INVOICE", said, f"Invoice number: {said}", "Invoice date: 2026-11-02")
    for down, line in enumerate((*lines, f"{said}   1   100.00   100.00", "Total EUR 100.00")):
        canvas.drawString(40, 780 - 20 * down, line[:110])
    canvas.save()
    return out.getvalue()


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that has read each of them as an e-invoice, and some as printed ones."""
    folder = tmp_path_factory.mktemp("injection")
    api = Api({"DATA_DIR": str(folder / "data")}, folder / "api.log")
    try:
        url = api.ready().url
        ids = []
        for files in (
            [(f"{said[:60]}.xml", e_invoice(said)) for said in SAID.values()],
            [(f"{name}.pdf", page_of(SAID[name])) for name in PRINTED],
        ):
            sent = httpx.post(f"{url}/extract-invoice", files=[("files", file) for file in files])
            ids += [entry["task_id"] for entry in sent.raise_for_status().json()]
        deadline = time.monotonic() + 100
        while any(httpx.get(f"{url}/status/{id_}").json()["status"] != "SUCCESS" for id_ in ids):
            assert time.monotonic() < deadline, api.logged()[-2_000:]
            time.sleep(0.2)
        names = [*SAID, *(f"printed {name}" for name in PRINTED)]
        yield Service(url, dict(zip(names, ids, strict=True)))
    finally:
        api.stop()


def test_what_fields_say_is_text_on_every_page(read, open_page):
    page = open_page(read.url)
    expect(page.locator(".row")).to_have_count(len(read.ids))
    assert page.evaluate("window.broken") is None
    for name in read.ids:
        page.goto(read.page(name))
        expect(page.locator("#left")).not_to_be_empty()
        assert page.evaluate("window.broken ?? Object.prototype.broken") is None, name
        assert page.locator("body").is_visible(), name
        for details in page.locator("details").all():
            details.evaluate("details => (details.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name
    for name, said in SAID.items():
        if name != "endless":
            page.goto(read.page(name))
            number = page.locator('[data-field="1/invoice_number"]').first
            expect(number).to_have_attribute("data-value", said)


def test_what_people_enter_is_text_in_values_history_and_search(read, open_page):
    page = open_page(read.page("script"))
    expect(page.locator("#left")).not_to_be_empty()
    for pointer, said in (("/seller/name", SAID["picture"]), ("/buyer/name", SAID["closing"])):
        page.locator(f'[data-field="1{pointer}"][tabindex]').click()
        page.locator(".input").fill(said)
        page.locator(".input").press("Tab")
        expect(page.locator("#saved")).to_have_text("Saved")
    page.get_by_text("What people changed").click()
    expect(page.locator(".history")).to_contain_text("onerror")
    page.goto(f"{read.url}/?q={SAID['event']}")
    assert page.evaluate("window.broken") is None
