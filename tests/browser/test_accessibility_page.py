"""Each screen in each state, looked at by axe-core (WCAG 2.2 AA): in light and dark, narrow and magnified."""

from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Service
from tests.browser.reviewing import field
from tests.receiver import Receiver
from tests.servers import ROOT, Api, wait_until

AXE = (ROOT / "tests" / "data" / "axe" / "axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = "color-contrast"
SIZES = ((320, 640), (640, 450))
"""The narrowest that WCAG asks for, and a window of 1280 by 900 at 200 %."""


def violations(page: Page, *, only: str = "", without: str = "") -> list[str]:
    """Return what axe finds wrong on the page, with the places: by one rule only, or by all without it."""
    page.evaluate("scrollTo(0, 0)")  # what sticks to the top hides what is scrolled below it
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE)
    found = page.evaluate(
        """([tags, only, without]) => axe.run(document, {
            runOnly: only ? {type: "rule", values: [only]} : tags,
            rules: only ? {} : {"target-size": {enabled: true}, ...(without && {[without]: {enabled: false}})},
            resultTypes: ["violations"],
        })""",
        [TAGS, only, without],
    )
    return [
        f"{one['id']}: {node['html'][:160]} {node['failureSummary'][:300]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


def check(page: Page) -> None:
    """Fail where axe finds something in light, dark, or small, or where the page is wider than the window.

    Dark are other colours: the rules of places are not run again for them, nor those of colours for a zoom.
    """
    page.emulate_media(color_scheme="light")
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, only=COLOURS) == []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations(page, without="" if width == 320 else COLOURS) == [], width


def _choose(page: Page) -> None:
    page.get_by_role("checkbox").nth(1).check()
    expect(page.locator("#bulk")).to_be_visible()


def _ask(page: Page) -> None:
    page.get_by_role("button", name="Delete locked.pdf").click()


def _ask_of_many(page: Page) -> None:
    _choose(page)
    page.locator('[data-bulk="delete"]').click()


def _ask_for_pages(page: Page) -> None:
    page.evaluate(
        """() => {
            const transfer = new DataTransfer();
            for (const name of ["one.png", "two.png"]) transfer.items.add(new File(["x"], name, { type: "image/png" }));
            document.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer }));
        }"""
    )
    expect(page.locator("#together")).to_be_visible()


def _drag(page: Page) -> None:
    page.evaluate(
        """() => {
            const transfer = new DataTransfer();
            transfer.items.add(new File(["x"], "one.pdf"));
            document.dispatchEvent(new DragEvent("dragover", { dataTransfer: transfer }));
        }"""
    )
    expect(page.locator("#veil")).to_be_visible()


def _lose(page: Page) -> None:
    """Let a file be refused as it is where the server is gone, or nobody signed in any more."""
    page.route(
        "**/extract-invoice", lambda route: route.fulfill(status=401, json={"title": "A key"})
    )
    page.set_input_files(
        "#files", {"name": "late.pdf", "mimeType": "application/pdf", "buffer": b"%PDF"}
    )
    expect(page.get_by_role("link", name="Sign in again")).to_be_visible()
    page.locator("#lost").evaluate(
        "p => { p.hidden = false; p.textContent = 'Lost for a while.'; }"
    )


def _keys(page: Page) -> None:
    page.locator(".field").first.focus()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()


def _edit(page: Page) -> None:
    expect(page.locator("#left")).not_to_be_empty()
    field(page, "/issue_date").click()
    page.locator(".input").fill("nonsense")
    page.locator(".input").press("Enter")
    expect(page.locator(".input")).to_have_attribute("aria-invalid", "true")


def _read_again(page: Page) -> None:
    page.locator('[data-decide="retry"]').click()
    expect(page.locator("#again")).to_be_visible()


