"""Filling values with the page's own words, on the review page in a real browser."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from service.files import words_key
from service.tenants import TENANT
from service.wiring import Services
from tests.browser.conftest import Service, running
from tests.browser.reviewing import field, result, saved

WORDS = [
    {"text": "2", "box": [0.790, 0.243, 0.800, 0.258]},
    {"text": "November", "box": [0.803, 0.243, 0.880, 0.258]},
    {"text": "2026", "box": [0.883, 0.243, 0.930, 0.258]},
    {"text": "HP-2026-118", "box": [0.790, 0.222, 0.900, 0.237]},
    {"text": "GmbH", "box": [0.25, 0.188, 0.32, 0.206]},
    {"text": "Larch", "box": [0.089, 0.188, 0.15, 0.206]},
    {"text": "Studio", "box": [0.16, 0.189, 0.24, 0.207]},
]


@pytest.fixture(scope="module")
def own(tmp_path_factory) -> Iterator[Service]:
    def prepare(services: Services, ids: dict[str, str]) -> None:
        words = [word | {"confidence": None} for word in WORDS]
        page = {"page": 1, "width": 595.0, "height": 842.0, "origin": "text", "words": words}
        services.storage.put(words_key(TENANT, ids["invoice"]), json.dumps([page]).encode())

    with running(tmp_path_factory.mktemp("words"), prepare) as service:
        yield service


def at(page: Page, x: float, y: float) -> tuple[float, float]:
    """Return where a place of the page (0 to 1) is in the window, whichever way it is turned."""
    found = page.evaluate(
        """([x, y]) => {
            const matrix = document.querySelector("#pages svg").getScreenCTM();
            const place = new DOMPoint(x, y).matrixTransform(matrix);
            return [place.x, place.y];
        }""",
        [x, y],
    )
    return found[0], found[1]


def test_a_click_on_a_word_fills_the_open_field(own, open_page):
    page = open_page(own.page("invoice"))
    field(page, "/buyer/name").click()
    page.mouse.click(*at(page, 0.85, 0.23))
    expect(page.locator(".input")).to_have_value("HP-2026-118")
    expect(page.locator(".input")).to_be_focused()
    page.keyboard.press("Escape")


def test_a_drag_over_words_fills_it_with_them_in_reading_order(own, open_page):
    page = open_page(own.page("invoice"))
    field(page, "/seller/name").click()
    page.mouse.move(*at(page, 0.08, 0.185))
    page.mouse.down()
    page.mouse.move(*at(page, 0.2, 0.2))
    expect(page.locator("rect.drag")).to_have_count(1)
    page.mouse.move(*at(page, 0.33, 0.208))
    page.mouse.up()
    expect(page.locator(".input")).to_have_value("Larch Studio GmbH")
    page.keyboard.press("Escape")
    expect(page.locator("rect.drag")).to_have_count(0)


def test_words_are_taken_as_what_the_field_is(own, open_page):
    page = open_page(own.page("invoice"))
    field(page, "/due_date").click()
    page.mouse.move(*at(page, 0.791, 0.245))
    page.mouse.down()
    page.mouse.move(*at(page, 0.92, 0.256))
    page.mouse.up()
    expect(page.locator(".note-typed")).to_have_text("→ 2026-11-02")
    page.keyboard.press("Enter")
    saved(page)
    assert result(own)["due_date"] == "2026-11-02"


def test_a_word_is_found_on_a_page_that_was_turned_and_enlarged(own, open_page):
    page = open_page(own.page("invoice"))
    page.keyboard.press("r")
    page.keyboard.press("+")
    field(page, "/invoice_number").click()
    expect(page.locator("rect.aimed")).to_be_in_viewport()
    page.mouse.click(*at(page, 0.85, 0.23))
    expect(page.locator(".input")).to_have_value("HP-2026-118")
    page.keyboard.press("Escape")


def test_a_click_beside_the_words_changes_nothing(own, open_page):
    page = open_page(own.page("invoice"))
    field(page, "/buyer/name").click()
    page.mouse.click(*at(page, 0.5, 0.1))
    expect(page.locator(".input")).to_have_value("Larch Studio GmbH")
    page.keyboard.press("Escape")
