"""Resource indicators (RFC 8707): tokens are for this wallet, and a vendor that wants them for another is told so."""

from urllib.parse import quote

import pytest
from journeys import code_for, refused, sent_back, tokens_for
from storage import nothing_changes, on_sqlite_alone

ISSUER = "http://localhost"
USERINFO = f"{ISSUER}/oauth/userinfo"
OURS = [ISSUER, f"{ISSUER}/", USERINFO]
OTHERS = [
    "https://api.example",
    "http://localhost.evil.example",
    f"{ISSUER}/oauth/token",
    f"{ISSUER}#part",
    f"{USERINFO}/",
    "/oauth/userinfo",
    "HTTP://LOCALHOST",
    f" {ISSUER}",
    "urn:x",
]


@on_sqlite_alone
@pytest.mark.parametrize("resource", OURS)
def test_this_wallet_may_be_named(person, vendor, resource):
    code = code_for(person, vendor, resource=resource)

    tokens = vendor.redeems(code, resource=resource).json
    renewed = vendor.refreshes(tokens["refresh_token"], resource=resource).json

    assert vendor.reads(renewed["access_token"]).json["email"] == "ana@example.org"


@on_sqlite_alone
@pytest.mark.parametrize("resource", OTHERS)
def test_another_place_is_refused_before_the_person_is_asked(person, vendor, house, resource):
    with nothing_changes(house):
        answer = sent_back(person.browser.get(vendor.link(["email"], resource=resource)), vendor)

    assert answer["error"] == "invalid_target"
    assert (answer["state"], answer["iss"]) == (vendor.state, ISSUER)


@on_sqlite_alone
def test_another_place_is_refused_also_where_no_page_would_be_shown(person, vendor, house):
    tokens_for(person, vendor)

    with nothing_changes(house):
        link = vendor.link(["email"], resource="https://api.example")
        answer = sent_back(person.browser.get(link), vendor)

    assert answer["error"] == "invalid_target"


@on_sqlite_alone
@pytest.mark.parametrize("resource", OTHERS)
def test_no_token_is_given_for_another_place(person, vendor, house, resource):
    tokens, code = tokens_for(person, vendor), vendor.receives(person.opens(vendor.link(["email"])))["code"]

    with nothing_changes(house):
        assert refused(vendor.redeems(code, resource=resource), "invalid_target")
        assert refused(vendor.refreshes(tokens["refresh_token"], resource=resource), "invalid_target")

    assert vendor.redeems(code).status_code == 200


@on_sqlite_alone
@pytest.mark.parametrize("again", [False, True], ids=["with the page", "without a page"])
def test_resource_may_come_more_than_once(person, vendor, again):
    if again:
        tokens_for(person, vendor)
    link = vendor.link(["email"], resource=ISSUER) + f"&resource={quote(USERINFO)}"
    page = person.opens(link)
    code = vendor.receives(page if again else person.allows(page, only=["email"]))["code"]

    answer = vendor.redeems(code, resource=[ISSUER, USERINFO])

    assert answer.status_code == 200


@on_sqlite_alone
def test_each_of_several_must_be_ours(person, vendor, house):
    code = code_for(person, vendor)
    link = vendor.link(["email"], resource=ISSUER) + "&resource=https%3A%2F%2Fapi.example"

    with nothing_changes(house):
        assert sent_back(person.browser.get(link), vendor)["error"] == "invalid_target"
        assert refused(vendor.redeems(code, resource=[ISSUER, "https://api.example"]), "invalid_target")


@on_sqlite_alone
def test_nothing_else_may_come_twice_beside_it(person, vendor, house):
    code = code_for(person, vendor)
    link = vendor.link(["email"], resource=ISSUER) + f"&resource={quote(ISSUER)}&scope=openid"

    with nothing_changes(house):
        assert sent_back(person.browser.get(link), vendor)["error"] == "invalid_request"
        answer = vendor.redeems(code, resource=[ISSUER, ISSUER], scope=["openid", "openid"])
        assert refused(answer, "invalid_request")


@on_sqlite_alone
def test_an_empty_resource_is_as_good_as_none(person, vendor):
    code = code_for(person, vendor, resource="")

    assert vendor.redeems(code, resource=["", ""]).status_code == 200
