"""Saying where a value stands, by mouse and by keys, on the review page in a real browser."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from service.files import words_key
from service.tenants import TENANT
from service.wiring import Services
from tests.browser.conftest import Service, running
from tests.browser.reviewing import document, field, ready, result, saved

WORDS = [
    {"text": "No.", "box": [0.10, 0.50, 0.13, 0.52]},
    {"text": "HP-77", "box": [0.14, 0.50, 0.20, 0.52]},
    {"text": "of", "box": [0.21, 0.50, 0.23, 0.52]},
    {"text": "Tuesday", "box": [0.24, 0.50, 0.31, 0.52]},
]


@pytest.fixture
def own(tmp_path) -> Iterator[Service]:
    def prepare(services: Services, ids: dict[str, str]) -> None:
        words = [word | {"confidence": None} for word in WORDS]
        page = {"page": 1, "width": 595.0, "height": 842.0, "origin": "text", "words": words}
        services.storage.put(words_key(TENANT, ids["invoice"]), json.dumps([page]).encode())

    with running(tmp_path, prepare) as service:
        yield service


def at(page: Page, x: float, y: float) -> tuple[float, float]:
    """Return where a place of the page (0 to 1) is in the window."""
    found = page.evaluate(
        """([x, y]) => {
            const matrix = document.querySelector("#pages svg").getScreenCTM();
            const place = new DOMPoint(x, y).matrixTransform(matrix);
            return [place.x, place.y];
        }""",
        [x, y],
    )
    return found[0], found[1]


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*at(page, *start))
    page.mouse.down()
    page.mouse.move(*at(page, *end), steps=4)
    page.mouse.up()


def evidence(service: Service, pointer: str) -> dict[str, Any]:
    found: dict[str, Any] = document(service, "invoice")["invoices"][0]["evidence"][pointer]
    return found


def test_a_drag_over_words_fills_the_value_and_says_that_it_stands_there(own, open_page):
    page = open_page(own.page("invoice"))
    field(page, "/invoice_number").click()
    drag(page, (0.145, 0.505), (0.19, 0.515))
    expect(page.locator(".input")).to_have_value("HP-77")
    page.keyboard.press("Tab")
    saved(page)
    proof = evidence(own, "/invoice_number")
    assert (proof["origin"], proof["page"]) == ("person", 1)
    assert proof["boxes"] == [[0.14, 0.5, 0.2, 0.52]]
    number = field(page, "/invoice_number")
    expect(number).to_contain_text("entered by a person")
    expect(number).to_contain_text("page 1")
    expect(number).to_contain_text("HP-2026-118")  # as it was read
    number.focus()
    expect(page.locator("rect.aimed")).to_have_count(1)
    expect(page.locator("#location")).to_contain_text("page 1, middle left")


def test_the_box_of_a_value_is_pulled_at_an_edge_until_it_holds_the_right_words(own, open_page):
    page = open_page(own.page("invoice"))
    field(page, "/invoice_number").click()
    drag(page, (0.09, 0.49), (0.205, 0.53))
    expect(page.locator(".input")).to_have_value("No. HP-77")
    drag(page, (0.10, 0.51), (0.135, 0.51))  # its left edge
    expect(page.locator(".input")).to_have_value("HP-77")
    drag(page, (0.20, 0.52), (0.32, 0.53))  # its lower right corner
    expect(page.locator(".input")).to_have_value("HP-77 of Tuesday")
    expect(page.locator("rect.drag")).to_have_count(1)
    page.keyboard.press("Enter")
    saved(page)
    assert result(own)["invoice_number"] == "HP-77 of Tuesday"
    assert evidence(own, "/invoice_number")["boxes"] == [[0.135, 0.5, 0.32, 0.53]]
    expect(page.locator("rect.drag")).to_have_count(0)


def test_a_frame_round_no_words_keeps_the_place_of_what_is_typed(own, open_page):
    page = open_page(own.page("invoice"))
    field(page, "/due_date").click()
    drag(page, (0.6, 0.7), (0.8, 0.72))
    expect(page.locator("#announcer")).to_contain_text("No words were found there")
    expect(page.locator(".input")).to_be_focused()
    page.locator(".input").fill("2026-12-05")
    page.keyboard.press("Tab")
    saved(page)
    assert result(own)["due_date"] == "2026-12-05"
    (box,) = evidence(own, "/due_date")["boxes"]
    assert box == pytest.approx([0.6, 0.7, 0.8, 0.72], abs=0.005)


def test_a_place_alone_is_kept_and_taken_back(own, open_page):
    page = open_page(own.page("invoice"))
    read = evidence(own, "/totals/gross")
    field(page, "/totals/gross").click()
    drag(page, (0.6, 0.7), (0.8, 0.72))
    page.keyboard.press("Tab")
    saved(page)
    assert result(own)["totals"]["gross"] == "600.00"
    assert evidence(own, "/totals/gross")["origin"] == "person"
    page.keyboard.press("Escape")
    page.locator("#main").focus()
    page.keyboard.press("Control+z")
    expect(field(page, "/totals/gross")).to_contain_text("printed text")
    assert evidence(own, "/totals/gross")["boxes"] == read["boxes"]


def test_a_change_that_is_taken_back_brings_the_place_of_before_back(own, open_page):
    page = open_page(own.page("invoice"))
    field(page, "/invoice_number").click()
    drag(page, (0.145, 0.505), (0.19, 0.515))
    page.keyboard.press("Tab")
    saved(page)
    drawn = evidence(own, "/invoice_number")
    page.reload()
    ready(page)
    field(page, "/invoice_number").click()
    page.locator(".input").fill("HP-78")
    page.keyboard.press("Tab")
    saved(page)
    assert evidence(own, "/invoice_number")["boxes"] == []
    page.keyboard.press("Escape")
    page.locator("#main").focus()
    page.keyboard.press("Control+z")
    expect(field(page, "/invoice_number").locator(".value")).to_have_text("HP-77")
    assert evidence(own, "/invoice_number") == drawn


def test_escape_leaves_the_place_as_it_was(own, open_page):
    page = open_page(own.page("invoice"))
    before = evidence(own, "/invoice_number")
    field(page, "/invoice_number").click()
    drag(page, (0.145, 0.505), (0.19, 0.515))
    expect(page.locator("rect.drag")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("rect.drag")).to_have_count(0)
    assert evidence(own, "/invoice_number") == before


def test_a_frame_is_moved_and_pulled_by_keys(own, open_page):
    page = open_page(own.page("invoice"))
    field(page, "/seller/name").focus()
    page.keyboard.press("F2")
    page.keyboard.press("F2")
    expect(page.locator("rect.drag")).to_have_count(1)
    expect(page.locator("#announcer")).to_contain_text("Enter takes what is in it")
    for _ in range(110):
        page.keyboard.press("ArrowDown")  # 0.44 of the page
    expect(page.locator("#announcer")).to_contain_text("Frame on page 1")
    expect(page.locator("rect.drag")).to_be_in_viewport()
    for _ in range(20):
        page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Enter")
    expect(page.locator(".input")).to_have_value("No. HP-77")
    expect(page.locator(".input")).to_be_focused()
    page.keyboard.press("Enter")
    saved(page)
    assert result(own)["seller"]["name"] == "No. HP-77"
    assert evidence(own, "/seller/name")["page"] == 1


def test_a_value_without_a_box_gets_a_frame_where_the_page_is_seen(own, open_page):
    page = open_page(own.page("invoice"))
    field(page, "/due_date").click()
    page.keyboard.press("F2")
    expect(page.locator("rect.drag")).to_be_in_viewport()
    page.keyboard.press("Escape")  # leaves the frame, not the value
    expect(page.locator("rect.drag")).to_have_count(0)
    expect(page.locator(".input")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".input")).to_have_count(0)
