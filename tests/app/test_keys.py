import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from app import keys_command
from app.application import build_app
from app.routes.pages import _path
from tests.app.conftest import PDF, client_of, upload
from tests.servers import ROOT, wait_until

EVERY = frozenset({"read", "write", "admin"})
FOREIGN = ("10.0.0.7", 5)


@pytest.fixture
def key(client, services) -> str:
    """A key with every scope; there is no open mode any more."""
    return services.keys.make("default", "k", EVERY)[1]


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def test_the_first_key_closes_open_mode_and_opens_what_was_sent_before(client):
    (entry,) = upload(client).json()
    answer = client.post("/v1/keys", json={"name": "first", "scopes": ["read", "admin"]})
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    key = answer.json()["key"]
    assert client.get(f"/status/{entry['task_id']}").json()["code"] == "missing_key"
    assert client.get(f"/status/{entry['task_id']}", headers=bearer(key)).status_code == 200
    assert client.get("/v1/limits", headers={"X-API-Key": key}).status_code == 200
    assert upload(client).status_code == 401


def test_a_key_is_shown_once(client, services):
    made = client.post("/v1/keys", json={"name": "a", "scopes": ["admin"], "rate": 7}).json()
    listed = client.get("/v1/keys", headers=bearer(made["key"]))
    assert made["key"] not in listed.text
    (told,) = listed.json()["keys"]
    assert told == {name: made[name] for name in made if name not in {"key", "last_used_at"}} | {
        "last_used_at": told["last_used_at"]
    }
    assert (told["rate"], told["scopes"], told["prefix"]) == (7, ["admin"], made["key"][:16])
    database = services.settings.data_dir / "jobs.db"
    kept = b"".join(path.read_bytes() for path in database.parent.glob("jobs.db*"))
    assert made["key"].encode() not in kept
    assert made["key"][17:].encode() not in kept


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"name": ""},
        {"name": "a", "scopes": []},
        {"name": "a", "scopes": ["root"]},
        {"name": "a", "rate": 0},
        {"name": "a", "expires_at": "2020-01-01T00:00:00Z"},
        {"name": "a", "expires_at": "2999-01-01T00:00:00"},
        {"name": "a", "budget": {"day": "-1"}},
        {"name": "a", "tenant": "theirs"},
    ],
)
def test_a_key_that_makes_no_sense_is_422(client, asked):
    answer = client.post("/v1/keys", json=asked)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_option")
    assert client.get("/v1/limits").is_success  # open mode goes on


def test_a_key_of_the_api_expires(client, services, key):
    asked = {"name": "short", "expires_in_days": 2}
    made = client.post("/v1/keys", json=asked, headers=bearer(key)).json()
    left = datetime.fromisoformat(made["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=1, hours=23) < left <= timedelta(days=2)


def test_keys_let_in_from_everywhere_under_every_name(app, client, key):
    client = client_of(app, client=FOREIGN)
    headers = bearer(key) | {"Host": "invoices.example", "X-Forwarded-For": "1.2.3.4"}
    assert client.get("/v1/limits", headers=headers).status_code == 200


@pytest.mark.parametrize("kind", ["Basic", "bearer", "BEARER"])
def test_authorization_is_of_the_kind_bearer(client, key, kind):
    answer = client.get("/v1/limits", headers={"Authorization": f"{kind} {key}"})
    assert answer.status_code == (401 if kind == "Basic" else 200)


def test_a_call_that_waits_ends_with_401_when_its_key_is_revoked(client, services, key):
    (entry,) = client.post(
        "/extract-invoice", files=[("files", ("a.pdf", PDF))], headers=bearer(key)
    ).json()
    (made,) = services.keys.listed("default")
    threading.Timer(0.3, services.keys.revoke, ["default", made.id]).start()
    answer = client.get(f"/status/{entry['task_id']}?wait=1", headers=bearer(key))
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_key")


def test_no_call_is_served_five_seconds_after_a_key_was_revoked_in_another_process(start_api):
    api = start_api(BROKER_URL="redis://127.0.0.1:1/0")
    made = httpx.post(f"{api.url}/v1/keys", json={"name": "a", "scopes": ["read", "admin"]}).json()
    other = start_api(BROKER_URL="redis://127.0.0.1:1/0")  # over the same data
    served: list[float] = []
    stop = threading.Event()

    def call():
        with httpx.Client(headers=bearer(made["key"])) as client:
            while not stop.is_set():
                answer = client.get(f"{other.url}/v1/schema")
                if answer.is_success:
                    served.append(time.monotonic())
                time.sleep(0.005)

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(served) > 20)
    url = f"{api.url}/v1/keys/{made['id']}"
    assert httpx.delete(url, headers=bearer(made["key"])).status_code == 204
    revoked = time.monotonic()
    time.sleep(6)
    stop.set()
    for thread in threads:
        thread.join()
    assert max(served) - revoked <= 5


def run(folder, *arguments) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", "keys", *arguments],
        cwd=ROOT,
        env={"DATA_DIR": str(folder), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_makes_lists_and_revokes_keys(tmp_path, make_services, settings, capsys):
    asked = ["--tenant", "acme", "--scopes", "read,admin", "--expires", "30", "--name", "Ada"]
    made = run(tmp_path, "create", *asked, "--budget-day", "2.50", "--rate", "9")
    assert made.returncode == 0, made.stderr
    key = made.stdout.strip()
    assert made.stdout == f"{key}\n"
    services = make_services(settings.model_copy(update={"data_dir": tmp_path}))
    with client_of(build_app(services)) as client:
        answer = client.get("/v1/keys", headers=bearer(key)).json()["keys"][0]
        assert (answer["budget"], answer["rate"]) == ({"day": "2.5", "total": None}, 9)

    def listed(*arguments: str) -> str:
        assert keys_command.run(["list", *arguments], services) == 0
        told: str = capsys.readouterr().out
        return told

    assert key[:16] in listed()
    assert "acme  read,admin  valid until" in listed()
    assert keys_command.run(["revoke", key[:16]], services) == 0
    assert "revoked" in listed("--tenant", "acme")
    assert keys_command.run(["revoke", key[:16]], services) == 1


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("--tenant", "Not A Name"), "No key was made"),
        (("--scopes", "root"), "root"),
        (("--expires", "99999999"), "not a number from 1 to"),
        (("--rate", "0"), "not a number from 1 to"),
    ],
    ids=str,
)
def test_the_command_refuses_what_cannot_be(asked, told, services, capsys):
    try:
        code = keys_command.run(["create", *asked], services)
    except SystemExit as ended:
        code = ended.code
    assert code == 2
    assert told in capsys.readouterr().err


