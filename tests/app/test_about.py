import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from app.__main__ import description
from app.application import build_app
from app.routes.about import invoice_schema
from invoice_extraction.model.options import ModelOptions
from invoice_extraction.sandbox import landlock
from invoice_extraction.sandbox.client import Readers
from tests.app.conftest import PDF, client_of

DOCS = Path(__file__).parents[2] / "docs"


def test_limits_are_those_that_hold(client):
    told = client.get("/v1/limits").json()
    assert told["max_file_size"] == 300_000
    assert (told["max_files"], told["max_pages"]) == (20, 50)
    assert (told["max_pixels"], told["max_xml_size"]) == (40_000_000, 10_000_000)
    assert (told["seconds"]["reading_cpu"], told["seconds"]["job"]) == (10, 600)
    assert "application/pdf" in told["media_types"]


def test_limits_tell_what_holds_the_readers_here(client):
    told = client.get("/v1/limits").json()["isolation"]
    assert told["landlock"] is (landlock.version() > 0)
    assert told["seccomp"] is (sys.platform == "linux")
    assert told["rlimits"] is (sys.platform == "linux")


def test_limits_are_told_where_no_reader_starts(services):
    without = replace(services, readers=Readers(1, command=["/no/such/program"]))
    with client_of(build_app(without)) as client:
        told = client.get("/v1/limits").json()
    assert told["isolation"] is None
    assert told["max_pages"] == 50


def test_engines_tell_what_is_missing(client):
    engines = {engine["name"]: engine for engine in client.get("/v1/engines").json()["engines"]}
    assert engines["einvoice"]["ready"] is True
    assert engines["llm"]["ready"] is False
    assert "GEMINI_API_KEY" in engines["llm"]["reason"]


def test_an_engine_names_its_model_but_never_its_key(services):
    model = ModelOptions(model="google:some-model", api_key="top-secret")
    with_model = replace(services, options=replace(services.options, model=model))
    with client_of(build_app(with_model)) as client:
        answer = client.get("/v1/engines")
    assert {engine["model"] for engine in answer.json()["engines"]} == {"google:some-model", None}
    assert "top-secret" not in answer.text


def test_engines_tell_what_leaves_the_service_and_where_it_goes(services):
    model = ModelOptions(
        model="google:some-model",
        api_key="top-secret",
        base_url="https://user:hidden@gateway.example/x",
        fallbacks=(ModelOptions(model="openai:other", api_key="top-secret"),),
    )
    with_model = replace(services, options=replace(services.options, model=model))
    with client_of(build_app(with_model)) as client:
        answer = client.get("/v1/engines")
    engines = {engine["name"]: engine for engine in answer.json()["engines"]}
    assert engines["llm"]["leaves"].endswith("the file itself, to gateway.example.")
    assert engines["llm"]["fallbacks"] == ["openai:other"]
    assert engines["layout"]["leaves"] is None
    assert "hidden" not in answer.text


def test_engines_tell_what_the_models_providers_said(services):
    away = "The model's server cannot be reached."
    other = ModelOptions(model="openai:other", api_key="top-secret")
    model = ModelOptions(model="google:one", api_key="top-secret", fallbacks=(other,))
    with_model = replace(services, options=replace(services.options, model=model))
    with client_of(build_app(with_model)) as client:
        (before,) = [e for e in client.get("/v1/engines").json()["engines"] if e["name"] == "llm"]
        services.probes.note("google:one", ready=False, reason=away)
        services.probes.note("google:former", ready=True, reason=None)
        (after,) = [e for e in client.get("/v1/engines").json()["engines"] if e["name"] == "llm"]
    assert before["ready"] is True
    assert [one["since"] for one in before["models"]] == [None, None]
    assert (after["ready"], after["reason"]) == (False, away)
    assert [one["model"] for one in after["models"]] == ["google:one", "openai:other"]
    assert after["models"][0]["since"] == after["models"][0]["checked_at"] is not None
    assert after["models"][1]["ready"] is True


