"""The page light or dark as the reader chose at its foot, whatever the system is."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_accessibility_page import COLOURS, violations

GROUND = {"light": "rgb(245, 246, 248)", "dark": "rgb(16, 20, 26)"}


def expect_ground(page: Page, look: str) -> None:
    expect(page.locator("body")).to_have_css("background-color", GROUND[look])


@pytest.mark.parametrize(("look", "system"), [("dark", "light"), ("light", "dark")])
def test_a_reader_chooses_light_or_dark_and_the_page_remembers_it(
    look, system, service, open_page, screenshots
):
    page = open_page(service.url + "/settings", color_scheme=system, locale="en-GB")
    expect_ground(page, system)
    switch = page.get_by_role("navigation", name="Look of the page")
    expect(switch.locator("[aria-current]")).to_have_text("As the system")
    switch.get_by_role("link", name=look.capitalize()).click()
    expect(page).to_have_url(service.url + "/settings")
    for address in ("/settings", "/", "/documents/" + service.ids["invoice"]):
        page.goto(service.url + address)
        expect_ground(page, look)
        assert violations(page, only=COLOURS) == []
        name = address.strip("/").partition("/")[0] or "inbox"
        page.screenshot(path=screenshots / f"look-{look}-{name}.png", full_page=True)
    page.goto(service.url)
    switch.get_by_role("link", name="As the system").click()
    expect(switch.locator("[aria-current]")).to_have_text("As the system")
    expect_ground(page, system)
