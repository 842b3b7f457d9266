"""Deliveries over real connections: signed by the standard, and whatever a receiver does harms nobody else."""

import json
import random
import threading
import time
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from statistics import quantiles

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from service import courier as courier_module
from service import post as post_module
from service.addresses import Addresses
from service.courier import AT_A_TIME, Courier, signed
from service.errors import ServiceUnavailable
from service.post import MAX_ANSWER
from service.store.tables import webhooks as table
from service.store.webhooks import SqlWebhookStore
from service.webhooks import FAILING, SCHEDULE, Webhook, Webhooks, new_secret
from tests.receiver import Receiver, Trap, hang, says, status
from tests.servers import wait_until
from tests.service.made import a_claim
from tests.service.test_webhooks import all_of, send

VECTOR = {
    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "event": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "at": datetime.fromtimestamp(1614265330, UTC),
    "body": '{"test": 2432232314}',
    "signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
"""The example that Standard Webhooks' libraries (Python, Go, JavaScript, Java and others) are tested with."""


def attempt(receiver: Receiver, *, timeout: float = 5.0, **claim):
    addresses = Addresses(frozenset({receiver.place}))
    return Courier(None, addresses, timeout=timeout).attempt(a_claim(receiver.url, **claim))


# ---------------------------------------------------------------- the signature


def test_the_signature_is_that_of_the_reference_libraries():
    claim = a_claim(
        "https://a.example/", body=VECTOR["body"], event=VECTOR["event"], secret=VECTOR["secret"]
    )
    assert signed(claim, VECTOR["at"]) == {
        "webhook-id": VECTOR["event"],
        "webhook-timestamp": "1614265330",
        "webhook-signature": VECTOR["signature"],
    }


def test_what_arrives_verifies_and_a_flipped_byte_or_an_old_timestamp_does_not():
    secret = new_secret()
    with Receiver() as receiver:
        outcome = attempt(receiver, secret=secret, body='{"a":"\\u00fc"}')
        assert (outcome.status, outcome.delivered) == (204, True)
        receiver.verify(secret)
        (one,) = receiver.received
    assert one.headers["content-type"] == "application/json"
    assert one.headers["host"] == receiver.place
    assert abs(int(one.headers["webhook-timestamp"]) - time.time()) < 60
    with pytest.raises(WebhookVerificationError):
        Verifier(secret).verify(one.body.replace(b"a", b"b", 1), one.headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(new_secret()).verify(one.body, one.headers)
    old = signed(a_claim("x", secret=secret), datetime.now(UTC) - timedelta(minutes=6))
    with pytest.raises(WebhookVerificationError, match="too old"):
        Verifier(secret).verify("{}", old)


def test_while_a_secret_rotates_both_verify_and_afterwards_the_new_one_alone():
    old, new = new_secret(), new_secret()
    now = datetime.now(UTC)
    claim = a_claim(
        *("https://a.example/",),
        secret=new,
        secret_before=old,
        secret_before_until=now + timedelta(hours=1),
    )
    headers = signed(claim, now)
    assert len(headers["webhook-signature"].split(" ")) == 2
    for secret in (old, new):
        Verifier(secret).verify(claim.delivery.body, headers)
    assert len(signed(claim, now + timedelta(hours=2))["webhook-signature"].split(" ")) == 1


# ---------------------------------------------------------------- what a receiver may do


@pytest.mark.parametrize("code", [200, 201, 202, 204, 299])
def test_2xx_is_a_delivery(code):
    with Receiver(status(code)) as receiver:
        assert attempt(receiver).delivered


@pytest.mark.parametrize("code", [300, 304, 400, 404, 410, 429, 500, 502, 503, 504])
def test_any_other_status_is_none(code):
    with Receiver(status(code)) as receiver:
        outcome = attempt(receiver)
    assert (outcome.status, outcome.delivered, outcome.error) == (code, False, None)


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(code):
    trap = Trap()
    try:
        location = f"http://127.0.0.1:{trap.port}/"
        with Receiver(status(code, Location=location)) as receiver:
            assert attempt(receiver).status == code
        assert trap.connections == 0
    finally:
        trap.close()


def test_no_proxy_is_asked(monkeypatch):
    trap = Trap()
    try:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{trap.port}")
        with Receiver() as receiver:
            assert attempt(receiver).delivered
        assert trap.connections == 0
    finally:
        trap.close()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (hang(3), "timeout"),
        (says(*([b"HTTP/1.1 200 OK\r\n"] + [b"X: 1\r\n"] * 100), pause=0.1), "timeout"),
        (says(*[b"H"] * 100, pause=0.1), "timeout"),
        (says(), "protocol"),
        (says(b"SSH-2.0-OpenSSH_9.9\r\n"), "protocol"),
        (says(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 2 * MAX_ANSWER), "protocol"),
        (says(b"HTTP/1.1 100 Continue\r\n\r\n" * 5_000), "protocol"),
        (says(b"HTTP/1.1 200"), "protocol"),
    ],
    ids=["hangs", "drips headers", "drips", "cuts", "no HTTP", "long head", "100s", "half a line"],
)
def test_a_receiver_that_answers_oddly_costs_no_more_than_the_timeout(answer, error):
    with Receiver(answer) as receiver:
        began = time.monotonic()
        outcome = attempt(receiver, timeout=1.0)
        lasted = time.monotonic() - began
    # what is cut while the sender still reads may look like a broken connection
    assert outcome.error in {error, "unreachable"} if error == "protocol" else {error}
    assert outcome.status is None
    assert lasted < 3