def _unfold(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")


def _nothing(page: Page) -> None:
    """Leave the page as it is."""


STATES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "the inbox": ("/", _nothing),
    "the inbox with a selection": ("/", _choose),
    "the inbox before a deletion": ("/", _ask),
    "the inbox before several deletions": ("/", _ask_of_many),
    "the inbox with pictures": ("/", _ask_for_pages),
    "the inbox under a file": ("/", _drag),
    "the inbox cut off": ("/", _lose),
    "what failed": ("/?show=failed", _nothing),
    "nothing found": ("/?q=nowhereatall", _nothing),
    "a document": ("{invoice}", _nothing),
    "a document with all unfolded": ("{invoice}", _unfold),
    "the keys of a document": ("{invoice}", _keys),
    "a value that cannot be": ("{invoice}", _edit),
    "a document to be read again": ("{invoice}", _read_again),
    "hostile text": ("{hostile}", _nothing),
    "an e-invoice": ("{xml}", _unfold),
    "two invoices": ("{two}", _nothing),
    "a file that was not read": ("{locked}", _nothing),
    "a file that is being read": ("{started}", _nothing),
    "the settings": ("/settings", _unfold),
    "an unknown address": ("/documents/none", _nothing),
    "the API's description": ("/docs", _nothing),
}


@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_on(state, service, open_page, allow_console):
    allow_console("404")
    allow_console("401")
    path, prepare = STATES[state]
    page = open_page(service.page(path[1:-1]) if path.startswith("{") else service.url + path)
    prepare(page)
    check(page)


def test_axe_finds_nothing_on_the_first_visit(empty_service, open_page):
    check(open_page(empty_service.url))


@pytest.fixture(scope="module")
def furnished(tmp_path_factory) -> Iterator[tuple[Service, str]]:
    """A service with a webhook, its deliveries, and two keys; and one of these."""
    folder = tmp_path_factory.mktemp("furnished")
    with Receiver() as receiver:
        environment = {
            "DATA_DIR": str(folder / "data"),
            "WEBHOOK_ALLOWED_HOSTS": receiver.place,
            "LLM_BUDGET_DAY": "5",
        }
        api = Api(environment, folder / "api.log")
        try:
            with httpx.Client(base_url=api.ready().url) as client:
                made = client.post("/v1/webhooks", json={"url": receiver.url}).json()
                client.post(f"/v1/webhooks/{made['id']}/test")
                deliveries = f"/v1/webhooks/{made['id']}/deliveries?state=delivered"
                wait_until(lambda: client.get(deliveries).json()["deliveries"], 60)
                new = {"name": "office", "scopes": ["read", "write", "admin"]}
                key = client.post("/v1/keys", json=new).json()["key"]
                bearer = {"Authorization": f"Bearer {key}"}
                gone = client.post("/v1/keys", json={"name": "gone"}, headers=bearer).json()
                client.delete(f"/v1/keys/{gone['id']}", headers=bearer)
            yield Service(api.url, {}), key
        finally:
            api.stop()


def _tell_deliveries(page: Page) -> None:
    page.get_by_text("Deliveries").click()
    expect(page.locator(".deliveries li")).not_to_have_count(0)


def _revoke(page: Page) -> None:
    page.get_by_role("button", name="Revoke office").click()
    expect(page.locator("#sure")).to_be_visible()


def _rotate(page: Page) -> None:
    page.get_by_role("button", name="New secret").click()
    expect(page.locator("#secret")).to_be_visible()


FURNISHED: dict[str, Callable[[Page], None]] = {
    "with its forms": _unfold,
    "with deliveries": _tell_deliveries,
    "before a key ends": _revoke,
    "with a secret": _rotate,
}


@pytest.mark.parametrize("state", FURNISHED)
def test_axe_finds_nothing_on_the_settings_of_an_admin(state, furnished, open_page):
    service, key = furnished
    page = open_page(f"{service.url}/settings")
    page.get_by_label("Key").fill(key)
    page.keyboard.press("Enter")
    expect(page.locator("[data-webhook]")).to_be_visible()
    expect(page.locator("time[data-time]")).to_have_count(0)  # the scripts have run
    FURNISHED[state](page)
    check(page)


def test_axe_finds_nothing_where_a_key_is_asked_for_and_refused(
    furnished, open_page, allow_console
):
    allow_console("401")
    page = open_page(furnished[0].url)
    check(page)
    page.get_by_label("Key").fill("inv_nobody")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Key")).to_be_focused()
    check(page)


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
    for path in (service.page("invoice"), f"{service.url}/settings"):
        page.goto(path)
        assert violations(page) == []
    page.goto(service.page("invoice"))
    page.locator(".field").first.focus()
    page.screenshot(path=screenshots / "review-forced-colours.png")
