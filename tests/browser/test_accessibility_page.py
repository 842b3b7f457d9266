"""Each screen in each state, looked at by axe-core (WCAG 2.2 AA), in light and dark, narrow and magnified."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.servers import ROOT

AXE = (ROOT / "tests" / "data" / "axe" / "axe.min.js").read_text()
# the sections of several invoices of one file have the same names, which WCAG allows
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page) -> list[str]:
    """Return what axe finds wrong on the page, with the places."""
    page.evaluate("scrollTo(0, 0)")  # what sticks to the top hides what is scrolled below it
    page.evaluate(AXE)
    found = page.evaluate(
        """tags => axe.run(document, {
            runOnly: tags,
            rules: {"landmark-unique": {enabled: false}},
            resultTypes: ["violations"],
        })""",
        TAGS,
    )
    return [
        f"{one['id']}: {node['html'][:160]} {node['failureSummary'][:300]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


def _choose(page: Page) -> None:
    page.get_by_role("checkbox").nth(1).check()
    expect(page.locator("#bulk")).to_be_visible()


def _ask(page: Page) -> None:
    page.get_by_role("button", name="Delete locked.pdf").click()


def _ask_of_many(page: Page) -> None:
    _choose(page)
    page.locator('[data-bulk="delete"]').click()


def _keys(page: Page) -> None:
    page.locator(".field").first.focus()
    page.keyboard.press("?")


def _nothing(page: Page) -> None:
    """Leave the page as it is."""


STATES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "the inbox": ("/", _nothing),
    "the inbox with a selection": ("/", _choose),
    "the inbox before a deletion": ("/", _ask),
    "the inbox before several deletions": ("/", _ask_of_many),
    "what failed": ("/?show=failed", _nothing),
    "nothing found": ("/?q=nowhereatall", _nothing),
    "a document": ("{invoice}", _nothing),
    "the keys of a document": ("{invoice}", _keys),
    "hostile text": ("{hostile}", _nothing),
    "an e-invoice": ("{xml}", _nothing),
    "two invoices": ("{two}", _nothing),
    "a file that was not read": ("{locked}", _nothing),
    "a file that is being read": ("{started}", _nothing),
    "the settings": ("/settings", _nothing),
    "an unknown address": ("/documents/none", _nothing),
    "the API's description": ("/docs", _nothing),
}


def address(service, state: str) -> str:
    path = STATES[state][0]
    return service.page(path[1:-1]) if path.startswith("{") else service.url + path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_on(state, scheme, service, open_page, allow_console):
    allow_console("404")
    page = open_page(address(service, state), color_scheme=scheme)
    STATES[state][1](page)
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_first_visit(scheme, empty_service, open_page):
    page = open_page(empty_service.url, color_scheme=scheme)
    assert violations(page) == []


@pytest.mark.parametrize(
    "state",
    [
        "the inbox with a selection",
        "a document",
        "nothing found",
        "the settings",
        "an unknown address",
    ],
)
def test_nothing_scrolls_sideways_at_320_pixels_or_twice_the_size(
    state, service, open_page, allow_console
):
    allow_console("404")
    for width, height, scale in ((320, 640, 1), (640, 450, 2)):
        page = open_page(address(service, state), width, height, device_scale_factor=scale)
        STATES[state][1](page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations(page) == []


def test_nothing_moves_where_less_motion_is_asked_for(service, open_page):
    page = open_page(service.url, reduced_motion="reduce")
    expect(page.locator(".state.runs").first).to_be_visible()
    assert page.evaluate("document.getAnimations().length") == 0
    moving = open_page(service.url, reduced_motion="no-preference")
    expect(moving.locator(".state.runs").first).to_be_visible()
    assert moving.evaluate("document.getAnimations().length") > 0


def test_states_and_choices_are_seen_in_forced_colours(service, open_page, screenshots):
    page = open_page(service.url, forced_colors="active")
    _choose(page)
    chip, other = (
        page.locator(f".chips a{kind}").first for kind in ("[aria-current]", ":not([aria-current])")
    )
    line = "element => getComputedStyle(element).borderTopColor"
    assert chip.evaluate(line) != other.evaluate(line)
    expect(page.locator(".state svg").first).to_be_visible()
    page.screenshot(path=screenshots / "inbox-forced-colours.png")
    assert violations(page) == []