@pytest.mark.parametrize(
    "answer",
    [
        says(b"HTTP/1.1 200 OK\r\n\r\n" + b"a" * 50 * MAX_ANSWER),
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", *[b"a"] * 100, pause=0.1),
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"),
        says(
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"
        ),
    ],
    ids=["large", "dripping", "cut", "after others"],
)
def test_once_the_status_has_come_the_rest_matters_little(answer):
    with Receiver(answer) as receiver:
        began = time.monotonic()
        assert attempt(receiver, timeout=10).delivered
        assert time.monotonic() - began < 5


def test_retry_after_is_read_as_seconds_and_as_a_date():
    def rest_of(code: int, value: str) -> timedelta | None:
        with Receiver(status(code, Retry_After=value)) as receiver:
            return attempt(receiver).rest

    assert rest_of(429, "120") == timedelta(minutes=2)
    assert rest_of(503, "0") == timedelta()
    later = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    assert timedelta(minutes=59) < rest_of(503, later) <= timedelta(hours=1)
    assert rest_of(503, "Fri, 31 Dec 1999 23:59:59 GMT") == timedelta()
    no_year = f"Fri, 31 Dec {'9' * 30} 23:59:59 GMT"
    for odd in ("soon", "-5", "1e9", "Fri, 99 Foo 1999", "9" * 400, "٣", no_year):
        assert (rest_of(429, odd.encode("utf-8").decode("latin-1")) or timedelta()) >= timedelta()
    assert rest_of(200, "120") is None


def test_nobody_listens():
    with Receiver() as receiver:
        place, url = receiver.place, receiver.url
    outcome = Courier(None, Addresses(frozenset({place})), timeout=1).attempt(a_claim(url))
    assert outcome.error == "unreachable"


# ---------------------------------------------------------------- TLS


