"""The page in the reader's language: on every screen nothing English is left, in each language that there is."""

import re
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page, expect

from app.languages import Language, language
from app.texts_command import texts
from tests.browser.conftest import Service
from tests.browser.reviewing import change, field, ready, result
from tests.browser.test_accessibility_page import violations

LOCALES = {"de": "de-DE", "fr": "fr-FR", "es": "es-ES"}

SAID = """() => {
  const own = "script, style, template, noscript, bdi, pre, code, kbd, svg, .row-file, [data-name] > bdi";
  const said = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const at = walk.currentNode.parentElement;
    const text = walk.currentNode.textContent.replace(/\\s+/g, " ").trim();
    if (text && !at.closest(own) && at.closest("[lang]").lang === document.documentElement.lang) said.push(text);
  }
  for (const at of document.querySelectorAll("body *")) {
    if (at.closest("template") || at.closest("[lang]").lang !== document.documentElement.lang) continue;
    for (const name of ["aria-label", "title", "placeholder", "alt", "data-place", "data-told", "data-label"]) {
      const text = at.getAttribute(name)?.trim();
      if (text) said.push(text);
    }
  }
  for (const template of document.querySelectorAll("template")) said.push(...template.content.textContent.split("\\n").map((text) => text.trim()).filter(Boolean));
  return [document.title, ...said];
}"""
"""Returns all that a person is told in the page's language: no values, no commands."""

ENGLISH = re.compile(
    r"\b(the|and|is|are|was|were|not|with|this|your|page|found|which|needs?)\b", re.I
)
"""Words that no sentence in another language of ours has, but for a few."""

FOREIGN = {"de": {"was"}, "fr": {"page"}, "es": set()}

SHARED = re.compile(r"/v1/|Invoice Extraction|^API$")


def _nothing(page: Page) -> None:
    """Leave the page as it is."""


def _choose(page: Page) -> None:
    page.get_by_role("checkbox").nth(1).check()
    expect(page.locator("#bulk")).to_be_visible()


def _keys(page: Page) -> None:
    ready(page)
    field(page, "/totals/gross").focus()
    page.keyboard.press("?")


def _delete(page: Page) -> None:
    page.locator("[data-delete]").first.click()


def _again(page: Page) -> None:
    page.locator('[data-decide="retry"]').click()


def _edit(page: Page) -> None:
    ready(page)
    field(page, "/due_date").click()
    page.locator(".input").fill("gestern")


SCREENS: dict[str, tuple[str, Callable[[Page], None]]] = {
    "inbox": ("/", _nothing),
    "inbox-selected": ("/", _choose),
    "inbox-delete": ("/", _delete),
    "inbox-failed": ("/?show=failed", _nothing),
    "inbox-nothing": ("/?q=nirgends", _nothing),
    "review": ("{invoice}", _nothing),
    "review-keys": ("{invoice}", _keys),
    "review-edit": ("{invoice}", _edit),
    "review-again": ("{locked}", _nothing),
    "review-two": ("{two}", _nothing),
    "review-xml": ("{xml}", _nothing),
    "document-failed": ("{locked}", _again),
    "document-running": ("{started}", _nothing),
    "beside": ("{invoice}/beside/{two}", _nothing),
    "settings": ("/settings", _nothing),
    "error": ("/documents/" + "f" * 32, _nothing),
}


def _address(service: Service, path: str) -> str:
    documents = "/documents/" if path.startswith("{") else ""
    return service.url + documents + path.format_map(service.ids)


def english_in(page: Page, code: str) -> list[str]:
    """Return what the page says that is a text of ours in English, or looks like English."""
    of_page = language(code)
    english = {
        one
        for message in texts()
        for one in ([message.id] if isinstance(message.id, str) else message.id)
        if one and _is_other(of_page, one)
    }
    found = []
    for text in page.evaluate(SAID):
        words = {word.lower() for word in ENGLISH.findall(text)} - FOREIGN[code]
        if text in english or (words and not SHARED.search(text)):
            found.append(text)
    return found


def _is_other(of_page: Language, text: str) -> bool:
    return of_page.say(text) != text


# All languages come from the same catalogues, which a test compares: one is walked at each change.
@pytest.mark.parametrize(
    "code", ["de", *(pytest.param(code, marks=pytest.mark.soak) for code in ("fr", "es"))]
)
@pytest.mark.parametrize("screen", SCREENS)
def test_no_english_is_left_on_the_screen(
    screen, code, service, open_page, screenshots, allow_console
):
    allow_console("404")
    path, act = SCREENS[screen]
    address = _address(service, path)
    page = open_page(address, locale=LOCALES[code], color_scheme="light")
    act(page)
    page.wait_for_timeout(100)
    if code == "de":
        page.screenshot(path=screenshots / f"de-{screen}.png", full_page=screen != "review-keys")
    assert page.evaluate("document.documentElement.lang") == code
    assert english_in(page, code) == []


