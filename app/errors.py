"""Errors at the edge: the only table from an error to its HTTP status, and the RFC 9457 answer.

Refusals of a whole request stand here; those of one file are the library's, those of a job the service's.

* ServiceError
  + RequestError           a request that is refused as a whole
    - NoFiles                no_files
    - TooManyFiles           too_many_files
    - RequestTooLarge        request_too_large
    - MalformedRequest       malformed_request
    - NotMultipart           not_multipart
    - InvalidOption          invalid_option, with one entry in `errors` for each option
    - MissingKey             missing_key
    - ForbiddenScope         forbidden_scope
    - ForbiddenSession       forbidden_session
    - ForbiddenHost          forbidden_host
    - ForbiddenOrigin        forbidden_origin
    - NotFound               not_found: no such path
    - MethodNotAllowed       method_not_allowed
    - NoPage                 no_page: the document has no such page, or none at all
    - NoWords                no_words: the words of the page are not kept
    - NoEarlierReading       no_earlier_reading: the document was read once
    - MissingIfMatch         missing_if_match
    - ReaderBusy             reader_busy
"""

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import ClassVar

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match, Mount
from starlette.types import Scope

from app.headers import harden
from invoice_extraction import errors as library
from invoice_extraction.errors import ExtractionError
from service import errors as service
from service.errors import InternalError, ServiceError
from service.problems import problem


class RequestError(ServiceError):
    """Base of refusals of a whole request; nothing of it was kept."""

    code: ClassVar[str] = "request_error"
    title: ClassVar[str] = "The request is refused"


class NoFiles(RequestError):
    """The form holds no file."""

    code = "no_files"
    title = "There is no file in the request"
    hint = "Send one or more files in the form field `files`: curl -F files=@invoice.pdf URL."


class TooManyFiles(RequestError):
    """The form holds more files than the limit."""

    code = "too_many_files"
    title = "Too many files in one request"
    hint = "Send them in several requests; /v1/limits tells how many fit into one."


class RequestTooLarge(RequestError):
    """The body has more bytes than the limit."""

    code = "request_too_large"
    title = "The request is too large"
    hint = "Send fewer or smaller files in one request; /v1/limits tells the sizes."


class MalformedRequest(RequestError):
    """The request cannot be read as what it says it is."""

    code = "malformed_request"
    title = "The request cannot be read"
    hint = "Let an HTTP library build the form; see /docs for calls that work."


