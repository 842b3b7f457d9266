"""A worker with a model, over a stand-in for its API: what is paid, kept and counted."""

import contextlib
import json
import sqlite3
import time
from decimal import Decimal

import pytest
from pydantic import SecretStr

from config.config import Settings
from invoice_extraction.engines.llm import calls
from invoice_extraction.engines.llm.gate import LocalGate
from service import jobs as waiting
from service.jobs import Jobs, Submission
from service.store.base import Job
from service.store.ledger import Payer
from service.tenants import TENANT
from service.wiring import JOBS_WITHOUT_MODEL, Services, build_worker, jobs_in_flight
from tests.engines.llm.answers import answer, invoice
from tests.engines.llm.stand_in import KEY, Reply, StandIn, fails, says
from tests.servers import ROOT, wait_until

PDF = (ROOT / "samples" / "files" / "invoice-en.pdf").read_bytes()
MARKER = "marker 7261"
NO_PATIENCE = {**(LocalGate.__init__.__kwdefaults__ or {}), "patience": 0.0}


@pytest.fixture
def model():
    with StandIn() as stand_in:
        told = answer(invoice(invoice_number="INV-7", total="119.00", notes=MARKER))
        stand_in.script = [says(json.dumps(told))]
        yield stand_in


@pytest.fixture
def worker(model, tmp_path):
    """Return a function that builds a worker's services with the settings."""
    made: list[Services] = []

    def build(**settings) -> Services:
        plain = {"data_dir": tmp_path, "gemini_api_key": KEY, "llm_base_url": model.base_url}
        services = build_worker(Settings(_env_file=None, **plain | settings))
        services.start()
        made.append(services)
        return services

    yield build
    for services in made:
        services.stop()


