"""Compare our own checks with the official rules of e-invoices: misses and false alarms.

    python -m benchmarks.rules FOLDER                 # each file as it is
    python -m benchmarks.rules FOLDER --damaged 12    # and with so many faults, one at a time

FOLDER holds e-invoices, bare, signed or inside PDFs; those with official rules here (docs/validation.md)
are counted, the same XML once. Needs the extra `validate`. A fault is one number, date or code changed, or
one element left out, drawn by lot (seed 5). `--show` names each disagreement.

For each check of ours that says what an official rule says: how often both fail, ours alone (a false
alarm, unless the profile has no such rule), and the official one alone (a miss). Of a file with a fault what
counts is what fails beyond the file as it is. Amounts changed by one cent are counted by themselves,
since sums may be off by one here (docs/checks.md).
"""

import argparse
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path

from lxml import etree

from invoice_extraction import ExtractionError, Options, extract
from invoice_extraction.intake import open_document
from invoice_extraction.intake.xml import parse
from invoice_extraction.official import RuleSet, artefacts, rule_set
from invoice_extraction.sandbox.client import Readers

EXACT = Options(engine="einvoice", compare=False)

SAME = {
    **{f"BR-CO-{n}": rf"BR-(F[RX]EXT-)?CO-{n}" for n in (10, 11, 12, 13, 14, 15, 16)},
    "BR-CO-17": r"BR-(F[RX]EXT-)?(CO-17|(?!CO)[A-Z]{1,2}-0?9b?)",
    "BR-CO-26": r"BR-(F[RX]EXT-)?CO-26",
    "BR-29": r"BR-29",
    "BR-30": r"BR-30",
    "type_code_not_listed": r"BR-CL-01",
    "currency_evidenced": r"BR-05|BR-CL-04",
    "currency_decimals": r"BR-DEC-\d+",
}
"""By our check: the official rules that say the same."""

