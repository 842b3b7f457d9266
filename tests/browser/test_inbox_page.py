"""The inbox in a real browser, against the service as it is run."""

import re
from pathlib import Path

import httpx
from PIL import Image
from playwright.sync_api import Page, expect
from reportlab.pdfgen.canvas import Canvas

SECONDS = 1000.0


def a_pdf(folder: Path, name: str = "invoice.pdf", total: str = "119.00") -> Path:
    """Write an invoice of one page, its total at 430, 250 points from the lower left."""
    path = folder / name
    canvas = Canvas(str(path), pagesize=(595, 842))
    canvas.setFont("Helvetica-Bold", 16)
    canvas.drawString(60, 780, "INVOICE")
    canvas.setFont("Helvetica", 11)
    for y, text in (
        (750, "Quay Carpentry Ltd"),
        (735, "14 Quay Street, Bristol BS1 4RB"),
        (690, "Bill to: Larch Studio GmbH"),
        (640, "Invoice number: QC-2026-7"),
        (625, "Invoice date: 2026-11-02"),
        (610, "Due date: 2026-12-02"),
    ):
        canvas.drawString(60, y, text)
    for x, text in ((60, "Description"), (300, "Quantity"), (370, "Unit price"), (470, "Amount")):
        canvas.drawString(x, 540, text)
    for x, text in ((60, "Oak shelf"), (300, "1"), (370, "100.00"), (470, "100.00")):
        canvas.drawString(x, 520, text)
    for y, label, amount in (
        (290, "Subtotal", "100.00"),
        (270, "VAT 19%", "19.00"),
        (250, "Total EUR", total),
    ):
        canvas.drawString(340, y, label)
        canvas.drawString(430, y, amount)
    canvas.save()
    return path


def row(page: Page, name: str):
    return page.locator(".row", has_text=name)


def drop(page: Page, names: list[str], content: str) -> None:
    """Let go of files over the page's own heading: anywhere will do."""
    transfer = page.evaluate_handle(
        """([names, content]) => {
            const transfer = new DataTransfer();
            for (const name of names) transfer.items.add(new File([content], name));
            return transfer;
        }""",
        [names, content],
    )
    for event in ("dragover", "drop"):
        page.dispatch_event("header", event, {"dataTransfer": transfer})


def test_a_chosen_file_is_read_and_its_total_is_shown_where_it_is_printed(
    open_page, service, tmp_path
):
    page = open_page(service.url)
    page.set_input_files("#files", a_pdf(tmp_path, "chosen.pdf"))
    line = row(page, "chosen.pdf")
    expect(line).to_have_count(1, timeout=2 * SECONDS)
    expect(line.locator(".state")).to_have_text(
        re.compile(r"^\s*(Done|Needs a look)\s*$"), timeout=60 * SECONDS
    )
    line.locator("a").click()
    expect(page.locator("h1")).to_have_text("chosen.pdf")
    assert_total_is_boxed(page, service, "119.00", (430, 592, 466))


def assert_total_is_boxed(page: Page, service, total: str, printed: tuple[int, int, int]) -> None:
    """The box drawn for the total lies where /status says, and where it was printed (left, baseline, right)."""
    job_id = page.url.rpartition("/")[2]
    invoice = service.status(job_id)["invoices"][0]
    assert invoice["result"]["totals"]["gross"] == total
    evidence = invoice["evidence"]["/totals/gross"]
    field = page.locator('.field[data-field="1/totals/gross"]')
    field.focus()
    expect(page.locator("#location")).to_contain_text("page 1")
    box = page.locator("rect.aimed").bounding_box()
    sheet = page.locator(".sheet").first.bounding_box()
    assert box is not None
    assert sheet is not None
    drawn = (
        (box["x"] - sheet["x"]) / sheet["width"],
        (box["y"] - sheet["y"]) / sheet["height"],
        (box["x"] + box["width"] - sheet["x"]) / sheet["width"],
        (box["y"] + box["height"] - sheet["y"]) / sheet["height"],
    )
    for found, told in zip(drawn, evidence["boxes"][0], strict=True):
        assert abs(found - told) < 0.01
    left, baseline, right = printed
    assert abs(drawn[0] * 595 - left) < 8
    assert abs(drawn[2] * 595 - right) < 8
    assert drawn[1] * 842 < baseline - 4 < drawn[3] * 842
    image = page.locator(".sheet img").first
    expect(image).to_have_js_property("complete", True)
    page.wait_for_function("image => image.naturalWidth >= 1000", arg=image.element_handle())