@pytest.fixture
def no_waits(monkeypatch):
    """Let neither calls nor jobs wait before they are tried again."""
    monkeypatch.setattr(waiting, "SHORTEST_WAIT", 0.0)
    monkeypatch.setattr(waiting, "LONGEST_BACKOFF", 0.0)
    monkeypatch.setattr(calls, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(calls, "JITTER", 0.0)


def carried_out(jobs: Jobs, **options) -> tuple[str, dict]:
    """Send the PDF and let the worker carry it out; return the job's id and what it says."""
    file = jobs.receive(TENANT, "a.pdf")
    file.write(PDF)
    (job,) = jobs.submit([file], Submission(tenant=TENANT, options=options))
    jobs.process(job.id, "w")
    done = jobs.get(TENANT, job.id)
    return job.id, json.loads(done.extraction) if done.extraction else done.error


def results(extraction: dict) -> list[dict]:
    """Return what was read, without the checks: the second document is a duplicate of the first."""
    return [invoice["result"] for invoice in extraction["invoices"]]


def test_the_same_file_is_paid_once_and_again_only_where_the_caller_says_so(worker, model):
    services = worker()
    first = carried_out(services.jobs)[1]
    second = carried_out(services.jobs)[1]
    assert model.calls == 1
    assert results(second) == results(first)
    carried_out(services.jobs, force=True)
    assert model.calls == 2
    (spent,) = services.ledger.used()[0]
    assert (spent.calls, spent.cached, spent.tokens) == (2, 1, 2500)
    assert spent.cost > 0


def test_deleting_a_document_deletes_what_the_model_said_of_it(worker, model, tmp_path):
    services = worker()
    job_id, _ = carried_out(services.jobs, engine="llm")  # whose reading is kept whatever it says
    assert traces(tmp_path) == [True, True]
    services.jobs.delete(TENANT, job_id)
    assert traces(tmp_path) == [False, False]
    carried_out(services.jobs)
    assert model.calls == 2


def traces(folder) -> list[bool]:
    """Return whether the database holds the marker as text, and whether in bytes."""
    with contextlib.closing(sqlite3.connect(folder / "jobs.db")) as connection:
        dump = "".join(connection.iterdump())
    return [MARKER in dump, MARKER.encode().hex().upper() in dump]


def test_without_a_cache_each_file_is_asked_about(worker, model):
    services = worker(llm_cache_days=0)
    carried_out(services.jobs)
    carried_out(services.jobs)
    assert model.calls == 2


def test_without_a_cache_an_answer_goes_when_its_document_is_done(worker, model, tmp_path):
    jobs = worker(llm_cache_days=0).jobs
    seen = []
    finish = jobs.store.finish

    def look(*arguments, **values):
        seen.append(answers_kept(tmp_path))
        return finish(*arguments, **values)

    jobs.store.finish = look
    job_id, told = carried_out(jobs, engine="llm")
    assert MARKER in json.dumps(told)
    assert (seen, answers_kept(tmp_path)) == ([1], 0)
    jobs.delete(TENANT, job_id)
    assert traces(tmp_path) == [False, False]


def answers_kept(folder) -> int:
    """Return how many answers of models the database holds, that have the marker."""
    with contextlib.closing(sqlite3.connect(folder / "jobs.db")) as connection:
        rows = connection.execute("SELECT answer FROM answers").fetchall()
    return sum(MARKER.encode() in answer for (answer,) in rows)


def sent(jobs: Jobs, **options) -> str:
    """Send the PDF; return the job's id."""
    file = jobs.receive(TENANT, "a.pdf")
    file.write(PDF)
    (job,) = jobs.submit([file], Submission(tenant=TENANT, options=options))
    return job.id


def ended(jobs: Jobs, job_id: str) -> Job:
    """Carry out a job again and again until it has ended."""
    while not (job := jobs.get(TENANT, job_id)).is_final:
        jobs.process(job_id, "w")
        time.sleep(0.01)
    return job


LOST = Reply(reset=0)  # after the request was sent: it may be billed


@pytest.mark.parametrize(
    ("script", "made"),
    [
        ([LOST], 3),
        ([LOST, fails(503, "UNAVAILABLE"), fails(503, "UNAVAILABLE"), LOST], 5),
        ([says("no JSON"), fails(503, "UNAVAILABLE"), fails(503, "UNAVAILABLE"), LOST], 5),
    ],
)
def test_a_document_is_paid_for_three_times_at_the_most_however_often_its_task_is_tried(
    worker, model, no_waits, script, made
):
    model.script = list(script)
    services = worker()
    job = ended(services.jobs, sent(services.jobs))
    assert (job.status, job.error["code"]) == ("FAILURE", "engine_timeout")
    assert model.calls == services.ledger.used()[0][0].calls == made


def test_calls_of_a_worker_that_died_count_as_its_documents(worker, model, no_waits):
    services = worker()
    jobs = services.jobs
    job_id = sent(jobs)
    job = jobs.store.claim(job_id, "w", jobs.lease)
    for _ in range(2):
        services.ledger.reserve(Decimal("0.01"), Payer(job.tenant, None, job.id))
    jobs.store.hand_back("w")
    model.script = [says("no JSON")]
    failed = ended(jobs, job_id)
    assert (failed.error["code"], model.calls) == ("invalid_model_output", 1)
    assert services.ledger.paid(job_id) == 0  # asked for by nobody any longer


@pytest.mark.parametrize("fallback", [False, True])
def test_usage_tells_each_call_once_as_the_books_do(worker, model, fallback):
    wrong = answer(invoice(invoice_number="INV-7", subtotal="100", tax_total="19", total="120"))
    script = [says("no JSON"), says(json.dumps(wrong))]
    if fallback:
        script = [says("no JSON"), says("no JSON"), says(json.dumps(wrong))]
    else:
        script.append(says(json.dumps(wrong)))  # asked again, as the sums do not fit
    model.script = script
    services = worker(llm_fallbacks=("google:gemini-3.5-flash-lite",))
    _, told = carried_out(services.jobs, engine="llm", fallback=fallback)
    spent = services.ledger.used()[0]
    usage = told["usage"]
    assert model.calls == usage["calls"] == sum(one.calls for one in spent) == 3
    assert usage["input_tokens"] + usage["output_tokens"] == sum(one.tokens for one in spent)
    assert Decimal(usage["cost"]) == sum(one.cost for one in spent)


def test_the_call_beyond_the_budget_is_not_made(worker, model):
    services = worker(llm_budget_day=Decimal("0.001"))
    _, error = carried_out(services.jobs)
    assert error["code"] == "budget_exceeded"
    assert "0.001" in error["detail"]
    assert model.calls == 0


def test_beyond_the_budget_the_local_engine_reads_where_the_caller_allows_it(worker, model):
    services = worker(llm_budget_day=Decimal("0.001"))
    _, told = carried_out(services.jobs, fallback=True)
    assert (told["engine"], model.calls) == ("layout", 0)
    assert told["attempts"][0]["error"] == "budget_exceeded"


def test_a_call_that_is_turned_away_costs_nothing_and_its_job_waits(worker, model):
    model.script = [fails(429, "RESOURCE_EXHAUSTED", retry="30s")]
    services = worker(llm_budget_day=Decimal(1))
    _, error = carried_out(services.jobs)
    assert error["code"] == "engine_rate_limited"
    carried_out(services.jobs)
    assert model.calls == 1  # the provider asked for a rest
    assert services.ledger.balance().day_left == 1


@pytest.mark.parametrize("limits", [{"llm_rpm": 1}, {"llm_tpm": 1000}])
def test_a_job_waits_for_our_own_limits_though_the_local_engine_may_read(
    worker, model, monkeypatch, limits
):
    monkeypatch.setattr(LocalGate.__init__, "__kwdefaults__", NO_PATIENCE)
    services = worker(**limits)
    carried_out(services.jobs)
    job_id, told = carried_out(services.jobs, fallback=True, force=True)
    assert told["code"] == "engine_rate_limited"
    assert services.jobs.get(TENANT, job_id).status == "RETRY"
    assert model.calls == 1


def test_where_the_provider_turns_a_call_away_the_local_engine_reads_if_it_may(worker, model):
    model.script = [fails(429, "RESOURCE_EXHAUSTED", retry="30s")]
    jobs = worker().jobs
    assert [carried_out(jobs, fallback=True)[1]["engine"] for _ in range(2)] == ["layout"] * 2
    assert model.calls == 1  # the second was held back by the provider's rest


def test_models_that_stand_in_are_reached_by_their_own_key_and_through_the_same_gate(worker):
    names = ("google:other", "openai:one")
    services = worker(llm_fallbacks=names)
    assert [other.model for other in services.options.model.fallbacks] == ["google:other"]
    settings = services.settings.model_copy(update={"llm_api_key": SecretStr("k2")})
    model = build_worker(settings).jobs.base_options.model  # not started: nobody is asked
    google, openai = model.fallbacks
    assert (google.base_url, google.api_key) == (model.base_url, KEY)
    assert (openai.base_url, openai.api_key) == (None, "k2")
    assert google.gate is openai.gate is model.gate


def test_each_call_to_a_model_is_a_step_of_its_job(worker, model, monkeypatch):
    jobs = worker().jobs
    model.script = [says("no JSON"), *model.script]
    steps, advance = [], jobs.running.advance
    monkeypatch.setattr(
        jobs.running, "advance", lambda token: (steps.append(model.calls), advance(token))
    )
    carried_out(jobs)
    assert model.calls >= 2
    for call in range(model.calls):
        assert steps.count(call) >= 1
    assert steps.count(1) >= 2  # one call has ended, and the next one begins


def test_a_worker_takes_as_many_jobs_as_may_wait_for_a_model():
    bare = Settings(_env_file=None)
    assert jobs_in_flight(bare) == JOBS_WITHOUT_MODEL
    with_model = bare.model_copy(update={"llm_model": "ollama:x", "llm_concurrency": 7})
    assert jobs_in_flight(with_model) == 7
    assert jobs_in_flight(with_model.model_copy(update={"jobs_in_flight": 3})) == 3


def test_a_worker_that_starts_asks_its_models_providers_for_nothing(worker, model):
    services = worker(llm_fallbacks=("google:other",))
    wait_until(lambda: len(services.probes.all()) == 2)
    assert {name: probe.ready for name, probe in services.probes.all().items()} == {
        "google:gemini-3.8-flash": True,
        "google:other": True,
    }
    assert model.calls == 0