class NotMultipart(RequestError):
    """The body is of another content type than the form's."""

    code = "not_multipart"
    title = "The request is no multipart form"
    hint = "Send multipart/form-data with the form field `files`: curl -F files=@invoice.pdf URL."


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one option or parameter; `pointer` is `/name`."""

    pointer: str
    code: str
    detail: str


class InvalidOption(RequestError):
    """A form field or a parameter does not exist, or its value is not valid."""

    code = "invalid_option"
    title = "An option is not valid"
    hint = "Correct what `errors` names and send the request again."

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__(" ".join(error.detail for error in errors))
        self.errors = tuple(errors)


class MissingKey(RequestError):
    """The caller shows no key, and is not on this machine, or keys have been made."""

    code = "missing_key"
    title = "A key is needed"
    hint = (
        "Send it as `Authorization: Bearer KEY`. Who runs the service makes one by "
        "`python -m app keys create` (docs/keys.md)."
    )


class ForbiddenScope(RequestError):
    """The key is valid, but not for this."""

    code = "forbidden_scope"
    title = "The key does not allow this"
    hint = "Use a key with the scope that `detail` names: read, write or admin."


class ForbiddenSession(RequestError):
    """The key came in the page's cookie, but the page's token did not come with it."""

    code = "forbidden_session"
    title = "The request does not come from the page"
    hint = "Reload the page; programs send the key as `Authorization: Bearer KEY`, and no cookie."


class ForbiddenHost(RequestError):
    """The Host header names none of our names: a page of another site may be behind it."""

    code = "forbidden_host"
    title = "The service is not known by this name"
    hint = "Call it as localhost or 127.0.0.1, or add its name to ALLOWED_HOSTS."


class ForbiddenOrigin(RequestError):
    """A page of another origin sends the request."""

    code = "forbidden_origin"
    title = "Pages of other sites may not call this service"
    hint = "Call it from its own page or from a program; CORS_ORIGINS lists origins that may."


class NotFound(RequestError):
    """There is nothing at this path."""

    code = "not_found"
    title = "There is nothing here"
    hint = "See /docs for the paths there are."


class MethodNotAllowed(RequestError):
    """The path knows no such method."""

    code = "method_not_allowed"
    title = "This method is not possible here"
    hint = "The header Allow names the methods that are; see /docs."


class NoPage(RequestError):
    """The document has no page with that number, or no pages at all."""

    code = "no_page"
    title = "There is no such page"
    hint = "Pages are counted from 1; a bare e-invoice has none."


class NoWords(RequestError):
    """The words of the page are not kept: the document was not read yet, or has no such page."""

    code = "no_words"
    title = "There are no words of this page"
    hint = "Wait until the document is SUCCESS; a bare e-invoice has no pages, and so no words."


class NoEarlierReading(RequestError):
    """The document has no earlier reading: it was not read again."""

    code = "no_earlier_reading"
    title = "There is no earlier reading"
    hint = "A document has one after it was read, and then read again."


class MissingIfMatch(RequestError):
    """A change does not say which version of the document it is made to."""

    code = "missing_if_match"
    title = "If-Match is missing"
    hint = (
        "Send the ETag of the document that you read as If-Match, so that nobody's change is lost."
    )


class ReaderBusy(RequestError):
    """Other files are being read."""

    code = "reader_busy"
    title = "The page reader is busy"
    hint = "Send the request again after the time in Retry-After."
    retryable = True
    retry_after = 2


STATUS: Mapping[type[ExtractionError | ServiceError], int] = {
    # the request
    RequestError: 400,
    NoFiles: 422,
    TooManyFiles: 422,
    RequestTooLarge: 413,
    MalformedRequest: 400,
    NotMultipart: 415,
    InvalidOption: 422,
    MissingKey: 401,
    ForbiddenScope: 403,
    ForbiddenSession: 403,
    ForbiddenHost: 403,
    ForbiddenOrigin: 403,
    NotFound: 404,
    MethodNotAllowed: 405,
    NoPage: 404,
    NoWords: 404,
    NoEarlierReading: 404,
    MissingIfMatch: 428,
    ReaderBusy: 503,
    # the service
    ServiceError: 500,
    service.UnknownTask: 404,
    service.InvalidKey: 401,
    service.UnknownKey: 404,
    service.UnknownBatch: 404,
    service.UnknownWebhook: 404,
    service.WebhookConflict: 409,
    service.ForbiddenUrl: 422,
    service.Expired: 410,
    service.Conflict: 409,
    service.StorageFull: 507,
    service.ServiceUnavailable: 503,
    service.RateLimited: 429,
    service.QueueFull: 503,
    service.NoInvoice: 404,
    service.Stale: 412,
    service.IdempotencyMismatch: 422,
    service.IdempotencyInProgress: 409,
    service.Cancelled: 409,
    service.WorkerLost: 500,
    service.InternalError: 500,
    # one document, where it is read while the caller waits
    ExtractionError: 422,
    library.OptionError: 422,
    library.DocumentError: 422,
    library.EmptyFile: 422,
    library.UnsupportedType: 415,
    library.FileTooLarge: 413,
    library.CorruptFile: 422,
    library.PasswordRequired: 422,
    library.TooManyPages: 422,
    library.TooComplex: 422,
    library.BlankDocument: 422,
    library.PageUnreadable: 422,
    library.NotAnInvoice: 422,
    library.InvalidEInvoiceXML: 422,
    library.ReaderError: 422,
    library.ReaderCrashed: 422,
    library.ReaderTimeout: 422,
    # an engine
    library.EngineError: 502,
    library.NoEngineConfigured: 422,
    library.EngineUnavailable: 422,
    library.ModelError: 502,
    library.EngineAuth: 502,
    library.EngineRateLimited: 503,
    library.OwnLimit: 503,
    library.EngineOverloaded: 503,
    library.EngineTimeout: 504,
    library.EngineRefused: 422,
    library.EngineTruncated: 422,
    library.InvalidModelOutput: 502,
    library.BudgetExceeded: 402,
}
"""The HTTP status of each error; a test finds every error here."""

_FRAMEWORK: Mapping[int, type[RequestError]] = {
    404: NotFound,
    405: MethodNotAllowed,
    413: RequestTooLarge,
    415: NotMultipart,
}
_RETRY = 5
"""Seconds in Retry-After where an error that passes names none."""


_INVALID = ' error="invalid_token"'
"""RFC 6750, 3.1; where no key was shown at all it is left out."""


def answer(error: ExtractionError | ServiceError, scope: Scope) -> Response:
    """Return the problem+json answer of an error."""
    status = STATUS[type(error)]
    body = problem(error, request_id=scope.get("state", {}).get("request_id"))
    body |= {"status": status, "instance": scope["path"]}
    if isinstance(error, InvalidOption):
        body["errors"] = [asdict(entry) for entry in error.errors]
    response = Response(msgspec.json.encode(body), status, media_type="application/problem+json")
    response.headers["Cache-Control"] = "no-store"
    if status == 401:
        invalid = isinstance(error, service.InvalidKey)
        response.headers["WWW-Authenticate"] = f"Bearer{_INVALID if invalid else ''}"
    seconds = getattr(error, "retry_after", None)
    if seconds or status in {503, 504, 507}:
        seconds = seconds or _RETRY
        response.headers["Retry-After"] = str(math.ceil(seconds))
    return response


def add_error_handlers(app: FastAPI) -> None:
    """Answer every error as a problem, the framework's own too."""
    handlers: dict[type[Exception], Callable[..., Awaitable[Response]]] = {
        ExtractionError: _ours,
        ServiceError: _ours,
        HTTPException: framework_error,
        RequestValidationError: _invalid,
        Exception: _fault,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


async def _ours(request: Request, error: ExtractionError | ServiceError) -> Response:
    return answer(error, request.scope)


async def framework_error(request: Request, error: HTTPException) -> Response:
    """Return the answer to what the framework refuses."""
    kind = _FRAMEWORK.get(error.status_code, MalformedRequest)
    response = answer(kind(f"{request.method} {request.url.path}: {error.detail}."), request.scope)
    response.headers.update(error.headers or {})
    if error.status_code == 405 and (methods := _methods(request)):
        response.headers["Allow"] = ", ".join(methods)
    return response


def _methods(request: Request) -> list[str]:
    """Return the methods that the path knows; the framework tells those of its first route alone."""
    routes = [route for route in request.app.routes if not isinstance(route, Mount)]
    return [
        method
        for method in ("DELETE", "GET", "PATCH", "POST", "PUT")
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes
        )
    ]


async def _invalid(request: Request, error: RequestValidationError) -> Response:
    entries = []
    for found in error.errors():
        name = "/".join(str(part) for part in found["loc"][1:])
        detail = f"`{name}` is not valid: {found['msg']}."
        entries.append(FieldError(f"/{name}", found["type"], detail))
    return answer(InvalidOption(entries), request.scope)


async def _fault(request: Request, error: Exception) -> Response:
    """Return a 500 that tells nothing of the fault; the server logs it.

    It is sent from outside all other middleware, so the headers of every answer are set here.
    """
    fault = InternalError("The request could not be carried out because of a fault here.")
    fault.hint = "Report the request_id; the server's log says what happened."
    response = answer(fault, request.scope)
    harden(response.headers)
    response.headers["X-Request-ID"] = request.scope.get("state", {}).get("request_id", "")
    return response
