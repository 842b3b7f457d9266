"""Run the library over a corpus and write what it answers, in the form that the scorer reads.

    python benchmarks/run.py ../shared/corpus/documents/cases.jsonl OUT.jsonl --engine layout

`seconds` is CPU time of the document alone; with --workers each worker warms up on its first one.
"""

import argparse
import json
import random
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from invoice_extraction import ExtractionError, Options, extract


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "cases", type=Path, help="cases.jsonl; each `path` is relative to its folder"
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--medium", help='only cases of these media ("scan image,photo")')
    parser.add_argument("--sample", type=int, help="only so many of them, drawn by lot (seed 5)")
    args = parser.parse_args()
    cases = [json.loads(line) for line in args.cases.read_text("utf-8").splitlines() if line]
    if args.medium:
        media = args.medium.split(",")
        cases = [case for case in cases if case.get("medium") in media]
    if args.sample is not None:
        cases = random.Random(5).sample(cases, min(args.sample, len(cases)))
    answer = partial(predict, folder=args.cases.parent, engine=args.engine)
    paths = [case["path"] for case in cases]
    if args.workers > 1:
        with ProcessPoolExecutor(args.workers) as pool:
            predictions = list(pool.map(answer, paths, chunksize=4))
    else:
        predictions = [answer(path) for path in paths]
    with args.out.open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(p, ensure_ascii=False) + "\n" for p in predictions)
    seconds = sorted(p["seconds"] for p in predictions)
    failed = sum(p["error"] is not None for p in predictions)
    if seconds:
        median = seconds[len(seconds) // 2]
        print(f"{len(predictions)} documents, {failed} refused, {median * 1e3:.1f} ms CPU median")


def predict(path: str, *, folder: Path, engine: str) -> dict[str, Any]:
    """Return one document's line: the invoices, or the error that refused it."""
    data = (folder / path).read_bytes()
    began = time.process_time()
    prediction: dict[str, Any] = {"path": path, "invoices": [], "error": None}
    try:
        found = extract(data, Options(engine=engine))
    except ExtractionError as error:
        prediction["error"] = {"code": error.code, "message": error.message}
    else:
        keep = {"result", "evidence", "needs_review"}
        prediction["invoices"] = [
            invoice.model_dump(mode="json", include=keep) for invoice in found.invoices
        ]
    prediction["seconds"] = time.process_time() - began
    return prediction


if __name__ == "__main__":
    main()
