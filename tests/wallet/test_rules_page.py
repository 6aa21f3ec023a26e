"""The page of rules: what was answered once for all, in sentences, and each taken back by one button."""

import json

import pytest
from actors import VendorActor
from calling import CallingVendor, forms
from journeys import refused, sent_back, tokens_for
from reading import controls, words
from storage import nothing_changes, on_sqlite_alone, rows

DAY = 24 * 3600


@pytest.fixture
def shop(app, house):
    return VendorActor(app, house, "shop")


def detail(*attributes, **more):
    purpose = {"purpose": "To tell you of offers", "purpose_type": "dpv:Marketing"}
    return json.dumps([{"type": "urn:hausrecht:consent", "attributes": list(attributes), **purpose, **more}])


def rule(person, purpose, at_most):
    return person.browser.post("/rules/new", form_at="/rules", purpose=purpose, at_most=at_most)


def answers_from_now_on(person, grant_id, answer):
    path = f"/vendors/{grant_id}"
    return person.browser.post(f"{path}/standing", form_at=path, answer=answer)


def test_never_refuses_without_a_page_and_the_vendor_hears_what_it_would_if_the_person_had(person, shop, house):
    page = person.opens(shop.link(["email"]))
    by_hand = shop.receives(person.refuses(page))
    tokens = tokens_for(person, shop)
    answers_from_now_on(person, tokens["grant_id"], "never")

    by_rule = shop.receives(person.browser.follow(shop.link(["email"])))

    assert {**by_rule, "state": ""} == {**by_hand, "state": ""}
    assert by_rule["error"] == "access_denied"
    assert person.log()[-1] == "refused"
    assert "Shop asked, and was refused by a rule of yours." in words(person.browser.get("/ledger"))
    assert sent_back(person.browser.get(shop.link(["email"], prompt="none")), shop)["error"] == "consent_required"
    assert shop.reads(tokens["access_token"]).status_code == 200


def test_never_counts_for_a_vendor_that_asks_by_itself_too_and_nobody_is_disturbed(app, house, person):
    caller = CallingVendor(app, house, "caller")
    caller.meets(person)
    [grant] = rows(house, "grants")
    answers_from_now_on(person, grant["grant_id"], "never")

    caller.calls()

    assert forms(person.browser.get("/requests")) == []
    assert refused(caller.polls(), "access_denied")
    assert person.log()[-1] == "refused"


def test_one_kind_of_purpose_can_have_an_answer_of_its_own(person, shop):
    tokens = tokens_for(person, shop)
    path = f"/vendors/{tokens['grant_id']}"
    person.browser.post(f"{path}/standing", form_at=path, answer="never", purpose="dpv:Marketing")

    left_out = person.opens(shop.link(authorization_details=detail("birthdate", essential=False)))
    assert "birthdate" not in controls(left_out)
    assert "Marketing" in words(person.browser.get("/rules"))

    answers_from_now_on(person, tokens["grant_id"], "never")
    person.browser.post(f"{path}/standing", form_at=path, answer="ask", purpose="dpv:Marketing")
    asked = person.opens(shop.link(authorization_details=detail("email", essential=False)))
    assert "Shop asks for your data" in words(asked)
    assert "You let yourself be asked again by Shop for: Marketing." in words(person.browser.get("/ledger"))


def test_always_renews_what_has_run_out_without_a_page(person, shop, clock):
    tokens = tokens_for(person, shop)
    answers_from_now_on(person, tokens["grant_id"], "always")
    clock.now += 400 * DAY
    person.signs_in()

    answer = shop.receives(person.browser.follow(shop.link(["email"])))

    assert shop.reads(shop.redeems(answer["code"]).json["access_token"]).json["email"] == "ana@example.org"
    assert "Renewed by a rule of yours" in words(person.browser.get("/ledger"))
    more = person.browser.follow(shop.link(["email", "birthdate"]))
    assert "Shop asks for your data" in words(more)


