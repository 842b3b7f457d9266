"""The ways into the inbox and through it: pasting, dropping, passwords, counts, order, and what stands in between."""

import base64
import io
import re

import httpx
import pikepdf
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.test_inbox_page import SECONDS, a_pdf, row
from tests.servers import Api

READ = re.compile(r"^\s*(Done|Needs a look)\s*$")


@pytest.fixture
def locked_pdf(tmp_path):
    """A PDF that opens with `open`."""
    path = tmp_path / "locked-letter.pdf"
    with pikepdf.open(a_pdf(tmp_path)) as pdf:
        pdf.save(path, encryption=pikepdf.Encryption(user="open", owner="owner"))
    return path


@pytest.fixture
def locked(empty_service, open_page, locked_pdf):
    """The inbox after a locked file was sent: the page, the file's row, and the field for its password."""
    page = open_page(empty_service.url)
    page.set_input_files("#files", locked_pdf)
    line = row(page, "locked-letter.pdf")
    field = line.get_by_label("Its password")
    expect(field).to_be_visible(timeout=60 * SECONDS)
    return page, line, field


def test_a_pasted_picture_becomes_a_document(empty_service, open_page):
    page = open_page(empty_service.url)
    picture = io.BytesIO()
    Image.effect_noise((300, 400), 80).save(picture, "PNG")
    page.evaluate(
        """text => {
            const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
            const clipboardData = new DataTransfer();
            clipboardData.items.add(new File([bytes], "image.png", { type: "image/png" }));
            document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
        }""",
        base64.b64encode(picture.getvalue()).decode(),
    )
    expect(row(page, "image.png").locator("a.row-name")).to_have_count(1)


def test_what_is_dragged_over_the_page_may_be_dropped_anywhere_and_text_may_not(open_page, service):
    page = open_page(service.url)
    veil = page.locator("#veil")
    drag = """([kind, over]) => {
        const dataTransfer = new DataTransfer();
        if (kind === "file") dataTransfer.items.add(new File(["x"], "x.pdf"));
        else dataTransfer.setData("text/plain", "x");
        document.querySelector("footer").dispatchEvent(new DragEvent(over, { dataTransfer, bubbles: true }));
    }"""
    page.evaluate(drag, ["text", "dragover"])
    expect(veil).to_be_hidden()
    page.evaluate(drag, ["file", "dragover"])
    expect(veil).to_contain_text("Drop to read")
    page.evaluate(drag, ["file", "dragleave"])
    expect(veil).to_be_hidden()


def test_the_first_document_takes_the_greeting_s_place_and_the_focus_stays(
    empty_service, open_page
):
    page = open_page(empty_service.url)
    sample = page.get_by_role("button", name="Invoice, a PDF")
    sample.focus()
    page.keyboard.press("Enter")
    line = row(page, "invoice-en.pdf")
    expect(line).to_be_in_viewport()
    expect(page.get_by_text("Invoices, credit notes and receipts go in")).to_be_hidden()
    expect(sample).to_be_focused()
    expect(line.locator(".state")).to_have_text(READ, timeout=60 * SECONDS)
    line.click(position={"x": 300, "y": 8})  # the whole row leads to it
    page.wait_for_url("**/documents/*")


def test_the_password_of_a_file_is_typed_in_its_row(locked, screenshots):
    page, line, field = locked
    page.screenshot(path=screenshots / "inbox-password.png")
    field.fill("wrong")
    page.keyboard.press("Enter")
    expect(line).to_have_count(1)
    expect(field).to_have_value("", timeout=60 * SECONDS)
    field.fill("open")
    page.keyboard.press("Enter")
    expect(line.locator(".state")).to_have_text(READ, timeout=60 * SECONDS)
    page.reload()
    expect(page.locator("#rows .row")).to_have_count(1)


def test_the_locked_file_does_not_come_back_beside_the_one_that_took_its_place(
    locked, empty_service, allow_console
):
    allow_console("ERR_FAILED")
    page, line, field = locked
    old = line.get_attribute("data-job")
    page.route(f"**/v1/documents/{old}", lambda route: route.abort())  # so that it stays
    field.fill("open")
    page.keyboard.press("Enter")
    expect(line.locator(".state")).to_have_text(READ, timeout=60 * SECONDS)
    with page.expect_response(lambda answer: "/rows?" in answer.url and old in answer.url):
        httpx.post(f"{empty_service.url}/v1/documents/{old}/retry").raise_for_status()
    page.wait_for_timeout(SECONDS)  # in which the page shows what the answer held
    expect(line).to_have_count(1)


