"""The web page: the inbox, the review page of a document, and their style and scripts.

Rendered here from the rows as they are; scripts only send files, follow jobs and draw boxes.
"""

import json
import re
import shlex
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from functools import cache, partial
from pathlib import Path, PurePosixPath
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode

from anyio import to_thread
from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from app.access import COOKIE, LANGUAGE, LOGIN, LOGOUT, LOOK
from app.deps import CanRead, DocumentsDep, JobsDep, KeysDep, ServicesDep, TaskId, get_task_id
from app.errors import STATUS, NotFound, RequestTooLarge, framework_error
from app.filters import MAX_QUESTION
from app.languages import CHOICE, LANGUAGES, VARY, Language, habits_of, language_of
from app.routes.pages.beside import likest, pairs
from app.routes.pages.deeds import told
from app.routes.pages.labels import ORDERS
from app.routes.pages.readings import compared, facts
from app.routes.pages.review import TYPES, are_amounts, marks_of, views_of
from app.routes.pages.settings import shown
from app.routes.pages.summary import EXPORTED, SHOWN, summary_of
from app.routes.pages.wording import deed_of, icon_of, in_fours, provider_of, size_text, state_of
from app.submission import ENGINE_NAMES
from invoice_extraction.intake import PAGELESS
from invoice_extraction.model.extraction import Extraction
from service.errors import Expired, InvalidKey, ServiceError, UnknownTask
from service.jobs import Jobs
from service.store.base import Filter, Job, Sort, Store

APP = Path(__file__).parents[2]
STATIC = APP / "static"
SAMPLES = APP.parent / "samples" / "files"
"""Our own sample documents, offered on the first visit; the folder may be absent."""

OFFERED = {".pdf", ".xml", ".jpg"}

MAX_FORM = 4096
"""Bytes of the form that a key is typed into."""

_OURS = re.compile(r"/(?![/\\])[^\s\\]{0,500}", re.ASCII)

ROWS = 50
"""Documents on one page of the inbox."""

MANY = 1000
"""Documents of one kind that are counted; beyond it the inbox says so."""

LOOKS = 100
"""Documents that need a look and are counted on the page of one, beyond it says "at least"; and of those that
wait, so many are told their place."""

HEADERS = {"Cache-Control": "no-store"}

LOOKS_LIKE = ("system", "light", "dark")
"""How the page can look; what a reader chooses is kept in the cookie "look"."""

YEAR = 365 * 24 * 3600


