"""What the review page tells of a document in each of its states; its pictures are for people to look at."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from invoice_extraction.model.extraction import Extraction
from service.files import picture_key
from service.tenants import TENANT
from service.wiring import Services
from tests.browser.conftest import Service, running
from tests.browser.documents import an_invoice, paper
from tests.browser.reviewing import change, field, saved


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> Iterator[Service]:
    """The usual documents; the one on its way is done, and has a duplicate, a new bank account, and an e-invoice that differs."""

    def prepare(services: Services, ids: dict[str, str]) -> None:
        picture, boxes = paper()
        extraction = an_invoice(boxes)
        checks: list[dict[str, Any]] = extraction["invoices"][0]["checks"]
        checks += [
            {
                "id": "duplicate",
                "status": "fail",
                "found": ids["two"],
                "message": f"The same invoice is there already: task {ids['two']}.",
            },
            {
                "id": "bank_account_changed",
                "status": "fail",
                "fields": ["/payment/accounts/0/iban"],
                "message": "The bank account is in none of this seller's confirmed invoices.",
            },
            {
                "id": "xml_differs_from_page",
                "status": "fail",
                "fields": ["/totals/gross"],
                "expected": "600.00",
                "found": "690.00",
                "message": "The gross total is another one on the page.",
            },
        ]
        text = Extraction.model_validate(extraction).model_dump_json()
        job = services.store.get(TENANT, ids["started"])
        services.store.finish(job.id, job.lease_token or "", text, needs_review=True)
        services.storage.put(picture_key(TENANT, job.id, 1, 1240), picture)

    with running(tmp_path_factory.mktemp("states"), prepare) as service:
        yield service


def test_a_duplicate_and_another_account_and_differences_are_banners(told, open_page):
    page = open_page(told.page("started"))
    banners = page.locator(".banner")
    expect(banners).to_have_count(3)
    expect(banners.filter(has_text="It may be here twice")).to_be_visible()
    expect(page.locator(".banner.danger")).to_contain_text("Another bank account than before")
    differs = page.get_by_label("Where the page and the e-invoice differ")
    expect(differs).to_contain_text("e-invoice 600.00, page 690.00")
    expect(field(page, "/totals/gross").locator(".mark")).to_have_text("Check failed")
    page.get_by_role("link", name="Look at the other one").click()
    expect(page).to_have_url(told.page("two"))


def test_each_of_several_invoices_is_corrected_for_itself(told, open_page):
    page = open_page(told.page("two"))
    field(page, "/invoice_number", 2).click()
    page.locator(".input").fill("HP-2")
    page.keyboard.press("Tab")
    saved(page)
    expect(page.locator(".jump a")).to_have_text(["Invoice HP-2026-118", "Invoice HP-2"])
    expect(field(page, "/invoice_number", 1)).to_contain_text("HP-2026-118")


def test_a_document_is_taken_along_in_each_format(told, open_page):
    page = open_page(told.page("two"))
    for kind in ("CSV", "XLSX"):
        with page.expect_download() as fetched:
            page.get_by_role("link", name=f"Download {kind}").click()
        assert fetched.value.suggested_filename.endswith(f".{kind.lower()}")


def test_what_people_did_is_told_with_its_time(told, open_page):
    page = open_page(told.page("long"))
    change(page, "/seller/name", "Somebody")
    saved(page)
    page.get_by_text("What people changed").click()
    deeds = page.locator(".history > li")
    expect(deeds).to_have_count(1)
    expect(deeds).to_contain_text("Corrected")
    expect(deeds).to_contain_text("today")
    expect(deeds).to_contain_text("Seller · Name Somebody")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1360, 320])
def test_pictures_of_the_review_page(told, open_page, screenshots: Path, scheme, width):
    def shoot(page: Page, name: str) -> None:
        page.screenshot(path=screenshots / f"review-{name}-{scheme}-{width}.png")
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, name

    def opened(name: str) -> Page:
        page: Page = open_page(told.page(name), width=width, height=900, color_scheme=scheme)
        page.locator("#pages img").first.scroll_into_view_if_needed()
        expect(page.locator("#pages img").first).not_to_have_js_property("naturalWidth", 0)
        return page

    page = opened("invoice")
    shoot(page, "first")
    field(page, "/due_date").click()
    page.locator(".input").fill("31.12.2026")
    shoot(page, "edit")
    page.keyboard.press("Escape")
    page.locator("[data-lines]").scroll_into_view_if_needed()
    field(page, "/lines/1/net_amount").click()
    shoot(page, "lines")
    page.keyboard.press("Escape")
    page.locator("#main").focus()
    page.keyboard.press("?")
    shoot(page, "keys")
    shoot(opened("started"), "banners")
