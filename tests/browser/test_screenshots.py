"""Pictures of each screen for people to look at: our samples, as they are really read, in light, dark and on a phone."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import Service
from tests.servers import ROOT, Api

pytestmark = pytest.mark.soak
"""A long run: nobody looks at pictures at each change."""

SAMPLES = ROOT / "samples" / "files"
SENT = (
    "rechnung-de.pdf",
    "invoice-ubl.xml",
    "credit-note-en.pdf",
    "invoice-en.pdf",
    "factur-x-de.pdf",
    "receipt-photo-de.jpg",
)
LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"width": 360, "height": 740, "is_mobile": True, "has_touch": True},
}
MOST = 150_000
"""Bytes of a picture that README and docs show."""

PICTURES = ROOT / "docs" / "pictures"


@pytest.fixture(scope="module")
def samples(tmp_path_factory) -> Iterator[Service]:
    """A service that has read our samples, and refused a file."""
    folder = tmp_path_factory.mktemp("samples")
    api = Api({"DATA_DIR": str(folder / "data"), "LLM_BUDGET_DAY": "5"}, folder / "api.log")
    try:
        ids = {}
        with httpx.Client(base_url=api.ready().url, timeout=60) as client:
            for name in SENT:
                files = {"files": (name, (SAMPLES / name).read_bytes())}
                (task,) = client.post("/extract-invoice", files=files).json()
                ids[name] = task["task_id"]
            for task_id in ids.values():
                while client.get(f"/status/{task_id}?wait=20").json()["status"] != "SUCCESS":
                    pass
            client.post("/extract-invoice", files={"files": ("letter.txt", b"Dear all")})
        yield Service(api.url, ids)
    finally:
        api.stop()


def _loaded(page: Page) -> None:
    """Wait for the scripts, and for what is seen of the pages."""
    expect(page.locator("time[data-time]")).to_have_count(0)
    for image in [*page.locator(".sheet img").all()[:1], *page.locator(".thumb img").all()[:4]]:
        expect(image).to_have_js_property("complete", value=True)
        image.evaluate("image => image.decode()")


def _choose(page: Page) -> None:
    for index in (1, 4, 5):
        page.locator("[data-pick]").nth(index).check()


def _next(page: Page) -> None:
    """Go to the first value that needs a look."""
    expect(page.locator("#left")).not_to_be_empty()
    page.locator(".field").first.focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("rect.aimed").first).to_be_attached()


def _edit(page: Page) -> None:
    _next(page)
    page.keyboard.press("Enter")


def _form(page: Page) -> None:
    page.locator(".maker summary").first.click()


def _nothing(page: Page) -> None:
    """Leave the page as it is."""


SCREENS: dict[str, tuple[str, Any]] = {
    "inbox": ("/", _nothing),
    "inbox-selection": ("/", _choose),
    "inbox-failed": ("/?show=failed", _nothing),
    "inbox-nothing": ("/?show=duplicates", _nothing),
    "review": ("{receipt-photo-de.jpg}", _next),
    "review-edit": ("{receipt-photo-de.jpg}", _edit),
    "review-invoice": ("{rechnung-de.pdf}", _nothing),
    "review-e-invoice": ("{invoice-ubl.xml}", _nothing),
    "settings": ("/settings", _nothing),
    "settings-form": ("/settings", _form),
    "error": ("/documents/none", _nothing),
}


def shoot(page: Page, path: Path) -> None:
    """Keep a picture of the page as it is seen, as WebP; it is small enough for README and docs."""
    path.unlink(missing_ok=True)
    image = Image.open(io.BytesIO(page.screenshot()))
    image.save(path, "WEBP", quality=82, method=6)
    assert path.stat().st_size <= MOST


@pytest.mark.parametrize("look", LOOKS)
def test_each_screen_has_its_picture(look, samples, open_page, allow_console, screenshots):
    allow_console("404")
    page = open_page(samples.url, locale="en-GB", **LOOKS[look])
    for name, (path, prepare) in SCREENS.items():
        address = samples.page(path[1:-1]) if path.startswith("{") else samples.url + path
        page.goto(address)
        _loaded(page)
        prepare(page)
        shoot(page, screenshots / f"{name}-{look}.webp")


@pytest.mark.parametrize("look", LOOKS)
def test_the_first_visit_has_its_picture(look, empty_service, open_page, screenshots):
    page = open_page(empty_service.url, locale="en-GB", **LOOKS[look])
    shoot(page, screenshots / f"first-visit-{look}.webp")


def test_the_pictures_of_the_docs_are_those_of_screens_and_small():
    known = {f"{name}-{look}" for name in ("first-visit", *SCREENS) for look in LOOKS}
    shown = sorted(PICTURES.glob("*"))
    assert shown
    for path in shown:
        assert path.suffix == ".webp"
        assert path.stem in known
        assert path.stat().st_size <= MOST
