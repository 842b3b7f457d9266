"""The inbox in a real browser, while documents wait."""

import httpx
from playwright.sync_api import expect


def test_the_place_of_one_that_waits_changes_without_a_reload(start_api, valkey, open_page):
    api = start_api(BROKER_URL=valkey.url)  # and no worker

    def sent(name: str) -> str:
        part = {"files": (name, b"%PDF-1.7\nnot more than a head")}
        answer = httpx.post(f"{api.url}/extract-invoice", files=part)
        return str(answer.json()[0]["task_id"])

    first = sent("first.pdf")
    second = sent("second.pdf")
    page = open_page(api.url, locale="en-GB")
    before = page.locator(f'.row[data-job="{second}"] [data-count]')
    expect(before).to_have_text("1 document before it")
    assert httpx.post(f"{api.url}/v1/documents/{first}/cancel").status_code < 300
    expect(before).to_have_text("")
