"""What the review page does where the server refuses, fails or is gone: nothing is lost, and nothing is done unasked."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Service
from tests.browser.reviewing import change, document, field, ready, result, running, saved


@pytest.fixture
def own(tmp_path) -> Iterator[Service]:
    """A service of the test's own, since it changes the documents."""
    with running(tmp_path) as service:
        yield service


def fail_once(page: Page, address: str, status: int) -> None:
    """Have the next call of an address answered with a failure; those after it arrive."""
    page.route(address, lambda route: route.fulfill(status=status, json={}), times=1)


def test_a_decision_that_failed_is_tried_again_and_what_follows_is_saved(
    own, open_page, allow_console
):
    allow_console("503")
    page = open_page(own.page("two"))
    ready(page)
    fail_once(page, "**/reject", 503)
    page.get_by_role("button", name="Reject").click()
    expect(page.locator("#saved")).to_have_text("Not saved: The server answered 503.")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#saved")).to_have_text("Rejected")
    assert document(own, "two")["decision"] == "rejected"
    change(page, "/invoice_number", "KL-77")
    saved(page)
    assert result(own, "two")["invoice_number"] == "KL-77"


def test_a_confirmation_that_failed_goes_on_to_the_next_once_it_is_done(
    own, open_page, allow_console
):
    allow_console("503")
    page = open_page(own.page("invoice"))
    ready(page)
    fail_once(page, "**/confirm", 503)
    page.get_by_role("button", name="Confirm", exact=True).click()
    page.get_by_role("button", name="Try again").click()
    expect(page).to_have_url(own.page("hostile"))
    assert document(own, "invoice")["decision"] == "confirmed"


def test_what_is_changed_while_the_page_is_renewed_is_saved_too(own, open_page):
    page = open_page(own.page("invoice"))
    ready(page)
    held: list[Route] = []
    page.route(own.page("invoice"), lambda route: held.append(route), times=1)
    change(page, "/invoice_number", "KL-78")
    saved(page)
    change(page, "/seller/name", "Quill & Reed Ltd")
    while not held:
        page.wait_for_timeout(20)
    held[0].continue_()
    expect(field(page, "/seller/name").locator(".mark")).to_have_text("Confirmed by you")
    assert result(own)["seller"]["name"] == "Quill & Reed Ltd"


def test_a_document_whose_correction_was_refused_is_not_confirmed_unseen(
    own, open_page, allow_console
):
    allow_console("422")
    page = open_page(own.page("invoice"))
    ready(page)
    problem = {"errors": [{"detail": "Too odd."}]}
    page.route("**/invoices/1", lambda route: route.fulfill(status=422, json=problem), times=1)
    number = field(page, "/invoice_number")
    number.click()
    page.locator(".input").fill("KL-79")
    page.keyboard.press("Control+Enter")
    expect(number.get_by_role("alert")).to_have_text("Not saved: Too odd.")
    expect(number).to_be_focused()
    page.wait_for_timeout(500)
    assert document(own, "invoice")["decision"] is None
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(own.page("hostile"))
