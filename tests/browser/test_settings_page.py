"""The settings in a real browser: keys, webhooks, engines, budgets, limits."""

import re
from collections.abc import Iterator
from decimal import Decimal

import httpx
import pytest
from playwright.sync_api import Page, expect

from config.config import Settings
from service.store.migrate import migrate
from service.wiring import build_services
from tests.browser.conftest import Service
from tests.receiver import Receiver
from tests.servers import Api

SECONDS = 1000.0


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@pytest.fixture
def receiving(tmp_path, receiver) -> Iterator[Service]:
    """A service that may send to the receiver of this test."""
    environment = {
        "DATA_DIR": str(tmp_path / "data"),
        "WEBHOOK_ALLOWED_HOSTS": receiver.place,
        "LLM_BUDGET_DAY": "5",
    }
    api = Api(environment, tmp_path / "api.log")
    try:
        yield Service(api.ready().url, {})
    finally:
        api.stop()


def make_key(page: Page, name: str, scopes: tuple[str, ...]) -> str:
    """Make a key, and return what is shown once."""
    page.locator("summary", has_text="New key").click()
    form = page.locator("#new-key")
    form.get_by_label("Name").fill(name)
    for scope in ("read", "write", "admin"):
        form.locator(f'[value="{scope}"]').set_checked(scope in scopes)
    form.get_by_role("button", name="Make a key").click()
    secret = page.locator("#secret-text")
    expect(secret).not_to_be_empty()
    return secret.inner_text()


def test_the_first_key_is_shown_once_closes_open_mode_and_opens_the_page_again(
    empty_process, open_page, screenshots
):
    page = open_page(f"{empty_process.url}/settings")
    expect(page.locator("#settings")).to_contain_text("No key was made yet")
    key = make_key(page, "office", ("read", "write", "admin"))
    page.get_by_role("button", name="I have it").click()
    page.wait_for_url(re.compile("/login"))
    assert httpx.get(f"{empty_process.url}/v1/documents").status_code == 401
    page.get_by_label("Key").fill(key)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"\d/settings$"))
    assert key not in page.content()
    expect(page.locator("[data-key]")).to_have_count(1)
    expect(page.locator("[data-key]")).to_contain_text("you use it now")
    page.screenshot(path=screenshots / "settings.png", full_page=True)

    reader = make_key(page, "archive", ("read",))
    page.get_by_role("button", name="I have it").click()
    expect(page.locator("[data-key]")).to_have_count(2)
    page.wait_for_load_state("domcontentloaded")
    told = httpx.get(f"{empty_process.url}/v1/documents", headers={"X-API-Key": reader})
    assert told.status_code == 200
    page.get_by_role("button", name="Revoke archive").click()
    page.locator("#sure").get_by_role("button", name="Revoke").click()
    expect(page.locator(".entry", has_text="archive")).to_contain_text("Revoked")

    writer = make_key(page, "scanner", ("read", "write"))
    page.get_by_role("button", name="I have it").click()
    expect(page.locator("[data-key]")).to_have_count(3)
    page.wait_for_load_state("domcontentloaded")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Key").fill(writer)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Settings").click()
    expect(page.locator("#settings")).to_contain_text("has not the scope admin")
    expect(page.locator("#new-key")).to_have_count(0)
    assert "office" not in page.content()


