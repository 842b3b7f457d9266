"""The words of documents, for those who look for one: FTS5 in SQLite, tsvector in PostgreSQL.

Both are given the same words, made here, and asked for the same: that each term of a question is found,
its last word, where it has two letters, as the beginning of one. A document has its entry from its result until it is deleted.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, TextClause, column, table, text

from service.store.base import Filter

MAX_TEXT = 100_000
"""Characters of a document's pages, and of its values, that can be found."""

MAX_TERMS = 20
"""Terms of a question that are looked for; the others are not."""

INDEXED = 3
"""Letters; so many and no more of a word's beginning are in SQLite's index."""

MAX_BEGUN = 50
"""Words with a longer beginning that SQLite is asked for one by one."""

_LONGEST = 64
_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
# Chinese and Japanese have no spaces: each sign is a word
_WORD = re.compile(rf"[{_CJK}]|[^\W_{_CJK}]+")
_ACCENTS = re.compile("[\u0300-\u036f]")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_PLACE = 2**63 - 1
"""The greatest that SQLite knows; documents of the year 2112 have it."""

_LAST_POSITION, _MOST_POSITIONS = 16_383, 255
"""PostgreSQL keeps no more of a lexeme."""

entries = table("search", column("rowid"), column("job"))
"""The entries; PostgreSQL's have no `rowid`."""


class _Party(msgspec.Struct):
    name: str | None = None
    trading_name: str | None = None
    tax_id: str | None = None
    registration_id: str | None = None


class _Result(msgspec.Struct):
    invoice_number: str | None = None
    seller: _Party | None = None


class _Invoice(msgspec.Struct):
    result: msgspec.Raw = msgspec.Raw(b"{}")


class _Extraction(msgspec.Struct):
    invoices: list[_Invoice] = []


_extraction = msgspec.json.Decoder(_Extraction)
_result = msgspec.json.Decoder(_Result)
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])
_items = msgspec.json.Decoder(list[msgspec.Raw])
_anything = msgspec.json.Decoder()


class Entry(msgspec.Struct, frozen=True):
    """What a document can be found by; each is normal words with spaces between."""

    number: str
    seller: str
    other: str
    text: str


def entry(extraction: str, page_text: str = "") -> Entry:
    """Return the entry of a document, from what was extracted and its pages' words."""
    numbers, sellers = [], []
    results = [invoice.result for invoice in _extraction.decode(extraction).invoices]
    for raw in results:
        result = _result.decode(raw)
        numbers.append(result.invoice_number or "")
        if seller := result.seller:
            said = (seller.name, seller.trading_name, seller.tax_id, seller.registration_id)
            sellers += [value for value in said if value]
    return Entry(
        number=_normal(" ".join(numbers)),
        seller=_normal(" ".join(sellers)),
        other=_normal(_values(results)),
        text=_normal(page_text),
    )


def words(said: str) -> list[str]:
    """Return the words of a text as they are kept and looked for: without case and accents."""
    plain = said.casefold()
    if not plain.isascii():
        plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", plain))
        plain = unicodedata.normalize("NFC", plain)
    return [word[:_LONGEST] for word in _WORD.findall(plain)]


def terms(question: str) -> list[list[str]]:
    """Return the words of each term of a question; empty where it has none at all."""
    return [found for term in question.split()[:MAX_TERMS] if (found := words(term))]


def place(created_at: datetime, job_id: str) -> int:
    """Return where a document stands among all in SQLite: a later one has a higher place.

    A time that no document can have, as somebody may ask for, is before or behind all of them.
    """
    microseconds = (created_at - _EPOCH) // timedelta(microseconds=1)
    return min(max(microseconds << 11 | int(job_id[-3:], 16) & 0x7FF, 0), _LAST_PLACE)


def write(connection: Connection, job: Row[Any], found: Entry) -> None:
    """Keep the entry of a document in place of what was kept; part of the transaction of its result."""
    remove(connection, job.id, job.created_at)
    found = _named(found, job)
    if connection.dialect.name == "sqlite":
        connection.execute(_INSERT, _row(job) | msgspec.structs.asdict(found))
        _list(connection, found)
    else:
        connection.execute(_INSERT_VECTOR, {"job": job.id, "words": _vector(found)})


