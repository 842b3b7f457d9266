"""The reference in the service itself: its calls with examples, a form to try one, and its errors.

Rendered here from the OpenAPI document and the classes of errors; no script, nothing from elsewhere.
"""

import inspect
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, StrictUndefined

from app.description import describe
from app.errors import STATUS, RequestError
from invoice_extraction.errors import ExtractionError
from service.errors import ServiceError

router = APIRouter(prefix="/docs", include_in_schema=False)

BASES = frozenset({ExtractionError, ServiceError, RequestError})
"""Errors that only stand above others."""

_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.55 system-ui, sans-serif; max-width: 52rem; margin: 0 auto; padding: 2rem 1rem;
  overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2.5rem; }
code, pre { font: .9em/1.5 ui-monospace, monospace; }
pre { padding: .8rem 1rem; white-space: pre-wrap; background: color-mix(in srgb, currentColor 8%, transparent);
  border-radius: 6px; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; vertical-align: top; padding: .35rem .8rem .35rem 0; overflow-wrap: break-word; }
td:last-child { overflow-wrap: anywhere; }
label { display: block; margin: .6rem 0; } input, select { font: inherit; max-width: 100%; }
a { color: inherit; }
:target { outline: 2px solid; outline-offset: .4rem; }
""".lstrip()

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<link rel="stylesheet" href="/docs/style.css">
<main>
<h1>{{ title }}</h1>
"""

_CALLS = (
    _PAGE
    + """<p>{{ summary }} The same as a file: <a href="/openapi.json">openapi.json</a>.
Every error is a problem with a stable code: <a href="/docs/errors">errors</a>.</p>
{% for call in calls %}
<section id="{{ call.id }}">
<h2><code>{{ call.method }} {{ call.path }}</code></h2>
{% for text in call.texts %}<p>{{ text }}</p>
{% endfor %}
{% if call.fields %}<table>
{% for field in call.fields %}<tr><th><code>{{ field.name }}</code></th>
<td>{{ field.place }}{{ ", required" if field.required }}</td><td>{{ field.text }}</td></tr>
{% endfor %}</table>{% endif %}
<pre>{{ call.example }}</pre>
<p>Answers: {% for status in call.statuses %}<code>{{ status }}</code> {% endfor %}</p>
{% if call.form %}<form method="post" action="{{ call.path }}" enctype="multipart/form-data">
{% for field in call.fields if field.place == "form" %}<label>{{ field.name }}
{% if field.choices %}<select name="{{ field.name }}">
{% for value in field.choices %}<option>{{ value }}</option>{% endfor %}</select>
{% elif field.is_file %}<input type="file" name="{{ field.name }}" multiple required>
{% elif field.is_switch %}<input type="checkbox" name="{{ field.name }}" value="true">
{% elif field.is_secret %}<input type="password" name="{{ field.name }}" autocomplete="off">
{% else %}<input name="{{ field.name }}">{% endif %}</label>
{% endfor %}<button>Send</button></form>{% endif %}
</section>
{% endfor %}
</main>
"""
)

_ERRORS = (
    _PAGE
    + """<p>The code is stable, in an answer and in a task's <code>error</code>.
<a href="/docs">All calls</a></p>
{% for error in errors %}
<section id="{{ error.code }}">
<h2><code>{{ error.code }}</code> <small>{{ error.status }}</small></h2>
<p>{{ error.title }}. {{ error.text }}</p>
<p>{{ error.hint }}</p>
</section>
{% endfor %}
</main>
"""
)

_environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)


@router.get("")
def calls(request: Request) -> Response:
    """Return the page of all calls."""
    found = describe(request.app)
    base = str(request.base_url).rstrip("/")
    operations = [
        _call(path, method, operation, base, forms=not request.state.csrf)
        for path, methods in found["paths"].items()
        for method, operation in methods.items()
    ]
    info = found["info"]
    return _page(_CALLS, title=info["title"], summary=info["summary"], calls=operations)


@router.get("/errors")
def errors() -> Response:
    """Return the page of all errors; the `type` of a problem leads to its place there."""
    return _page(_ERRORS, title="Errors", errors=listed_errors())


@router.get("/style.css")
async def style() -> Response:
    """Return the style of these pages."""
    return Response(_STYLE, media_type="text/css")


def listed_errors() -> list[dict[str, Any]]:
    """Return code, status, title, meaning and hint of each error; a code stands once, for its own class."""
    listed: dict[str, dict[str, Any]] = {}
    for kind, status in STATUS.items():
        # a base is never raised; one without a title of its own shares the code of a member
        if kind in BASES or "title" not in vars(kind):
            continue
        listed.setdefault(
            kind.code,
            {
                "code": kind.code,
                "status": status,
                "title": kind.title,
                "text": inspect.cleandoc(kind.__doc__ or ""),
                "hint": kind.hint,
            },
        )
    return list(listed.values())


def _page(template: str, **values: object) -> Response:
    return HTMLResponse(_environment.from_string(template).render(values))


def _call(
    path: str, method: str, operation: dict[str, Any], base: str, *, forms: bool
) -> dict[str, Any]:
    """Return what is shown of one call; its form where a plain one can be sent, without the page's token."""
    form = _form(operation)
    fields = [
        {
            "name": parameter["name"],
            "place": parameter["in"],
            "required": parameter["required"],
            "text": parameter.get("description", ""),
        }
        for parameter in operation.get("parameters", [])
    ]
    fields += [
        {
            "name": name,
            "place": "form",
            "required": name in form["required"],
            "text": schema["description"],
            "choices": schema.get("enum"),
            "is_file": schema["type"] == "array",
            "is_switch": schema["type"] == "boolean",
            "is_secret": schema.get("format") == "password",
        }
        for name, schema in form.get("properties", {}).items()
    ]
    shown = path.replace("{task_id}", "$TASK").replace("{page}", "1")
    verb = f"-X {method.upper()} " if method == "delete" else ""
    upload = "-F files=@invoice.pdf " if form else ""
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "texts": operation.get("description", "").split("\n\n"),
        "fields": fields,
        "form": form if forms else {},
        "example": f"curl {verb}{upload}{base}{shown}",
        "statuses": sorted(operation["responses"]),
    }


def _form(operation: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of the multipart form that a call takes; empty where it takes none."""
    content = operation.get("requestBody", {}).get("content", {})
    schema: dict[str, Any] = content.get("multipart/form-data", {}).get("schema", {})
    return schema