def test_a_row_says_why_it_needs_a_look(open_page, service):
    page = open_page(service.url)
    told = service.status(service.ids["invoice"])["invoices"][0]["review_reasons"]
    expect(row(page, "shelving-2026-118.pdf").locator(".row-reason")).to_contain_text(told[0])


def test_chips_tell_how_many_there_are_and_keep_up(empty_service, open_page, tmp_path):
    page = open_page(empty_service.url)
    chips = page.get_by_role("navigation", name="Which documents")
    page.set_input_files("#files", a_pdf(tmp_path, "one.pdf"))
    expect(row(page, "one.pdf").locator(".state")).to_have_text(READ, timeout=60 * SECONDS)
    expect(chips.get_by_role("link", name="All")).to_have_text(re.compile(r"All\s+1$"))
    page.get_by_role("button", name="Delete one.pdf").click()
    page.locator("#confirm").get_by_role("button", name="Delete").click()
    expect(chips.get_by_role("link", name="All")).to_have_text(re.compile(r"All\s+0$"))


@pytest.fixture
def signed_in(own_process, open_page):
    """A page that somebody signed in to, and their key."""
    new = {"name": "desk", "scopes": ["read", "write"]}
    key = httpx.post(f"{own_process.url}/v1/keys", json=new).json()["key"]
    page = open_page(own_process.url)
    sign_in(page, key)
    return page, key


def sign_in(page: Page, key: str) -> None:
    page.get_by_label("Key").fill(key)
    page.keyboard.press("Enter")
    expect(page.locator("#inbox")).to_be_visible()


def test_who_is_signed_out_signs_in_beside_and_sends_again(
    signed_in, tmp_path, allow_console, screenshots
):
    allow_console("401")
    page, key = signed_in
    page.context.clear_cookies()
    page.set_input_files("#files", a_pdf(tmp_path, "meanwhile.pdf"))
    line = row(page, "meanwhile.pdf")
    expect(line.locator(".row-reason")).to_have_text("You are signed out.")
    page.screenshot(path=screenshots / "inbox-signed-out.png")
    with page.context.expect_page() as opened:
        line.get_by_role("link", name="Sign in again").click()
    sign_in(opened.value, key)
    line.get_by_role("button", name="Try again").click()
    expect(line.locator("a.row-name")).to_have_count(1)


def test_a_server_that_is_gone_is_told(tmp_path, open_page, allow_console):
    allow_console("ERR_")
    api = Api({"DATA_DIR": str(tmp_path / "data")}, tmp_path / "api.log").ready()
    page = open_page(api.url)
    api.stop()
    lost = page.locator("#lost")
    expect(lost).to_contain_text("The server cannot be reached", timeout=20 * SECONDS)


def test_a_server_that_comes_back_is_followed_again(service, open_page, allow_console):
    allow_console("502")
    page = open_page(service.url)
    for address in ("**/v1/events", "**/documents/rows*"):
        page.route(address, lambda route: route.fulfill(status=502))
    page.reload()
    lost = page.locator("#lost")
    expect(lost).to_contain_text("The server cannot be reached")
    page.unroute("**/documents/rows*")
    with page.expect_request("**/v1/events", timeout=20 * SECONDS):
        pass
    expect(lost).to_be_hidden()  # the rows are there, if no stream
    page.unroute("**/v1/events")
    with page.expect_response("**/v1/events", timeout=20 * SECONDS) as stream:
        pass
    assert stream.value.ok


def test_a_locked_file_stays_until_it_was_taken_with_its_password(
    locked, empty_service, allow_console
):
    allow_console("503")
    page, line, field = locked
    page.route("**/extract-invoice", lambda route: route.fulfill(status=503, json={}), times=1)
    field.fill("open")
    page.keyboard.press("Enter")
    expect(line.locator(".row-reason")).to_contain_text("503")
    page.wait_for_timeout(500)
    (kept,) = httpx.get(f"{empty_service.url}/v1/documents").json()["documents"]
    line.get_by_role("button", name="Try again").click()
    expect(line.locator(".state")).to_have_text(READ, timeout=60 * SECONDS)
    (read,) = httpx.get(f"{empty_service.url}/v1/documents").json()["documents"]
    assert read["task_id"] != kept["task_id"]