def rewrite(connection: Connection, job: Row[Any], found: Entry) -> None:
    """Keep what a person changed; the words of the pages stay as they are."""
    found = _named(found, job)
    if connection.dialect.name == "sqlite":
        row = _row(job)
        connection.execute(_UPDATE, row | msgspec.structs.asdict(found))
        connection.execute(_REMOVED, row)
        _list(connection, found)
    else:
        connection.execute(_UPDATE_VECTOR, {"job": job.id, "words": _vector(found)})


def mark(connection: Connection, job: Row[Any]) -> None:
    """Keep whether a document needs a look; part of the transaction that decides it."""
    if connection.dialect.name == "sqlite":
        connection.execute(_MARK, _row(job))


def remove(connection: Connection, job_id: str, created_at: datetime) -> None:
    """Remove the entry of a document, if it has one; part of the transaction of its deletion."""
    if connection.dialect.name == "sqlite":
        row = {"at": place(created_at, job_id), "job": job_id}
        if connection.execute(_DELETE, row).rowcount:
            connection.execute(_REMOVED, row)
    else:
        connection.execute(_DELETE_VECTOR, {"job": job_id})


def condition(
    connection: Connection,
    tenant: str,
    asked: Filter,
    terms: list[list[str]],
    seller: list[list[str]],
) -> TextClause:
    """Return the condition of `entries` that all terms are found, some by the seller.

    SQLite is asked for the rest of the filter too: it begins with the words, however few of those that it
    finds pass the rest.
    """
    if connection.dialect.name == "sqlite":
        facts = _facts(tenant, asked.needs_review, asked.reference)
        found = [f'facts : "{fact}"' for fact in facts]
        found += [f"{{number seller other text}} : {_begun(connection, term)}" for term in terms]
        found += [f"seller : {_begun(connection, term)}" for term in seller]
        return text("search MATCH :match").bindparams(match=" AND ".join(found))
    found = [_lexemes(term, "") for term in terms] + [_lexemes(term, "B") for term in seller]
    match = text("search.words @@ CAST(:match AS tsquery)")
    return match.bindparams(match=" & ".join(found))


def removed(connection: Connection) -> list[int]:
    """Return the places of entries that were removed, whose words may still lie in SQLite's index."""
    return list(connection.exec_driver_sql("SELECT id FROM search_removed").scalars())


def merge(connection: Connection, pages: int) -> bool:
    """Let SQLite rewrite so many pages of its index; return whether there is more to do."""
    before = connection.exec_driver_sql("SELECT total_changes()").scalar_one()
    command = "INSERT INTO search(search, rank) VALUES('merge', ?)"
    connection.exec_driver_sql(command, (pages,))
    after = connection.exec_driver_sql("SELECT total_changes()").scalar_one()
    return bool(after - before >= 2)  # sqlite.org/fts5.html, "The 'merge' command"


def gone(connection: Connection) -> list[str]:
    """Return words that SQLite's index no longer holds and the list of words still does."""
    query = "SELECT word FROM search_words WHERE word NOT IN (SELECT term FROM search_vocab)"
    return list(connection.exec_driver_sql(query).scalars())


def settle(connection: Connection, words: list[str]) -> None:
    """Remove words from the list of words, unless they came back meanwhile."""
    for word in words:
        if connection.execute(_HELD, {"match": f'"{word}"'}).first() is None:
            connection.execute(_FORGET, {"word": word})


def forget_removed(connection: Connection, places: list[int]) -> None:
    """Note that nothing is left of these entries."""
    connection.execute(_FORGOTTEN, [{"at": at} for at in places])


def _values(results: list[msgspec.Raw]) -> str:
    """Return the texts of invoices with spaces between, as much as can be found."""
    said, room = [], MAX_TEXT
    for value in _texts(results):
        said.append(value)
        room -= len(value) + 1
        if room < 0:
            break
    return " ".join(said)


def _texts(results: list[msgspec.Raw]) -> Iterator[str]:
    """Yield the texts of invoices; of 50,000 lines only those are decoded that are asked for."""
    for result in results:
        for field in _fields.decode(result).values():
            parts = _items.decode(field) if bytes(memoryview(field)[:1]) == b"[" else [field]
            for part in parts:
                yield from _strings(_anything.decode(part))


