"""The command: `invoice-extract FILE... [--combine] [--engine NAME] [--format NAME] [-o PATH] [--server URL]`.

With `--server` a service reads the files (its key in INVOICE_API_KEY), and keeps them as any others.

`invoice-extract validate FILE... [--json]` reads e-invoices and says what is wrong with them: by the
official schemas and rules where there are some, and by our own checks.

Exit codes: 0 every file was read, or is valid; 1 a file could not be read; 2 the command is wrong; 3 an
engine or a model failed; 4 a file was read and is not valid (`validate` alone); 130 it was interrupted.
With several files the highest of theirs. A table (`--format csv`, lines, xlsx) of several files is one file.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from invoice_extraction.engines import ENGINES
from invoice_extraction.engines.llm.providers import model_options
from invoice_extraction.errors import DocumentError, EngineError, ExtractionError, OptionError
from invoice_extraction.export import FORMATS, Entry
from invoice_extraction.extract import ROUTES, extract
from invoice_extraction.intake.combined import combine
from invoice_extraction.model.extraction import Check, Extraction
from invoice_extraction.model.options import ModelOptions, Options
from invoice_extraction.sandbox.client import ReadersUnavailable

if TYPE_CHECKING:
    from invoice_extraction.client import ClientError

EXIT_CODES: dict[type[Exception], int] = {
    DocumentError: 1,
    OSError: 1,
    OptionError: 2,
    EngineError: 3,
    ExtractionError: 3,
    ReadersUnavailable: 3,
}

_FAILURES = (ExtractionError, OSError, ReadersUnavailable)

NOT_VALID = 4
"""The exit code for a file that was read, and fails a check."""

DEFAULT_MODEL = "google:gemini-3.8-flash"
TIMEOUT = 120.0
"""Seconds for one call to a model."""

LONGEST_WAIT = 86_400.0
"""Seconds for which a service's answer about a file is waited for: so long it tries itself."""

Reader = Callable[[Path], Entry]
"""Reads a file, or with `--combine` all of them, the first of which it is given."""


def main(argv: list[str] | None = None) -> int:
    """Run the command and return the exit code."""
    argv = sys.argv[1:] if argv is None else argv
    if argv[:1] == ["validate"]:
        return _validate(argv[1:])
    parser = _parser()
    args = parser.parse_args(argv)
    files: list[Path] = args.file
    form = FORMATS[args.format]
    several = len(files) > 1 and not args.combine
    together = several and form.is_table
    if several and args.output and not together:
        if args.output.exists() and not args.output.is_dir():
            parser.error("with several files -o names a folder")
        args.output.mkdir(parents=True, exist_ok=True)
        if len({path.name for path in files}) < len(files):
            parser.error("two files have the same name: their answers would have, too")
    try:
        reader = _there(args) if args.server else _here(args)
    except ImportError as error:
        parser.error(str(error))
    except KeyboardInterrupt:
        return 130
    worst = 0
    read: list[Entry] = []
    for number, path in enumerate(files[:1] if args.combine else files, 1):
        if several:
            print(f"[{number}/{len(files)}] {path}", file=sys.stderr)
        try:
            entry = reader(path)
            if together:
                read.append(entry)
            else:
                name = f"{path.name}.{form.extension}"
                _write(form.write(entry), name, args.output, several=several)
        except KeyboardInterrupt:
            return 130
        except _FAILURES as error:
            named = (isinstance(error, OSError) and error.filename) or path
            print(f"{named}: {_sentence(error)}", file=sys.stderr)
            worst = max(worst, _exit_code(error))
    if together and read:
        whole = b"".join(form.write_all(read))
        _write(whole, f"invoices.{form.extension}", args.output, several=False)
    return worst


def _here(args: argparse.Namespace) -> Reader:
    """Return what reads files in this program."""
    options = Options(
        engine=args.engine,
        isolate=True,
        pages=args.pages,
        password=args.password,
        model=_model(),
    )

    def read(path: Path) -> Entry:
        source = combine(args.file) if args.combine else path
        return Entry.of(extract(source, options), path.name)

    return read


def _there(args: argparse.Namespace) -> Reader:
    """Return what lets a service read files; all are sent before the first is waited for."""
    from invoice_extraction.client import Client, ClientError, TaskFailed

    client = Client(args.server, os.environ.get("INVOICE_API_KEY"))
    names = ("engine", "pages", "password")
    asked = {name: getattr(args, name) for name in names if getattr(args, name)}
    sent: dict[Path, str | ClientError | OSError] = {}
    for path in args.file[:1] if args.combine else args.file:
        files = args.file if args.combine else [path]
        try:
            (accepted,) = client.send(*files, combine=args.combine, **asked)
            sent[path] = accepted.task_id
        except (ClientError, OSError) as error:
            sent[path] = error

    def read(path: Path) -> Entry:
        try:
            task_id = sent[path]
            if isinstance(task_id, Exception):
                raise task_id
            task = client.wait(task_id, timeout=LONGEST_WAIT)
            if task.status != "SUCCESS":
                raise TaskFailed(task)
            extraction = client.extraction(task_id).model_dump_json()
        except ClientError as error:
            kind = DocumentError if isinstance(error, TaskFailed) else EngineError
            raise _as_told(kind(error.message, hint=error.hint), error) from error
        return Entry(
            extraction=extraction,
            filename=task.filename,
            task_id=task_id,
            received_at=task.created_at,
        )

    return read


