"""The pictures of pages that will be looked at next are there before, on the review page in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from invoice_extraction.model.extraction import Extraction
from service.files import picture_key
from service.tenants import TENANT
from service.wiring import Services
from tests.browser.conftest import Service, running
from tests.browser.documents import an_invoice, paper

PAGES = 6


@pytest.fixture(scope="module")
def own(tmp_path_factory) -> Iterator[Service]:
    """The usual documents; the one on its way has several pages and is done."""

    def prepare(services: Services, ids: dict[str, str]) -> None:
        picture, boxes = paper()
        extraction = an_invoice(boxes)
        page = extraction["pages"][0]
        extraction["pages"] = [page | {"number": number + 1} for number in range(PAGES)]
        text = Extraction.model_validate(extraction).model_dump_json()
        job = services.store.get(TENANT, ids["started"])
        services.store.finish(job.id, job.lease_token or "", text, needs_review=False)
        for number in range(PAGES):
            services.storage.put(picture_key(TENANT, job.id, number + 1, 1240), picture)

    with running(tmp_path_factory.mktemp("ahead"), prepare) as service:
        yield service


def test_the_page_after_the_one_that_is_seen_comes_early(own, open_page):
    page = open_page(own.page("started"))
    pictures = page.locator("#pages img")
    expect(pictures).to_have_count(PAGES)
    expect(pictures.nth(1)).to_have_attribute("loading", "eager")
    expect(pictures.nth(1)).not_to_have_js_property("naturalWidth", 0)
    expect(pictures.nth(4)).to_have_attribute("loading", "lazy")
    pictures.nth(3).scroll_into_view_if_needed()
    expect(pictures.nth(4)).to_have_attribute("loading", "eager")


def test_the_first_page_of_the_next_document_comes_early(own, open_page):
    page = open_page(own.page("invoice"))
    following = f"/v1/documents/{own.ids['hostile']}/pages/1.webp?width=1240"
    sizes = "path => performance.getEntriesByName(location.origin + path).map((one) => one.transferSize)"
    page.wait_for_function(f"path => ({sizes})(path).some(Boolean)", arg=following)
    page.get_by_role("link", name="needs a look").click()
    expect(page.locator("#pages img")).not_to_have_js_property("naturalWidth", 0)
    assert page.evaluate(sizes, following) == [0]  # from the browser's cache
