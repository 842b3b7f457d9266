"""Correcting values on the review page in a real browser, against the service as it is run."""

from typing import Any

import httpx
from playwright.sync_api import Route, expect

from tests.browser.conftest import Service
from tests.browser.reviewing import change, document, field, ready, result, saved


def patch(service: Service, change: dict[str, Any], name: str = "invoice") -> None:
    url = f"{service.url}/v1/documents/{service.ids[name]}/invoices/1"
    headers = {"If-Match": "*", "Content-Type": "application/merge-patch+json"}
    httpx.patch(url, json=change, headers=headers).raise_for_status()


def test_a_value_is_corrected_where_it_stands_and_everything_follows(own, open_page):
    page = open_page(own.page("invoice"))
    change(page, "/totals/gross", "1.234,50")
    saved(page)
    assert result(own)["totals"]["gross"] == "1234.50"
    gross = field(page, "/totals/gross")
    expect(gross).to_contain_text("1,234.50")
    expect(gross).to_contain_text("entered by a person")
    expect(gross).to_contain_text("as it was read: 600.00")
    expect(page.locator(".sum")).to_contain_text("1,234.50")
    expect(page.locator(".checks .failed", has_text="1234.50").first).to_be_visible()
    gross.focus()
    expect(page.locator("rect.aimed")).to_have_count(1)  # where the machine read it


def test_what_will_be_stored_is_said_while_it_is_typed(own, open_page):
    page = open_page(own.page("invoice"))
    field(page, "/issue_date").click()
    page.locator(".input").fill("3. November 2026")
    expect(page.locator(".note-typed")).to_have_text("→ 2026-11-03")
    page.locator(".input").fill("31.2.2026")
    expect(page.locator(".note-typed")).to_have_text("There is no such day")
    page.locator(".input").press("Enter")
    expect(page.locator(".input")).to_be_focused()
    page.locator(".input").fill("4.11.2026")
    page.locator(".input").press("Tab")
    saved(page)
    assert result(own)["issue_date"] == "2026-11-04"


def test_an_iban_loses_its_spaces_and_stands_in_its_list(own, open_page):
    page = open_page(own.page("invoice"))
    change(page, "/payment/accounts/0/iban", "de02 1203 0000 0000 2020 51")
    saved(page)
    assert result(own)["payment"]["accounts"][0]["iban"] == "DE02120300000000202051"
    expect(field(page, "/payment/accounts/0/iban")).to_contain_text(
        "as printed: DE89 3704 0044 0532 0130 00"
    )


def test_escape_leaves_the_value_as_it_was(own, open_page):
    page = open_page(own.page("invoice"))
    number = field(page, "/invoice_number")
    number.click()
    page.locator(".input").fill("other")
    page.keyboard.press("Escape")
    expect(number).to_be_focused()
    expect(number).to_contain_text("HP-2026-118")
    assert result(own)["invoice_number"] == "HP-2026-118"


def test_a_change_is_taken_back_with_control_z(own, open_page):
    page = open_page(own.page("invoice"))
    change(page, "/seller/name", "Another")
    saved(page)
    page.keyboard.press("Control+z")
    expect(field(page, "/seller/name")).to_contain_text("Harbour & Pine Ltd")
    saved(page)
    assert result(own)["seller"]["name"] == "Harbour & Pine Ltd"


def test_what_the_service_refuses_is_said_at_the_field(own, open_page, allow_console):
    page = open_page(own.page("invoice"))
    allow_console("422")
    page.route("**/invoices/1", refuse)
    change(page, "/invoice_number", "x")
    expect(field(page, "/invoice_number").get_by_role("alert")).to_contain_text(
        "Not saved: Too odd"
    )
    expect(field(page, "/invoice_number").locator(".value")).to_have_text("HP-2026-118")


def refuse(route: Route) -> None:
    problem = {"title": "An option is not valid", "errors": [{"detail": "Too odd."}]}
    route.fulfill(status=422, json=problem)


