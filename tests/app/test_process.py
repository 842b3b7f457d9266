"""The API as a process of its own: what it loads, what it weighs."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]
FORBIDDEN = ("numpy", "onnxruntime", "cv2", "pypdfium2", "pikepdf", "PIL", "pydantic_ai")

SERVE = """
import sys
from pathlib import Path
from fastapi.testclient import TestClient
from app.main import app

with TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5)) as client:
    answer = client.post("/extract-invoice", files=[("files", ("a.pdf", b"%PDF-1.7"))] * 3)
    task = answer.json()[0]["task_id"]
    for path in (f"/status/{task}", "/v1/documents", f"/v1/documents/{task}", "/v1/limits", "/",
                 f"/v1/documents/{task}/file", "/v1/engines", "/v1/schema", "/docs", "/openapi.json"):
        assert client.get(path).status_code == 200, path
    assert client.get("/v1/export?format=xlsx").status_code == 200
    client.get(f"/v1/documents/{task}/pages/1.webp")
print(*sorted({name.partition(".")[0] for name in sys.modules}))
# the peak since this program began; getrusage would count the process it was started by
print(next(int(line.split()[1]) // 1024 for line in Path("/proc/self/status").open()
           if line.startswith("VmHWM:")))
"""


def test_the_api_loads_no_engine_and_stays_small(tmp_path):
    found = subprocess.run(
        [sys.executable, "-c", SERVE],
        cwd=ROOT,
        env={"DATA_DIR": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    modules, megabytes = found.stdout.splitlines()[-2:]
    assert not set(FORBIDDEN) & set(modules.split())
    assert int(megabytes) < 150


CORRECT = """
import sys
from datetime import timedelta
from fastapi.testclient import TestClient
from app.main import app

with TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5)) as client:
    answer = client.post("/extract-invoice", files=[("files", ("a.pdf", b"%PDF-1.7"))])
    task = answer.json()[0]["task_id"]
    store = app.state.services.store
    job = store.claim(task, "w", timedelta(seconds=60))
    text = '{"media_type": "application/pdf", "engine": "layout", "invoices": [{"result": {}}]}'
    assert store.finish(task, job.lease_token, text, needs_review=True)
    change = {"totals": {"gross": "1.00"}, "seller": {"tax_id": "DE136695976"},
              "payment": {"accounts": [{"iban": "DE89370400440532013000"}]}}
    path = f"/v1/documents/{task}"
    answer = client.patch(f"{path}/invoices/1", json=change, headers={"If-Match": "*"})
    assert answer.status_code == 200, answer.text
    assert client.post(f"{path}/confirm").status_code == 200
    assert client.get("/v1/documents?q=DE136695976").json()["documents"]
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_the_api_checks_a_correction_without_loading_an_engine(tmp_path):
    found = subprocess.run(
        [sys.executable, "-c", CORRECT],
        cwd=ROOT,
        env={"DATA_DIR": str(tmp_path), "PATH": "", "BROKER_URL": "redis://127.0.0.1:1/0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    assert not set(FORBIDDEN) & set(found.stdout.splitlines()[-1].split())


def test_a_stop_does_not_wait_for_calls_that_wait(start_api):
    api = start_api(BROKER_URL="redis://127.0.0.1:1/0")  # nobody takes the job
    files = {"files": ("a.pdf", b"%PDF-1.7")}
    task = httpx.post(f"{api.url}/extract-invoice", files=files).json()[0]["task_id"]
    with ThreadPoolExecutor() as pool:
        call = f"{api.url}/status/{task}?wait=30"
        waiting = pool.submit(httpx.get, call, timeout=60)
        time.sleep(1)
        api.process.terminate()
        assert waiting.result(timeout=5).json()["status"] == "PENDING"
