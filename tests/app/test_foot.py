"""What stands at the foot of each page: ways of showing it, which lead back to where the reader was."""

import re
from urllib.parse import parse_qs, urlsplit

from service.tenants import TENANT
from tests.app.conftest import client_of


def links(page: str) -> list[tuple[str, str]]:
    """Return the paths in the foot, and where each leads back to."""
    foot = page.partition('<footer class="foot">')[2]
    found = [urlsplit(target) for target in re.findall(r'href="([^"]+)"', foot)]
    return [(target.path, parse_qs(target.query)["next"][0]) for target in found]


def test_after_a_key_that_was_refused_the_foot_still_leads_to_where_the_person_was_headed(
    app, services
):
    with client_of(app) as client:
        services.keys.make(TENANT, "first", frozenset({"admin"}))
        answer = client.post("/login", data={"key": "inv_none", "next": "/settings?part=2"})
    assert answer.status_code == 401
    assert {back for _, back in links(answer.text)} == {"/login?next=%2Fsettings%3Fpart%3D2"}


def test_the_page_is_light_dark_or_as_the_system_is_and_remembers_it(client):
    page = client.get("/settings").text
    assert "data-look" not in page
    assert '<meta name="color-scheme" content="light dark">' in page
    for look in ("dark", "light"):
        answer = client.get(f"/look/{look}?next=/settings", follow_redirects=False)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/settings")
        assert "Max-Age=31536000" in answer.headers["Set-Cookie"]
        page = client.get("/settings").text
        assert f'data-look="{look}"' in page
        assert f'<meta name="color-scheme" content="{look}">' in page
        assert re.search(rf'<a href="/look/{look}\?next=%2Fsettings" aria-current="true">', page)
    client.get("/look/system")
    assert "data-look" not in client.get("/settings").text


def test_an_unknown_look_is_not_kept_and_leads_to_no_other_site(client):
    answer = client.get("/look/blue?next=//example.org", follow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert "Set-Cookie" not in answer.headers
    page = client.get("/", headers={"Cookie": 'look="><b>'})
    assert "data-look" not in page.text


def test_the_look_is_chosen_where_a_key_is_asked_for_too(app, services):
    with client_of(app) as client:
        services.keys.make(TENANT, "first", frozenset({"admin"}))
        client.get("/look/dark?next=/login", follow_redirects=False)
        assert 'data-look="dark"' in client.get("/login").text