def test_usage_is_told_today_and_in_all_with_what_is_left(make_services, settings):
    services = make_services(settings.model_copy(update={"llm_budget_day": Decimal("0.05")}))
    with client_of(build_app(services)) as client:
        services.ledger.settle(None, "google:a", 1000, Decimal("0.01"))
        services.ledger.settle(None, "ollama:b", 10, None)
        services.ledger.count_kept("google:a")
        told = client.get("/v1/usage").json()
    assert told["today"] == told["in_all"]
    assert (told["today"]["calls"], told["today"]["tokens"], told["today"]["cost"]) == (
        2,
        1010,
        "0.01",
    )
    assert [model["model"] for model in told["today"]["models"]] == ["google:a", "ollama:b"]
    assert (told["today"]["cached"], told["today"]["unpriced"]) == (1, 1)
    # a call without a known price counts for LLM_UNKNOWN_COST
    budget = told["budget"]
    assert (budget["day"], budget["day_left"], Decimal(budget["day_held"])) == ("0.05", "0.02", 0)
    assert [budget[name] for name in ("total", "total_left", "total_held")] == [None] * 3


def test_the_schema_is_the_invoice_s(client):
    answer = client.get("/v1/schema")
    assert answer.headers["Content-Type"] == "application/schema+json"
    assert "invoice_number" in answer.json()["properties"]


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("openapi.json", lambda: description().encode()),
        ("invoice.schema.json", invoice_schema),
    ],
)
def test_the_committed_contract_is_the_one_that_is_served(name, made):
    assert (DOCS / name).read_bytes() == made(), "changed: `make openapi`, then read the difference"


def test_the_contract_describes_the_upload_and_every_problem(client):
    told = client.get("/openapi.json").json()
    form = told["paths"]["/extract-invoice"]["post"]["requestBody"]["content"]
    assert form["multipart/form-data"]["schema"]["properties"]["files"]["type"] == "array"
    assert "Problem" in told["components"]["schemas"]
    assert "HTTPValidationError" not in told["components"]["schemas"]
    for path, methods in told["paths"].items():
        if path.startswith("/health/"):
            continue
        for operation in methods.values():
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    assert list(response["content"]) == ["application/problem+json"], path


def contents(told):
    """Return each body of the description, with where it stands."""
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            bodies = operation["responses"] | {"body": operation.get("requestBody", {})}
            for status, body in bodies.items():
                for kind, content in body.get("content", {}).items():
                    yield f"{method} {path} {status} {kind}", content


PLAIN = ("text/csv", "octet-stream", "sheet", "image/webp", "schema+json", "event-stream")
"""Bodies that are files, or another's format, or a stream."""


def test_every_route_has_examples_and_each_is_as_its_schema_says(client):
    told = client.get("/openapi.json").json()
    for where, content in contents(told):
        if where.endswith(PLAIN):
            continue
        if "examples" not in content:  # written at the route, or field by field in a form
            assert "example" in content or "multipart/form-data" in where, (
                f"{where}: add an example of its schema to app/examples.py"
            )
            continue
        ((name, reference),) = content["examples"].items()
        assert reference == {"$ref": f"#/components/examples/{name}"}
        schema = {"components": told["components"]} | content["schema"]
        validator = Draft202012Validator(schema, format_checker=FormatChecker())
        validator.validate(told["components"]["examples"][name]["value"])
    for path, methods in told["paths"].items():
        for operation in methods.values():
            for parameter in operation.get("parameters", []):
                assert parameter["in"] != "path" or "example" in parameter, (
                    path,
                    parameter["name"],
                )


def test_the_reference_shows_each_call_and_a_form_that_works(client):
    page = client.get("/docs")
    assert page.headers["Content-Type"].startswith("text/html")
    for path in client.get("/openapi.json").json()["paths"]:
        assert path in page.text
    assert 'action="/extract-invoice" enctype="multipart/form-data"' in page.text
    assert "<script" not in page.text
    sent = {"engine": "auto", "language": "", "reference": "", "metadata": ""}
    assert client.post("/extract-invoice", files={"files": PDF}, data=sent).status_code == 202
    assert client.get("/docs/style.css").headers["Content-Type"].startswith("text/css")


def test_the_api_is_documented():
    text = (DOCS / "api.md").read_text(encoding="utf-8")
    for line in description().splitlines():
        if line.startswith('    "/'):
            assert line.strip().strip('":{ ') in text
