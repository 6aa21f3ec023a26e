"""Kinds of purpose, as terms of the Data Privacy Vocabulary: named by vendors, read by people, signed in the token."""

import json

import jwt
import pytest
from actors import VendorActor
from journeys import sent_back
from reading import words
from storage import nothing_changes, on_sqlite_alone

from consent.purposes import PURPOSES

DETAIL = "urn:hausrecht:consent"
DELIVERY = {"type": DETAIL, "attributes": ["address.locality"], "purpose": "To bring you the parcel"}
TERM = "dpv:DeliveryOfGoods"


@pytest.fixture
def shop(app, house):
    return VendorActor(app, house, "shop", purpose_types={"email": "dpv:CustomerOrderManagement"})


def processes(tokens):
    claims = jwt.decode(tokens["consent_token"], options={"verify_signature": False})
    return claims["consent"]["dpv:hasProcess"]


@pytest.mark.parametrize("given", [TERM, "https://w3id.org/dpv#DeliveryOfGoods"])
@on_sqlite_alone
def test_the_person_reads_the_kind_of_purpose_and_the_consent_token_names_it(person, shop, given):
    asked = [{**DELIVERY, "purpose_type": given}]
    page = person.opens(shop.link(authorization_details=json.dumps(asked)))

    tokens = shop.redeems(shop.receives(person.allows(page, only=["address.locality"]))["code"]).json

    assert "Kind of purpose: Delivery of Goods. It brings you what you ordered." in words(page)
    purpose = {"@id": TERM, "@type": "dpv:Purpose", "w:text": "To bring you the parcel"}
    assert [process["dpv:hasPurpose"] for process in processes(tokens)] == [purpose]
    assert tokens["authorization_details"][0]["purpose_type"] == given


@on_sqlite_alone
def test_a_kind_of_purpose_can_stand_in_the_metadata_or_beside_a_claim(person, shop):
    claims = {"userinfo": {"email": None, "given_name": {"purpose": "To greet you", "purpose_type": "dpv:Marketing"}}}

    page = person.opens(shop.link(claims=json.dumps(claims)))

    assert "Customer Order Management" in words(page)
    assert "Kind of purpose: Marketing." in words(page)


@on_sqlite_alone
def test_another_kind_of_purpose_is_another_question(person, shop):
    person.allows(person.opens(shop.link(authorization_details=json.dumps([DELIVERY]))), only=["address.locality"])
    other = json.dumps([{**DELIVERY, "purpose_type": TERM}])

    assert sent_back(person.browser.get(shop.link(authorization_details=other, prompt="none")), shop)["error"] == (
        "consent_required"
    )


@pytest.mark.parametrize("wrong", ["dpv:World", "DeliveryOfGoods", "dpv:Purpose", "", 7, None, ["dpv:Marketing"]])
@on_sqlite_alone
def test_a_kind_of_purpose_that_is_not_listed_is_refused_and_the_vendor_told_where_the_list_is(
    person, shop, house, wrong
):
    detail, claims = {**DELIVERY, "purpose_type": wrong}, {"userinfo": {"email": {"purpose_type": wrong}}}

    with nothing_changes(house):
        one = sent_back(person.browser.get(shop.link(authorization_details=json.dumps([detail]))), shop)
        two = sent_back(person.browser.get(shop.link(claims=json.dumps(claims))), shop)
        three = shop.client.post(
            "/oauth/register", json={"redirect_uris": ["https://new.example/b"], "purpose_types": {"email": wrong}}
        )

    assert one["error"] == "invalid_authorization_details"
    assert "purpose_types_supported" in one["error_description"]
    assert two["error"] == "invalid_request"
    assert three.status_code in {400, 403}


@on_sqlite_alone
def test_an_attribute_has_one_kind_of_purpose(person, shop, house):
    two = [{**DELIVERY, "purpose_type": TERM}, {**DELIVERY, "purpose_type": "dpv:Marketing"}]

    with nothing_changes(house):
        answer = sent_back(person.browser.get(shop.link(authorization_details=json.dumps(two))), shop)

    assert answer["error"] == "invalid_request"


@on_sqlite_alone
def test_discovery_lists_the_kinds_of_purpose(shop):
    assert shop.client.get("/.well-known/openid-configuration").json["purpose_types_supported"] == list(PURPOSES)