def test_a_webhook_is_made_tried_switched_and_deleted(
    receiving, receiver, open_page, allow_console
):
    allow_console("422")
    page = open_page(f"{receiving.url}/settings")
    page.locator("summary", has_text="New webhook").click()
    form = page.locator("#new-webhook")
    form.get_by_label("Its address").fill("http://example.org/")
    form.get_by_role("button", name="Make a webhook").click()
    expect(form.locator(".reason")).not_to_be_empty()
    form.get_by_label("Its address").fill(receiver.url)
    form.get_by_role("button", name="Make a webhook").click()
    expect(page.locator("#secret-text")).to_have_text(re.compile("^whsec_"))
    page.get_by_role("button", name="I have it").click()
    entry = page.locator("[data-webhook]")
    expect(entry).to_be_visible()
    page.wait_for_load_state("domcontentloaded")  # then the new page's scripts have run
    entry.get_by_role("button", name="Test").click()
    expect(entry.locator(".told")).to_have_text("Delivered (204)", timeout=40 * SECONDS)
    entry.locator("summary").click()
    expect(entry.locator(".deliveries li")).to_contain_text("webhook.test")
    entry.get_by_role("button", name="Send again").click()
    expect(entry.locator(".deliveries li")).to_have_count(1)
    secret = page.locator("#secret-text")
    entry.get_by_role("button", name="New secret").click()
    expect(secret).to_have_text(re.compile("^whsec_"))
    page.keyboard.press("Escape")  # it is shown this once, so one key does not end it
    page.keyboard.press("Escape")
    expect(secret).to_have_text(re.compile("^whsec_"))
    page.get_by_role("button", name="I have it").click()
    expect(secret).to_be_empty()
    entry.get_by_role("button", name="Switch").click()
    expect(page.locator("[data-webhook] .state")).to_have_text("Off")
    page.wait_for_load_state("domcontentloaded")
    page.get_by_role("button", name="Delete").first.click()
    page.locator("#sure").get_by_role("button", name="Delete").click()
    expect(page.locator("[data-webhook]")).to_have_count(0)


def test_engines_say_why_they_are_not_ready_and_the_budget_has_a_gauge(receiving, open_page):
    page = open_page(f"{receiving.url}/settings")
    model = page.locator(".entry", has=page.locator("h3", has_text="llm"))
    told = httpx.get(f"{receiving.url}/v1/engines").json()["engines"]
    (llm,) = [engine for engine in told if engine["name"] == "llm"]
    expect(model).to_contain_text("Not ready")
    expect(model).to_contain_text(llm["reason"])
    expect(page.locator(".entry", has_text="Local reader").locator(".state")).to_have_text("Ready")
    expect(page.get_by_role("meter", name="Today")).to_have_js_property("max", 5)
    expect(page.locator(".gauge").first).to_contain_text("0.00 USD of 5.00 USD used")
    expect(page.locator("#limits")).to_contain_text("20 MB")
    expect(page.locator("#privacy")).to_contain_text("until somebody deletes it")


def test_the_budget_tells_what_is_used_and_what_is_held_for_calls_under_way(tmp_path, open_page):
    environment = {"DATA_DIR": str(tmp_path / "data"), "LLM_BUDGET_DAY": "5"}
    settings = Settings(data_dir=tmp_path / "data", llm_budget_day=Decimal(5), gemini_api_key=None)
    services = build_services(settings)
    settings.data_dir.mkdir()
    migrate(services.engine)
    services.ledger.settle(services.ledger.reserve(Decimal(1)), "google:a", 1000, Decimal("0.25"))
    services.ledger.reserve(Decimal("0.5"))
    api = Api(environment, tmp_path / "api.log")
    try:
        page = open_page(f"{api.ready().url}/settings")
        gauge = page.locator(".gauge").first
        expect(gauge).to_contain_text("0.25 USD of 5.00 USD used")
        expect(gauge).to_contain_text("0.50 USD held for calls under way")
        expect(page.get_by_role("meter", name="Today")).to_have_js_property("value", 0.75)
    finally:
        api.stop()


def test_what_leaves_the_server_is_said_with_the_hosts_that_webhooks_tell(
    receiving, receiver, open_page
):
    page = open_page(f"{receiving.url}/settings")
    privacy = page.locator("#privacy")
    expect(privacy).to_contain_text("nothing: there are none")
    httpx.post(f"{receiving.url}/v1/webhooks", json={"url": receiver.url}).raise_for_status()
    page.reload()
    expect(privacy).to_contain_text("file names and states, but no values: 127.0.0.1")
    expect(privacy).to_contain_text("nothing: they are read here")
