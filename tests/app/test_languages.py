"""The page in the language of its reader: which one it is, and that its texts are whole in each."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.jslexer import tokenize
from babel.messages.pofile import read_po

from app.languages import CATALOGUES, LANGUAGES, language
from app.sentences import SENTENCES
from app.texts_command import texts, written
from invoice_extraction.extract import extract
from invoice_extraction.intake.unsupported import KINDS, refusal
from invoice_extraction.model.extraction import Check
from tests.app.conftest import an_extraction, upload
from tests.servers import ROOT

HTML = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate"}
OTHERS = [code for code in LANGUAGES if code != "en"]
PLACE = re.compile(r"\{\w+\}|%\(\w+\)s|<[^>]+>")
TEMPLATES = sorted((ROOT / "app" / "templates").glob("*.html"))
SCRIPTS = sorted((ROOT / "app" / "static" / "js").glob("*.js"))


def shown(client, accepted: str, path: str = "/", **cookies: str):
    headers = HTML | {"Accept-Language": accepted}
    if cookies:
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return client.get(path, headers=headers)


# ------------------------------------------------------------------ which language


@pytest.mark.parametrize(
    ("accepted", "code", "habits"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "de", "de-AT"),
        ("fr-CH, fr;q=0.9, *;q=0.5", "fr", "fr-CH"),
        ("es", "es", "es"),
        ("DE-de", "de", "de-DE"),
        ("de-at", "de", "de-AT"),
        ("FR-latn-ca", "fr", "fr-Latn-CA"),
        ("en-US,en;q=0.9", "en", "en-US"),
        ("nl-NL,nl;q=0.9,fr;q=0.4", "fr", "fr"),
        ("en;q=0.2,de;q=0.7", "de", "de"),
        ("de;q=0, es", "es", "es"),
        ("nl", "en", "en-GB"),
        ("", "en", "en-GB"),
        ("de-<script>, de-x", "de", "de"),
        (";;q=,,=" * 2000, "en", "en-GB"),
    ],
)
def test_the_page_is_in_the_language_that_the_browser_wants_most(client, accepted, code, habits):
    answer = shown(client, accepted)
    assert f'<html lang="{code}" data-locale="{habits}">' in answer.text
    assert answer.headers["Content-Language"] == code
    assert {"Accept-Language", "Cookie"} <= set(answer.headers["Vary"].split(", "))


def test_a_language_that_was_chosen_goes_before_the_browsers(client):
    answer = client.get(
        "/language/fr?next=/settings",
        headers=HTML | {"Accept-Language": "de"},
        follow_redirects=False,
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/settings")
    assert "language=fr" in answer.headers["Set-Cookie"]
    assert "Max-Age=31536000" in answer.headers["Set-Cookie"]
    page = client.get("/settings", headers=HTML | {"Accept-Language": "de"})
    assert '<html lang="fr" data-locale="fr">' in page.text
    assert "<h1>Réglages</h1>" in page.text


def test_an_unknown_language_is_not_kept(client):
    answer = client.get("/language/xx", follow_redirects=False)
    assert "Set-Cookie" not in answer.headers
    assert '<html lang="de"' in shown(client, "de", language="xx").text


@pytest.mark.parametrize("target", ["https://example.org/", "//example.org", "/\\example.org"])
def test_a_choice_of_language_leads_to_no_other_site(client, target):
    answer = client.get("/language/de", params={"next": target}, follow_redirects=False)
    assert answer.headers["Location"] == "/"


def test_errors_of_the_api_stay_english_with_their_code(client):
    answer = client.get("/status/" + "a" * 32, headers={"Accept-Language": "de"})
    assert (answer.json()["code"], answer.json()["title"]) == ("unknown_task", "Unknown task")
    assert "Unbekannter Auftrag" in shown(client, "de", "/documents/" + "a" * 32).text


def test_the_texts_of_scripts_stand_in_the_page_where_it_is_not_english(client):
    assert 'id="texts"' not in shown(client, "en").text
    block = shown(client, "de").text.partition('<script type="application/json" id="texts">')[2]
    texts_of_scripts = block.partition("</script>")[0]
    assert '"Nothing left to check": "Nichts mehr zu prüfen"' in texts_of_scripts
    assert "<" not in texts_of_scripts


# ------------------------------------------------------------------ what it says


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_is_translated(code):
    with (CATALOGUES / f"{code}.po").open("rb") as file:
        catalogue = read_po(file, code)
    wanted, there = ({message.id for message in one if message.id} for one in (texts(), catalogue))
    assert there == wanted, "make texts brings the catalogues up to date"
    for message in catalogue:
        forms = [message.string] if isinstance(message.string, str) else list(message.string)
        assert all(forms), f"{message.id} has no translation"
        assert not message.fuzzy, message.id


@pytest.mark.parametrize("code", OTHERS)
def test_a_catalogue_is_as_it_would_be_written_anew(code):
    path = CATALOGUES / f"{code}.po"
    with path.open("rb") as file:
        catalogue = read_po(file, code)
    catalogue.update(texts(), no_fuzzy_matching=True)
    assert path.read_bytes() == written(catalogue)


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_has_the_places_and_the_markup_of_its_text(code):
    with (CATALOGUES / f"{code}.po").open("rb") as file:
        catalogue = read_po(file, code)
    for message in catalogue:
        if not message.id:
            continue
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        forms = [message.string] if isinstance(message.string, str) else list(message.string)
        wanted = {place for one in ids for place in PLACE.findall(one)}
        for form in forms:
            assert set(PLACE.findall(form)) == wanted, message.id


def test_a_number_takes_the_form_that_its_language_has_for_it():
    def pages(code: str, count: int) -> str:
        return language(code).many("{count} page", "{count} pages", count)

    assert [pages("en", count) for count in (0, 1, 2)] == ["0 pages", "1 page", "2 pages"]
    assert [pages("de", count) for count in (0, 1, 2)] == ["0 Seiten", "1 Seite", "2 Seiten"]
    assert [pages("fr", count) for count in (0, 1, 2)] == ["0 page", "1 page", "2 pages"]
    assert [pages("es", count) for count in (0, 1, 2)] == ["0 páginas", "1 página", "2 páginas"]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_says_nothing_past_the_catalogues(path):
    text = re.sub(r"(?s)\{#.*?#\}|<(script|code|pre|kbd|symbol)\b.*?</\1>", " ", path.read_text())
    text = re.sub(r"(?s)\{% *trans.*?endtrans *%\}|\{[{%].*?[%}]\}", " ", text)
    named = re.findall(r'\b(?:aria-label|title|alt|placeholder)="([^"]*[A-Za-z]{2}[^"]*)"', text)
    words = re.sub(r"(?s)<[^<>]*>|[\w-]+=\S*|/v1/\w+", " ", text)
    said = {word for word in re.findall(r"[A-Za-z]{2,}", words) if word not in NAMES}
    assert (said, [name for name in named if not name.startswith("https:")]) == (set(), [])


NAMES = {
    "Invoice",
    "Extraction",
    "API",
    "PDF",
    "XML",
    "CSV",
    "XLSX",
    "JSON",
    "USD",
    "UTC",
    "Webhooks",
}
"""Words that are the same in every language."""


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_says_nothing_past_the_catalogues(path):
    tokens = list(tokenize(path.read_text(), jsx=False))
    loose = []
    depth: list[bool] = []
    for place, token in enumerate(tokens):
        if token.value == "(":
            before = tokens[place - 1].value
            depth.append(before in {"say", "many"} or (bool(depth) and depth[-1]))
        elif token.value == ")" and depth:
            depth.pop()
        elif token.type in {"string", "template_string"} and not any(depth):
            text = re.sub(r"\$\{.*?\}", "", token.value.strip("\"'`"))
            if re.match(r"[A-Z][a-z]+( [a-z]+)+|[A-Z][a-z]+( [a-z]+)*[.…:!?]", text):
                loose.append(text)
    assert loose == []


# ------------------------------------------------------------------ what the library says


def forms_of(path: Path) -> set[str]:
    """Return the sentences in a module's code, with {} where values come."""
    tree = ast.parse(path.read_text())
    inner = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in node.values
    }
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = set()
    for node in ast.walk(tree):
        if id(node) in inner or id(node) in told:
            continue
        if isinstance(node, ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else "{}" for part in node.values]
            found.add("".join(str(part) for part in parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
    return {form for form in found if form.count(" ") >= 2 and form.endswith(".")}


@pytest.mark.parametrize(
    "path",
    [
        *sorted((ROOT / "invoice_extraction" / "validate").glob("*.py")),
        ROOT / "service" / "comparison.py",
    ],
    ids=lambda path: path.name,
)
def test_every_sentence_of_a_check_is_known_to_the_page(path):
    for form in forms_of(path):
        pattern = re.compile(re.sub(r"\\\{\w*\\\}", ".+", re.escape(form)))
        assert any(pattern.fullmatch(sentence) for sentence in SENTENCES), form


@pytest.mark.parametrize(
    "name", ["invoice-en.pdf", "factur-x-de.pdf", "invoice-ubl.xml", "credit-note-en.pdf"]
)
def test_what_is_said_of_our_samples_is_said_in_every_language(name):
    path = ROOT / "samples" / "files" / name
    [invoice] = extract(path).invoices
    said = {check.message for check in invoice.checks} | set(invoice.review_reasons)
    for code in OTHERS:
        assert [sentence for sentence in said if not language(code).has(sentence)] == []


@pytest.mark.parametrize("code", OTHERS)
@pytest.mark.parametrize("media_type", [*KINDS, "application/x-unheard-of"])
def test_what_is_refused_is_told_with_what_to_send_instead(media_type, code):
    refused = refusal(media_type)
    assert language(code).told(refused.message) != refused.message
    assert language(code).told(refused.hint) != refused.hint


def test_a_sentence_is_told_with_its_values_as_the_language_writes_them():
    said = "The lines add up to 98.00, the invoice says 100.00."
    assert language("en").told(said) == said
    assert language("de").told(said) == "Die Positionen ergeben 98,00, die Rechnung sagt 100,00."
    assert language("de").told("A rule of somebody else.") == "A rule of somebody else."


@pytest.mark.parametrize(
    ("accepted", "amount"),
    [
        ("de", "98,00"),
        ("de-AT", "98,00"),
        ("de-CH", "98.00"),
        ("es-ES", "98,00"),
        ("es-mx", "98.00"),
        ("es-419", "98.00"),
        ("fr-CH", "98,00"),
        ("de-ZZ", "98,00"),
        ("de-999", "98,00"),
        ("en-AT", "98.00"),
    ],
)
def test_amounts_in_sentences_have_the_sign_of_the_readers_region(client, finish, accepted, amount):
    (entry,) = upload(client).json()
    extraction = an_extraction()
    said = "The lines add up to 98.00, the invoice says 97.00."
    extraction.invoices[0].checks = [
        Check(id="BR-CO-10", status="fail", message=said, fields=["/totals/lines_net"])
    ]
    finish(entry["task_id"], extraction)
    assert f" {amount}, " in shown(client, accepted, f"/documents/{entry['task_id']}").text