def test_files_dropped_anywhere_become_rows_and_a_refused_one_says_why(open_page, service):
    page = open_page(service.url)
    drop(page, ["notes.txt", "more.txt"], "These are no invoices.")
    for name in ("notes.txt", "more.txt"):
        line = row(page, name)
        expect(line.locator(".state")).to_have_text("Refused")
        expect(line.locator(".row-reason")).to_contain_text("not read here")
        expect(line.locator(".row-hint")).to_contain_text("Print it to a PDF")
    expect(page.locator("#announcer")).to_contain_text("notes.txt: Refused")


def three_pictures(folder: Path) -> list[Path]:
    paths = [folder / f"page-{number}.png" for number in (10, 2, 1)]
    for path in paths:
        Image.effect_noise((300, 400), 80).save(path)
    return paths


def test_several_pictures_can_be_the_pages_of_one_document(
    empty_service, open_page, tmp_path, screenshots
):
    page = open_page(empty_service.url)
    page.set_input_files("#files", three_pictures(tmp_path))
    dialog = page.locator("#together")
    expect(dialog.locator("h2")).to_contain_text("these 3 pictures the pages of one")
    assert dialog.locator("li").all_inner_texts() == ["page-1.png", "page-2.png", "page-10.png"]
    page.screenshot(path=screenshots / "together.png")
    dialog.get_by_role("button", name="One document").click()
    expect(page.locator("a.row-name")).to_have_text("page-1.png and 2 more.zip")
    (document,) = httpx.get(f"{empty_service.url}/v1/documents").json()["documents"]
    assert document["media_type"].endswith("pictures+zip")


def test_several_pictures_can_be_a_document_each(empty_service, open_page, tmp_path):
    page = open_page(empty_service.url)
    page.set_input_files("#files", three_pictures(tmp_path))
    page.keyboard.press("Enter")
    expect(page.locator("a.row-name")).to_have_count(3)


def test_several_pictures_can_be_left_alone(empty_service, open_page, tmp_path):
    page = open_page(empty_service.url)
    page.set_input_files("#files", three_pictures(tmp_path))
    page.keyboard.press("Escape")
    expect(page.locator("#together")).to_be_hidden()
    expect(page.locator(".row")).to_have_count(0)
    page.set_input_files("#files", three_pictures(tmp_path)[0])
    expect(page.locator("a.row-name")).to_have_count(1)


def test_a_file_over_the_limit_is_refused_before_it_is_sent(open_page, service, tmp_path):
    path = tmp_path / "huge.pdf"
    with path.open("wb") as file:
        file.truncate(20_000_001)
    page = open_page(service.url)
    page.set_input_files("#files", path)
    expect(row(page, "huge.pdf").locator(".row-reason")).to_contain_text("the limit is 20 MB")


def test_more_files_than_one_request_takes_are_sent_in_several(empty_service, open_page):
    page = open_page(empty_service.url)
    requests: list[str] = []
    page.on("request", lambda request: request.method == "POST" and requests.append(request.url))
    drop(page, [f"pile-{number}.txt" for number in range(45)], "no invoice")
    expect(
        page.locator(".row", has_text="pile-").locator(".state", has_text="Refused")
    ).to_have_count(45, timeout=20 * SECONDS)
    assert len(requests) == 3


