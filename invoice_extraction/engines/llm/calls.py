"""Ask a model one question, with bounded tries."""

import asyncio
import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx2
import msgspec
from pydantic_ai import BinaryContent
from pydantic_ai.direct import model_request
from pydantic_ai.exceptions import AgentRunError, UserError
from pydantic_ai.messages import ModelRequest, ModelResponse, UserPromptPart
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.output import OutputObjectDefinition
from pydantic_ai.settings import ModelSettings

from invoice_extraction.engines.llm.answers import read_answer
from invoice_extraction.engines.llm.clients import CLIENTS
from invoice_extraction.engines.llm.failures import Failure, check_finish, failure_of
from invoice_extraction.engines.llm.prices import price_of
from invoice_extraction.engines.llm.prompt import instructions
from invoice_extraction.engines.llm.providers import find_provider
from invoice_extraction.engines.llm.questions import Question
from invoice_extraction.engines.llm.wire import WireAnswer, json_schema
from invoice_extraction.errors import EngineError, EngineTimeout, InvalidModelOutput, ModelError
from invoice_extraction.model.calls import Call, Outcome
from invoice_extraction.model.options import ModelOptions
from invoice_extraction.model.reading import Usage

if TYPE_CHECKING:
    from pydantic_ai.models import Model

MAX_INVALID = 2
"""Answers that may be invalid: one more try, since the next answer is drawn anew."""
LONGEST_WAIT = 10.0
"""Seconds to wait for the next try; who has to wait longer is told so and keeps no thread busy."""
FIRST_WAIT = 0.5
"""Seconds before the second try where the provider names none; doubled before the third."""
JITTER = 0.5
"""Seconds, at most, on top: calls that were turned away together do not come back together."""

GRACE = 0.5
"""Seconds that a client has to tell of its own limit of time before ours ends the call."""
THOUGHT_TOKENS = 1_000
"""Tokens that a model is expected to think with before it answers; they count as the answer's."""
OVERHEAD_TOKENS = 3_000
"""Tokens of the rules and the schema without own fields, at the most."""
CHARACTERS = 3
"""Characters of a token, at the least, in own fields and in words that ask."""

