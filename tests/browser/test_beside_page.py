"""Two documents side by side, in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from invoice_extraction.model.extraction import Extraction
from service.files import picture_key
from service.tenants import TENANT
from service.wiring import Services
from tests.browser.conftest import Service, running
from tests.browser.documents import an_invoice, paper


@pytest.fixture(scope="module")
def twice(tmp_path_factory) -> Iterator[Service]:
    """The usual documents; the one on its way says that it is the invoice once more, with another total."""

    def prepare(services: Services, ids: dict[str, str]) -> None:
        picture, boxes = paper()
        extraction = an_invoice(boxes)
        invoice = extraction["invoices"][0]
        invoice["result"]["totals"]["gross"] = "960.00"
        invoice["result"]["due_date"] = None
        told = {"id": "duplicate", "status": "fail", "found": ids["invoice"]}
        invoice["checks"].append(told | {"message": "The same invoice is there already."})
        text = Extraction.model_validate(extraction).model_dump_json()
        job = services.store.get(TENANT, ids["started"])
        services.store.finish(job.id, job.lease_token or "", text, needs_review=True)
        services.storage.put(picture_key(TENANT, job.id, 1, 1240), picture)

    with running(tmp_path_factory.mktemp("beside"), prepare) as service:
        yield service


def test_a_duplicate_is_seen_beside_the_other_with_what_differs(twice, open_page):
    page = open_page(twice.page("started"))
    page.get_by_role("link", name="See both side by side").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Side by side")
    expect(page.locator(".title")).to_contain_text("2 values differ")
    differing = page.locator("tr.differs")
    expect(differing.locator("th")).to_contain_text(["Due date", "Gross total"])
    expect(differing.nth(1).locator("td")).to_contain_text(["960.00", "600.00"])
    expect(page.locator("tr", has_text="HP-2026-118")).not_to_have_class("differs")
    for picture in page.locator(".beside-pages img").all():
        picture.scroll_into_view_if_needed()
        expect(picture).not_to_have_js_property("naturalWidth", 0)
    page.locator("thead").get_by_role("link", name="shelving-2026-118.pdf").click()
    expect(page).to_have_url(twice.page("invoice"))


def test_the_same_document_twice_differs_in_nothing(twice, open_page):
    page = open_page(f"{twice.page('invoice')}/beside/{twice.ids['invoice']}")
    expect(page.locator(".title")).to_contain_text("All values that are compared are the same")


def test_beside_one_that_says_nothing_stands_the_document_alone(twice, open_page):
    page = open_page(f"{twice.page('invoice')}/beside/{twice.ids['locked']}")
    expect(page).to_have_url(twice.page("invoice"))


@pytest.mark.parametrize("width", [1360, 320])
def test_pictures_of_two_documents_side_by_side(twice, open_page, screenshots: Path, width):
    page = open_page(f"{twice.page('started')}/beside/{twice.ids['invoice']}", width=width)
    expect(page.locator(".beside-pages img").first).not_to_have_js_property("naturalWidth", 0)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.screenshot(path=screenshots / f"beside-{width}.png")
