"""What a person waits for on the page, as the browser itself measures it.

    python -m benchmarks.browser [DOCUMENTS]

Starts the service with so many documents (1,000) and opens it in Chromium. Prints the first paint of the inbox;
the longest time from a key to the next frame that shows what it did (Event Timing, in steps of 8 ms), between the
fields of a document and in a cell of 200 lines; the longest task while 100 files are dropped; how long two doubtful
values take to be corrected and confirmed by script; and the sizes of the scripts and of our samples' pictures.
"""

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from config.config import Settings
from invoice_extraction.intake import picture, sniff
from invoice_extraction.model.options import Limits
from service.wiring import build_services
from tests.browser.conftest import CHROMIUM
from tests.browser.documents import Filler, an_invoice, fill, paper
from tests.servers import ROOT, Api

ARGUMENTS = ["--headless=new", "--no-sandbox", "--disable-gpu"]
TIMES = 5
"""How often each is done; the middle one and the longest are told."""

OBSERVED = """
    window.keys = []; window.tasks = [];
    new PerformanceObserver((list) => {
        for (const one of list.getEntries()) if (one.name === "keydown") keys.push(one.duration);
    }).observe({ type: "event", durationThreshold: 16, buffered: true });
    new PerformanceObserver((list) => {
        for (const one of list.getEntries()) tasks.push(one.duration);
    }).observe({ type: "longtask", buffered: true });
"""
DROP = """([text, count]) => {
    const data = new DataTransfer();
    for (let n = 0; n < count; n += 1) data.items.add(new File([`${text}\\n% ${n}`], `dropped-${n}.pdf`));
    tasks.length = 0;
    for (const kind of ["dragenter", "dragover", "drop"]) {
        document.querySelector("h1").dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: data }));
    }
}"""


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        services = build_services(Settings(data_dir=folder / "data", gemini_api_key=None))
        ids = fill(services)
        filler = Filler(services)
        filler.ids = {str(number): "" for number in range(len(ids))}
        _, boxes = paper()
        for number in range(count):
            filler.done(f"more-{number}", f"more-{number}.pdf", an_invoice(boxes), review=False)
        api = Api({"DATA_DIR": str(folder / "data")}, folder / "api.log").ready()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            context = browser.new_context(viewport={"width": 1360, "height": 900})
            context.add_init_script(OBSERVED)
            page = context.new_page()
            told("inbox, first paint, ms", [painted(page, api.url) for _ in range(TIMES)])
            document = f"{api.url}/documents"
            with computed(browser, page):
                told("a key to the next field's box, ms", fields(page, f"{document}/{ids['two']}"))
            with computed(browser, page):
                told("a keystroke in 200 lines, ms", keystrokes(page, f"{document}/{ids['long']}"))
            with computed(browser, page):
                told("100 files dropped, longest task, ms", [dropped(page, api.url)])
            told(
                "two values corrected, confirmed, s",
                [confirmed(page, f"{document}/{ids['invoice']}")],
            )
        finally:
            browser.close()
            api.stop()
    sizes = [path.stat().st_size for path in (ROOT / "app" / "static" / "js").glob("*.js")]
    print(f"{'scripts together, bytes':<42} {sum(sizes):>8}")
    for path, size in pictures():
        print(f"{f'picture of {path.name}, bytes':<42} {size:>8}")


@contextmanager
def computed(browser: Browser, page: Page) -> Iterator[None]:
    """Print how long the longest task of the page computed meanwhile, whatever else the machine does."""
    browser.start_tracing(page=page, categories=["toplevel"])
    yield
    events = json.loads(browser.stop_tracing())["traceEvents"]
    names = {
        (one["pid"], one["tid"]): one["args"]["name"]
        for one in events
        if one["name"] == "thread_name"
    }
    tasks = [
        one["tdur"] / 1_000
        for one in events
        if "tdur" in one and names.get((one["pid"], one["tid"])) == "CrRendererMain"
    ]
    told("  its longest task, ms of computing", [max(tasks, default=0.0)])


def painted(page: Page, url: str) -> float:
    """Return when the inbox was painted first, from the start of its navigation."""
    page.goto("about:blank")
    page.goto(url)
    page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")
    found: float = page.evaluate(
        "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    )
    return found


def fields(page: Page, url: str) -> list[float]:
    """Return for each Tab from field to field how long it took until the next one's box was shown."""
    page.goto(url)
    expect(page.locator("#left")).not_to_be_empty()
    page.locator("[data-field][tabindex]").first.focus()
    with watched(page) as durations:
        for _ in range(30):
            page.keyboard.press("Tab")
            page.wait_for_timeout(60)
    return durations


def keystrokes(page: Page, url: str) -> list[float]:
    """Return for each digit that is typed into a cell of a long table how long it took until it was shown."""
    page.goto(url)
    expect(page.locator("#left")).not_to_be_empty()
    page.locator('[data-field="1/lines/150/net_amount"][tabindex]').click()
    with watched(page) as durations:
        for key in "1234567890.12345678901234567890":
            page.keyboard.press(key)
            page.wait_for_timeout(60)
    page.keyboard.press("Escape")
    return durations


@contextmanager
def watched(page: Page) -> Iterator[list[float]]:
    """Yield a list that holds, at the end, how long each key took to be shown; under 16 ms counts as 16."""
    durations: list[float] = []
    page.evaluate("keys.length = 0")
    yield durations
    page.wait_for_timeout(500)
    durations += page.evaluate("keys.length ? keys : [16]")


def dropped(page: Page, url: str) -> float:
    """Return the longest task of the page while 100 files are dropped, sent and shown; 50 ms and less counts as 50."""
    page.goto(url)
    text = (ROOT / "samples" / "files" / "invoice-en.pdf").read_bytes().decode("latin-1")
    page.evaluate(DROP, [text, 100])
    expect(page.locator(".row", has_text="dropped-99.pdf")).to_be_visible(timeout=120_000)
    page.wait_for_timeout(5_000)
    longest: float = page.evaluate("Math.max(50, ...tasks)")
    return longest


def confirmed(page: Page, url: str) -> float:
    """Return the seconds in which a script corrects two values by keys alone and confirms the document."""
    page.goto(url)
    expect(page.locator(".input, [data-state=look]:focus").first).to_be_attached()
    began = time.monotonic()
    for key in ("Enter", "Enter", *"1.12.26", "Enter", "Enter", *"7.50", "Enter", "Control+Enter"):
        page.keyboard.press(key)
    page.wait_for_url(lambda now: now != url)
    return time.monotonic() - began


def pictures() -> Iterator[tuple[Path, int]]:
    """Yield our samples with pages, and how large the picture of the first is."""
    for path in sorted((ROOT / "samples" / "files").iterdir()):
        if path.suffix in {".pdf", ".jpg"}:
            data = path.read_bytes()
            shown = picture.render(data, sniff.media_type(data) or "", 1, 1_240, Limits())
            yield path, len(shown)


def told(what: str, found: list[float]) -> None:
    ordered = sorted(found)
    print(
        f"{what:<42} {ordered[len(ordered) // 2]:8.2f} {ordered[-1]:8.2f}  (n={len(ordered)})",
        flush=True,
    )


if __name__ == "__main__":
    main()
