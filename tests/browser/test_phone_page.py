"""A document on a small screen: a value and its place on the page are seen at the same time, and can be read."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.reviewing import field, ready

TOUCH = {"is_mobile": True, "has_touch": True}
SCREENS = {
    "upright": {"width": 360, "height": 740, **TOUCH},
    "on its side": {"width": 740, "height": 360, **TOUCH},
    "at 200 %": {"width": 640, "height": 450},
}
SEEN = """() => {
    const at = (place) => document.querySelector(place).getBoundingClientRect();
    const [box, tools, pages] = [at("rect.aimed"), at(".tools"), at("#pages")];
    const [field, bar, answer] = [at(".field.aimed"), at(".decide"), at(".answer")];
    const end = Math.min(pages.bottom, bar.top);
    const isBoxSeen = box.top >= tools.bottom && box.bottom <= end && box.left >= pages.left && box.right <= pages.right;
    const start = answer.left < pages.right ? pages.bottom : at("header").bottom;
    return isBoxSeen && field.top >= start && field.top + 20 <= bar.top;
}"""
"""Whether the box in hand and its field both lie where nothing covers them."""


def across(page: Page) -> float:
    width: float = page.locator(".sheet").first.evaluate("sheet => sheet.clientWidth")
    return width


@pytest.mark.parametrize("screen", SCREENS)
def test_a_value_and_its_place_are_seen_together(screen, service, open_page, screenshots):
    page = open_page(service.page("invoice"), **SCREENS[screen])
    ready(page)
    for pointer in ("/totals/tax", "/invoice_number"):
        field(page, pointer).click()
        page.wait_for_function(SEEN)
    page.screenshot(path=screenshots / f"review-{screen.replace(' ', '-')}.png")
    confirm = page.get_by_role("button", name="Confirm", exact=True)
    expect(confirm).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= SCREENS[screen]["width"]


def test_on_a_phone_the_page_can_be_read_and_a_box_leads_to_its_field(service, open_page):
    page = open_page(service.page("invoice"), **SCREENS["upright"])
    pictures = []
    page.on("request", lambda asked: "/pages/" in asked.url and pictures.append(asked.url))
    page.reload()
    ready(page)
    assert across(page) > 600
    page.locator('rect[data-field="1/invoice_number"]').tap()
    expect(field(page, "/invoice_number")).to_be_focused()
    page.wait_for_function(SEEN)
    for _ in range(3):
        page.get_by_role("button", name="Smaller").tap()
    assert across(page) < 360  # all of it
    assert not [url for url in pictures if "width=2000" in url]