def test_two_people_at_one_document_are_told_of_each_other(own, open_page, allow_console):
    page = open_page(own.page("invoice"))
    patch(own, {"notes": ["Somebody was here"]})
    allow_console("412")
    change(page, "/invoice_number", "HP-1")
    expect(page.locator("#saved")).to_contain_text("somebody else changed this document")
    assert result(own)["invoice_number"] == "HP-2026-118"
    page.get_by_role("button", name="Show it as it is now").click()
    expect(page.locator(".answer")).to_contain_text("Somebody was here")
    change(page, "/invoice_number", "HP-1")
    saved(page)


def test_a_lost_connection_keeps_the_change_until_it_is_back(own, open_page, allow_console):
    page = open_page(own.page("invoice"))
    allow_console("ERR_INTERNET_DISCONNECTED")
    page.context.set_offline(True)
    change(page, "/invoice_number", "HP-2")
    expect(page.locator("#saved")).to_contain_text("could not be reached")
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    saved(page)
    assert result(own)["invoice_number"] == "HP-2"


def test_states_have_a_shape_a_word_and_a_reason(own, open_page):
    page = open_page(own.page("invoice"))
    shapes = set()
    for pointer, state, word in (
        ("/seller/tax_id", "failed", "Check failed"),
        ("/due_date", "look", "Please check"),
        ("/totals/gross", "checked", "Checked"),
    ):
        mark = field(page, pointer).locator(".mark")
        expect(mark).to_have_text(word)
        assert mark.get_attribute("title")
        assert field(page, pointer).locator(f".mark.{state}").count() == 1
        shapes.add(mark.locator("use").get_attribute("href"))
    change(page, "/seller/name", "Harbour and Pine Ltd")
    saved(page)
    expect(field(page, "/seller/name").locator(".mark")).to_have_text("Confirmed by you")
    shapes.add(field(page, "/seller/name").locator(".mark use").get_attribute("href"))
    assert len(shapes) == 4


def test_two_doubtful_fields_are_corrected_and_confirmed_by_25_keys(own, open_page):
    page = open_page(own.page("invoice"))
    pressed = 0

    def keys(*names: str) -> None:
        nonlocal pressed
        for name in names:
            page.keyboard.press(name)
            pressed += 1

    expect(page).to_have_title("(4) shelving-2026-118.pdf · Invoice Extraction")
    expect(field(page, "/issue_date")).to_be_focused()
    keys("Enter", "Enter")  # this one is right
    expect(field(page, "/due_date").locator(".input")).to_be_focused()
    keys(*"1.12.26", "Enter")  # corrected, and on to the next
    expect(field(page, "/seller/tax_id").locator(".input")).to_be_focused()
    keys("Enter")
    expect(field(page, "/lines/1/unit_price").locator(".input")).to_be_focused()
    keys(*"7.50", "Enter")
    expect(page.locator("#left")).to_have_text("Nothing left to check")
    keys("Control+Enter")
    expect(page).to_have_url(f"{own.url}/documents/{own.ids['hostile']}")
    after = document(own, "invoice")
    assert after["decision"] == "confirmed"
    assert after["result"]["due_date"] == "2026-12-01"
    assert pressed <= 25


def test_alt_and_arrows_go_among_what_needs_a_look(own, open_page):
    page = open_page(own.page("invoice"))
    expect(field(page, "/issue_date")).to_be_focused()
    page.keyboard.press("Alt+ArrowDown")
    expect(field(page, "/due_date").locator(".input")).to_be_focused()
    page.keyboard.press("Alt+ArrowUp")
    expect(field(page, "/issue_date").locator(".input")).to_be_focused()
    expect(page.locator("#left")).to_have_text("4 left to check")


