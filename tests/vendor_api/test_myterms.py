"""`/.well-known/myterms.json`, read at vendors' hosts and served here; and Global Privacy Control."""

import json
from dataclasses import replace
from email.utils import parsedate_to_datetime

import jwt
import pytest
from actors import VendorActor
from reading import words
from sites import allowed
from storage import on_sqlite_alone

from consent.terms import standing
from consent.terms.roster import ROSTER
from vendor_api.errors import InvalidClientMetadata
from vendor_api.vendors.metadata import checked
from vendor_api.vendors.myterms import in_document
from wallet.app import create_app
from wallet.demo.shop import app as shop


@pytest.fixture
def house(house, authority):
    """Which may fetch from this machine."""
    return replace(house, settings=replace(house.settings, **allowed(authority)))


@pytest.fixture
def app(house):
    return create_app(house)


@pytest.fixture
def stadtwerke(app, house, site, person):
    """It has registered no terms, and its host may state some; the person wants SD-BASE."""
    ids = {"person_id": person.person.person_id, "persona_id": person.person.persona_id}
    house.database.write(standing.put, "every", **ids, applies="conditionally", agreements=["SD-BASE"])
    return VendorActor(app, house, "stadtwerke", redirect_uris=[f"https://localhost:{site.port}/back"])


@on_sqlite_alone
def test_what_a_vendors_host_states_is_read_where_nothing_is_registered(person, stadtwerke, site):
    site.shows({"agreements": [{"id": "SD-BY", "url": "https://myterms.info/agreements/SD-BY"}]})

    page = person.opens(stadtwerke.link(["email"]))
    answer = stadtwerke.receives(person.allows(page, only=["email"]))

    assert "Under your terms: Service only." in words(page)
    assert [path for _method, path, _headers, _body in site.seen] == ["/.well-known/myterms.json"]
    assert site.seen[0][2]["sec-gpc"] == "1"
    assert "code" in answer


@pytest.mark.parametrize("status", [404, 500, 301])
@on_sqlite_alone
def test_a_host_that_states_nothing_accepts_nothing(person, stadtwerke, site, status):
    site.status = status

    page = person.opens(stadtwerke.link(["email"]))

    assert "accepts none of your terms." in words(page)


@on_sqlite_alone
def test_nothing_is_fetched_for_who_has_no_terms_nor_where_vendors_redeem_and_read(app, house, person, site):
    vendor = VendorActor(app, house, "shop", redirect_uris=[f"https://localhost:{site.port}/back"])

    code = vendor.receives(person.allows(person.opens(vendor.link(["email"])), only=["email"]))["code"]
    vendor.reads(vendor.redeems(code).json["access_token"])

    assert site.seen == []


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ({"agreements": [{"id": "SD-BASE"}, {"id": "SD-BY"}, {"id": "PDC-AI"}]}, ("SD-BASE", "PDC-AI")),
        ({"agreements": [{"id": "TPR"}, {"id": 7}, {}, 7, None, "SD-BASE"]}, ()),
        ({"agreements": {"id": "SD-BASE"}}, ()),
        ({}, ()),
        ([], ()),
        (None, ()),
    ],
)
def test_of_a_document_counts_what_is_in_the_roster(document, found):
    assert in_document(document) == found


@pytest.mark.parametrize(
    "said",
    [
        {"myterms": ["TPR"]},
        {"myterms": "SD-BASE"},
        {"myterms": ["SD-BASE"] * 101},
        {"vendor_kind": "friend"},
        {"vendor_kind": 7},
    ],
    ids=str,
)
def test_a_registration_names_agreements_of_the_roster_and_a_kind_there_is(said):
    with pytest.raises(InvalidClientMetadata):
        checked({"redirect_uris": ["https://shop.example/back"], **said})


@on_sqlite_alone
def test_the_host_serves_what_people_can_propose(app, house):
    client = app.test_client()

    served = client.get("/.well-known/myterms.json")

    assert served.mimetype == "application/json"
    assert parsedate_to_datetime(served.json["effective_date"]).year == 2026
    assert [one["id"] for one in served.json["agreements"]] == list(ROSTER)
    assert all(one["url"].startswith("http://localhost/oauth/agreements/roster/") for one in served.json["agreements"])
    assert client.get("/oauth/agreements/roster/SD-BY").data == client.get("/oauth/agreements/roster/SD-BASE").data
    assert client.get("/oauth/agreements/roster/nonsense").status_code == 404


@on_sqlite_alone
def test_the_host_says_that_it_honours_global_privacy_control(app):
    served = app.test_client().get("/.well-known/gpc.json")

    assert served.json == {"gpc": True, "lastUpdate": "2026-11-22"}
    assert served.headers["Cache-Control"].startswith("public")


@on_sqlite_alone
def test_the_consent_token_says_that_nothing_may_be_sold_or_shared(person, app, house):
    vendor = VendorActor(app, house, "shop")
    code = vendor.receives(person.allows(person.opens(vendor.link(["email"])), only=["email"]))["code"]

    claims = jwt.decode(vendor.redeems(code).json["consent_token"], options={"verify_signature": False})

    assert claims["w:gpc"] is True


@pytest.mark.parametrize(("headers", "asked"), [({}, True), ({"Sec-GPC": "1"}, False), ({"Sec-GPC": "0"}, True)])
def test_the_demo_shop_asks_for_nothing_beyond_the_service_where_the_browser_sends_the_signal(
    monkeypatch, headers, asked
):
    environment = {
        "SHOP_SECRET_KEY": "s",
        "SHOP_DISCOVERY_URL": "http://localhost/",
        "SHOP_CLIENT_ID": "shop",
        "SHOP_CLIENT_SECRET": "s",
    }
    client, sent = shop.create_app(environment).test_client(), {}
    monkeypatch.setattr(
        shop.oauth.wallet, "authorize_redirect", lambda _back, **more: sent.update(more) or shop.redirect("/")
    )

    client.get("/sign-in", headers=headers)

    wishes = json.loads(sent["claims"])["userinfo"]
    assert ("birthdate" in wishes) is asked
    assert "email" in wishes


def test_the_demo_shop_accepts_two_agreements_beforehand():
    assert checked(shop.metadata(8421))["myterms"] == ["SD-BASE", "SD-BASE-A"]