@on_sqlite_alone
def test_always_is_no_answer_to_prompt_consent_or_none(person, shop, clock):
    tokens = tokens_for(person, shop)
    answers_from_now_on(person, tokens["grant_id"], "always")
    clock.now += 400 * DAY
    person.signs_in()

    assert sent_back(person.browser.get(shop.link(["email"], prompt="none")), shop)["error"] == "consent_required"
    assert "Shop asks for your data" in words(person.browser.follow(shop.link(["email"], prompt="consent")))


@on_sqlite_alone
def test_a_kind_of_purpose_nobody_may_ask_for_is_left_out_or_refuses_the_ask(person, shop):
    person.signs_in()
    rule(person, "dpv:Marketing", "never")

    page = person.browser.follow(shop.link(["given_name"], authorization_details=detail("email")))
    needed = shop.receives(person.browser.follow(shop.link(authorization_details=detail("email", essential=True))))

    assert controls(page, name="attribute", value="given_name")
    assert not controls(page, name="attribute", value="email")
    assert "It also asked for E-mail address." in words(page)
    assert needed["error"] == "access_denied"
    assert needed["error_description"] == "the person refused"


@on_sqlite_alone
def test_an_own_cap_binds_page_token_and_reads(person, shop):
    person.signs_in()
    rule(person, "*", "once")

    page = person.browser.follow(shop.link(["email"]))
    tokens = shop.redeems(shop.receives(person.allows(page, only=["email"]))["code"]).json

    assert "reads it once" in words(page)
    assert shop.reads(tokens["access_token"]).status_code == 200
    assert refused(shop.reads(tokens["access_token"]), "already_fetched", status=403)


@on_sqlite_alone
def test_a_rule_made_while_the_page_is_open_counts_for_its_answer(person, shop):
    page = person.opens(shop.link(needing=["email"]))
    rule(person, "dpv:Purpose", "never")

    answer = person.allows(page)

    assert answer.status_code == 400
    assert "granted" not in person.log()


@on_sqlite_alone
def test_rules_say_what_they_are_and_each_is_taken_back(person, shop, house):
    person.signs_in()
    assert "No rules yet" in words(person.browser.get("/rules"))
    rule(person, "dpv:Marketing", "never")
    rule(person, "dpv:Marketing", "month")

    page = person.browser.get("/rules")
    assert "Marketing: nobody may ask you for it." in words(page)
    assert "Marketing: read at most once in 30 days" in words(page)
    for what in ("answer", "cap"):
        fields = {"client_id": "*", "purpose": "dpv:Marketing", "what": what}
        person.browser.post("/rules/drop", form_at="/rules", **fields)

    assert "No rules yet" in words(person.browser.get("/rules"))
    assert rows(house, "rules") == []
    assert person.log() == ["changed"] * 4


@on_sqlite_alone
@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/rules/new", {"purpose": "dpv:World", "at_most": "never"}),
        ("/rules/new", {"purpose": "*", "at_most": "blocked"}),
        ("/rules/drop", {"client_id": "shop", "purpose": "*", "what": "answer"}),
        ("/rules/unblock", {"client_id": "shop"}),
    ],
)
def test_what_is_no_rule_changes_nothing(person, house, path, fields):
    person.signs_in()
    person.browser.get("/rules")

    with nothing_changes(house):
        person.browser.post(path, form_at="/rules", **fields)


@on_sqlite_alone
def test_a_block_is_not_taken_back_as_a_rule(person, shop):
    tokens = tokens_for(person, shop)
    path = f"/vendors/{tokens['grant_id']}"
    person.browser.post(f"{path}/block", form_at=path)

    person.browser.post("/rules/drop", form_at="/rules", client_id="shop", purpose="*", what="answer")
    answers_from_now_on(person, tokens["grant_id"], "ask")

    assert "Unblock" in words(person.browser.get("/rules"))
    assert "You have blocked Shop" in words(person.opens(shop.link(["email"])))