@cache
def _environment(language: Language) -> Environment:
    """Return the templates in a language."""
    environment = Environment(
        loader=FileSystemLoader(APP / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "sort_keys": True}
    environment.install_gettext_translations(language.texts, newstyle=True)  # type: ignore[attr-defined]
    environment.filters["size"] = partial(size_text, language=language)
    environment.filters["json"] = partial(json.dumps, indent=1, ensure_ascii=False)
    environment.filters["told"] = language.told
    environment.filters["amount"] = language.amount
    environment.filters["in_fours"] = in_fours
    environment.globals["are_amounts"] = are_amounts
    environment.globals["state_of"] = partial(state_of, language=language)
    environment.globals["summary_of"] = summary_of
    environment.globals["deed_of"] = deed_of
    environment.globals["icon_of"] = icon_of
    environment.globals["language"] = language
    environment.globals["languages"] = LANGUAGES
    return environment


def install(app: FastAPI) -> None:
    """Add the pages and their static files to the application, and a page for where there is nothing."""
    app.include_router(router)
    page: Callable[..., Coroutine[Any, Any, Response]] = _nothing_here
    app.add_exception_handler(404, page)
    if SAMPLES.is_dir():
        app.mount("/static/samples", Revalidated(directory=SAMPLES), name="samples")
    app.mount("/static", Revalidated(directory=STATIC), name="static")


class Revalidated(StaticFiles):
    """Static files that browsers ask for again each time, by ETag: modules import one another by name."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        """Return the file, or 304."""
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "no-cache"
        return response


class PageRoute(APIRoute):
    """A route whose errors are pages too."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, which turns an error of the service into a page."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await handler(request)
            except ServiceError as error:
                return _error_page(request, error)

        return handle


router = APIRouter(
    route_class=PageRoute, include_in_schema=False, default_response_class=HTMLResponse
)


@router.get("/")
def inbox(
    request: Request,
    caller: CanRead,
    services: ServicesDep,
    cursor: Annotated[str | None, Query()] = None,
    show: Annotated[str, Query()] = "all",
    q: Annotated[str, Query(max_length=MAX_QUESTION)] = "",
    sort: Annotated[str, Query()] = "-received",
) -> Response:
    """Return the inbox: where files are dropped, and the documents that are asked for, in the order that is."""
    chip = show if show in SHOWN else "all"
    asked = replace(SHOWN[chip], text=q.strip())
    order: Sort = next(
        (one for ways in ORDERS.values() for one in ways if one == sort), "-received"
    )
    store = services.jobs.store
    try:
        page = store.newest(
            caller.tenant,
            limit=ROWS,
            cursor=cursor,
            asked=asked,
            whole=True,
            sort=order,
        )
    except ValueError:
        raise UnknownTask("This link to older documents is not valid.") from None
    return _page(
        request,
        "inbox.html",
        jobs=page.jobs,
        next=page.next,
        first=cursor is None,
        shown=chip,
        question=asked.text,
        order=order,
        orders=ORDERS,
        counts=_counts(store, caller.tenant),
        ahead=_ahead(store, caller.tenant),
        can_write="write" in caller.scopes,
        exported=EXPORTED.get(chip),
        limits=services.options.limits,
        settings=services.settings,
        provider=provider_of(services.options.model, language_of(request)),
        samples=_samples(),
    )


@router.get("/settings")
def settings(request: Request, caller: CanRead, services: ServicesDep) -> Response:
    """Return the settings: engines, budgets and limits; for an admin keys and webhooks too."""
    return _page(request, "settings.html", **shown(caller, services, language_of(request)))


@router.get(LOGIN)
def login(request: Request, next: str = "/") -> Response:  # the parameter's name
    """Return the page that asks for a key; in open mode none is needed."""
    if request.state.caller is not None:
        return RedirectResponse("/", 303)
    return _page(request, "login.html", next=_path(next), refused=None)


@router.post(LOGIN)
async def log_in(request: Request, keys: KeysDep) -> Response:
    """Keep the key in a cookie that no script can read, and go on to where the person was headed."""
    fields = await _short_form(request)
    key, target = fields.get("key", "").strip(), _path(fields.get("next", "/"))
    try:
        await to_thread.run_sync(keys.recognise, key)
    except InvalidKey as error:
        here = f"{LOGIN}?{urlencode({'next': target})}"
        return _page(request, "login.html", 401, next=target, refused=error, here=here)
    response = RedirectResponse(target, 303, HEADERS)
    secure = request.url.scheme == "https"
    response.set_cookie(COOKIE, key, httponly=True, samesite="strict", secure=secure)
    return response


@router.post(LOGOUT)
async def log_out() -> Response:
    """Forget the key."""
    response = RedirectResponse(LOGIN, 303, HEADERS)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return response


async def _short_form(request: Request) -> dict[str, str]:
    """Return the fields of a form of a few hundred bytes; no more of it is read."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM:
            raise RequestTooLarge("The form is larger than a key can be.")
    return dict(parse_qsl(body.decode("ascii", "replace")))


def _path(target: str) -> str:
    """Return a path of ours; anything else could lead to another site."""
    return target if _OURS.fullmatch(target) else "/"


@router.get(f"{LANGUAGE}{{code}}")
def choose(request: Request, code: str, next: str = "/") -> Response:  # the parameter's name
    """Keep the language that the reader chose, and go back to where they were."""
    return _kept(request, CHOICE, code if code in LANGUAGES else None, next)


@router.get(f"{LOOK}{{name}}")
def choose_look(request: Request, name: str, next: str = "/") -> Response:  # the parameter's name
    """Keep whether the reader wants the page light, dark or as the system is, and go back to where they were."""
    return _kept(request, "look", name if name in LOOKS_LIKE else None, next)


def _kept(request: Request, cookie: str, choice: str | None, target: str) -> Response:
    """Return the way back, with a choice to be remembered; None is none."""
    response = RedirectResponse(_path(target), 303, HEADERS)
    if choice is not None:
        secure = request.url.scheme == "https"
        response.set_cookie(cookie, choice, YEAR, httponly=True, samesite="lax", secure=secure)
    return response


@router.get("/documents/rows")
def rows(
    request: Request,
    caller: CanRead,
    jobs: JobsDep,
    ids: Annotated[str, Query(pattern=r"^([0-9a-f]{32}(,[0-9a-f]{32}){0,99})?$")],
) -> Response:
    """Return the inbox's rows of up to 100 jobs (ids with commas between), and how many there are now.

    How many are before each that waits is told of others too: their rows stay, and that changes. Unknown ones are left out.
    """
    found = []
    for job_id in filter(None, ids.split(",")):
        with suppress(UnknownTask, Expired):
            found.append(jobs.get(caller.tenant, job_id))
    return _page(
        request,
        "rows.html",
        jobs=found,
        counts=_counts(jobs.store, caller.tenant),
        ahead=_ahead(jobs.store, caller.tenant),
        can_write="write" in caller.scopes,
    )


def _counts(store: Store, tenant: str) -> dict[str, str]:
    """Return how many documents each chip shows, for a person ("12", "999+")."""
    found = {name: store.number(tenant, asked, MANY) for name, asked in SHOWN.items()}
    return {name: f"{MANY - 1}+" if count == MANY else str(count) for name, count in found.items()}


def _ahead(store: Store, tenant: str) -> dict[str, int]:
    """Return how many documents of the tenant are read before each that waits, by its id; of those next in turn."""
    page = store.newest(tenant, limit=LOOKS, asked=Filter(status="PENDING"), sort="received")
    return {job.id: place for place, job in enumerate(page.jobs)}


@router.get("/documents/{task_id}")
def document(
    request: Request, caller: CanRead, jobs: JobsDep, documents: DocumentsDep, task_id: TaskId
) -> Response:
    """Return the review page of a document; how far it is, or why it failed."""
    job = jobs.get(caller.tenant, task_id)
    extraction = Extraction.model_validate_json(job.extraction) if job.extraction else None
    as_read = Extraction.model_validate_json(job.as_read) if job.as_read else None
    is_confirmed = job.decision == "confirmed"
    language = language_of(request)
    views = views_of(extraction, as_read, language, confirmed=is_confirmed) if extraction else []
    waiting = _waiting(jobs, caller.tenant, job.id) if extraction else []
    return _page(
        request,
        "document.html",
        job=job,
        extraction=extraction,
        pageless=job.media_type in PAGELESS,
        views=views,
        marks=marks_of(views),
        waiting=waiting,
        history=[told(deed, language) for deed in documents.history(job)],
        earlier=documents.earlier(job) is not None,
        engines=ENGINE_NAMES,
        types=TYPES,
        commands=_commands(job, str(request.base_url).rstrip("/")),
        download=f"{PurePosixPath(job.filename).stem}.json",
    )


async def _other_id(other: str) -> str:
    return await get_task_id(other)


OtherId = Annotated[str, Depends(_other_id)]


@router.get("/documents/{task_id}/beside/{other}")
def beside(
    request: Request, caller: CanRead, jobs: JobsDep, task_id: TaskId, other: OtherId
) -> Response:
    """Return two documents side by side, with what they say differently; the first alone where one says nothing."""
    both = [jobs.get(caller.tenant, one) for one in (task_id, other)]
    read = [Extraction.model_validate_json(job.extraction) for job in both if job.extraction]
    if not all(extraction.invoices for extraction in read) or len(read) < len(both):
        return RedirectResponse(f"/documents/{task_id}", 303, HEADERS)
    left, right = (views_of(extraction, None, language_of(request)) for extraction in read)
    compared = pairs(likest(left, right), likest(right, left))
    return _page(
        request,
        "beside.html",
        sides=[
            {"job": job, "has_page": bool(extraction.pages) or job.media_type in PAGELESS}
            for job, extraction in zip(both, read, strict=True)
        ],
        pairs=compared,
        differing=sum(not pair.same for pair in compared),
    )


@router.get("/documents/{task_id}/earlier")
def earlier(
    request: Request, caller: CanRead, jobs: JobsDep, documents: DocumentsDep, task_id: TaskId
) -> Response:
    """Return what a document said before it was read again, beside what it says now, where it says anything."""
    job = jobs.get(caller.tenant, task_id)
    before = documents.earlier(job)
    if before is None:
        return RedirectResponse(f"/documents/{task_id}", 303, HEADERS)
    language = language_of(request)
    texts = {language.say("Earlier"): before, language.say("Now"): job.extraction}
    read = {title: Extraction.model_validate_json(text) for title, text in texts.items() if text}
    views = [views_of(extraction, None, language) for extraction in read.values()]
    invoices = compared(views, language)
    return _page(
        request,
        "readings.html",
        job=job,
        titles=list(read),
        facts=facts(list(read.values()), language),
        invoices=invoices,
        differing=sum(len(one.differing) + one.more for one in invoices),
    )


def _waiting(jobs: Jobs, tenant: str, job_id: str) -> list[str]:
    """Return the ids of other documents that need a look: those sent before this one, then those after it."""
    page = jobs.newest(tenant, limit=LOOKS, asked=Filter(status="SUCCESS", needs_review=True))
    ids = [job.id for job in page.jobs]
    place = ids.index(job_id) if job_id in ids else -1
    return [*ids[place + 1 :], *ids[: max(place, 0)]]


def _commands(job: Job, base: str) -> list[str]:
    """Return the same call as shell commands; quotes in the file's name are escaped as curl's form wants it."""
    name = job.filename.replace("\\", "\\\\").replace('"', '\\"')
    part = shlex.quote(f'files=@"{name}"')
    return [
        f"curl -F {part} {base}/extract-invoice",
        f"curl {base}/status/{job.id}",
    ]


def _samples() -> list[str]:
    """Return the names of the sample documents that are there."""
    return sorted(path.name for path in SAMPLES.glob("*") if path.suffix in OFFERED)


def _page(request: Request, template: str, status: int = 200, **values: object) -> Response:
    language = language_of(request)
    look = request.cookies.get("look")
    query = f"?{request.url.query}" if request.url.query else ""
    values.setdefault("here", f"{request.url.path}{query}")
    text = (
        _environment(language)
        .get_template(template)
        .render(
            values,
            csrf=request.state.csrf,
            habits=habits_of(request, language.code),
            look=look if look in LOOKS_LIKE else "system",
        )
    )
    return HTMLResponse(text, status, HEADERS | {"Content-Language": language.code, "Vary": VARY})


async def _nothing_here(request: Request, error: HTTPException) -> Response:
    """Return a page where a browser asks for one, else what programs are told."""
    if request.method != "GET" or "text/html" not in request.headers.get("accept", ""):
        return await framework_error(request, error)
    return _error_page(request, NotFound("There is no page at this address."))


def _error_page(request: Request, error: ServiceError) -> Response:
    status = STATUS[type(error)]
    response = _page(
        request, "error.html", status, code=status, error=error, id=request.state.request_id
    )
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response