_DATE = re.compile(r"(\d{4})(-?)(\d{2})-?(\d{2})")
_CENT = "a cent more"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What both say of one XML: the official errors, our failed checks, our reasons for a person to look.

    `without` are our checks that its official rules have nothing of.
    """

    official: frozenset[str]
    ours: frozenset[str]
    reasons: frozenset[str]
    without: frozenset[str]

    def beyond(self, other: "Opinion") -> "Opinion":
        """Return what is said more than of another."""
        return Opinion(
            self.official - other.official,
            self.ours - other.ours,
            self.reasons - other.reasons,
            self.without,
        )


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--damaged", type=int, default=0, help="faults made in each file")
    parser.add_argument("--show", action="store_true", help="name each disagreement")
    args = parser.parse_args()
    counts: dict[str, list[Opinion]] = defaultdict(list)
    with Readers(slots=1) as readers:
        for name, xml, chosen in e_invoices(args.folder):
            whole = opinion(xml, chosen, readers)
            if whole is None:
                continue
            counts["as they are"].append(whole)
            if args.show:
                tell(name, whole)
            for kind, what, data in faults(xml, args.damaged):
                damaged = opinion(data, chosen, readers)
                if damaged is None:
                    continue
                counts[kind].append(damaged.beyond(whole))
                if args.show:
                    tell(f"{name} {what}", counts[kind][-1])
    for kind, opinions in counts.items():
        summarise(kind, opinions)


def e_invoices(folder: Path) -> Iterator[tuple[str, bytes, RuleSet]]:
    """Give name, XML and rule set of each e-invoice that has official rules, the same XML once."""
    seen = set()
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        try:
            found = open_document(path.read_bytes(), EXACT).xml
        except ExtractionError:
            continue
        for one in found:
            try:
                chosen = rule_set(parse(one.data, EXACT.limits))
            except ExtractionError:
                continue
            if chosen is not None and chosen.rules is not None and one.data not in seen:
                seen.add(one.data)
                yield path.name, one.data, chosen


def opinion(xml: bytes, chosen: RuleSet, readers: Readers) -> Opinion | None:
    """Return what both say, None where the XML cannot be read or its rules not be run."""
    try:
        [invoice] = extract(xml, EXACT).invoices
        verdict = readers.official(xml, EXACT.limits)
    except ExtractionError:
        return None
    return Opinion(
        official=frozenset(
            one.rule or "schema" for one in verdict.findings if one.severity == "error"
        ),
        ours=frozenset(check.id for check in invoice.checks if check.status == "fail"),
        reasons=frozenset(invoice.review_reasons),
        without=frozenset(SAME) - known(chosen.rules or ""),
    )


@cache
def known(rules: str) -> frozenset[str]:
    """Return our checks that a file of official rules says something of."""
    [file] = artefacts().glob(rules)
    text = file.read_text("utf-8")
    return frozenset(check for check, same in SAME.items() if re.search(rf"\b({same})\b", text))


def faults(xml: bytes, count: int) -> Iterator[tuple[str, str, bytes]]:
    """Give so many copies with one fault each: its kind, where it is, and the file."""
    root = parse(xml, EXACT.limits)
    leaves = [one for one in root.iter("*") if len(one) == 0 and (one.text or "").strip()]
    for chosen in random.Random(5).sample(leaves, min(count, len(leaves))):
        path = root.getroottree().getelementpath(chosen)
        for kind, text in changes((chosen.text or "").strip()):
            copy = deepcopy(root)
            element = copy.find(path)
            if element is None:
                continue
            above = element.getparent()
            if text is None and above is not None:
                above.remove(element)
            else:
                element.text = text
            local = re.sub(r"\{[^}]*\}", "", path)
            yield kind, f"{kind}: {local}", etree.tostring(copy, encoding="utf-8")


def changes(text: str) -> Iterator[tuple[str, str | None]]:
    """Give the faults that a text may have; None leaves its element out."""
    yield "an element left out", None
    if day := _DATE.fullmatch(text):
        try:
            date(int(day[1]), int(day[3]), int(day[4]))
        except ValueError:
            pass
        else:
            yield "a date 20 years earlier", f"{int(day[1]) - 20}{text[4:]}"
            return
    try:
        number = Decimal(text)
    except InvalidOperation:
        if text.isupper() and len(text) <= 3:
            yield "a code that is none", "QQX"[: len(text)]
        return
    if "." in text:
        yield "a number 7 higher", f"{number + 7:f}"
        yield _CENT, f"{number + Decimal('0.01'):f}"


def tell(name: str, found: Opinion) -> None:
    """Print in what the two disagree."""
    for check, rules in SAME.items():
        ours = check in found.ours
        official = sorted(rule for rule in found.official if re.fullmatch(rules, rule))
        if ours != bool(official):
            kind = "miss" if official else "no rule" if check in found.without else "ALARM"
            print(
                f"{kind} {check}: {name} {' '.join(official)} {'' if official else found.official}"
            )


def summarise(kind: str, opinions: list[Opinion]) -> None:
    """Print how both judge the files of one kind."""
    invalid = [one for one in opinions if one.official]
    told = sum(bool(one.ours) for one in invalid)
    seen = sum(bool(one.reasons) for one in invalid)
    fine = [one for one in opinions if not one.official]
    same = sum(bool(one.ours & SAME.keys() - one.without) for one in fine)
    other = Counter(check for one in fine for check in one.ours - SAME.keys())
    print(f"\n{kind}: {len(opinions)} files")
    print(f"  officially invalid {len(invalid)}: a check of ours fails {told}, review {seen}")
    print(f"  officially valid {len(fine)}: a check below fails that has a rule there {same}")
    print(f"  officially valid, checks that no official rule has: {dict(other)}")
    print(f"  {'check':22}{'both':>6}{'ours alone':>12}{'no such rule':>14}{'official alone':>16}")
    for check, rules in SAME.items():
        pairs = Counter(
            (check in one.ours, any(re.fullmatch(rules, rule) for rule in one.official))
            for one in opinions
        )
        bare = sum(check in one.ours and check in one.without for one in opinions)
        alone = pairs[True, False] - bare
        print(f"  {check:22}{pairs[True, True]:6}{alone:12}{bare:14}{pairs[False, True]:16}")
    missed = Counter(
        rule
        for one in invalid
        for rule in one.official
        if not any(re.fullmatch(rules, rule) for rules in SAME.values())
    )
    print(f"  broken rules that we have not: {dict(missed.most_common(12))}")


if __name__ == "__main__":
    main()