@pytest.mark.parametrize("code", LOCALES)
def test_no_english_is_left_on_the_first_visit(code, empty_service, open_page, screenshots):
    page = open_page(empty_service.url, locale=LOCALES[code], color_scheme="light")
    page.screenshot(path=screenshots / f"{code}-first-visit.png")
    assert english_in(page, code) == []


def test_no_english_is_left_where_a_key_is_asked_for(own_process, open_page, allow_console):
    allow_console("401")
    key = {"name": "first", "scopes": ["admin"]}
    assert httpx.post(f"{own_process.url}/v1/keys", json=key).status_code == 201
    for code, locale in LOCALES.items():
        page = open_page(own_process.url, locale=locale)
        page.locator("#key").fill("inv_none")
        page.locator("form button").last.click()
        expect(page.get_by_role("alert")).to_be_visible()
        assert english_in(page, code) == []


# ------------------------------------------------------------------ the switch, and the reader's way of writing


def test_a_reader_chooses_the_language_and_the_page_remembers_it(service, open_page):
    page = open_page(service.url + "/?show=done", locale="de-DE")
    expect(page.get_by_role("navigation", name="Sprache").locator("[aria-current]")).to_have_text(
        "Deutsch"
    )
    page.get_by_role("link", name="Español").click()
    expect(page).to_have_url(service.url + "/?show=done")
    expect(page.locator("html")).to_have_attribute("lang", "es")
    page.goto(service.page("invoice"))
    expect(page.locator("#left")).to_have_text(re.compile("por revisar"))
    expect(page.locator('[data-decide="confirm"]')).to_have_text("Confirmar")


@pytest.mark.parametrize(
    ("locale", "gross", "day"),
    [
        ("en-US", "600.00", "Nov 2, 2026"),
        ("en-GB", "600.00", "2 Nov 2026"),
        ("de-DE", "600,00", "2. Nov. 2026"),
        ("fr-FR", "600,00", "2 nov. 2026"),
        ("es-ES", "600,00", "2 nov 2026"),
    ],
)
def test_amounts_and_days_are_written_as_the_reader_does(locale, gross, day, service, open_page):
    page = open_page(service.page("invoice"), locale=locale)
    ready(page)
    expect(field(page, "/totals/gross").locator(".value")).to_have_text(gross)
    expect(field(page, "/issue_date").locator(".value")).to_have_text(day)


def test_a_german_reader_writes_amounts_and_days_in_their_way(own, open_page):
    page = open_page(own.page("invoice"), locale="de-DE")
    change(page, "/totals/gross", "1.234,50")
    expect(page.locator("#saved")).to_have_text("Gespeichert")
    expect(page.locator(".sum")).to_contain_text("1.234,50")
    change(page, "/issue_date", "3.11.2026")
    expect(field(page, "/issue_date").locator(".value")).to_have_text("3. Nov. 2026")
    field(page, "/document_type").click()
    page.locator(".input").select_option(label="Gutschrift")
    page.locator(".input").press("Tab")
    expect(page.locator(".summary h2")).to_contain_text("Gutschrift")
    found = result(own)
    assert (found["totals"]["gross"], found["issue_date"]) == ("1234.50", "2026-11-03")
    assert found["document_type"] == "credit_note"


def test_an_amount_that_is_opened_and_left_stays_what_it_is(own, open_page):
    """1.500 pieces are one and a half in the file, and fifteen hundred to a German."""
    page = open_page(own.page("invoice"), locale="de-DE")
    change(page, "/lines/0/quantity", "1,500")
    expect(page.locator("#saved")).to_have_text("Gespeichert")
    assert result(own)["lines"][0]["quantity"] == "1.500"
    field(page, "/lines/0/quantity").click()
    expect(page.locator(".input")).to_have_value("1,500")
    page.locator(".input").press("Tab")
    page.wait_for_timeout(200)
    assert result(own)["lines"][0]["quantity"] == "1.500"


@pytest.mark.parametrize("screen", ["inbox-selected", "review", "settings", "document-failed"])
def test_axe_finds_nothing_in_german(screen, service, open_page):
    path, act = SCREENS[screen]
    address = _address(service, path)
    page = open_page(address, locale="de-DE")
    act(page)
    assert violations(page) == []


@pytest.mark.parametrize("code", LOCALES)
@pytest.mark.parametrize("screen", ["inbox-selected", "review", "settings", "document-failed"])
def test_long_words_scroll_nothing_sideways_at_320_pixels(screen, code, service, open_page):
    path, act = SCREENS[screen]
    address = _address(service, path)
    page = open_page(address, width=320, height=640, locale=LOCALES[code])
    act(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
