"""Many jobs while processes are killed at random: none is lost, stuck or ends twice (`make soak`)."""

import contextlib
import os
import random
import signal
import time

import httpx
import pytest

from tests.servers import ROOT, wait_until
from tests.worker.test_survival import children, final, worker_of

SAMPLES = sorted((ROOT / "samples" / "files").glob("*.pdf")) + sorted(
    (ROOT / "samples" / "files").glob("*.xml")
)
JOBS = 200
KILLS = 25


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_no_accepted_document_is_lost_while_the_api_and_its_worker_are_killed(start_api, tmp_path):
    dice = random.Random(7)
    settings = {"LEASE_SECONDS": "4", "DATA_DIR": str(tmp_path / "data")}
    api = start_api(**settings)
    accepted: list[dict] = []
    killed = 0
    while len(accepted) < JOBS or killed < KILLS:
        sample = dice.choice(SAMPLES)
        with contextlib.suppress(httpx.HTTPError):
            files = {"files": (sample.name, sample.read_bytes())}
            answer = httpx.post(f"{api.url}/extract-invoice", files=files, timeout=30)
            if answer.status_code == 202:
                accepted += answer.json()
        time.sleep(0.2)
        if killed < KILLS and dice.random() < KILLS / JOBS:
            killed += 1
            if dice.random() < 0.5:
                with contextlib.suppress(AssertionError, FileNotFoundError, ProcessLookupError):
                    os.kill(worker_of(api), signal.SIGKILL)
            else:
                api.stop(signal.SIGKILL)
                api = start_api(**settings)
    ends = [final(api, task, 300) for task in accepted]
    assert [end["error"] for end in ends if end["status"] != "SUCCESS"] == []
    again = [final(api, task) for task in accepted]
    assert [end["result"] for end in ends] == [end["result"] for end in again]
    wait_until(lambda: len(children(api.pid)) <= 1)
