"""The review page in a real browser, against the service as it is run."""

import json

import pytest
from playwright.sync_api import Page, expect


def focus(page: Page, pointer: str, number: int = 1) -> None:
    page.locator(f'[data-field="{number}{pointer}"][tabindex]').focus()


def width_of_page(page: Page) -> tuple[int, int]:
    found = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    return found[0], found[1]


def test_pointing_at_a_value_draws_its_box_and_says_where_it_is(open_page, service):
    page = open_page(service.page("invoice"))
    focus(page, "/totals/gross")
    expect(page.locator("rect.aimed")).to_have_count(1)
    expect(page.locator("rect.aimed")).to_be_in_viewport()
    expect(page.locator("#location")).to_have_text("Gross total: page 1, lower right")
    page.locator('.field[data-field="1/seller/name"]').hover()
    expect(page.locator("#location")).to_have_text("Name: page 1, upper left")


def test_a_click_on_a_box_goes_to_its_field(open_page, service):
    page = open_page(service.page("invoice"))
    page.locator('rect[data-field="1/buyer/name"]').click()
    expect(page.locator('.field[data-field="1/buyer/name"]')).to_be_focused()


def test_a_value_that_is_not_on_the_page_says_so_and_draws_nothing(open_page, service):
    page = open_page(service.page("invoice"))
    field = page.locator('.field[data-field="1/due_date"]')
    expect(field).to_contain_text("not located on the page")
    expect(field).to_contain_text("model's word alone")
    expect(field.locator(".mark")).to_have_text("Please check")
    expect(field).to_contain_text("Low confidence")
    focus(page, "/due_date")
    expect(page.locator("rect.aimed")).to_have_count(0)


def test_failed_checks_come_first_and_stand_at_their_field(open_page, service):
    page = open_page(service.page("invoice"))
    expect(page.locator(".checks li").first).to_contain_text("wrong check digits")
    expect(page.locator('.field[data-field="1/seller/tax_id"]')).to_contain_text("Check failed")
    expect(page.locator(".review li")).to_have_count(2)


def test_every_value_of_the_result_is_on_the_page(open_page, service):
    page = open_page(service.page("invoice"))
    shown = set(
        page.eval_on_selector_all("[data-field][tabindex]", "all => all.map(f => f.dataset.field)")
    )
    result = service.status(service.ids["invoice"])["result"]

    def leaves(value, pointer=""):
        if isinstance(value, dict | list):
            pairs = value.items() if isinstance(value, dict) else enumerate(value)
            for key, item in pairs:
                yield from leaves(item, f"{pointer}/{key}")
        elif value is not None:
            yield f"1{pointer}"

    assert set(leaves(result)) - {"1/schema_version"} <= shown


def test_the_result_is_copied_as_json(open_page, service):
    page = open_page(service.page("invoice"), permissions=["clipboard-read", "clipboard-write"])
    page.locator(".title").get_by_role("button", name="Copy JSON").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = json.loads(page.evaluate("navigator.clipboard.readText()"))
    assert copied == service.status(service.ids["invoice"])["result"]


def test_an_xml_invoice_is_shown_as_a_sheet_of_all_its_pages(open_page, service):
    page = open_page(service.page("xml"))
    expect(page.locator(".note")).to_contain_text("no page of its own")
    sheet = page.locator("img[data-drawn]")
    expect(sheet).to_have_count(3, timeout=30_000)  # the reader starts
    for number in range(3):
        sheet.nth(number).scroll_into_view_if_needed()
        expect(sheet.nth(number)).to_have_js_property("naturalWidth", 1240)
    expect(page.locator('.field[data-field="1/totals/gross"]')).to_contain_text("e-invoice XML")


def test_several_invoices_of_a_file_are_each_shown(open_page, service):
    page = open_page(service.page("two"))
    expect(page.locator(".jump a")).to_have_text(["Invoice HP-2026-118", "Invoice HP-2026-119"])
    focus(page, "/totals/gross", number=2)
    expect(page.locator("rect.aimed")).to_have_attribute("data-field", "2/totals/gross")