def test_the_command_tells_its_options_without_making_a_database(tmp_path):
    assert "make, list and revoke" in run(tmp_path, "--help").stdout.lower()
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------ the page


HTML = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate"}


@pytest.fixture
def signed_in(client, key):
    """The client of a person who gave the key to the page."""
    form = {"key": f" {key}\n", "next": "/?cursor=x"}
    answer = client.post("/login", data=form, follow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/?cursor=x")
    cookie = answer.headers["Set-Cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=strict", "Path=/"))
    assert "Max-Age" not in cookie
    return client


def token(client) -> str:
    return client.get("/", headers=HTML).text.partition('name="csrf" content="')[2][:64]


def test_a_page_asks_for_the_key_and_a_script_is_told_by_the_status(client, key):
    answer = client.get("/documents/" + "a" * 32, headers=HTML, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/login?next=%2Fdocuments%2F" + "a" * 32
    page = client.get(answer.headers["Location"])
    assert 'value="/documents/' + "a" * 32 in page.text
    assert client.get("/documents/rows?ids=" + "a" * 32).status_code == 401


def test_a_wrong_key_is_told_on_the_page(client, key):
    answer = client.post("/login", data={"key": "inv_no"})
    assert answer.status_code == 401
    assert "There is no such key." in answer.text
    assert "Set-Cookie" not in answer.headers


def test_in_open_mode_no_page_asks_for_a_key(client):
    assert client.get("/login", follow_redirects=False).headers["Location"] == "/"
    assert 'name="csrf"' not in client.get("/").text


def test_the_page_shows_documents_and_changes_them_with_its_token(signed_in, services, key):
    headers = {"X-CSRF-Token": token(signed_in)}
    sent = signed_in.post("/extract-invoice", files={"files": PDF}, headers=headers)
    assert sent.status_code == 202
    address = f"/v1/documents/{sent.json()[0]['task_id']}"
    assert signed_in.get(address).status_code == 200
    for wrong in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "0" * 64}, {"X-CSRF-Token": "ü"}):
        answer = signed_in.delete(
            address, headers={name: value.encode() for name, value in wrong.items()}
        )
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden_session")
    assert signed_in.delete(address, headers=headers).status_code == 204


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_page_of_another_site_cannot_use_the_cookie_or_sign_anybody_in(signed_in, key, headers):
    right = {"X-CSRF-Token": token(signed_in)}
    answer = signed_in.post("/extract-invoice", files={"files": PDF}, headers=right | headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden_origin")
    for path in ("/login", "/logout"):
        assert signed_in.post(path, data={"key": key}, headers=headers).status_code == 403


def test_signing_out_forgets_the_key(signed_in):
    assert signed_in.post("/logout", follow_redirects=False).status_code == 303
    assert signed_in.get("/", headers=HTML, follow_redirects=False).status_code == 303


def test_behind_tls_the_cookie_is_secure(app, client, key):
    client = client_of(app, base_url="https://127.0.0.1")
    answer = client.post("/login", data={"key": key}, follow_redirects=False)
    assert "Secure" in answer.headers["Set-Cookie"]


def test_a_form_too_long_for_a_key_is_not_read(client, key):
    assert client.post("/login", data={"key": "x" * 10_000}).status_code == 413


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/", "/"),
        ("/documents/a?b=c", "/documents/a?b=c"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/a\\b", "/"),
        ("https://evil.example", "/"),
        ("", "/"),
        ("/a\r\nSet-Cookie: x=y", "/"),
    ],
)
def test_the_login_leads_to_no_other_site(target, path):
    assert _path(target) == path


@pytest.mark.parametrize(
    "wrong",
    [{"expires_at": 4_000_000_000}, {"expires_at": "2999-01-01"}]
    + [{"budget": {"day": day}} for day in ("1e3", "-1", True, "1.0000001", "")],
)
def test_a_time_or_an_amount_is_written_in_one_way(client, wrong):
    answer = client.post("/v1/keys", json={"name": "a"} | wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_option")


@pytest.mark.parametrize("day", [1, 0.5, "2.50"])
def test_an_amount_is_a_number_or_its_text(client, day):
    asked = {"name": "a", "budget": {"day": day}, "expires_at": "2999-01-01T00:00:00Z"}
    assert client.post("/v1/keys", json=asked).status_code == 201