def test_a_request_that_does_not_arrive_can_be_tried_again(browser, service, tmp_path):
    context = browser.new_context()
    page = context.new_page()
    page.goto(service.url)
    page.route("**/extract-invoice", lambda route: route.abort())
    page.set_input_files("#files", a_pdf(tmp_path, "again.pdf"))
    line = row(page, "again.pdf")
    expect(line.locator(".row-reason")).to_contain_text("could not be reached")
    page.unroute("**/extract-invoice")
    line.get_by_role("button", name="Try again").click()
    expect(line.locator("a.row-name")).to_have_count(1)
    context.close()


def test_a_document_is_deleted_only_after_it_was_confirmed(open_page, service):
    page = open_page(service.url)
    drop(page, ["unwanted.txt"], "nothing")
    line = row(page, "unwanted.txt")
    delete = line.get_by_role("button", name="Delete unwanted.txt")
    delete.click()
    page.get_by_role("button", name="Keep it").click()
    expect(line).to_have_count(1)
    delete.click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(line).to_have_count(0)
    page.reload()
    expect(line).to_have_count(0)


def test_every_state_has_its_words(open_page, service):
    page = open_page(service.url)
    expect(row(page, "shelving").locator(".state")).to_have_text("Needs a look")
    expect(row(page, "e-invoice.xml").locator(".state")).to_have_text("Done")
    expect(row(page, "long-scan").locator(".state")).to_have_text("Asking the model, 3 pages")
    expect(row(page, "locked.pdf").locator(".state")).to_have_text("Not read")


def test_the_first_visit_says_what_it_does_what_it_takes_and_where_files_go(
    empty_service, open_page
):
    page = open_page(empty_service.url)
    expect(page.locator("h1")).to_have_text("Turn invoices into checked data")
    expect(page.locator(".drop-limits").first).to_contain_text("up to 20 MB and")
    expect(page.locator(".custody")).to_contain_text("Files stay on this server")
    expect(page.locator("#list")).to_be_hidden()


def test_the_inbox_is_worked_by_keyboard(open_page, service):
    page = open_page(service.url)
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate("document.activeElement.id || document.activeElement.className || 'body'")
        )
    assert {"skip", "files", "row-name", "quiet"} <= reached


def test_the_older_documents_are_behind_a_link_and_a_wrong_link_is_a_page(open_page, service):
    page = open_page(service.url)
    response = page.request.get(f"{service.url}/?cursor=nonsense")
    assert response.status == 404
    assert "not valid" in response.text()


def names(page: Page) -> list[str]:
    return page.locator("#rows .row").evaluate_all("rows => rows.map(row => row.dataset.name)")


def test_a_row_tells_seller_number_date_and_total_as_the_reader_writes_them(open_page, service):
    for locale, total, day in (
        ("de-DE", "600,00 EUR", "2. Nov. 2026"),
        ("en-GB", "600.00 EUR", "2 Nov 2026"),
    ):
        page = open_page(service.url, locale=locale)
        line = row(page, "shelving-2026-118.pdf")
        expect(line.locator(".row-name")).to_have_text("Harbour & Pine Ltd · HP-2026-118")
        expect(line.locator(".row-total")).to_have_text(total)
        expect(line.locator(".row-facts")).to_contain_text(day)
        expect(line.locator(".row-file")).to_have_text("shelving-2026-118.pdf")


def test_what_stands_in_a_row_is_text_whatever_was_read(open_page, service):
    page = open_page(service.url)
    line = page.locator(f'[data-job="{service.ids["hostile"]}"]')
    expect(line.locator(".row-name")).to_contain_text("<script>window.broken=1</script>")
    assert page.evaluate("window.broken") is None


