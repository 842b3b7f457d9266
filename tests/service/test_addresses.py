"""What webhooks may be sent to: a table of ways into a network of somebody's own, and none of them connects."""

import socket
import threading
from ipaddress import ip_address

import pytest

from service import addresses as package
from service.addresses import MAX_URL, Addresses, is_public
from service.courier import Courier
from service.errors import ForbiddenUrl
from tests.receiver import Trap
from tests.servers import free_port
from tests.service.made import a_claim

NAMES = {
    "hooks.example.com": ["93.184.215.14"],
    "six.example.com": ["2606:2800:21f:cb07:6820:80da:af6b:8b2c"],
    "both.example.com": ["2606:2800:21f:cb07:6820:80da:af6b:8b2c", "93.184.215.14"],
    "xn--bcher-kva.example": ["93.184.215.14"],
    "under_score.example.com": ["93.184.215.14"],
    # ways in
    "loop.example.com": ["127.0.0.1"],
    "loop6.example.com": ["::1"],
    "ten.example.com": ["10.1.2.3"],
    "twelve.example.com": ["172.31.255.255"],
    "home.example.com": ["192.168.0.1"],
    "carrier.example.com": ["100.100.100.200"],
    "cloud.example.com": ["169.254.169.254"],
    "cloud6.example.com": ["fd00:ec2::254"],
    "link6.example.com": ["fe80::1%eth0"],
    "mapped.example.com": ["::ffff:127.0.0.1"],
    "translated.example.com": ["64:ff9b::7f00:1"],
    "sixtofour.example.com": ["2002:7f00:1::"],
    "teredo.example.com": ["2001:0:4136:e378:8000:63bf:80ff:fffe"],
    "mixed.example.com": ["93.184.215.14", "127.0.0.1"],
    "mixed6.example.com": ["93.184.215.14", "::1"],
    "nothing.example.com": [],
    "odd.example.com": ["not an address"],
    "127.0.0.1.nip.example": ["127.0.0.1"],
    "metadata.google.internal": ["169.254.169.254"],
    "localhost.example": ["127.0.0.1"],
    "localhost": ["127.0.0.1"],
    "foo.localhost": ["127.0.0.1"],
    "printer.local": ["192.168.1.9"],
    "redis": ["10.0.0.5"],
    "postgres": ["10.0.0.6"],
    "zero.example.com": ["0.0.0.0"],  # noqa: S104  # connects to this machine
    "broadcast.example.com": ["255.255.255.255"],
    "many.example.com": ["224.0.0.1"],
    "azure.example.com": ["168.63.129.16"],
}

