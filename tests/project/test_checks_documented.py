import re

from invoice_extraction.validate import RULES
from tests.servers import ROOT

PLACES = (ROOT / "invoice_extraction", ROOT / "service")
MADE = re.compile(r'\b(?:Check|Doubt)\(\s*(?:id=)?"([A-Za-z0-9_-]+)"')


def test_every_check_is_documented_and_no_other():
    made = {
        found
        for place in PLACES
        for path in place.rglob("*.py")
        for found in MADE.findall(path.read_text("utf-8"))
    }
    rows = re.findall(r"^\| (`[^|]+) \|", (ROOT / "docs" / "checks.md").read_text("utf-8"), re.M)
    documented = {found for row in rows for found in re.findall(r"`([^`]+)`", row)}
    assert documented == set(RULES) | made
