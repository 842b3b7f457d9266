"""docs/webhooks.md, followed by copy and paste: its commands and its lines of Python do what it says."""

import json
import os
import re
import subprocess

import httpx
import pytest
from standardwebhooks import WebhookVerificationError

from service.webhooks import EVENTS, SCHEDULE
from tests.receiver import Receiver
from tests.servers import ROOT, wait_until

PAGE = (ROOT / "docs" / "webhooks.md").read_text("utf-8")
COMMANDS = re.findall(r"^curl .*$", PAGE, re.M)
PYTHON = re.search(r"```python\n(.*?)```", PAGE, re.S)[1]


def test_the_page_is_true(start_api):
    with Receiver() as receiver:
        api = start_api(WEBHOOK_ALLOWED_HOSTS=receiver.place)
        asked = {"name": "k", "scopes": ["read", "write", "admin"]}
        key = httpx.post(f"{api.url}/v1/keys", json=asked, timeout=30).json()["key"]
        known = {"KEY": key}

        def run(command: str) -> dict:
            command = command.replace("http://localhost:8000", api.url)
            command = command.replace("https://hooks.example.com/invoices", receiver.url)
            command = command.replace("curl ", "curl -sS --fail-with-body ", 1)
            environment = {"PATH": os.environ["PATH"]} | known
            done = subprocess.run(
                ["sh", "-euc", command], env=environment, capture_output=True, check=False
            )
            assert done.returncode == 0, (command, done.stdout, done.stderr)
            return json.loads(done.stdout)

        made = run(COMMANDS[0])
        known["ID"] = made["id"]
        tests = [command for command in COMMANDS if command.endswith("/test")]
        known["DELIVERY"] = run(tests[0])["id"]
        wait_until(lambda: receiver.received)
        for command in COMMANDS[1:]:
            run(command)
        (one, *_) = receiver.received
        lines = PYTHON.replace("whsec_…", made["secret"])
        found = {"body": one.body, "headers": one.headers}
        exec(lines, found)  # noqa: S102  # the page's own
        assert found["told"]["type"] == "webhook.test"
        with pytest.raises(WebhookVerificationError):
            exec(lines, {"body": one.body + b" ", "headers": one.headers})  # noqa: S102


def test_the_page_names_every_event():
    assert set(re.findall(r"^\| `([a-z]+\.[a-z_]+)` \|", PAGE, re.M)) == set(EVENTS)


def test_the_page_tells_the_schedule():
    told = "5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h"
    assert told in PAGE
    units = {"s": 1, "min": 60, "h": 3_600}
    waits = [int(number) * units[unit] for number, unit in re.findall(r"(\d+) (s|min|h)\b", told)]
    assert (0, *waits) == SCHEDULE