_NOTHING = Decimal()
_UNREADABLE = (httpx2.HTTPError, ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What comes through where the providers' clients cannot make a reply out of the bytes they got."""

_RANDOM = secrets.SystemRandom()


@dataclass(frozen=True, slots=True)
class Answered:
    """A valid answer, what all tries for it cost, and whether it is kept."""

    answer: WireAnswer
    usage: Usage
    kept: bool


@dataclass(frozen=True, slots=True)
class _Told:
    """What is kept of an answer: its text, and what it cost who asked for it."""

    text: str
    usage: Usage


def recall(question: Question, options: ModelOptions, *, only_own: bool = False) -> Answered | None:
    """Return the answer that is kept from an earlier call; None where there is none that is valid.

    Who paid for it earlier is told its cost, as if it came just now; to all others it is free, or with
    `only_own` not there.
    """
    if options.memory is None:
        return None
    kept = options.memory.recall(question.key(options.model), only_own=only_own)
    if kept is None:
        return None
    try:
        told = msgspec.json.decode(kept.answer, type=_Told)
        answer = read_answer(told.text)
    except (msgspec.DecodeError, InvalidModelOutput):
        return None
    usage = replace(told.usage, paid=0) if kept.own else Usage(cost="0", cached=True)
    return Answered(answer, usage, kept=True)


def ask(question: Question, options: ModelOptions, *, most: int) -> Answered:
    """Return the model's answer, asked for in `most` calls at the most; the calling thread waits for it.

    No try begins later than `options.timeout` after the first, so that a document takes twice that at
    the most, and one that hangs is not sent again.

    Raises:
        EngineError: No try gave a valid answer; the error is the last try's, or that of the gate that
            let none through. Its `spent` is what all tries cost.
    """
    made: list[Usage] = []
    try:
        answer, text = _ask(question, options, most, made)
    except EngineError as error:
        error.spent = sum(made, Usage())
        raise
    usage = sum(made, Usage())
    return Answered(answer, usage, kept=_keep(question, options, _Told(text, usage)))


def _ask(
    question: Question, options: ModelOptions, most: int, made: list[Usage]
) -> tuple[WireAnswer, str]:
    """Return the answer and its text; `made` gets what each try cost, also where none is valid."""
    latest = time.monotonic() + options.timeout
    call = _estimate(question, options)
    invalid = 0
    before: Failure | None = None
    for number in range(1, most + 1):
        ticket = _enter(options, call, before)
        outcome = Outcome(tokens=0, cost=_NOTHING)
        usage = Usage(calls=1, cost="0")
        try:
            response = CLIENTS.run(options, lambda model: _request(model, question, options))
            outcome = _taken(response, call, options)
            usage = _usage(response, options)
            check_finish(response)
            text = response.text or ""
            answer = read_answer(text)
        except InvalidModelOutput as exc:
            failure = Failure(exc, passing=True)
        except ModelError as exc:
            failure = Failure(exc)
        except (AgentRunError, UserError, TimeoutError, *_UNREADABLE) as exc:
            failure = failure_of(exc, options)
            outcome = _failed(failure, call)
            if failure.billed:  # for how much is not known
                usage = Usage(calls=1, paid=1)
        else:
            return answer, text
        finally:
            made.append(usage)
            if options.gate and ticket is not None:
                options.gate.leave(ticket, outcome)
        invalid += isinstance(failure.error, InvalidModelOutput)
        wait = _pause(failure, number)
        if number == most or invalid == MAX_INVALID or wait is None:
            break
        if time.monotonic() + wait >= latest:
            break
        time.sleep(wait)
        before = failure
    raise failure.error


def _enter(options: ModelOptions, call: Call, before: Failure | None) -> str | None:
    """Return the gate's ticket, None where there is no gate; `before` is how the last try failed.

    Raises:
        ModelError: The gate's refusal; or the last try's error, where that try may have been paid: a
            refusal is waited for, and the same would be paid again and again.
    """
    try:
        return options.gate.enter(call) if options.gate else None
    except ModelError:
        paid = before is not None and isinstance(before.error, InvalidModelOutput | EngineTimeout)
        if before is None or not (paid and before.reached):
            raise
    raise before.error


def _estimate(question: Question, options: ModelOptions) -> Call:
    """Return what a call is expected to take, and what it can cost at the most.

    A budget is never passed, so it holds the price of the longest answer; a minute's tokens are counted
    anew when the call has ended, and would be held up for nothing by as many.
    """
    provider, name = find_provider(options)
    own = len(json.dumps(question.fields)) if question.fields else 0
    told = (own + len(question.text)) // CHARACTERS
    asked = OVERHEAD_TOKENS + told + question.pages * provider.page_tokens
    kind = options.model.partition(":")[0]
    answered = min(THOUGHT_TOKENS + question.tokens, options.max_output_tokens)
    return Call(
        model=options.model,
        size=question.size,
        tokens=asked + answered,
        cost=price_of(kind, name, asked, options.max_output_tokens),
    )


def _taken(response: ModelResponse, call: Call, options: ModelOptions) -> Outcome:
    """Return what an answered call took: as estimated where the reply does not tell it."""
    if not response.usage.total_tokens:
        return Outcome(tokens=call.tokens, cost=call.cost)
    return Outcome(tokens=response.usage.total_tokens, cost=_price(response, options))


def _failed(failure: Failure, call: Call) -> Outcome:
    """Return what a call took that was not answered.

    One that the provider did not answer in time may still be billed: it counts as it was estimated.
    """
    error = failure.error if isinstance(failure.error, ModelError) else None
    if failure.billed:
        return Outcome(tokens=call.tokens, cost=call.cost, error=error)
    return Outcome(tokens=0, cost=_NOTHING, error=error, reached=failure.reached)


async def _request(model: "Model", question: Question, options: ModelOptions) -> ModelResponse:
    # The direct interface: one call is one request, so that our own bound holds for every provider.
    # An agent would send its complaint about an invalid answer along with the whole document again.
    message = ModelRequest(
        parts=[UserPromptPart(content=[*_content(question), question.text])],
        instructions=instructions(),
    )
    settings = ModelSettings(
        thinking="low",
        max_tokens=options.max_output_tokens,
        timeout=options.timeout,
        request_timeout=options.timeout,
        max_retries=0,
    )
    # The clients' own limit begins anew with each piece of a reply that comes.
    async with asyncio.timeout(options.timeout + GRACE):
        return await model_request(
            model,
            [message],
            model_settings=settings,
            model_request_parameters=_output(question),
            instrument=False,
        )


def _content(question: Question) -> Iterator[str | BinaryContent]:
    """Yield the file itself, or the pictures of its pages, each after its number."""
    for part in question.parts:
        if part.page is not None:
            yield f"Page {part.page}:"
        yield BinaryContent(data=part.data, media_type=part.media_type)


def _output(question: Question) -> ModelRequestParameters:
    schema = json_schema(question.fields)
    definition = OutputObjectDefinition(json_schema=schema, name="answer", strict=True)
    return ModelRequestParameters(
        output_mode="native", output_object=definition, allow_text_output=False
    )


def _pause(failure: Failure, call: int) -> float | None:
    """Return how many seconds to wait before the next try; None where there is to be none."""
    if not failure.passing:
        return None
    told: Any = getattr(failure.error, "retry_after", None)
    wait: float = FIRST_WAIT * 2 ** (call - 1) if told is None else told
    return None if wait > LONGEST_WAIT else wait + _RANDOM.uniform(0, JITTER)


def _usage(response: ModelResponse, options: ModelOptions) -> Usage:
    cost = _price(response, options) if response.usage.total_tokens else None
    return Usage(
        calls=1,
        input_tokens=response.usage.input_tokens,
        output_tokens=response.usage.output_tokens,
        cost=None if cost is None else format(cost, "f"),
        paid=1,
    )


def _keep(question: Question, options: ModelOptions, told: _Told) -> bool:
    """Keep an answer, and return whether it is kept."""
    if options.memory is None:
        return False
    plain = replace(told, text=told.text.encode(errors="replace").decode())
    return options.memory.keep(question.key(options.model), msgspec.json.encode(plain))


def _price(response: ModelResponse, options: ModelOptions) -> Decimal | None:
    try:
        return response.cost().total_price
    except (LookupError, ValueError):
        # Behind a proxy the provider is told by our setting alone.
        kind, _, name = options.model.partition(":")
        usage = response.usage
        asked, answered = usage.input_tokens, usage.output_tokens
        return price_of(kind, response.model_name or name, asked, answered)