def _as_told(error: ExtractionError, told: "ClientError") -> ExtractionError:
    """Return the error with the code that the service gave it."""
    error.code = told.code  # type: ignore[misc]  # elsewhere a class has one code
    return error


def _validate(argv: list[str]) -> int:
    """Say of each file whether it is a valid e-invoice, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="invoice-extract validate",
        description="Check e-invoices (XML, or PDF with XML inside) against the official schemas and "
        "rules, where there are some, and against our own checks.",
    )
    parser.add_argument("file", type=Path, nargs="+", help="the file to check")
    parser.add_argument("--json", action="store_true", help="a line of JSON for each file")
    args = parser.parse_args(argv)
    options = Options(engine="einvoice", isolate=True, official=True)
    worst = 0
    for path in args.file:
        try:
            extraction = extract(path, options)
        except KeyboardInterrupt:
            return 130
        except _FAILURES as error:
            print(f"{path}: {_sentence(error)}", file=sys.stderr)
            worst = max(worst, _exit_code(error))
            continue
        valid = not any(check.status == "fail" for check in _checks(extraction))
        print(_as_json(path, extraction, valid) if args.json else _told(path, extraction, valid))
        worst = max(worst, 0 if valid else NOT_VALID)
    return worst


def _checks(extraction: Extraction) -> list[Check]:
    """Return the checks of all invoices, those of the file as a whole once."""
    checks = [check for invoice in extraction.invoices for check in invoice.checks]
    return [check for place, check in enumerate(checks) if check not in checks[:place]]


def _told(path: Path, extraction: Extraction, valid: bool) -> str:
    """Return the verdict for a person: what failed, and what the official rules say."""
    lines = [f"{path}: {'valid' if valid else 'NOT VALID'} ({extraction.syntax})"]
    for check in _checks(extraction):
        official = check.id.startswith("official_")
        if check.status == "fail" or official:
            rule = check.found if official and check.found else check.id
            lines.append(f"  {rule}: {check.message}")
    return "\n".join(lines)


def _as_json(path: Path, extraction: Extraction, valid: bool) -> str:
    checks = [check.model_dump() for check in _checks(extraction)]
    told = {
        "file": str(path),
        "valid": valid,
        "syntax": extraction.syntax,
        "checks": checks,
    }
    return json.dumps(told, ensure_ascii=False)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="invoice-extract",
        description="Read invoices (PDF, picture, e-invoice XML) into checked JSON.",
        epilog="A model is used for PDFs and pictures when GEMINI_API_KEY is set.",
    )
    parser.add_argument("file", type=Path, nargs="+", help="the file to read")
    parser.add_argument(
        "--engine", choices=[*ROUTES, *ENGINES], default="auto", help="who reads (default: auto)"
    )
    parser.add_argument(
        "--format",
        choices=list(FORMATS),
        default="json",
        help="of the answer; csv has a row for each invoice, lines one for each of its lines",
    )
    parser.add_argument("--pages", help="which pages to read: 1-3,5 or 4-")
    parser.add_argument(
        "--combine", action="store_true", help="all files are pictures of one document, in order"
    )
    parser.add_argument("--password", help="opens a locked PDF")
    parser.add_argument(
        "--server", metavar="URL", help="let this service read the files; its key: INVOICE_API_KEY"
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        help="a file, or for several files a folder, but for tables (default: stdout)",
    )
    return parser


def _write(answer: bytes, name: str, output: Path | None, *, several: bool) -> None:
    """Write an answer to standard output, to the file, or under the name into the folder."""
    if output is None:
        sys.stdout.buffer.write(answer)
        sys.stdout.buffer.flush()
    elif several or output.is_dir():
        (output / name).write_bytes(answer)
    else:
        output.write_bytes(answer)


def _model() -> ModelOptions | None:
    """Return the model of the environment, as the service reads it; None without a key."""
    key = os.environ.get("GEMINI_API_KEY", "")
    return model_options(
        os.environ.get("LLM_MODEL") or DEFAULT_MODEL,
        google_key="" if key.startswith("YOUR_") else key,
        other_key=os.environ.get("LLM_API_KEY", ""),
        base_url=os.environ.get("LLM_BASE_URL") or None,
        timeout=TIMEOUT,
    )


def _sentence(error: ExtractionError | OSError | ReadersUnavailable) -> str:
    """Return what happened and what to do, on one line."""
    if isinstance(error, ReadersUnavailable):
        again = "pip install --force-reinstall 'invoice-extraction[ocr]'"
        return f"{error} A package may be damaged; install it again with its extras: {again}"
    if isinstance(error, ExtractionError):
        return f"{error.message} {error.hint} [{error.code}]"
    return error.strerror or type(error).__name__


def _exit_code(error: Exception) -> int:
    return next(EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES)
