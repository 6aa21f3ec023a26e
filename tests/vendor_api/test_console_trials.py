"""A member tries a client with themself as the person: the real flow, each step shown, secrets masked, nothing kept."""

import re
from html import unescape

import pytest
from actors import VendorActor
from staffing import StaffActor, form_token
from storage import nothing_changes, on_sqlite_alone, rows

from vendor_api.errors import InvalidClientMetadata
from vendor_api.oauth.registration import add_by_operator

pytestmark = on_sqlite_alone
CLIENT = "/console/clients/stadtwerke"


@pytest.fixture
def kim(app, house, vendor, person):
    """In the browser in which Ana's wallet is open."""
    actor = StaffActor(app, house, vendor.client_id, "kim", "agent")
    person.signs_in()
    actor.client = person.browser.client
    actor.signs_in()
    return actor


def begins(kim, **said):
    form = {f"try-{name}": value for name, value in said.items()}
    return kim.post(f"{CLIENT}/try", form_at=CLIENT, **form)


def local(address):
    return address.removeprefix("http://localhost")


def tries(kim, person, *, only=("email",), **said):
    page = person.browser.follow(begins(kim, **said).location)
    assert "Stadtwerke (trial)" in page.text
    answer = person.allows(page, only=only) if only is not None else person.refuses(page)
    return kim.get(local(answer.location)), local(answer.location)


def test_every_step_is_shown_with_what_the_person_allowed(kim, person):
    page, _ = tries(kim, person, scope="openid email profile")

    said = unescape(page.text)
    for expected in ("GET /oauth/authorize", "POST /oauth/token", "GET /oauth/userinfo", "ana@example.org", '"aud"'):
        assert expected in said
    assert "Müller" not in said.partition("<main")[2]


def test_no_secret_is_shown_whole(kim, person):
    page, address = tries(kim, person, scope="openid email")

    code = re.search(r"code=([^&]+)", address)[1]
    assert code not in page.text
    assert code[:6] in page.text
    shown = unescape(re.sub(r"<[^>]+>", "", page.text.partition("<main")[2]))
    assert "eyJ" not in re.sub(r'"eyJ[\w-]{3}…"', "", shown)
    assert [name for name in re.findall(r'"(\w+)": "[\w-]{60,}"', shown) if name != "grant_id"] == []


def test_it_is_shown_once_and_no_value_is_kept(kim, person, house):
    _, address = tries(kim, person, scope="openid email")

    assert "invalid_grant" in kim.get(address).text
    assert "ana@example.org" not in str([rows(house, table) for table in ("vendors", "staff", "staff_sessions")])


def test_a_refusal_is_shown_as_what_the_vendor_learns(kim, person):
    page, _ = tries(kim, person, only=None, scope="openid email")

    assert "access_denied" in page.text
    assert "POST /oauth/token" not in page.text


def test_another_browser_or_member_sees_nothing_of_it(kim, person, app, house):
    page = person.browser.follow(begins(kim, scope="openid email").location)
    address = local(person.allows(page, only=["email"]).location)
    lee = StaffActor(app, house, "stadtwerke", "lee")
    lee.signs_in()

    with nothing_changes(house):
        assert lee.get(address).status_code == 410
        assert kim.get("/console/try/back?state=x&code=y").status_code == 410
    assert "ana@example.org" in kim.get(address).text


def test_the_twin_asks_for_no_more_than_its_client_may(kim, person, app, house):
    VendorActor(app, house, "small", scope="openid")
    lee = StaffActor(app, house, "small", "lee")
    lee.client = kim.client
    lee.signs_in()

    page = person.browser.follow(
        lee.post(
            "/console/clients/small/try", form_at="/console/clients/small", **{"try-scope": "openid email"}
        ).location
    )

    assert "Nothing about you leaves" in page.text


def test_nobody_can_take_the_name_of_the_twin_or_of_the_console(house):
    for client_id in ("console", "stadtwerke~trial"):
        given = {"client_id": client_id, "redirect_uris": ["https://x.example/back"]}
        with nothing_changes(house), pytest.raises(InvalidClientMetadata, match="belongs to the wallet itself"):
            house.database.write(add_by_operator, house.secrets, given, now=house.clock())


def test_claims_that_do_not_fit_into_an_address_are_refused(kim, house):
    token = form_token(kim.get(CLIENT))
    with nothing_changes(house):
        answer = kim.client.post(f"{CLIENT}/try", data={"csrf_token": token, "try-claims": "x" * 2000})
    assert answer.status_code == 422


def test_afterwards_no_token_is_left_that_opens_anything(kim, person, house):
    page, _ = tries(kim, person, scope="openid email")

    assert "POST /oauth/revoke" in page.text
    given = [row for row in rows(house, "tokens") if row["client_id"] == "stadtwerke~trial"]
    assert given
    assert [row for row in given if row["revoked_at"] is None] == []
