"""docs/documents.md, followed by copy and paste: its commands do what it says."""

import json
import os
import re
import subprocess

import httpx

from tests.servers import ROOT

PAGE = (ROOT / "docs" / "documents.md").read_text("utf-8")
COMMANDS = "".join(re.findall(r"```sh\n(.*?)```", PAGE, re.S))


def test_the_page_is_true(start_api):
    api = start_api()
    script = COMMANDS.replace("http://localhost:8000", api.url)
    script = script.replace("curl ", r"curl -w '%{stderr}%{http_code} %{url_effective}\n' ")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script + "\necho\necho task=$task"],
        env={"PATH": os.environ["PATH"]},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (done.stdout, done.stderr)
    told = re.findall(r"^(\d{3}) (\S+)$", done.stderr, re.M)
    assert len(told) == script.count("curl ")
    for status, url in told:
        # it may have been read once more before it could be cancelled
        assert status in {"200", "202"} or (url.endswith("/cancel") and status == "409"), url
    task = re.search(r"^task=(\w+)$", done.stdout, re.M)[1]
    document = httpx.get(f"{api.url}/v1/documents/{task}", timeout=30).json()
    actions = [deed["action"] for deed in document["history"] if deed["action"] != "cancelled"]
    assert actions == ["retried", "reopened", "rejected", "confirmed", "corrected"]


def test_the_page_shows_words_as_they_are_told():
    (example,) = re.findall(r"```json\n(.*?)```", PAGE, re.S)
    assert set(json.loads(example)) == {"page", "width", "height", "origin", "words"}
