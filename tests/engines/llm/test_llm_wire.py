import hashlib
import json
from collections.abc import Iterator
from typing import Any

from invoice_extraction.engines.llm.prompt import (
    AGAIN,
    GROUP,
    PROMPT_VERSION,
    REQUEST,
    instructions,
)
from invoice_extraction.engines.llm.wire import json_schema

VERSIONS = {"2": "0849b0b04f88c4bc"}
"""What is sent under each version, by the SHA-256 of its texts and the schema."""

OWN: dict[str, Any] = {
    "type": "object",
    "properties": {
        "cost_centre": {"type": "string", "description": "Ours, such as K-100"},
        "weight": {"type": ["number", "null"], "minimum": 0},
        "urgent": {"type": "boolean"},
        "branch": {"type": "string", "enum": ["north", "south"]},
        "readings": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"day": {"type": "string", "format": "date"}},
            },
        },
    },
}


def objects(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    yield from schema["$defs"].values()


def test_a_new_prompt_or_schema_has_a_new_version() -> None:
    texts = [instructions(), REQUEST, GROUP, AGAIN]
    sent = "".join(texts) + json.dumps(json_schema(OWN), sort_keys=True)
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


def test_own_fields_are_nullable_texts_as_printed() -> None:
    invoice = json_schema(OWN)["$defs"]["WireInvoice"]
    custom = invoice["properties"]["custom"]
    text, nothing = {"type": "string"}, {"type": "null"}
    assert "custom" in invoice["required"]
    assert custom["required"] == list(OWN["properties"])
    assert custom["additionalProperties"] is False
    assert custom["properties"]["weight"] == {"anyOf": [text, nothing]}
    assert custom["properties"]["urgent"] == {"anyOf": [{"type": "boolean"}, nothing]}
    assert custom["properties"]["cost_centre"]["description"] == "Ours, such as K-100"
    assert custom["properties"]["branch"]["anyOf"][0]["enum"] == ["north", "south"]
    items = custom["properties"]["readings"]["items"]
    assert items["properties"]["day"] == {"anyOf": [text, nothing]}


def test_without_own_fields_none_are_asked_for() -> None:
    json_schema(OWN)
    assert "custom" not in json_schema()["$defs"]["WireInvoice"]["properties"]