HOSTS = [
    # IPv4, plain
    *("127.0.0.1", "127.1.2.3", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1"),  # noqa: S104
    *("10.255.255.255", "100.64.0.1", "100.127.255.255", "100.100.100.200", "169.254.169.254"),
    *("169.254.170.2", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.255.255"),
    *("192.0.0.1", "192.0.0.192", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.19.255.255"),
    *("198.51.100.7", "203.0.113.7", "224.0.0.1", "239.255.255.250", "240.0.0.1"),
    *("255.255.255.255", "168.63.129.16"),
    # IPv4 as only some programs read it
    *("2130706433", "017700000001", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "127.1", "127.0.1"),
    *("0", "0x0", "127.0.0.01", "127.000.000.001", "0x7f.1", "127.0x0.1", "4294967295", "00"),
    *("127.0.0.1.", "127.0.0.0x1", "010.0.0.1", "256.256.256.256", "1.2.3.4.5", "127.0.0.1:80:80"),
    # IPv6, and IPv4 in it
    *("[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[0000::0001]", "[::ffff:127.0.0.1]"),
    *("[::ffff:7f00:1]", "[::ffff:169.254.169.254]", "[0:0:0:0:0:ffff:10.0.0.1]"),
    *("[::127.0.0.1]", "[::7f00:1]", "[64:ff9b::127.0.0.1]", "[64:ff9b::a9fe:a9fe]"),
    *("[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2002:a9fe:a9fe::1]", "[2002:c0a8:1::1]"),
    *("[2001:0:4136:e378:8000:63bf:80ff:fffe]", "[2001::1]", "[2001:10::1]", "[2001:db8::1]"),
    *("[fc00::1]", "[fd00:ec2::254]", "[fe80::1]", "[fe80::1%25eth0]", "[fe80::1%lo]", "[fec0::1]"),
    *("[ff02::1]", "[ff05::2]", "[100::1]", "[5f00::1]", "[3fff::1]", "[::ffff:0:127.0.0.1]"),
    *("[::1", "::1", "[]", "[127.0.0.1]", "[::g]", "[v1.127.0.0.1]"),
    # names
    *(name for name in NAMES if not NAMES[name] or name not in ("xn--bcher-kva.example",)),
    *("LOCALHOST", "LocalHost", "localhost.", "loop.example.com.", "unknown.example.com"),
    *(
        "１２７.0.0.1",
        "①②⑦.⓪.⓪.①",
        "127。0。0。1",
        "loop。example。com",
        "ｌocalhost",
        "loop.ex\u00adample.com",
    ),
    *("bücher.example", "loop\u200b.example.com", "-loop.example.com", "loop..example.com"),
    *(".loop.example.com", "loop_.example.com%00", "%6c%6f%6f%70.example.com", "127%2e0.0.1"),
    *("*.example.com", "a" * 64 + ".example.com", ".".join(["a" * 60] * 5)),
]
PUBLIC = {"hooks.example.com", "six.example.com", "both.example.com", "under_score.example.com"}

URLS = [
    *(f"https://{host}:PORT/hook" for host in HOSTS if host not in PUBLIC),
    # a name and password, and what only looks like one
    *("https://hooks.example.com@127.0.0.1:PORT/", "https://user:word@loop.example.com:PORT/"),
    *(
        "https://@loop.example.com:PORT/",
        "https://:@127.0.0.1:PORT/",
        "https://a@b@127.0.0.1:PORT/",
    ),
    *("https://127.0.0.1:PORT\\@hooks.example.com/", "https://127.0.0.1:PORT#@hooks.example.com/"),
    *("https://hooks.example.com\\@127.0.0.1:PORT/", "https://127.0.0.1:PORT?@hooks.example.com/"),
    *("https:127.0.0.1:PORT/", "https:/127.0.0.1:PORT/", "https:///127.0.0.1:PORT/"),
    *(
        "https:////127.0.0.1:PORT/",
        "https:\\\\127.0.0.1:PORT\\",
        "//127.0.0.1:PORT/",
        "127.0.0.1:PORT",
    ),
    # other schemes, and http to where it is not allowed
    *("http://loop.example.com:PORT/", "http://hooks.example.com/", "http://93.184.215.14/"),
    *(
        "gopher://127.0.0.1:PORT/_x",
        "file:///etc/passwd",
        "ftp://127.0.0.1:PORT/",
        "ws://127.0.0.1:PORT/",
    ),
    *("wss://loop.example.com:PORT/", "dict://127.0.0.1:PORT/", "ldap://127.0.0.1:PORT/"),
    *(
        "unix:///run/docker.sock",
        "http+unix://%2Frun%2Fdocker.sock/",
        "data:text/plain,x",
        "javascript:1",
    ),
    *(
        "jar:https://127.0.0.1:PORT/!/",
        "hTTp://127.0.0.1:PORT/",
        "tcp://127.0.0.1:PORT",
        "about:blank",
    ),
    # ports
    *(
        "https://hooks.example.com:22/",
        "https://hooks.example.com:6379/",
        "https://hooks.example.com:0/",
    ),
    *(
        "https://hooks.example.com:80/",
        "https://hooks.example.com:65536/",
        "https://hooks.example.com:/",
    ),
    *(
        "https://hooks.example.com:-1/",
        "https://hooks.example.com:4 43/",
        "https://hooks.example.com:x/",
    ),
    # what splits a request, or is no URL
    *("https://loop.example.com:PORT/\r\nX: 1", "https://loop.example.com:PORT/ HTTP/1.1"),
    *("\thttps://127.0.0.1:PORT/", " https://127.0.0.1:PORT/", "https://127.0.0.1:PORT/\x00", ""),
    *(
        "https://loop.exa\nmple.com:PORT/",
        "https://lo\top.example.com:PORT/",
        "https://",
        "https://?",
    ),
    *(
        "https://hooks.example.com/#part",
        "https://hooks.example.com/ü",
        "https://hooks.example.com/{a}",
    ),
    "https://hooks.example.com/" + "a" * MAX_URL,
]


@pytest.fixture
def trap():
    trap = Trap()
    yield trap
    trap.close()


def resolver(host: str) -> list[str]:
    """Look a name up in the table here, and nowhere else."""
    if host not in NAMES:
        raise OSError("no such name")
    return NAMES[host]


def test_there_are_enough_ways_in():
    assert len(set(URLS)) >= 120


@pytest.mark.parametrize("url", URLS, ids=lambda url: ascii(url)[:60])
def test_no_way_in_is_open(url, trap):
    # the port of the trap is no defence here, nor is any that a name may have
    addresses = Addresses(resolver=resolver, ports=frozenset({443, 8443, trap.port}))
    url = url.replace("PORT", str(trap.port))
    with pytest.raises(ForbiddenUrl) as told:
        addresses.resolve(url)
    assert told.value.code == "forbidden_url"
    courier = Courier(None, addresses, timeout=0.5)  # keeps nothing in this test
    assert courier.attempt(a_claim(url)).error == "forbidden_url"
    assert trap.connections == 0


def test_the_trap_counts_who_connects(trap):
    addresses = Addresses(frozenset({f"127.0.0.1:{trap.port}"}), resolver)
    outcome = Courier(None, addresses, timeout=2).attempt(a_claim(f"http://127.0.0.1:{trap.port}/"))
    assert outcome.error in {"protocol", "unreachable"}
    assert trap.connections == 1


def test_a_name_that_turns_private_after_it_was_saved_is_not_connected_to(trap):
    answers = iter([["93.184.215.14"], ["127.0.0.1"]])
    addresses = Addresses(resolver=lambda _: next(answers), ports=frozenset({trap.port}))
    url = f"https://rebind.example.com:{trap.port}/"
    assert addresses.resolve(url).addresses == ("93.184.215.14",)
    assert Courier(None, addresses, timeout=0.5).attempt(a_claim(url)).error == "forbidden_url"
    assert trap.connections == 0


def test_a_name_is_looked_up_once_for_an_attempt():
    asked = []

    def resolve(host: str) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    place = f"hooks.inside:{free_port()}"
    # nothing listens there: what was found is connected to, and not asked for again
    courier = Courier(None, Addresses(frozenset({place}), resolve), timeout=1)
    outcome = courier.attempt(a_claim(f"http://{place}/"))
    assert asked == ["hooks.inside"]
    assert outcome.status is None


@pytest.mark.parametrize(
    ("url", "host", "port", "path"),
    [
        ("https://hooks.example.com", "hooks.example.com", 443, "/"),
        ("HTTPS://Hooks.Example.com:8443/In?a=B", "hooks.example.com", 8443, "/In?a=B"),
        ("https://xn--bcher-kva.example/", "xn--bcher-kva.example", 443, "/"),
        ("https://under_score.example.com/", "under_score.example.com", 443, "/"),
        ("https://93.184.215.14/x", "93.184.215.14", 443, "/x"),
        (
            "https://[2606:2800:021f:cb07:6820:80da:af6b:8b2c]/",
            NAMES["six.example.com"][0],
            443,
            "/",
        ),
        ("https://both.example.com/%41", "both.example.com", 443, "/%41"),
        ("https://hooks.example.com?q", "hooks.example.com", 443, "/?q"),
    ],
)
def test_a_public_place_may_be_sent_to(url, host, port, path):
    target = Addresses(resolver=resolver).resolve(url)
    place = target.place
    assert (place.host, place.port, place.path) == (host, port, path)
    assert target.addresses


def test_a_place_is_named_as_it_stands_in_a_request():
    read = Addresses(frozenset({"inside"})).read
    assert read("https://a.example:443/").authority == "a.example"
    assert read("https://a.example:8443/").authority == "a.example:8443"
    assert read("http://inside/x").authority == "inside"
    assert read("http://inside:443/x").origin == "http://inside:443"
    assert read("https://[2606:2800::1]:8443/").authority == "[2606:2800::1]:8443"


@pytest.mark.parametrize(
    ("hosts", "url", "allowed"),
    [
        ({"n8n"}, "http://n8n/hook", True),
        ({"n8n"}, "https://n8n/hook", True),
        ({"n8n"}, "http://n8n:5678/hook", False),
        ({"n8n:5678"}, "http://n8n:5678/hook", True),
        ({"n8n:5678"}, "http://n8n/hook", False),
        ({"n8n"}, "http://n8n.example.com/hook", False),
        ({"10.0.0.7:9000"}, "http://10.0.0.7:9000/", True),
        ({"10.0.0.7:9000"}, "http://10.0.0.8:9000/", False),
        ({"10.0.0.7:9000"}, "http://10.0.0.7:9000@10.0.0.8/", False),
        ({"[::1]:9000"}, "http://[::1]:9000/", True),
        ({"[::1]:9000"}, "http://[0:0::1]:9000/", True),
        ({"[::1]:9000"}, "http://[::2]:9000/", False),
        ({"::1"}, "http://[::1]/", True),
    ],
)
def test_a_host_that_is_set_may_be_private_and_no_other(hosts, url, allowed):
    addresses = Addresses(frozenset(hosts), lambda _: ["10.0.0.7"])
    if allowed:
        assert addresses.resolve(url).addresses
    else:
        with pytest.raises(ForbiddenUrl):
            addresses.resolve(url)


def test_addresses_at_the_edges_of_networks_are_told_apart():
    public = ["9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.255.255"]
    public += ["172.32.0.0", "192.167.255.255", "223.255.255.255", "2001:200::1", "2003::1"]
    assert all(is_public(ip_address(address)) for address in public)
    private = ["10.0.0.0", "100.64.0.0", "172.31.255.255", "2001:1ff::1", "1fff::1", "4000::1"]
    assert not any(is_public(ip_address(address)) for address in private)


def test_a_name_that_no_server_answers_for_counts_as_not_there(monkeypatch):
    answer = threading.Event()
    monkeypatch.setattr(package, "LOOKED_UP", 0.05)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answer.wait(30) and [])
    try:
        with pytest.raises(ForbiddenUrl, match="no address that could be found"):
            Addresses().resolve("https://slow.example.com/")
    finally:
        answer.set()