def test_a_failure_says_what_to_do(open_page, service):
    page = open_page(service.page("locked"))
    message = page.locator(".message")
    for text in (
        "The file has a password",
        "Drop the file into the inbox",
        "password_required",
        "req-1",
    ):
        expect(message).to_contain_text(text)


def test_a_document_on_its_way_says_how_far_it_is(open_page, service):
    page = open_page(service.page("started"))
    expect(page.locator(".message h2")).to_have_text("Asking the model, 3 pages")


def test_a_document_that_is_done_appears_in_place_and_in_the_inbox(open_page, service):
    page = open_page(service.page("finishing"))
    inbox = open_page(service.url)
    row = inbox.locator(".row", has_text="slow-scan.pdf")
    expect(page.locator(".message h2")).to_have_text("Asking the model, 3 pages")
    page.evaluate("window.untouched = true")
    service.finish("finishing")
    expect(page.locator(".sum")).to_contain_text("600.00", timeout=3000)
    expect(row.locator(".state")).to_have_text("Done", timeout=3000)
    expect(inbox.locator("#announcer")).to_contain_text("slow-scan.pdf: Done")
    assert page.evaluate("window.untouched")


@pytest.mark.parametrize("job_id", ["f" * 32, "..%2f..%2fetc%2fpasswd", "%00", "<script>"])
def test_an_unknown_document_is_a_plain_page(browser, service, job_id):
    page = browser.new_page()
    response = page.goto(f"{service.url}/documents/{job_id}")
    assert response is not None
    assert response.status == 404
    page.close()


def test_hostile_values_are_only_text(open_page, service):
    for address in (service.url, service.page("hostile")):
        page = open_page(address)
        for element in page.locator("[data-field][tabindex]").all()[:60]:
            element.focus()
        for details in page.locator("details").all():
            details.locator("summary").click()
        assert page.evaluate("window.broken") is None
        assert page.locator("img[src='x']").count() == 0
        assert page.locator("main script").count() == 0
        assert "49" not in page.locator("h1").inner_text()
        wide, window = width_of_page(page)
        assert wide == window


def test_the_policy_of_the_page_allows_nothing_inline(service, open_page):
    page = open_page(service.url)
    response = page.request.get(service.url)
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy


@pytest.mark.parametrize("name", ["invoice", "hostile", "xml", "two", "locked", "started", None])
def test_nothing_scrolls_sideways_at_320_pixels(open_page, service, name):
    page = open_page(service.page(name) if name else service.url, width=320, height=640)
    wide, window = width_of_page(page)
    assert wide <= window


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(open_page, service, scheme):
    """WCAG 2.2 AA, 1.4.3: 4.5 to 1, measured on every text of both pages."""
    for address in (service.url, service.page("invoice"), service.page("locked")):
        page = open_page(address, color_scheme=scheme)
        assert page.evaluate(FAINT) == []


FAINT = """
() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgb = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return canvas.getImageData(0, 0, 1, 1).data;
  };
  const light = ([r, g, b]) => {
    const linear = [r, g, b].map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const ground = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const found = rgb(getComputedStyle(e).backgroundColor);
      if (found[3] > 250) return found;
    }
    return [255, 255, 255, 255];
  };
  const faint = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !element.checkVisibility() || element.closest(".hidden, template")) continue;
    const [a, b] = [light(rgb(getComputedStyle(element).color)), light(ground(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) faint.push(`${contrast.toFixed(2)} ${element.className} ${texts.currentNode.data.trim()}`);
  }
  return faint;
}
"""


def test_a_value_far_down_a_long_table_is_boxed_where_it_is_aimed_at(open_page, service):
    page = open_page(service.page("long"))
    expect(page.locator("table.lines tbody tr")).to_have_count(200)
    page.locator('[data-field="1/lines/150/net_amount"][tabindex]').focus()
    expect(page.locator("rect.aimed")).to_have_count(1)
