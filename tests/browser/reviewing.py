"""What tests of the review page do again and again."""

from typing import Any

import httpx
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Service


def field(page: Page, pointer: str, number: int = 1) -> Locator:
    return page.locator(f'[data-field="{number}{pointer}"][tabindex]')


def ready(page: Page) -> None:
    """Wait until the scripts of a page have run, where the page itself went there."""
    expect(page.locator("#left")).not_to_be_empty()


def change(page: Page, pointer: str, text: str) -> None:
    ready(page)
    field(page, pointer).click()
    page.locator(".input").fill(text)
    page.locator(".input").press("Tab")


def saved(page: Page) -> None:
    expect(page.locator("#saved")).to_have_text("Saved")


def document(service: Service, name: str) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{service.url}/v1/documents/{service.ids[name]}").json()
    return found


def result(service: Service, name: str = "invoice") -> dict[str, Any]:
    found: dict[str, Any] = document(service, name)["result"]
    return found