def a_certificate(folder, name: str) -> tuple[str, str]:
    """Write a certificate that signs itself, for a name, and its key; return their paths."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    paths = folder / f"{name}.crt", folder / f"{name}.key"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(key.private_bytes(*form))
    return str(paths[0]), str(paths[1])


@pytest.fixture
def trusting(monkeypatch):
    """Let this process trust a certificate, as SSL_CERT_FILE does for a service."""

    def trust(path: str) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", path)
        post_module._tls.cache_clear()

    yield trust
    post_module._tls.cache_clear()


def over_tls(receiver: Receiver, name: str):
    port = receiver.place.rpartition(":")[2]
    addresses = Addresses(frozenset({f"{name}:{port}"}), lambda _: ["127.0.0.1"])
    return Courier(None, addresses, timeout=5).attempt(a_claim(f"https://{name}:{port}/in"))


def test_a_certificate_is_checked_against_the_name_not_the_address(tmp_path, trusting):
    certificate = a_certificate(tmp_path, "hooks.inside")
    trusting(certificate[0])
    with Receiver(certificate=certificate) as receiver:
        assert over_tls(receiver, "hooks.inside").delivered
        assert receiver.received[0].path == "/in"
        assert over_tls(receiver, "other.inside").error == "tls"
        assert len(receiver.received) == 1


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path):
    certificate = a_certificate(tmp_path, "hooks.inside")
    with Receiver(certificate=certificate) as receiver:
        assert over_tls(receiver, "hooks.inside").error == "tls"
        assert receiver.received == []


def test_a_receiver_without_tls_is_not_sent_to_over_https():
    with Receiver() as receiver:
        assert over_tls(receiver, "hooks.inside").error == "tls"
        assert receiver.received == []


def test_the_next_address_is_tried_where_one_does_not_answer():
    with Receiver() as receiver:
        port = receiver.place.rpartition(":")[2]
        addresses = Addresses(frozenset({f"two:{port}"}), lambda _: ["127.0.0.9", "127.0.0.1"])
        outcome = Courier(None, addresses, timeout=5).attempt(a_claim(f"http://two:{port}/"))
        assert outcome.delivered
        assert receiver.received[0].headers["host"] == f"two:{port}"


# ---------------------------------------------------------------- many of them


@pytest.fixture
def run(sqlite_store, clock, monkeypatch):
    """Start a courier over SQLite, with a clock that moves as soon as nothing is due; stopped afterwards."""
    monkeypatch.setattr(courier_module, "POLL_SECONDS", 0.02)
    running: list[Courier] = []

    def start(*receivers: Receiver, timeout: float) -> tuple[SqlWebhookStore, list[Webhook]]:
        store = SqlWebhookStore(sqlite_store.engine, clock)
        addresses = Addresses(frozenset(receiver.place for receiver in receivers))
        made = Webhooks(store, addresses)
        hooks = [made.make("default", one.url, ("document.completed",)) for one in receivers]
        courier = Courier(store, addresses, timeout=timeout)
        running.append(courier)
        courier.start()
        return store, hooks

    yield start
    for courier in running:
        courier.stop()


def moody(seed: int, lasts: float):
    """Fail 30 % of all requests, hang in 10 % and cut 10 %, but never an event's last attempt."""
    dice = random.Random(seed)

    def answer(request, attempt: int) -> None:
        thrown = dice.random() if attempt < len(SCHEDULE) else 1.0
        if thrown < 0.3:
            status(500)(request, attempt)
        elif thrown < 0.4:
            time.sleep(lasts)
        elif thrown >= 0.5:
            status(204)(request, attempt)

    return answer


def deliver_all(run, clock, many: int, timeout: float) -> None:
    """Send so many events to a moody receiver, through all their attempts."""
    with Receiver(moody(7, timeout * 2)) as receiver:
        store, (hook,) = run(receiver, timeout=timeout)
        send(store, many)

        def ended() -> bool:
            found = [d for d in all_of(store, hook) if d.state == "pending"]
            if found and all(d.next_at and d.next_at > clock() for d in found):
                clock.now = min(d.next_at for d in found) + timedelta(seconds=1)
            return not found

        wait_until(ended, 100 + many)
        sent = {delivery.event: delivery for delivery in all_of(store, hook)}
        assert len(sent) == many
        missing = [event for event, delivery in sent.items() if delivery.state != "delivered"]
        assert missing == []
        came = defaultdict(set)
        for one in receiver.received:
            came[one.event].add(one.body)
        assert set(came) == set(sent)  # none is missing, and none came under another id
        assert all(len(bodies) == 1 for bodies in came.values())
        references = {
            json.loads(body)["data"]["reference"] for (body,) in map(tuple, came.values())
        }
        assert references == set(map(str, range(many)))
        assert len(receiver.received) > 1.3 * many  # there were failures indeed
        receiver.verify(hook.secret)