def test_a_server_that_asks_for_patience_is_waited_for_and_that_is_told(
    service, open_page, allow_console
):
    allow_console("429")
    page = open_page(service.url)
    page.route(
        "**/confirm",
        lambda route: route.fulfill(status=429, headers={"Retry-After": "3600"}, json={}),
        times=1,
    )
    line = row(page, "e-invoice.xml")
    line.get_by_role("checkbox").check()
    page.get_by_role("button", name="Confirm", exact=True).click()
    expect(page.locator("#bulk .reason")).to_have_text("Waiting for the server …")
    expect(line.locator(".state")).to_have_text("Confirmed", timeout=20 * SECONDS)
    expect(page.locator("#bulk")).to_be_hidden()


def test_an_unknown_address_is_a_page_for_people_and_json_for_programs(
    service, open_page, allow_console
):
    allow_console("404")
    page = open_page(f"{service.url}/nowhere")
    expect(page.locator("h1")).to_have_text("There is nothing here")
    page.get_by_role("link", name="Go to the inbox").click()
    expect(page.locator("#inbox")).to_be_visible()
    told = httpx.get(f"{service.url}/nowhere")
    assert (told.status_code, told.json()["code"]) == (404, "not_found")


def test_a_row_cancels_its_document_and_reads_it_again_by_keyboard(own, open_page, screenshots):
    page = open_page(own.url)
    line = row(page, "long-scan.pdf")
    page.screenshot(path=screenshots / "inbox-rows.png", full_page=True)
    line.get_by_role("button", name="Cancel long-scan.pdf").focus()
    page.keyboard.press("Enter")
    expect(line.locator(".state")).to_have_text("Cancelled")
    expect(line.get_by_role("button", name="Read again long-scan.pdf")).to_be_focused()
    expect(page.locator("#announcer")).to_contain_text("long-scan.pdf: Cancelled")
    page.keyboard.press("Enter")
    expect(line.locator(".state")).not_to_have_text("Cancelled")
    expect(line.locator("[data-act]")).to_be_focused()
    assert own.status(own.ids["started"])["status"] != "REVOKED"


def test_a_row_says_why_its_document_was_not_cancelled(service, open_page, allow_console):
    allow_console("409")
    page = open_page(service.url)
    line = row(page, "slow-scan.pdf")
    refusal = {"title": "It is too late", "detail": "The document has been read already."}
    page.route("**/cancel", lambda route: route.fulfill(status=409, json=refusal), times=1)
    line.get_by_role("button", name="Cancel slow-scan.pdf").click()
    expect(line.get_by_role("alert")).to_have_text("The document has been read already.")
    expect(line.locator(".state")).to_have_text("Asking the model, 3 pages")


def test_two_quick_presses_do_one_thing(own, open_page):
    page = open_page(own.url)
    sent = []
    page.on("request", lambda asked: asked.method == "POST" and sent.append(asked.url))
    line = row(page, "slow-scan.pdf")
    line.get_by_role("button", name="Cancel slow-scan.pdf").dblclick()
    expect(line.locator(".state")).to_have_text("Cancelled")
    assert [url.rpartition("/")[2] for url in sent] == ["cancel"]


def test_a_row_has_a_small_picture_that_moves_nothing_where_it_comes_and_where_not(
    service, open_page, allow_console, screenshots
):
    allow_console("503")
    page = open_page(service.url, color_scheme="dark")
    line = row(page, "shelving-2026-118.pdf")
    picture = line.locator(".thumb img")
    page.wait_for_function("image => image.naturalWidth > 0", arg=picture.element_handle())
    assert picture.get_attribute("alt") == ""
    page.screenshot(path=screenshots / "inbox-thumbnails-dark.png", full_page=True)
    tall = line.bounding_box()["height"]
    page.route("**/pages/1.webp?width=320", lambda route: route.fulfill(status=503))
    page.reload()
    page.wait_for_function(
        "image => image.complete && !image.naturalWidth", arg=picture.element_handle()
    )
    expect(line.locator(".thumb svg")).to_be_visible()
    assert line.bounding_box()["height"] == tall
