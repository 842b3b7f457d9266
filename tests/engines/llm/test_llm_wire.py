import hashlib
import json
from collections.abc import Iterator
from typing import Any

from invoice_extraction.engines.llm.prompt import PROMPT_VERSION, instructions
from invoice_extraction.engines.llm.wire import json_schema

VERSIONS = {"1": "5768fd5feb3e1f0f"}
"""What was sent under each version, by the SHA-256 of prompt and schema."""


def objects(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    yield from schema["$defs"].values()


def test_a_new_prompt_or_schema_has_a_new_version() -> None:
    sent = instructions() + json.dumps(json_schema(), sort_keys=True)
    assert VERSIONS[PROMPT_VERSION] == hashlib.sha256(sent.encode()).hexdigest()[:16]


def test_every_property_is_required_and_no_other_is_allowed() -> None:
    for part in objects(json_schema()):
        assert set(part["required"]) == set(part["properties"])
        assert part["additionalProperties"] is False


def test_the_schema_holds_nothing_that_uses_up_the_hidden_budget() -> None:
    text = json.dumps(json_schema())
    for keyword in ("maxItems", "minItems", "minimum", "maximum", "pattern", "description"):
        assert f'"{keyword}":' not in text.replace('"description": {"anyOf"', "")


def test_prompt_and_schema_stay_small() -> None:
    assert len(instructions()) < 4_000
    assert len(json.dumps(json_schema())) < 6_000