def test_letters_are_keys_only_while_nothing_is_typed(own, open_page):
    page = open_page(own.page("invoice"))
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys).to_be_visible()
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    page.keyboard.press("r")
    expect(page.locator(".sheet.turned")).to_have_count(1)
    for _ in range(3):
        page.keyboard.press("R")
    expect(page.locator(".sheet.turned")).to_have_count(0)
    before = page.locator(".sheet").bounding_box()
    page.keyboard.press("+")
    after = page.locator(".sheet").bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] > before["width"]
    field(page, "/invoice_number").click()
    page.keyboard.type("r?+[")
    expect(page.locator(".input")).to_have_value("r?+[")
    expect(keys).to_be_hidden()
    expect(page.locator(".sheet.turned")).to_have_count(0)


def test_a_confirmed_document_is_read_only_until_it_is_reopened(own, open_page):
    page = open_page(own.page("hostile"))
    page.locator("body").press("Control+Enter")
    expect(page).to_have_url(own.page("invoice"))
    ready(page)
    page.locator("body").press("Control+Enter")
    expect(page.locator("#saved")).to_have_text("Confirmed. No other document needs a look.")
    expect(page.locator(".state").first).to_have_text("Confirmed")
    expect(page).to_have_title("shelving-2026-118.pdf · Invoice Extraction")
    field(page, "/invoice_number").click()
    expect(page.locator(".input")).to_have_count(0)
    expect(page.get_by_role("button", name="Confirm", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Reopen").click()
    expect(page.locator("#saved")).to_have_text("Reopened")
    assert document(own, "invoice")["decision"] is None
    change(page, "/invoice_number", "HP-3")
    expect(page.get_by_role("button", name="Confirm", exact=True)).to_be_visible()
    assert result(own)["invoice_number"] == "HP-3"


def test_a_document_is_rejected(own, open_page):
    page = open_page(own.page("invoice"))
    page.get_by_role("button", name="Reject").click()
    expect(page.locator(".state").first).to_have_text("Rejected")
    assert document(own, "invoice")["decision"] == "rejected"


def test_a_document_is_read_again_with_another_engine(own, open_page):
    page = open_page(own.page("invoice"))
    page.get_by_role("button", name="Read again…").click()
    page.get_by_label("Engine").select_option("layout")
    with page.expect_event("load"):  # the page as it is then
        page.get_by_role("button", name="Read again", exact=True).click()
    assert document(own, "invoice")["options"]["engine"] == "layout"


def test_what_was_not_found_is_filled_in(own, open_page):
    page = open_page(own.page("two"))
    page.get_by_text("Fields that were not found").first.click()
    change(page, "/buyer/tax_id", "DE123456789")
    saved(page)
    assert result(own, "two")["buyer"]["tax_id"] == "DE123456789"
    expect(page.get_by_label("Buyer · Invoice HP-2026-118")).to_contain_text("DE123456789")
    expect(page.locator('[data-field="1/buyer/tax_id"]')).to_have_count(1)


def test_an_account_is_the_first_of_its_list(own, open_page):
    page = open_page(own.page("two"))
    patch(own, {"payment": None}, "two")
    page.reload()
    page.get_by_text("Fields that were not found").first.click()
    change(page, "/payment/accounts/0/iban", "DE89 3704 0044 0532 0130 00")
    saved(page)
    assert result(own, "two")["payment"]["accounts"][0]["iban"] == "DE89370400440532013000"


def test_a_document_that_failed_is_read_again(own, open_page):
    page = open_page(own.page("locked"))
    page.get_by_role("button", name="Read again…").click()
    page.get_by_role("button", name="Read again", exact=True).click()
    expect(page.locator(".message h2")).not_to_have_text("The file has a password")
    assert document(own, "locked")["history"][0]["action"] == "retried"


def test_a_document_on_its_way_is_cancelled(own, open_page):
    page = open_page(own.page("started"))
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".message h2")).to_have_text("Cancelled")
    assert document(own, "started")["status"] == "REVOKED"


def test_a_document_that_is_done_has_nothing_left_to_check(own, open_page):
    page = open_page(own.page("xml"))
    expect(page.locator("#left")).to_have_text("Nothing left to check")
    expect(page.locator('[data-state="look"]')).to_have_count(0)
