"""The inbox with a thousand documents: its pages, and what is done with many at a time."""

import csv
import io

import httpx
from playwright.sync_api import expect

from tests.browser.test_inbox_page import SECONDS, names, row


def test_with_a_thousand_documents_the_inbox_shows_fifty_and_goes_on(full_service, open_page):
    page = open_page(full_service.url)
    expect(page.locator("#rows .row")).to_have_count(50)
    page.get_by_role("link", name="Older").click()
    expect(page.locator("#rows .row")).to_have_count(100)
    assert len(set(names(page))) == 100
    expect(page.locator("#rows .row").nth(50).locator("a.row-name")).to_be_focused()


def test_several_are_confirmed_exported_and_deleted_at_a_time(full_service, open_page):
    page = open_page(full_service.url)
    bar = page.locator("#bulk")
    expect(bar).to_be_hidden()
    for number in (999, 998, 997):  # the first of them needs a look
        page.get_by_role("checkbox", name=f"Select paper-0{number}.pdf").check()
    expect(bar).to_contain_text("3 selected")
    with page.expect_download() as download:
        bar.get_by_role("button", name="CSV").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert len(list(csv.reader(io.StringIO(text)))) == 4
    bar.get_by_role("button", name="Confirm the 2 with every check passed").click()
    expect(row(page, "paper-0998.pdf").locator(".state")).to_have_text("Confirmed")
    expect(row(page, "paper-0997.pdf").locator(".state")).to_have_text("Confirmed")
    expect(row(page, "paper-0999.pdf").locator(".state")).to_have_text("Needs a look")
    expect(bar).to_be_hidden()
    page.get_by_role("checkbox", name="Select paper-0999.pdf").check()
    page.locator("#pick-all").check()
    expect(bar).to_contain_text("50 selected")
    page.locator("#pick-all").uncheck()
    for number in (996, 995):
        page.get_by_role("checkbox", name=f"Select paper-0{number}.pdf").check()
    bar.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Keep them").click()
    expect(row(page, "paper-0996.pdf")).to_have_count(1)
    bar.get_by_role("button", name="Delete").click()
    page.locator("#confirm-many").get_by_role("button", name="Delete").click()
    expect(row(page, "paper-0996.pdf")).to_have_count(0)
    expect(row(page, "paper-0995.pdf")).to_have_count(0)
    found = httpx.get(f"{full_service.url}/v1/documents?limit=5").json()["documents"]
    assert [one["filename"][6:10] for one in found] == ["0999", "0998", "0997", "0994", "0993"]


def test_a_document_that_changed_meanwhile_is_not_confirmed_unseen(
    full_service, open_page, allow_console
):
    allow_console("412")
    page = open_page(full_service.url)
    page.route("**/documents/rows*", lambda route: route.abort())  # the row stays as it is
    allow_console("ERR_FAILED")
    job = full_service.ids["998"]
    url = f"{full_service.url}/v1/documents/{job}/invoices/1"
    httpx.patch(url, json={"invoice_number": "other"}, headers={"If-Match": "*"}).raise_for_status()
    page.get_by_role("checkbox", name="Select paper-0998.pdf").check()
    page.get_by_role("button", name="Confirm", exact=True).click()
    expect(page.locator("#bulk .reason")).to_be_visible()
    expect(page.locator("#bulk .reason")).to_contain_text("1 was left as it was")
    assert httpx.get(f"{full_service.url}/v1/documents/{job}").json()["decision"] is None


def test_the_oldest_come_first_where_that_is_wanted_and_more_follow(full_service, open_page):
    page = open_page(full_service.url)
    chips = page.get_by_role("navigation", name="Which documents")
    expect(chips.get_by_role("link", name="All")).to_contain_text("999+")
    expect(chips.get_by_role("link", name="Needs a look")).to_contain_text("334")
    page.get_by_role("link", name="Oldest first").click()
    assert names(page)[:2] == ["paper-0000.pdf", "paper-0001.pdf"]
    expect(page.locator("#rows time[data-time]")).to_have_count(0)  # the scripts have run
    page.get_by_role("link", name="Newer").click()
    expect(page.locator("#rows .row")).to_have_count(100)
    assert names(page)[99] == "paper-0099.pdf"
    chips.get_by_role("link", name="Needs a look").click()
    assert names(page)[:2] == ["paper-0000.pdf", "paper-0003.pdf"]


def test_all_that_match_are_chosen_at_once_and_exported(full_service, open_page):
    page = open_page(f"{full_service.url}/?show=look")
    bar = page.locator("#bulk")
    page.get_by_role("checkbox").nth(1).check()
    every = bar.get_by_role("button", name="Select all that match")
    expect(every).to_be_hidden()
    page.locator("#pick-all").check()
    every.click()
    expect(bar).to_contain_text("334 selected", timeout=60 * SECONDS)
    expect(page.locator("#pick-all")).to_be_focused()
    expect(bar.locator('[data-bulk="confirm"]')).to_be_hidden()  # none has every check passed
    with page.expect_download() as download:
        bar.get_by_role("button", name="CSV").click()
    assert len(download.value.path().read_text(encoding="utf-8-sig").splitlines()) == 335


def test_of_a_page_further_down_only_what_is_selected_is_exported(full_service, open_page):
    page = open_page(f"{full_service.url}/?show=look")
    page.goto(f"{full_service.url}{page.locator('#more').get_attribute('href')}")
    page.get_by_role("checkbox").nth(1).check()
    page.locator("#pick-all").check()
    page.get_by_role("button", name="Select all that match").click()
    bar = page.locator("#bulk")
    expect(bar).to_contain_text("284 selected", timeout=60 * SECONDS)
    with page.expect_download() as download:
        bar.get_by_role("button", name="CSV").click()
    assert len(download.value.path().read_text(encoding="utf-8-sig").splitlines()) == 285