def _strings(value: object) -> Iterator[str]:
    """Yield the texts of a JSON value, numbers among them where they are written as texts."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def _normal(said: str) -> str:
    return " ".join(words(said[:MAX_TEXT]))


def _named(found: Entry, job: Row[Any]) -> Entry:
    """Return the entry with the names that the document goes by."""
    names = _normal(f"{job.filename} {job.reference or ''}")
    return msgspec.structs.replace(found, other=f"{names} {found.other}")


def _row(job: Row[Any]) -> dict[str, Any]:
    facts = _facts(job.tenant, job.needs_review, job.reference)
    return {"at": place(job.created_at, job.id), "job": job.id, "facts": " ".join(facts)}


def _facts(tenant: str, needs_review: bool | None, reference: str | None) -> list[str]:
    """Return a word for each thing that is known of a document beside its words."""
    facts = ["t" + tenant.encode().hex()]
    if needs_review is not None:
        facts.append("look" if needs_review else "fine")
    if reference:
        facts.append("r" + hashlib.sha256(reference.encode()).hexdigest()[:16])
    return facts


def _list(connection: Connection, found: Entry) -> None:
    """Add the words of an entry to the list of words."""
    said = {word for part in msgspec.structs.astuple(found) for word in part.split()}
    listed = [{"word": word} for word in said if len(word) > INDEXED]
    if listed:
        connection.execute(_LIST, listed)


def _begun(connection: Connection, term: list[str]) -> str:
    """Return a term as FTS5's query, its last word as the beginning of one.

    FTS5 gathers all hits of a beginning before it gives the first, unless it is one of the lengths that are
    indexed. So it is asked for the words themselves, where they are not too many.
    """
    *before, last = term
    exact = f'"{" ".join(term)}"'
    if len(last) == 1:
        return exact
    if len(last) > INDEXED:
        within = {"first": last, "last": last + chr(0x10FFFF), "most": MAX_BEGUN + 1}
        found = connection.execute(_BEGUN, within).scalars().all()
        if len(found) <= MAX_BEGUN:
            ways = [" ".join([*before, word]) for word in dict.fromkeys([last, *found])]
            return "(" + " OR ".join(f'"{way}"' for way in ways) + ")"
    return f"{exact} *"


def _lexemes(term: list[str], weight: str) -> str:
    """Return a term as PostgreSQL's tsquery; words are letters and digits, and need no escape."""
    marked = [f"'{word}':{weight}" if weight else f"'{word}'" for word in term[:-1]]
    mark = weight if len(term[-1]) == 1 else f"*{weight}"
    return " <-> ".join([*marked, f"'{term[-1]}':{mark}" if mark else f"'{term[-1]}'"])


def _vector(found: Entry) -> str:
    """Return an entry as PostgreSQL's tsvector, each part with a weight of its own."""
    positions: dict[str, list[str]] = {}
    at = 0
    for part, weight in (
        (found.number, "A"),
        (found.seller, "B"),
        (found.other, "C"),
        (found.text, "D"),
    ):
        for word in part.split():
            at += 1
            places = positions.setdefault(word, [])
            if len(places) < _MOST_POSITIONS:
                places.append(f"{min(at, _LAST_POSITION)}{weight}")
        at += 1  # no phrase goes from one part into the next
    return " ".join(f"'{word}':{','.join(places)}" for word, places in positions.items())


_LIST = text("INSERT OR IGNORE INTO search_words (word) VALUES (:word)")
_BEGUN = text(
    "SELECT word FROM search_words WHERE word >= :first AND word < :last ORDER BY word LIMIT :most"
)
_HELD = text("SELECT 1 FROM search WHERE search MATCH :match LIMIT 1")
_FORGET = text("DELETE FROM search_words WHERE word = :word")
_FORGOTTEN = text("DELETE FROM search_removed WHERE id = :at")
_INSERT = text(
    "INSERT OR REPLACE INTO search (rowid, job, facts, number, seller, other, text) "
    "VALUES (:at, :job, :facts, :number, :seller, :other, :text)"
)
_UPDATE = text(
    "UPDATE search SET facts = :facts, number = :number, seller = :seller, other = :other "
    "WHERE rowid = :at AND job = :job"
)
_MARK = text("UPDATE search SET facts = :facts WHERE rowid = :at AND job = :job")
_DELETE = text("DELETE FROM search WHERE rowid = :at AND job = :job")
_REMOVED = text("INSERT OR IGNORE INTO search_removed (id) VALUES (:at)")
_INSERT_VECTOR = text("INSERT INTO search (job, words) VALUES (:job, CAST(:words AS tsvector))")
_UPDATE_VECTOR = text(
    "UPDATE search SET words = CAST(:words AS tsvector) || ts_filter(words, '{d}') WHERE job = :job"
)
_DELETE_VECTOR = text("DELETE FROM search WHERE job = :job")