def test_the_chips_and_the_search_show_some_of_the_documents(open_page, service):
    page = open_page(service.url)
    chips = page.get_by_role("navigation", name="Which documents")
    chips.get_by_role("link", name="Needs a look").click()
    assert "shelving-2026-118.pdf" in names(page)
    assert "e-invoice.xml" not in names(page)
    expect(chips.locator("[aria-current]")).to_contain_text("Needs a look")
    chips.get_by_role("link", name="Failed").click()
    assert "locked.pdf" in names(page)
    assert "shelving-2026-118.pdf" not in names(page)
    chips.get_by_role("link", name="All").click()
    page.get_by_role("searchbox").fill("hp-2026-119")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=*")
    assert names(page) == ["two-invoices.pdf"]
    page.get_by_role("searchbox").fill("nowhereatall")
    page.keyboard.press("Enter")
    expect(page.locator("#nothing")).to_contain_text("Nothing here")


def test_duplicates_have_a_chip_of_their_own(empty_service, open_page, tmp_path):
    content = a_pdf(tmp_path).read_bytes()
    for name in ("first.pdf", "second.pdf"):
        httpx.post(f"{empty_service.url}/extract-invoice", files={"files": (name, content)})
    page = open_page(f"{empty_service.url}/?show=duplicates")
    assert names(page) == ["second.pdf"]
    page.get_by_role("link", name="Duplicate of another document").click()
    expect(page.locator("h1")).to_have_text("first.pdf")


def test_a_document_that_others_send_appears_and_goes_by_itself(empty_service, open_page, tmp_path):
    page = open_page(empty_service.url)
    with page.expect_response("**/v1/events") as stream:
        page.reload()
    assert stream.value.headers["content-type"].startswith("text/event-stream")
    page.wait_for_timeout(500)
    content = a_pdf(tmp_path).read_bytes()
    (task,) = httpx.post(
        f"{empty_service.url}/extract-invoice", files={"files": ("theirs.pdf", content)}
    ).json()
    line = row(page, "theirs.pdf")
    expect(line).to_have_count(1, timeout=10 * SECONDS)
    httpx.delete(f"{empty_service.url}/v1/documents/{task['task_id']}")
    expect(line).to_have_count(0, timeout=10 * SECONDS)


def test_rows_are_followed_without_a_stream_too(empty_service, open_page, tmp_path, allow_console):
    allow_console("503")
    page = open_page(f"{empty_service.url}/login")
    page.route("**/v1/events", lambda route: route.fulfill(status=503, body=""))
    page.goto(empty_service.url)
    page.set_input_files("#files", a_pdf(tmp_path, "polled.pdf"))
    expect(row(page, "polled.pdf").locator(".state")).to_have_text(
        re.compile(r"^\s*(Done|Needs a look)\s*$"), timeout=60 * SECONDS
    )


def test_a_hundred_files_at_once_are_all_answered(empty_service, open_page):
    page = open_page(empty_service.url)
    drop(page, [f"heap-{number}.txt" for number in range(100)], "no invoice")
    expect(
        page.locator(".row", has_text="heap-").locator(".state", has_text="Refused")
    ).to_have_count(100, timeout=60 * SECONDS)


def test_a_phone_offers_its_camera(empty_service, open_page, tmp_path):
    page = open_page(empty_service.url, 390, 844, has_touch=True, is_mobile=True)
    expect(page.get_by_text("Take a photo")).to_be_visible()
    assert page.locator("#camera").get_attribute("capture") == "environment"
    page.set_input_files("#camera", three_pictures(tmp_path)[0])
    expect(page.locator("a.row-name")).to_have_count(1)


def test_the_inbox_is_looked_at_in_light_dark_and_on_a_phone(open_page, service, screenshots):
    for name, options in (
        ("light", {}),
        ("dark", {"color_scheme": "dark"}),
        ("phone", {"width": 390, "height": 844}),
    ):
        page = open_page(service.url, **options)
        page.get_by_role("checkbox").nth(2).check()
        page.screenshot(path=screenshots / f"inbox-{name}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
