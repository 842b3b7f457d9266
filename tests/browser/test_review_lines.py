"""The line table on the review page in a real browser: cells, rows, pasting, the sum."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Service
from tests.browser.reviewing import change, document, field, result, saved


def descriptions(service: Service) -> list[str | None]:
    return [line["description"] for line in result(service)["lines"]]


def press(page: Page, name: str) -> None:
    page.locator("[data-lines]").get_by_role("button", name=name).click()


def test_a_cell_is_changed_and_the_sum_tells_the_difference(own, open_page):
    page = open_page(own.page("invoice"))
    total = page.locator(".total-row")
    expect(total).to_contain_text("The lines add up to 500.00")
    expect(total).to_contain_text("no difference")
    change(page, "/lines/2/net_amount", "90,00")
    saved(page)
    assert result(own)["lines"][2]["net_amount"] == "90.00"
    expect(total).to_contain_text("The lines add up to 490.00")
    expect(total).to_contain_text("difference -10.00")


def test_lines_are_added_moved_and_deleted(own, open_page):
    page = open_page(own.page("invoice"))
    first, second, third = descriptions(own)
    field(page, "/lines/0/description").focus()
    press(page, "Add a line")
    expect(field(page, "/lines/1/description")).to_be_focused()
    assert descriptions(own) == [first, None, second, third]
    page.keyboard.press("Enter")
    page.keyboard.type("Screws")
    page.keyboard.press("Tab")
    saved(page)
    field(page, "/lines/1/description").focus()
    press(page, "Move down")
    expect(field(page, "/lines/2/description")).to_be_focused()
    assert descriptions(own) == [first, second, "Screws", third]
    evidence = document(own, "invoice")["invoices"][0]["evidence"]
    assert evidence["/lines/1/description"]["origin"] == "text"  # it moved with its line
    press(page, "Delete the line")
    expect(page.locator("table.lines tr[data-row]").nth(3)).to_be_hidden()
    assert descriptions(own) == [first, second, third]
    page.locator("#main").focus()
    page.keyboard.press("Control+z")
    expect(field(page, "/lines/2/description")).to_contain_text("Screws")


def test_rows_of_a_spreadsheet_are_pasted_from_the_cell_on(own, open_page):
    page = open_page(own.page("invoice"), permissions=["clipboard-read", "clipboard-write"])
    rows = "Shelf\\t2\\t10,00\\t20 %\\t20,00\\r\\nBolt\\tmany\\t0,50\\t20\\t5,00\\r\\n"
    page.evaluate(f'navigator.clipboard.writeText("{rows}")')
    field(page, "/lines/2/description").focus()
    page.keyboard.press("Control+v")
    expect(field(page, "/lines/3/description")).to_contain_text("Bolt")
    lines = result(own)["lines"]
    assert [line["description"] for line in lines[2:]] == ["Shelf", "Bolt"]
    assert [line["quantity"] for line in lines[2:]] == ["2", None]
    assert [line["net_amount"] for line in lines[2:]] == ["20.00", "5.00"]
    expect(page.locator("#saved")).to_contain_text("1 cell could not be read")


def test_arrows_go_from_cell_to_cell_and_the_row_is_marked(own, open_page):
    page = open_page(own.page("invoice"))
    field(page, "/lines/0/description").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(field(page, "/lines/1/quantity")).to_be_focused()
    expect(page.locator("tr.in-hand")).to_have_attribute("data-row", "1")
    expect(page.locator("rect.aimed")).to_have_attribute("data-field", "1/lines/1/quantity")
    expect(page.locator("rect.beside")).to_have_count(4)  # the row on the page
    page.locator('rect[data-field="1/lines/2/unit_price"]').click()
    expect(page.locator("tr.in-hand")).to_have_attribute("data-row", "2")


def test_an_amount_far_down_a_long_table_is_typed_and_kept(own, open_page):
    page = open_page(own.page("long"))
    field(page, "/lines/150/net_amount").click()
    page.locator(".input").press_sequentially("12.5")
    page.keyboard.press("Tab")
    saved(page)
    assert result(own, "long")["lines"][150]["net_amount"] == "12.5"
    expect(page.locator("table.lines tbody tr")).to_have_count(200)
