"""The command: `invoice-extract FILE... [--combine] [--engine NAME] [--format NAME] [-o PATH]`.

Exit codes: 0 every file was read; 1 a file could not be read; 2 the command is wrong; 3 an engine or a
model failed; 130 it was interrupted. With several files the highest of theirs.
"""

import argparse
import os
import sys
from pathlib import Path

from invoice_extraction.engines import ENGINES
from invoice_extraction.engines.llm.providers import model_options
from invoice_extraction.errors import DocumentError, EngineError, ExtractionError, OptionError
from invoice_extraction.export import FORMATS
from invoice_extraction.extract import extract
from invoice_extraction.intake.combined import combine
from invoice_extraction.model.options import ModelOptions, Options

EXIT_CODES: dict[type[Exception], int] = {
    DocumentError: 1,
    OSError: 1,
    OptionError: 2,
    EngineError: 3,
    ExtractionError: 3,
}

DEFAULT_MODEL = "google:gemini-3.8-flash"
TIMEOUT = 120.0
"""Seconds for one call to a model."""


def main(argv: list[str] | None = None) -> int:
    """Run the command and return the exit code."""
    parser = _parser()
    args = parser.parse_args(argv)
    files: list[Path] = args.file
    several = len(files) > 1 and not args.combine
    if several and args.output:
        if args.output.exists() and not args.output.is_dir():
            parser.error("with several files -o names a folder")
        args.output.mkdir(parents=True, exist_ok=True)
        if len({path.name for path in files}) < len(files):
            parser.error("two files have the same name: their answers would have, too")
    options = Options(
        engine=args.engine,
        isolate=True,
        pages=args.pages,
        password=args.password,
        model=_model(),
    )
    worst = 0
    for number, path in enumerate(files[:1] if args.combine else files, 1):
        if several:
            print(f"[{number}/{len(files)}] {path}", file=sys.stderr)
        try:
            source = combine(files) if args.combine else path
            answer = FORMATS[args.format](extract(source, options))
            _write(answer, f"{path.name}.{args.format}", args.output, several=several)
        except KeyboardInterrupt:
            return 130
        except (ExtractionError, OSError) as error:
            named = (isinstance(error, OSError) and error.filename) or path
            print(f"{named}: {_sentence(error)}", file=sys.stderr)
            worst = max(worst, _exit_code(error))
    return worst


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="invoice-extract",
        description="Read invoices (PDF, e-invoice XML, and pictures with a model) into checked JSON.",
        epilog="A model is used for PDFs and pictures when GEMINI_API_KEY is set.",
    )
    parser.add_argument("file", type=Path, nargs="+", help="the file to read")
    parser.add_argument(
        "--engine", choices=["auto", *ENGINES], default="auto", help="who reads (default: auto)"
    )
    parser.add_argument("--format", choices=list(FORMATS), default="json", help="of the answer")
    parser.add_argument("--pages", help="which pages to read: 1-3,5 or 4-")
    parser.add_argument(
        "--combine", action="store_true", help="all files are pictures of one document, in order"
    )
    parser.add_argument("--password", help="opens a locked PDF")
    parser.add_argument(
        "-o", "--output", type=Path, help="a file, or for several files a folder (default: stdout)"
    )
    return parser


def _write(answer: bytes, name: str, output: Path | None, *, several: bool) -> None:
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


def _sentence(error: ExtractionError | OSError) -> str:
    """Return what happened and what to do, on one line."""
    if isinstance(error, ExtractionError):
        return f"{error.message} {error.hint} [{error.code}]"
    return error.strerror or type(error).__name__


def _exit_code(error: Exception) -> int:
    return next(EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES)