def test_no_event_is_missing_however_a_receiver_fails(run, clock):
    deliver_all(run, clock, 100, 0.3)


@pytest.mark.soak
@pytest.mark.timeout(1_800)
def test_none_of_a_thousand_events_is_missing(run, clock):
    deliver_all(run, clock, 1_000, 0.5)


def beside_hanging_ones(run, *, events: int, hanging: int, pause: float) -> None:
    """Send events to a good receiver and to others that hang: each of the good one's is there in 5 s."""
    bad = [Receiver(hang(60)).__enter__() for _ in range(hanging)]
    try:
        with Receiver() as good:
            store, _ = run(good, *bad, timeout=15.0)
            begun = []
            for number in range(events):
                send(store, from_number=number)
                begun.append(time.monotonic())
                time.sleep(pause)
            wait_until(lambda: len(good.received) >= events, 60)
            came = {int(json.loads(one.body)["data"]["reference"]): one.at for one in good.received}
            assert set(came) == set(range(events))
            waits = [came[number] - begun[number] for number in range(events)]
            assert quantiles(waits, n=20)[-1] <= 5.0
    finally:
        for receiver in bad:
            receiver.__exit__()


def test_hanging_receivers_delay_nobody_else(run):
    # more of them than a worker has deliveries under way, were each let have its four
    beside_hanging_ones(run, events=60, hanging=3, pause=0.05)


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_a_hanging_receiver_delays_none_of_500_events(run):
    beside_hanging_ones(run, events=500, hanging=1, pause=0.02)


def test_webhooks_that_fail_again_and_again_leave_half_of_the_room(run):
    bad = [Receiver(hang(60)).__enter__() for _ in range(AT_A_TIME)]
    try:
        with Receiver() as good:
            store, (hook, *_) = run(good, *bad, timeout=30.0)
            with store.engine.begin() as connection:
                others = table.update().where(table.c.id != hook.id)
                connection.execute(others.values(failures=FAILING))
            send(store, 20)
            wait_until(lambda: len(good.received) >= 20, 20)
            time.sleep(0.5)
            assert sum(len(one.received) for one in bad) == AT_A_TIME // 2
    finally:
        for receiver in bad:
            receiver.__exit__()


def test_a_database_that_is_away_loses_no_outcome(run, monkeypatch):
    with Receiver() as receiver:
        store, (hook,) = run(receiver, timeout=2.0)
        settle, failed = SqlWebhookStore.settle, threading.Event()

        def away(self, claim, outcome):
            if not failed.is_set():
                failed.set()
                raise ServiceUnavailable("away")
            return settle(self, claim, outcome)

        monkeypatch.setattr(SqlWebhookStore, "settle", away)
        send(store)
        wait_until(lambda: all_of(store, hook)[0].state == "delivered")
        assert failed.is_set()
        assert len(receiver.received) == 1


def test_what_a_receiver_does_is_logged_without_its_url_or_secret(run, caplog):
    with caplog.at_level("DEBUG"), Receiver(status(410)) as receiver:
        store, (hook,) = run(receiver, timeout=2.0)
        send(store)
        wait_until(lambda: store.get("default", hook.id).disabled_at)
        wait_until(lambda: "switched off" in caplog.text)
    told = "".join(repr(vars(record)) for record in caplog.records)
    assert hook.id in told
    assert "127.0.0.1" not in told
    assert "whsec_" not in told
