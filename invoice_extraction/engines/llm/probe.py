"""Ask a model's provider, in one request that costs nothing, whether it can be used.

`INQUIRIES` maps a provider to what it is asked; who is not in it cannot be asked for nothing.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from invoice_extraction.engines.base import Readiness
from invoice_extraction.engines.llm.providers import reached, ready
from invoice_extraction.model.options import ModelOptions

LONGEST = 5.0
"""Seconds that a probe may take."""
MAX_ANSWER = 4_000_000
"""Bytes of an answer; a list of models has less."""

UNREACHABLE = "The model's server cannot be reached: check the network and LLM_BASE_URL."
REFUSED = "The provider refuses the key or its permissions: check the key."
UNKNOWN = "The provider does not know the model {model!r}: correct LLM_MODEL."
BLIND = "The model {model!r} does not take pictures: choose one that sees."
AWAY = "The provider cannot answer at the moment (HTTP {status})."


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """One request: a GET, or a POST where there is a body; `doubt` reads the answer.

    `doubt(answer, name)` returns what speaks against the model, a template for its name, None for nothing.
    """

    url: str
    headers: Mapping[str, str]
    body: bytes | None = None
    doubt: Callable[[Any, str], str | None] = lambda _answer, _name: None


def probe(options: ModelOptions) -> Readiness:
    """Return whether the model can be used, as far as its provider tells for nothing, or why not.

    Takes `LONGEST` seconds at the most. It costs nothing and tells nothing of a document. What a server
    does not tell, such as one that has no such address, speaks for the model.
    """
    set_up = ready(options)
    kind, _, name = options.model.partition(":")
    if not set_up.ready or kind not in INQUIRIES:
        return set_up
    try:
        import httpx2
    except ImportError:
        hint = "install it: pip install 'invoice-extraction[llm]'."
        return Readiness(ready=False, reason=f"The client for models is not installed: {hint}")
    inquiry = INQUIRIES[kind](name, reached(options))
    try:
        # in a thread of its own: the caller's may run a loop, as a notebook's does
        with ThreadPoolExecutor(max_workers=1) as thread:
            status, answer = thread.submit(asyncio.run, _asked(inquiry)).result()
    except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError):
        return Readiness(ready=False, reason=UNREACHABLE)
    reason = _reason(status, answer, name, inquiry)
    if reason is None:
        return Readiness(ready=True)
    return Readiness(ready=False, reason=reason.format(model=options.model, status=status))


async def _asked(inquiry: Inquiry) -> tuple[int, Any]:
    """Return the status and the JSON of the answer, None where it is none.

    Raises:
        httpx2.HTTPError, httpx2.InvalidURL, TimeoutError: There is no answer, in time and in size.
    """
    import httpx2

    method = "GET" if inquiry.body is None else "POST"
    content = bytearray()
    # the client's own limit begins anew with each piece of an answer
    async with (
        asyncio.timeout(LONGEST),
        httpx2.AsyncClient(timeout=LONGEST) as client,
        client.stream(
            method, inquiry.url, headers=dict(inquiry.headers), content=inquiry.body
        ) as response,
    ):
        async for chunk in response.aiter_bytes():
            content += chunk
            if len(content) > MAX_ANSWER:
                raise TimeoutError
        try:
            return response.status_code, json.loads(content)
        except (ValueError, RecursionError):
            return response.status_code, None


def _reason(status: int, answer: Any, name: str, inquiry: Inquiry) -> str | None:
    """Return why the model cannot be used, None where nothing is known against it."""
    if status in (401, 403) or (status == 400 and "API_KEY_INVALID" in json.dumps(answer)):
        return REFUSED
    if status == 404:
        # a proxy without this address says so in a form of its own
        return UNKNOWN if isinstance(answer, dict) and _is_error(answer) else None
    if status >= 500 and status != 501:
        return AWAY
    if status != 200:
        return None
    try:
        return inquiry.doubt(answer, name)
    except (TypeError, LookupError, AttributeError):
        return None


def _is_error(answer: Mapping[str, Any]) -> bool:
    """Return whether an answer is an error in the form of one of the APIs."""
    return bool(answer.get("error")) or answer.get("object") == "error"


# https://ai.google.dev/api/models#method:-models.get
def _google(name: str, options: ModelOptions) -> Inquiry:
    return Inquiry(
        url=f"{options.base_url}/v1beta/models/{name}",
        headers={"x-goog-api-key": options.api_key},
        doubt=lambda answer, _: (
            None
            if "generateContent" in answer.get("supportedGenerationMethods", ["generateContent"])
            else UNKNOWN
        ),
    )


# https://platform.openai.com/docs/api-reference/models/retrieve
def _openai(name: str, options: ModelOptions) -> Inquiry:
    return Inquiry(url=f"{options.base_url}/models/{name}", headers=_bearer(options.api_key))


# https://learn.microsoft.com/azure/ai-foundry/openai/latest: it lists models, and our name is a deployment's.
def _azure(_name: str, options: ModelOptions) -> Inquiry:
    return Inquiry(url=f"{options.base_url}/models", headers={"api-key": options.api_key})


# https://platform.claude.com/docs/en/api/models/retrieve
def _anthropic(name: str, options: ModelOptions) -> Inquiry:
    return Inquiry(
        url=f"{options.base_url}/v1/models/{name}",
        headers={"x-api-key": options.api_key, "anthropic-version": "2023-06-01"},
        doubt=lambda answer, _: (
            BLIND if answer["capabilities"]["image_input"]["supported"] is False else None
        ),
    )


# https://docs.mistral.ai/api/endpoint/models
def _mistral(name: str, options: ModelOptions) -> Inquiry:
    return Inquiry(
        url=f"{options.base_url}/models/{name}",
        headers=_bearer(options.api_key),
        doubt=lambda answer, _: BLIND if answer["capabilities"]["vision"] is False else None,
    )


# https://openrouter.ai/docs/api/api-reference/endpoints/list-endpoints
def _openrouter(name: str, options: ModelOptions) -> Inquiry:
    return Inquiry(
        url=f"{options.base_url}/models/{name}/endpoints",
        headers=_bearer(options.api_key),
        doubt=lambda answer, _: (
            None if "image" in answer["data"]["architecture"]["input_modalities"] else BLIND
        ),
    )


# https://platform.openai.com/docs/api-reference/models/list: vLLM and LM Studio list what they serve.
def _openai_chat(_name: str, options: ModelOptions) -> Inquiry:
    return Inquiry(
        url=f"{options.base_url}/models",
        headers=_bearer(options.api_key),
        doubt=lambda answer, name: (
            None if name in {model["id"] for model in answer["data"]} else UNKNOWN
        ),
    )


# https://docs.ollama.com/api-reference/show-model-details
def _ollama(name: str, options: ModelOptions) -> Inquiry:
    return Inquiry(
        url=f"{(options.base_url or '').removesuffix('/v1')}/api/show",
        headers={"content-type": "application/json"} | _bearer(options.api_key),
        body=json.dumps({"model": name}).encode(),
        doubt=lambda answer, _: None if "vision" in answer["capabilities"] else BLIND,
    )


def _bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"} if key else {}


INQUIRIES: dict[str, Callable[[str, ModelOptions], Inquiry]] = {
    # Vertex AI tells nothing of a model to who shows an API key.
    "google": _google,
    "openai": _openai,
    "azure": _azure,
    "anthropic": _anthropic,
    "mistral": _mistral,
    "openrouter": _openrouter,
    "openai-chat": _openai_chat,
    "openai-chat-pdf": _openai_chat,
    "ollama": _ollama,
}
