"""docs/events.md and docs/retention.md, followed by copy and paste: their commands do what they say."""

import json
import os
import re
import subprocess

import httpx

from tests.servers import ROOT

EVENTS, RETENTION = (
    (ROOT / "docs" / f"{name}.md").read_text("utf-8") for name in ("events", "retention")
)
COMMANDS = "".join(re.findall(r"```sh\n(.*?)```", EVENTS + RETENTION, re.S))
ENDLESS = "curl -N http://localhost:8000/v1/events\n"


def test_the_pages_are_true(start_api):
    api = start_api()
    assert ENDLESS in COMMANDS
    script = COMMANDS.replace(ENDLESS, f"timeout 2 {ENDLESS[:-1]} || test $? = 124\n")
    script = script.replace("http://localhost:8000", api.url)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script + "\necho\necho task=$task batch=$batch"],
        env={"PATH": os.environ["PATH"]},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (done.stdout, done.stderr)
    told = done.stdout
    assert told.count("event: end\n") == 2
    assert told.count("event: done\n") >= 4
    duplicate = json.loads(re.search(r"^\[.*\]$", told, re.M)[0])[0]["duplicate_of"]
    assert duplicate["reason"] == "same_file"
    task, batch = re.search(r"^task=(\w+) batch=(\S+)$", told, re.M).groups()
    assert httpx.get(f"{api.url}/status/{task}", timeout=30).status_code == 410
    assert httpx.get(f"{api.url}{batch}", timeout=30).json()["final"] is True


def test_the_page_shows_a_batch_and_a_duplicate_as_they_are_told(start_api):
    batch, entries = (json.loads(one) for one in re.findall(r"```json\n(.*?)```", EVENTS, re.S))
    api = start_api()
    for shown in (batch, entries[0]):
        assert shown.pop("…", None) is None
    files = {"files": ("a.pdf", b"%PDF-1.7")}
    first, again = (httpx.post(f"{api.url}/extract-invoice", files=files) for _ in range(2))
    assert set(again.json()[0]) - {"error"} == set(entries[0])
    told = httpx.get(f"{api.url}{first.headers['Location']}", timeout=30).json()
    assert set(told) == set(batch)
    assert set(told["counts"]) == set(batch["counts"])
