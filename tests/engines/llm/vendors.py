"""Stand-ins for the other providers' APIs, made from the examples in their references.

https://platform.openai.com/docs/api-reference/responses, https://docs.claude.com/en/api/messages,
https://docs.mistral.ai/api, https://openrouter.ai/docs/api-reference/overview,
https://learn.microsoft.com/azure/ai-foundry/openai/latest (Azure's v1 is OpenAI's API).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.engines.llm.stand_in import KEY, Reply, StandIn

Body = dict[str, Any]


@dataclass(frozen=True)
class Vendor:
    """One API: where it is reached, how it takes a key, what it says, and how it says what is wrong.

    `says(text, finish)` has finish "done", "cut" (the limit of tokens) or "refused". `sees` returns
    the schema and the types of the files in a request, and raises KeyError for another form of it.
    """

    model: str
    base: str
    path: str
    key: tuple[str, str]
    says: Callable[[str, str], Body]
    wrong: Callable[[str, str], Body]
    sees: Callable[[Body], tuple[Body, list[str]]]


class VendorStandIn(StandIn):
    """The server of one vendor."""

    def __init__(self, vendor: Vendor) -> None:
        super().__init__()
        self.vendor = vendor

    def take(self, path: str, headers: dict[str, str], body: bytes) -> Reply:
        """Return the next reply; a wrong key, path or form of request is refused."""
        name, value = self.vendor.key
        if headers.get(name) != value:
            return self.fails(401, "authentication_error", "The key is wrong.")
        request = {"path": path, "headers": headers, "body": json.loads(body)}
        self.requests.append(request)
        try:
            self.vendor.sees(request["body"])
        except (KeyError, TypeError, IndexError) as exc:
            return self.fails(400, "invalid_request_error", f"The form is another: {exc!r}")
        if path.partition("?")[0] != self.vendor.path:
            return self.fails(404, "not_found_error", f"There is no {path}.")
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]

    def says(self, text: str, finish: str = "done") -> Reply:
        """Return a reply in the vendor's form."""
        return Reply(body=json.dumps(self.vendor.says(text, finish)).encode())

    def fails(self, status: int, kind: str, message: str, **headers: str) -> Reply:
        """Return an error in the vendor's form."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return Reply(status, json.dumps(self.vendor.wrong(kind, message)).encode(), headers=told)


def _responses(text: str, finish: str) -> Body:
    content: Body = {"type": "output_text", "text": text, "annotations": []}
    if finish == "refused":
        content = {"type": "refusal", "refusal": "I cannot help with that."}
    reason = {"reason": "max_output_tokens"} if finish == "cut" else None
    return {
        "id": "resp_67ccd2bed1ec8190",
        "object": "response",
        "created_at": 1741476542,
        "status": "incomplete" if finish == "cut" else "completed",
        "error": None,
        "incomplete_details": reason,
        "instructions": None,
        "model": "gpt-5.2",
        "output": [
            {
                "type": "message",
                "id": "msg_67ccd2bf17f0819081ff3bb2cf6508e6",
                "status": "completed",
                "role": "assistant",
                "content": [content],
            }
        ],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": {
            "input_tokens": 1000,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": 250,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 1250,
        },
        "metadata": {},
    }


def _responses_request(body: Body) -> tuple[Body, list[str]]:
    form = body["text"]["format"]
    if form["type"] != "json_schema" or form["strict"] is not True:
        raise KeyError("a strict schema")
    files = [
        (part.get("file_data") or part["image_url"])[5:].partition(";")[0]
        for part in body["input"][-1]["content"]
        if part["type"] in ("input_file", "input_image")
    ]
    return form["schema"], files


def _messages(text: str, finish: str) -> Body:
    return {
        "id": "msg_01XFDUDYJgAACzvnptvVoYEL",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-4-6",
        "content": [] if finish == "refused" else [{"type": "text", "text": text}],
        "stop_reason": {"done": "end_turn", "cut": "max_tokens", "refused": "refusal"}[finish],
        "stop_sequence": None,
        "usage": {"input_tokens": 1000, "output_tokens": 250},
    }


def _messages_request(body: Body) -> tuple[Body, list[str]]:
    form = body["output_config"]["format"]
    if form["type"] != "json_schema" or not body["max_tokens"] or not body["system"]:
        raise KeyError("a schema, a limit of tokens, a system prompt")
    files = [
        part["source"]["media_type"]
        for part in body["messages"][0]["content"]
        if part["type"] in ("document", "image")
    ]
    return form["schema"], files


def _completion(text: str, finish: str) -> Body:
    return {
        "id": "cmpl-e5cc70bb28c444948073e77776eb30ef",
        "object": "chat.completion",
        "created": 1702256327,
        "model": "mistral-large-latest",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text, "tool_calls": None},
                "finish_reason": {"done": "stop", "cut": "length", "refused": "content_filter"}[
                    finish
                ],
            }
        ],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 250, "total_tokens": 1250},
    }


def _routed(text: str, finish: str) -> Body:
    told = _completion(text, finish)
    reason = told["choices"][0]["finish_reason"]
    told["choices"][0] |= {"native_finish_reason": reason, "logprobs": None}
    return told | {"id": "gen-1731450000", "provider": "Alibaba", "model": "qwen/qwen3-vl-32b"}


def _chat_request(body: Body) -> tuple[Body, list[str]]:
    form = body["response_format"]
    if form["type"] != "json_schema":
        raise KeyError("a schema")
    files = []
    for part in body["messages"][-1]["content"]:
        if part["type"] == "image_url":
            files.append(part["image_url"]["url"][5:].partition(";")[0])
        if part["type"] == "file":
            files.append(part["file"]["file_data"][5:].partition(";")[0])
    return form["json_schema"]["schema"], files


def _mistral_request(body: Body) -> tuple[Body, list[str]]:
    if not body["max_tokens"] or "max_completion_tokens" in body:
        raise KeyError("its own name of the limit of tokens, as it refuses others")
    return _chat_request(body)


def _openai_error(kind: str, message: str) -> Body:
    return {"error": {"message": message, "type": kind, "param": None, "code": None}}


def _anthropic_error(kind: str, message: str) -> Body:
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_011"}


def _mistral_error(kind: str, message: str) -> Body:
    return {"object": "error", "message": message, "type": kind, "param": None, "code": "1300"}


BEARER = ("authorization", f"Bearer {KEY}")
VENDORS: dict[str, Vendor] = {
    "openai": Vendor(
        "openai:gpt-5.2", "/v1", "/v1/responses", BEARER,
        _responses, _openai_error, _responses_request,
    ),
    "azure": Vendor(
        "azure:gpt-5.2", "/openai/v1", "/openai/v1/responses", BEARER,
        _responses, _openai_error, _responses_request,
    ),
    "anthropic": Vendor(
        "anthropic:claude-sonnet-4-6", "", "/v1/messages", BEARER,
        _messages, _anthropic_error, _messages_request,
    ),
    "mistral": Vendor(
        "mistral:mistral-large-latest", "/v1", "/v1/chat/completions", BEARER,
        _completion, _mistral_error, _mistral_request,
    ),
    "openrouter": Vendor(
        "openrouter:qwen/qwen3-vl-32b", "/api/v1", "/api/v1/chat/completions", BEARER,
        _routed, _openai_error, _chat_request,
    ),
    "openai-chat-pdf": Vendor(
        "openai-chat-pdf:one", "/v1", "/v1/chat/completions", BEARER,
        _completion, _openai_error, _chat_request,
    ),
}  # fmt: skip
