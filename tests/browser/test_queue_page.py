"""The inbox in a real browser, while documents wait."""

import httpx
from playwright.sync_api import expect


def test_the_place_of_one_that_waits_changes_without_a_reload(alone, open_page):
    def sent(name: str) -> str:
        part = {"files": (name, b"%PDF-1.7\nnot more than a head")}
        answer = httpx.post(f"{alone.url}/extract-invoice", files=part)
        return str(answer.json()[0]["task_id"])

    first = sent("first.pdf")
    second = sent("second.pdf")
    page = open_page(alone.url, locale="en-GB")
    before = page.locator(f'.row[data-job="{second}"] [data-count]')
    count = int(before.inner_text().split()[0])
    assert count >= 1
    assert httpx.post(f"{alone.url}/v1/documents/{first}/cancel").status_code < 300
    expect(before).to_have_text(
        {0: "", 1: "1 document before it"}.get(count - 1, f"{count - 1} documents before it")
    )
