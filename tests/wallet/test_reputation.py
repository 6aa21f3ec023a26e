"""What vendors say of a person, and what others learn of it: the facts that were ticked, and not who said so."""

import pytest
from actors import VendorActor
from asserting import key, public
from depositing import hands_over
from journeys import tokens_for
from reading import words
from storage import nothing_changes, on_sqlite_alone

pytestmark = on_sqlite_alone
SAID = {"reputation.customer_since": "2021-04-01", "reputation.pays_on_time": True}


@pytest.fixture
def supplier(app, house):
    keys = public(key("ES256", "first"))
    return VendorActor(app, house, "stadtwerke", jwks=keys, scope="openid email deposit")


@pytest.fixture
def shop(app, house):
    return VendorActor(app, house, "shop")


def says(person, supplier):
    tokens = tokens_for(person, supplier, ["email", "deposit"], scope="openid deposit")
    kept = hands_over(supplier, tokens, values=SAID)
    assert kept.status_code == 201, kept.text
    path = f"/deposits/{kept.json['deposit_id']}"
    person.browser.post(path, form_at="/deposits", answer="keep", part=list(SAID))


def learns(person, shop, names):
    tokens = tokens_for(person, shop, names)
    return shop.reads(tokens["access_token"]).json, tokens


def test_another_vendor_learns_the_facts_that_were_ticked_and_not_who_said_so(person, supplier, shop):
    says(person, supplier)
    page = words(person.browser.get("/reputation"))
    assert "Stadtwerke says so." in page
    assert "Customer of a vendor for 5 years or more" in page

    answer, tokens = learns(person, shop, ["reputation.customer_over_05", "reputation.paid_on_time"])

    assert answer["reputation"] == {"customer_over_05": True, "paid_on_time": True}
    assert "stadtwerke" not in str(answer).casefold() + str(tokens).casefold()
    assert "2021" not in str(answer)
    assert "Shown to: Shop" in words(person.browser.get("/reputation"))


def test_what_the_person_says_of_themself_is_no_fact_that_a_vendor_vouches_for(house, person, shop):
    person.has({"reputation.customer_since": "2001-04-01", "reputation.pays_on_time": "yes"})

    answer, _tokens = learns(person, shop, ["reputation.customer_over_05", "reputation.paid_on_time"])

    assert "reputation" not in answer


def test_who_changes_what_a_vendor_said_has_only_their_own_word(person, supplier, shop):
    says(person, supplier)
    person.has({"reputation.customer_since": "1999-01-01"})

    answer, _tokens = learns(person, shop, ["reputation.customer_over_10", "reputation.paid_on_time"])

    assert answer["reputation"] == {"paid_on_time": True}


def test_the_vendors_name_is_a_value_of_its_own_that_leaves_only_if_the_person_wants(person, supplier, shop):
    says(person, supplier)
    assert "Who says so stays with you." in words(person.browser.get("/reputation"))

    person.browser.post("/reputation/vendor", form_at="/reputation")

    answer, _tokens = learns(person, shop, ["reputation.vouched_by"])
    assert answer["reputation"] == {"vouched_by": "Stadtwerke"}


def test_the_oldest_relationship_can_be_entered_as_ones_own_word(house, person, shop):
    tokens_for(person, shop, ["email"])

    person.browser.post("/reputation/since", form_at="/reputation")

    assert "You say so yourself" in words(person.browser.get("/reputation"))
    person.has({"reputation.customer_since": "2020-05-05"})
    with nothing_changes(house):
        assert person.browser.post("/reputation/since", form_at="/personas").status_code == 409
