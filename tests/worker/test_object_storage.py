"""API and workers that share no folder: the files go through a bucket, jobs and messages as ever."""

import json
import signal

import httpx
import pytest

from tests.object_server import ObjectServer
from tests.servers import ROOT, wait_until

FILES = ROOT / "samples" / "files"


@pytest.fixture
def objects():
    with ObjectServer() as server:
        yield server


@pytest.fixture
def celery(valkey, postgres) -> dict[str, str]:
    return {"REDIS_URL": valkey.url, "DATABASE_URL": postgres}


def send(api, name: str) -> str:
    files = {"files": (name, (FILES / name).read_bytes())}
    answer = httpx.post(f"{api.url}/extract-invoice", files=files, timeout=30)
    assert answer.status_code == 202, answer.text
    return answer.json()[0]["task_id"]


def status(api, task: str) -> dict:
    return httpx.get(f"{api.url}/status/{task}", timeout=30).json()


def final(api, task: str) -> dict:
    found: dict = {}

    def is_final() -> bool:
        found.update(status(api, task))
        return found["status"] in ("SUCCESS", "FAILURE", "REVOKED")

    wait_until(is_final, 60)
    return found


def test_an_api_and_two_workers_without_a_common_folder_share_a_bucket(
    start_api, start_celery, celery, objects, tmp_path
):
    bucket = objects.bucket()
    settings = (
        celery
        | objects.environment
        | {
            "STORAGE_URL": f"s3://{bucket}/invoices",
            "JOBS_IN_FLIGHT": "1",
        }
    )
    api = start_api(**settings, DATA_DIR=str(tmp_path / "api"))
    for name in ("one", "two"):
        start_celery(**settings, DATA_DIR=str(tmp_path / name))

    names = ["factur-x-de.pdf", "invoice-en.pdf"] * 4
    tasks = [send(api, name) for name in names]
    done = [final(api, task) for task in tasks]
    assert {one["status"] for one in done} == {"SUCCESS"}
    truth = json.loads((FILES / "truth.json").read_text())["factur-x-de.pdf"]
    assert done[0]["result"]["invoice_number"] == truth["invoice_number"]

    url = f"{api.url}/v1/documents/{tasks[0]}"
    assert httpx.get(f"{url}/file").content == (FILES / names[0]).read_bytes()
    assert httpx.get(f"{url}/pages/1.webp", timeout=30).status_code == 200
    kept = [key for key in objects.keys(bucket) if tasks[0] in key]
    assert {key.rpartition("/")[2] for key in kept} == {
        "source",
        "words.json",
        "page-1-1240.webp",
    }
    assert all(key.startswith("invoices/") for key in kept)
    httpx.delete(url).raise_for_status()
    assert not [key for key in objects.keys(bucket) if tasks[0] in key]

    left = [path for path in tmp_path.glob("*/files/**/*") if path.is_file()]
    assert left == []


def test_an_embedded_worker_reads_from_a_bucket(start_api, objects):
    bucket = objects.bucket()
    api = start_api(**objects.environment, STORAGE_URL=f"s3://{bucket}")
    assert final(api, send(api, "factur-x-de.pdf"))["status"] == "SUCCESS"


def test_an_upload_is_refused_while_the_storage_is_away_and_taken_after(start_api, objects):
    api = start_api(**objects.environment, STORAGE_URL=f"s3://{objects.bucket()}")
    file = (FILES / "factur-x-de.pdf").read_bytes()
    objects.stop()
    refused = httpx.post(f"{api.url}/extract-invoice", files={"files": ("a.pdf", file)}, timeout=30)
    assert (refused.status_code, refused.json()["code"]) == (503, "service_unavailable")
    assert httpx.get(f"{api.url}/v1/documents").json()["documents"] == []
    ready = httpx.get(f"{api.url}/health/ready").json()["parts"]
    assert ready["storage"]["status"] == "failed"
    objects.start()
    assert final(api, send(api, "factur-x-de.pdf"))["status"] == "SUCCESS"


def test_a_job_waits_for_a_storage_that_went_away(start_api, start_celery, celery, objects):
    settings = celery | objects.environment | {"STORAGE_URL": f"s3://{objects.bucket()}"}
    api = start_api(**settings)
    worker = start_celery(**settings)
    assert final(api, send(api, "factur-x-de.pdf"))["status"] == "SUCCESS"
    worker.process.send_signal(signal.SIGSTOP)
    task = send(api, "factur-x-de.pdf")
    objects.stop()
    worker.process.send_signal(signal.SIGCONT)
    wait_until(lambda: status(api, task)["status"] == "RETRY")
    objects.start()
    assert final(api, task)["status"] == "SUCCESS"


def test_an_api_without_its_bucket_starts_and_says_why_it_is_not_ready(objects, start_api):
    api = start_api(**objects.environment, STORAGE_URL="s3://nosuchbucket")
    ready = httpx.get(f"{api.url}/health/ready", timeout=30)
    assert ready.status_code == 503
    assert ready.json()["parts"]["storage"]["detail"] == "The bucket for files does not exist."
    assert "The bucket for files does not exist." in api.logged()
    sent = httpx.post(f"{api.url}/extract-invoice", files={"files": ("a.pdf", b"%PDF-1.7")})
    assert (sent.status_code, sent.json()["code"]) == (503, "service_unavailable")
