"""What went wrong in a call to a model: `failure_of` maps the client library's errors to ours."""

import re
from dataclasses import dataclass

import httpx2
from pydantic_ai import exceptions as ai
from pydantic_ai.messages import ModelResponse

from invoice_extraction.errors import (
    EngineAuth,
    EngineError,
    EngineOverloaded,
    EngineRateLimited,
    EngineRefused,
    EngineTimeout,
    EngineTruncated,
    EngineUnavailable,
    InvalidModelOutput,
)
from invoice_extraction.model.options import ModelOptions

MAX_DETAIL = 300
SHORTEST_KEY = 8
"""Characters; a stand-in for a key, such as "k" for a local server, is part of any text."""
_BEFORE = frozenset({"pool", "connect"})
"""Phases of a request in which nothing of it has been sent."""
_TURNED_AWAY = frozenset({500, 501, 503, 529})
"""What providers themselves answer where they did no work; 502, 504 and the like are a proxy's."""
_UNREACHED = "The model's server cannot be reached."
_KEYS = re.compile(r"\b(?:AIza|AQ\.|sk-|key-)[\w.*-]{6,}")


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed try: our error, and whether the same request may succeed in a moment.

    `billed` is True where the provider may have worked on it nevertheless, `reached` False where there
    was no connection to it.
    """

    error: EngineError
    passing: bool = False
    billed: bool = False
    reached: bool = True


def failure_of(exc: Exception, options: ModelOptions) -> Failure:
    """Return the failure that an error of pydantic-ai or a provider's client stands for.

    The error keeps no reference to `exc`: its text holds the body of the provider's reply, which may
    repeat a key or the document, and a traceback would carry that into a log.
    """
    if isinstance(exc, TimeoutError):
        error = EngineTimeout(f"The model did not answer within {options.timeout:g} seconds.")
        return Failure(error, passing=True, billed=True)
    if isinstance(exc, ai.ModelAPIError):
        return _api_failure(exc, options)
    if isinstance(exc, ai.UserError):
        detail = _cleaned(exc.message, options)
        return Failure(
            EngineUnavailable(
                f"The model {options.model!r} cannot be used this way: {detail}",
                hint="Choose another model.",
            )
        )
    if isinstance(exc, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.PoolTimeout):
        return Failure(EngineTimeout(_UNREACHED), passing=True, reached=False)
    return Failure(
        InvalidModelOutput("The model's API replied in a form that is not its own."),
        passing=True,
        billed=True,
    )


def _api_failure(exc: ai.ModelAPIError, options: ModelOptions) -> Failure:
    wait = exc.retry_after
    told = _detail(exc, options)
    match exc:
        case ai.ModelQuotaExceededError():
            return Failure(
                EngineRateLimited(f"The quota for the model is used up{told}", retry_after=wait)
            )
        case ai.ModelRateLimitError():
            return Failure(
                EngineRateLimited(f"The provider limits the rate of calls{told}", retry_after=wait),
                passing=True,
            )
        case ai.ModelConnectionError() | ai.ModelRequestTimeout():
            reached = getattr(exc, "phase", None) not in _BEFORE
            error = _timeout(exc, options)
            return Failure(error, passing=True, billed=reached, reached=reached)
        case ai.ModelAuthenticationError():
            return Failure(EngineAuth(f"The provider refuses the key or its permissions{told}"))
        case ai.ModelNotFoundError():
            return Failure(
                EngineUnavailable(
                    f"The provider does not know the model {options.model!r}{told}",
                    hint="Correct LLM_MODEL, or LLM_BASE_URL where that is set.",
                )
            )
        case ai.ModelContextWindowExceededError():
            return Failure(
                EngineUnavailable(
                    f"The document is longer than the model can read{told}",
                    hint="Split the document, or choose another model.",
                )
            )
        case ai.ModelHTTPError(status_code=status) if status == 408:
            return Failure(_timeout(exc, options), passing=True, billed=True)
        case ai.ModelRequestRejectedError():
            return Failure(_rejected(told))
        case ai.ModelHTTPError(status_code=status) if status < 500:
            return Failure(_rejected(told))
        case _:
            # 5xx of the provider or of a proxy before it, and replies that are no JSON.
            return Failure(
                EngineOverloaded(
                    f"The provider cannot answer at the moment{told}", retry_after=wait
                ),
                passing=True,
                billed=getattr(exc, "status_code", None) not in _TURNED_AWAY,
            )


def _timeout(exc: ai.ModelAPIError, options: ModelOptions) -> EngineTimeout:
    if getattr(exc, "phase", None) in _BEFORE:
        message = _UNREACHED
    elif isinstance(exc, ai.ModelRequestTimeout | ai.ModelTimeoutError):
        message = f"The model did not answer within {options.timeout:g} seconds."
    else:
        message = "The connection to the model broke before its answer was there."
    return EngineTimeout(message, retry_after=exc.retry_after)


def _rejected(told: str) -> EngineUnavailable:
    return EngineUnavailable(
        f"The provider does not accept the request{told}",
        hint="Check LLM_MODEL and the file; if both are right, choose another engine or model.",
    )


def _detail(exc: ai.ModelAPIError, options: ModelOptions) -> str:
    """Return ": " and what the provider says, or "." where it says nothing for a person."""
    body = exc.body
    if isinstance(body, dict):
        inner = body.get("error", body)
        text = inner.get("message") if isinstance(inner, dict) else inner
        if isinstance(text, str) and text.strip() and "<" not in text:
            return ": " + _cleaned(text, options)
    return f" (HTTP {exc.status_code})." if isinstance(exc, ai.ModelHTTPError) else "."


def _cleaned(text: str, options: ModelOptions) -> str:
    if len(options.api_key) >= SHORTEST_KEY:
        text = text.replace(options.api_key, "[key]")
    text = _KEYS.sub("[key]", " ".join(text.split()))
    return text if len(text) <= MAX_DETAIL else text[: MAX_DETAIL - 1] + "…"


def check_finish(response: ModelResponse) -> None:
    """Check that the model ended its answer by itself.

    Raises:
        EngineRefused: The provider blocked the document or the answer.
        EngineTruncated: The answer reached the limit of tokens.
        InvalidModelOutput: There is no answer.
    """
    details = response.provider_details or {}
    reason = details.get("block_reason") or details.get("finish_reason")
    if response.finish_reason == "content_filter":
        raise EngineRefused(f"The provider blocked the document or the answer ({reason}).")
    if response.finish_reason == "length":
        raise EngineTruncated(
            "The model's answer reached its limit of tokens before it was complete."
        )
    if not (response.text or "").strip():
        raise InvalidModelOutput(f"The model gave no answer ({reason or 'no reason told'}).")
