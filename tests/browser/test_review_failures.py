"""What the review page does where the server refuses, fails or is gone: nothing is lost, and nothing is done unasked."""

import httpx
from playwright.sync_api import Page, Route, expect

from service.tenants import TENANT
from tests.browser.reviewing import change, document, field, ready, result, saved


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


def test_what_was_saved_is_told_where_the_page_cannot_be_fetched_again(
    own, open_page, allow_console
):
    allow_console("502")
    page = open_page(own.page("invoice"))
    ready(page)
    fail_once(page, own.page("invoice"), 502)
    change(page, "/invoice_number", "KL-80")
    expect(page.locator("#saved")).to_have_text("Saved; what is shown is old.")
    assert result(own)["invoice_number"] == "KL-80"
    change(page, "/seller/name", "Quill & Reed Ltd")  # which goes on
    saved(page)
    fail_once(page, own.page("invoice"), 502)
    page.get_by_role("button", name="Reject").click()
    page.get_by_role("button", name="Show it as it is now").click()
    expect(page.locator(".state").first).to_have_text("Rejected")


def test_who_is_signed_out_signs_in_beside_and_nothing_typed_is_lost(
    own_process, open_page, allow_console
):
    allow_console("401")
    new = {"name": "desk", "scopes": ["read", "write"]}
    key = httpx.post(f"{own_process.url}/v1/keys", json=new).json()["key"]
    page = open_page(own_process.page("invoice"))
    page.get_by_label("Key").fill(key)
    page.keyboard.press("Enter")
    ready(page)
    page.context.clear_cookies()
    change(page, "/invoice_number", "KL-81")
    expect(page.locator("#saved")).to_have_text("Not saved: the key is not valid any more.")
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Sign in").click()
    opened.value.get_by_label("Key").fill(key)
    opened.value.keyboard.press("Enter")
    ready(opened.value)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#saved")).to_have_text("Saved")
    expect(opened.value.locator("#left")).not_to_be_empty()
    headers = {"Authorization": f"Bearer {key}"}
    url = f"{own_process.url}/v1/documents/{own_process.ids['invoice']}"
    assert httpx.get(url, headers=headers).json()["result"]["invoice_number"] == "KL-81"


def test_a_page_that_is_renewed_asks_once_before_it_is_left(own, open_page):
    page = open_page(own.url)
    page.add_init_script(
        """window.asked = 0;
        const add = window.addEventListener;
        window.addEventListener = function (kind, ...rest) {
            if (kind === "beforeunload") window.asked += 1;
            return add.call(this, kind, ...rest);
        };"""
    )
    page.goto(own.page("started"))
    expect(page.locator(".message h2")).to_have_text("Asking the model, 3 pages")
    job = own.store.get(TENANT, own.ids["started"])
    own.store.report(job.id, job.lease_token, {"stage": "pages", "page": 2, "pages": 3})
    expect(page.locator(".message h2")).not_to_have_text("Asking the model, 3 pages")
    assert page.evaluate("window.asked") <= 1
