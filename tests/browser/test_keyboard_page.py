"""The whole way by keyboard alone, from the first visit to the settings; and what a screen reader is told on it."""

import re

from playwright.sync_api import Page, expect

from tests.browser.test_inbox_page import SECONDS, a_pdf, row

MOST = 60  # presses of Tab until something is reached


def go(page: Page, selector: str, key: str = "Tab") -> None:
    """Press Tab until the element has the focus, and see that the focus is seen wherever it is on the way."""
    for _ in range(MOST):
        page.keyboard.press(key)
        seen = page.evaluate(
            """() => {
                const here = document.activeElement;
                if (!here || here === document.body) return true; // between the page and the browser's own
                const shown = here.closest("label") ?? here; // a file's input is hidden within its button
                const box = shown.getBoundingClientRect();
                return box.width > 1 && box.height > 1;
            }"""
        )
        assert seen, page.evaluate("document.activeElement.outerHTML")[:200]
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached")


def test_the_whole_way_is_gone_by_keyboard(empty_process, open_page, tmp_path):
    page = open_page(empty_process.url)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    go(page, "#files")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(a_pdf(tmp_path, "by-keys.pdf"))
    line = row(page, "by-keys.pdf")
    expect(line.locator(".state")).to_have_text(
        re.compile(r"^\s*(Done|Needs a look)\s*$"), timeout=60 * SECONDS
    )
    go(page, "a.row-name")
    page.keyboard.press("Enter")
    page.wait_for_url("**/documents/*")

    expect(page.locator("#left")).not_to_be_empty()
    go(page, '[data-field="1/invoice_number"]')
    page.keyboard.press("Enter")
    page.keyboard.press("Control+A")
    page.keyboard.type("QC-2026-8")
    page.keyboard.press("Enter")
    expect(page.locator("#saved")).to_have_text("Saved")
    page.keyboard.press("Control+Enter")
    # no other needs a look, so it stays here
    expect(page.locator(".title .state")).to_have_text("Confirmed")
    go(page, ".back", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(line.locator(".state")).to_have_text("Confirmed")

    go(page, "[data-pick]")
    page.keyboard.press("Space")
    go(page, '[data-export="csv"]', "Shift+Tab")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert "QC-2026-8" in download.value.path().read_text(encoding="utf-8-sig")

    go(page, 'a[href="/settings"]', "Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings")
    go(page, ".maker summary")
    page.keyboard.press("Enter")
    go(page, '[name="name"]')
    page.keyboard.type("scanner")
    page.keyboard.press("Enter")
    expect(page.locator("#secret-text")).not_to_be_empty()
    go(page, "#secret .primary")
    page.keyboard.press("Enter")
    page.wait_for_url("**/login**")
    expect(page.get_by_label("Key")).to_be_focused()


def test_a_dialog_keeps_the_focus_and_gives_it_back(service, open_page):
    page = open_page(service.url)
    delete = page.get_by_role("button", name="Delete locked.pdf")
    delete.focus()
    page.keyboard.press("Enter")
    dialog = page.locator("#confirm")
    for _ in range(4):
        inside = (
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
        assert page.evaluate(inside)
        page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(delete).to_be_focused()


def test_what_is_focused_is_never_under_what_sticks_to_the_page(service, open_page):
    page = open_page(service.page("invoice"), height=600)
    expect(page.locator("#left")).not_to_be_empty()
    for _ in range(40):
        page.keyboard.press("Tab")
        covered = page.evaluate(
            """() => {
                const here = document.activeElement;
                const box = here.getBoundingClientRect();
                const top = document.elementFromPoint(box.left + Math.min(box.width / 2, 40), Math.max(box.top, 0) + Math.min(box.height, 30) / 2);
                return top === null || here.contains(top) || top.contains(here) ? "" : here.outerHTML.slice(0, 120) + top.outerHTML.slice(0, 120);
            }"""
        )
        assert covered == ""


def test_a_screen_reader_is_told_what_each_part_is(service, open_page):
    page = open_page(service.url)
    line = page.locator(f'[data-job="{service.ids["invoice"]}"]')
    told = line.aria_snapshot()
    for part in (
        'checkbox "Select shelving-2026-118.pdf"',
        'link "Harbour & Pine Ltd · HP-2026-118"',
        "Needs a look",
        'button "Delete shelving-2026-118.pdf"',
    ):
        assert part in told
    assert 'searchbox "Search documents"' in page.locator(".list-tools").aria_snapshot()

    page.goto(service.page("invoice"))
    told = page.locator("main").aria_snapshot()
    for part in (
        'region "Pages"',
        'img "Page 1 of shelving-2026-118.pdf"',
        'region "Why this needs a look"',
        'group "Invoice number"',
        'columnheader "Description"',
        'group "Change the lines"',
        'region "Decision"',
    ):
        assert part in told, told

    page.goto(f"{service.url}/settings")
    told = page.locator("main").aria_snapshot()
    for part in ('navigation "On this page"', 'region "What leaves this server"', 'region "Keys"'):
        assert part in told
