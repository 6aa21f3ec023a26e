"""A person says what they look for, vendors offer without knowing to whom, and the person chooses."""

import json
import re

import jwt
import pytest
from actors import PersonActor
from keeping import backup, restore
from reading import words
from seeking import Merchant, act, day_in, seeks, sends, state_of
from staffing import StaffActor
from storage import nothing_changes, on_sqlite_alone, rows

from consent import standing
from consent.standing import ANY, BLOCKED, Rule, Whose
from consent.terms import standing as terms
from keys.did import public_key_of
from vendor_api.intents import engine as heard
from wallet.backup import settling
from wallet.intents import engine as own
from wallet.intents import offers, publishing, rounds

pytestmark = on_sqlite_alone


@pytest.fixture(autouse=True)
def _is_there(person):
    person.signs_in()


@pytest.fixture
def werke(app, house):
    return Merchant(app, house, "werke")


@pytest.fixture
def sonne(app, house):
    return Merchant(app, house, "sonne")


def accepts(person, page, vendor, version="1"):
    return person.browser.post(
        f"{page}/accept", form_at="/intents/new", client_id=vendor.client_id, version=version, sure="yes"
    )


def test_nothing_leaves_before_the_person_has_seen_all_that_would(house, person, werke, clock):
    assert "You look for nothing yet" in words(person.browser.get("/intents"))

    page = seeks(person, region="area", facts=["age_over_18"], more="From May.", terms=["SD-BASE"])

    shown = words(person.browser.get(page)).replace(" :", ":")
    for said in (
        "A green tariff",
        "Price at most 30 ct/kWh",
        "Green: yes",
        "DE, 10",
        "18 years or older: yes",
        "From May.",
    ):
        assert said in shown
    clock.now += 3600
    assert rounds.go_round(house) == 0
    assert werke.waiting() == []
    assert rows(house, "intent_offers") == []


def test_what_was_shown_goes_out_with_the_next_quarter_hour_and_nothing_else(house, person, werke, clock):
    page = seeks(person, region="country", facts=["age_over_18"], terms=["SD-BASE"])
    assert "goes out at the next quarter hour" in words(act(person, page, "send"))
    assert rounds.go_round(house) == 0
    assert werke.waiting() == []

    clock.now += 900
    assert rounds.go_round(house) == 1

    [heard] = werke.waiting()
    assert heard.pop("published_at") % 900 == 0
    assert heard.pop("deadline") % (24 * 3600) == 0
    intent_id = heard.pop("intent_id")
    assert heard == {
        "state": "open",
        "branch": "energy",
        "text": "A green tariff",
        "conditions": [
            {"id": "1", "label": "Price", "comparison": "<=", "kind": "number", "value": "30", "unit": "ct/kWh"},
            {"id": "2", "label": "Green", "comparison": "=", "kind": "boolean", "value": True},
        ],
        "region": {"country": "DE"},
        "facts": [{"label": "18 years or older", "value": True}],
        "terms": ["https://w3id.org/dpv/standards/ieee/7012#SD-BASE"],
    }
    assert person.person.person_id not in intent_id
    assert rounds.go_round(house) == 0


def test_who_has_something_to_give_says_so_and_vendors_see_it(app, house, person, werke, clock):
    kim = StaffActor(app, house, "werke")
    kim.signs_in()
    page = sends(person, clock, text="Power from my roof", kind="have")
    assert "What you have to give Power from my roof" in words(person.browser.get(page))
    assert "I have it to give" in words(person.browser.get("/intents"))

    [heard] = werke.waiting()
    assert heard["kind"] == "have"
    assert "has it to give" in words(kim.get("/console/intents"))
    werke.offers("9", text="We take it.")
    accepts(person, page, werke)
    assert [one["text"] for one in werke.waiting(state="accepted")] == ["Power from my roof"]


def test_an_answer_that_became_another_one_is_shown_before_it_is_sent(house, person, werke, clock):
    page = seeks(person, facts=["age_over_18"])
    person.has({"birthdate": day_in(house, -2000)})

    said = act(person, page, "send")

    assert "One of your answers is another one by now" in words(said)
    assert "18 years or older: no" in words(said).replace(" :", ":")
    assert state_of(house) == ["draft"]


def test_offers_stand_side_by_side_and_one_is_accepted(house, person, werke, sonne, clock):
    page = sends(person, clock)
    assert "No offers yet" in words(person.browser.get(page))
    assert werke.offers("310", "EUR/MWh", text="Ours <b>is</b> green.").status_code == 200
    assert sonne.offers("0.285", "EUR/kWh", link="https://sonne.example/go").status_code == 200

    shown = person.browser.get(page)
    assert "2 offers" in words(person.browser.get("/intents"))
    text = words(shown)
    assert text.index("Sonne") < text.index("Werke")
    assert "Ours &lt;b&gt;is&lt;/b&gt; green." in shown.text
    assert 'verdict-not_met"' in shown.text
    asked = person.browser.post(f"{page}/accept", form_at="/intents/new", client_id="sonne", version="1")
    assert "is told that you accept, and not who you are" in words(asked)
    assert state_of(house) == ["open"]

    done = person.browser.follow(accepts(person, page, sonne).location)

    assert "You accepted the offer of Sonne" in words(done)
    assert "https://sonne.example/go" in done.text
    assert werke.waiting() == sonne.waiting() == []
    [chosen], [passed] = sonne.waiting(state="accepted"), werke.waiting(state="passed")
    assert "grant_id" not in chosen
    assert not {"sonne", "Sonne"} & set(str(passed).split("'"))
    assert person.log()[-2:] == ["intent_sent", "offer_accepted"]
    assert "You accepted an offer of Sonne." in words(person.browser.get("/ledger"))
    before = passed | {}
    act(person, page, "outcome", outcome="bought")
    assert '<option value="bought" selected>' in person.browser.get(page).text
    assert sonne.waiting(state="accepted") == [chosen | {"outcome": "bought"}]
    assert werke.waiting(state="passed") == [before]


def test_a_vendor_that_knows_the_persona_learns_on_acceptance_who_it_is(app, house, person, clock):
    vendor = Merchant(app, house, "stadtwerke", contact_topics={"tariffs": "New tariffs"})
    scope = {"scope": "openid contact:tariffs"}
    answer = vendor.receives(person.allows(person.opens(vendor.link(**scope)), only=["contact:tariffs"]))
    grant_id = vendor.redeems(answer["code"]).json["grant_id"]
    page = sends(person, clock)
    vendor.offers()

    accepts(person, page, vendor)

    [chosen] = vendor.waiting(state="accepted")
    assert chosen["grant_id"] == grant_id
    [opening] = rows(house, "openings")
    assert (opening["kind"], opening["opening_id"]) == ("intent", chosen["opening_id"])
    assert "What you share with it" in words(person.browser.get(page))


BASE = "https://w3id.org/dpv/standards/ieee/7012#SD-BASE"


def test_an_accepted_offer_is_an_agreement_on_the_persons_terms_and_names_nobody_before_they_go_on(
    app, house, person, clock
):
    ids = {"person_id": person.person.person_id, "persona_id": person.person.persona_id}
    house.database.write(terms.put, "every", **ids, applies="conditionally", agreements=["SD-BASE"])
    form = person.browser.get("/intents/new").text
    assert re.search(r'value="SD-BASE" checked', form)
    wind = Merchant(app, house, "wind")
    page = sends(person, clock, terms=["SD-BASE", "SD-BASE-DP"])
    assert wind.offers(agreement=BASE).status_code == 200
    assert "did:key" not in str(wind.waiting())
    assert rows(house, "agreements") == []
    asked = person.browser.post(f"{page}/accept", form_at="/intents/new", client_id="wind", version="1")
    assert "You agree on your terms: Service only." in words(asked)

    accepts(person, page, wind)

    [chosen] = wind.waiting(state="accepted")
    made = chosen["agreement"]
    document = json.loads(made["document"])
    signed = jwt.decode(made["person_signature"], public_key_of(document["firstParty"]), algorithms=["EdDSA"])
    assert signed == document
    assert (document["acceptedBy"], document["agreement"]["id"]) == ("offer", BASE)
    assert not {"Ana", "Müller", *ids.values()} & set(re.findall(r"[\wü-]+", made["document"]))
    assert "grant_id" not in chosen
    assert "You agreed on your terms: Service only" in words(person.browser.get(page))
    assert "You and Wind agreed on: Service only." in words(person.browser.get("/ledger"))
    consent = person.opens(wind.link(["email"]))
    assert "Under your terms: Service only." in words(consent)
    tokens = wind.redeems(wind.receives(person.allows(consent, only=["email"]))["code"]).json
    claims = jwt.decode(tokens["consent_token"], options={"verify_signature": False})
    assert claims["w:agreement"]["digest"] == made["digest"]
    assert claims["iss"] == document["firstParty"]


def test_what_a_known_vendor_may_read_stands_under_what_was_agreed_on(app, house, person, clock):
    vendor = Merchant(app, house, "stadtwerke")
    tokens = vendor.redeems(vendor.receives(person.allows(person.opens(vendor.link(["email"]))))["code"]).json
    page = sends(person, clock, terms=["SD-BASE"])
    vendor.offers(agreement=BASE)

    accepts(person, page, vendor)

    at = f"/oauth/agreements/{tokens['grant_id']}"
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    [chosen] = vendor.waiting(state="accepted")
    assert vendor.client.get(at, headers=headers).json["agreement"]["digest"] == chosen["agreement"]["digest"]
    assert len(rows(house, "agreements")) == 1


def test_an_offer_that_was_changed_meanwhile_is_not_accepted_as_it_was(house, person, werke, clock):
    page = sends(person, clock)
    werke.offers("28")
    person.browser.get(page)
    werke.offers("99")

    said = person.browser.follow(accepts(person, page, werke, version="1").location)

    assert "Meanwhile something changed" in words(said)
    assert state_of(house) == ["open"]
    assert "99 ct/kWh" in words(said)


def test_a_declined_vendor_reads_why_and_can_not_offer_again(house, person, werke, clock):
    page = sends(person, clock)
    werke.offers()
    act(person, page, "decline", client_id="werke", reason="Too dear.")

    [over] = werke.waiting(state="declined")
    assert over["reason"] == "Too dear."
    with nothing_changes(house):
        again = werke.offers("20", intent_id=over["intent_id"])
    assert (again.status_code, again.json["error"]) == (409, "intent_over")


def test_asking_back_says_nothing_of_who_asks_and_the_answer_comes_into_the_inbox(house, person, werke, clock):
    page = sends(person, clock)
    werke.offers()
    said = act(person, page, "ask", client_id="werke", text="Is it fixed for a year?")
    assert "still does not know who you are" in words(said)

    [heard] = werke.waiting()
    [thread] = rows(house, "desk_threads")
    assert thread["sub"] == heard["intent_id"]
    act(person, page, "ask", client_id="werke", text="And for two?")
    assert len(rows(house, "threads")) == 1
    assert "Your conversation about it" in words(person.browser.get(page))
    assert person.browser.get(f"/inbox/{rows(house, 'threads')[0]['thread_id']}").status_code in {200, 303}


def test_a_withdrawn_one_takes_no_offers_and_says_so_to_vendors(house, person, werke, clock):
    page = sends(person, clock)
    intent_id = werke.waiting()[0]["intent_id"]
    assert "Withdraw it first" in words(act(person, page, "delete", sure="yes"))

    act(person, page, "withdraw")

    with nothing_changes(house):
        assert werke.offers(intent_id=intent_id).json["error"] == "intent_over"
    assert [one["intent_id"] for one in werke.waiting(state="withdrawn")] == [intent_id]
    person.browser.post(f"{page}/delete", form_at="/intents/new", sure="yes")
    assert rows(house, "intents") == rows(house, "intent_offers") == []


def test_to_the_last_second_offers_count_and_then_no_more(house, person, werke, clock):
    sends(person, clock)
    [heard] = werke.waiting()
    clock.now = heard["deadline"] - 1
    assert werke.offers(valid_until=clock.now + 9999).status_code == 200

    clock.now += 1

    with nothing_changes(house):
        late = werke.offers("1", intent_id=heard["intent_id"], valid_until=clock.now + 9999)
    assert late.json["error"] == "intent_over"
    assert werke.waiting() == []
    clock.now += 30 * 24 * 3600
    rounds.go_round(house)
    assert state_of(house) == ["lapsed"]
    assert [one["intent_id"] for one in werke.waiting(state="passed")] == [heard["intent_id"]]


def test_an_offer_that_counts_no_more_can_not_be_accepted(house, person, werke, clock):
    page = sends(person, clock)
    werke.offers(valid_until=clock.now + 60)
    clock.now += 60
    assert "does not count any more" in words(person.browser.follow(accepts(person, page, werke).location))
    assert state_of(house) == ["open"]


def test_only_the_chosen_ones_and_who_follows_the_branch_hear_of_it_and_none_that_is_blocked(
    app, house, person, werke, sonne, clock
):
    travel = Merchant(app, house, "reise", "travel telecom")
    sends(person, clock, everybody="", to=["sonne"])
    assert (werke.waiting(), len(sonne.waiting()), travel.waiting()) == ([], 1, [])
    sends(person, clock, branch="travel")
    assert (werke.waiting(), len(sonne.waiting()), len(travel.waiting())) == ([], 1, 1)
    whose = Whose(person.person.person_id, person.person.persona_id)
    blocked = Rule("sonne", ANY, BLOCKED)
    house.database.write(standing.give, house.secrets, blocked, whose=whose, now=clock.now)
    sends(person, clock, to=["sonne"])
    assert (len(werke.waiting()), len(sonne.waiting())) == (1, 1)


def test_after_a_backup_was_put_back_nothing_is_open_again_that_the_person_may_have_ended(house, person, werke, clock):
    page = sends(person, clock)
    kept = backup(house)
    act(person, page, "withdraw")

    restore(house, kept)
    house.database.write(settling.end_what_was_open, now=house.clock())

    assert state_of(house) == ["withdrawn"]
    assert [row["state"] for row in rows(house, "heard_intents")] == ["withdrawn"]


def test_lists_and_rounds_are_found_by_an_index_however_many_there_are(house, person, statements):
    ids = {"person_id": person.person.person_id, "persona_id": person.person.persona_id}
    statements.clear()
    house.database.read(own.of_persona, house.secrets, **ids)
    house.database.read(own.count, **ids, state="open")
    house.database.read(publishing.find_due, now=house.clock())
    house.database.read(publishing.find_lapsed, now=house.clock())
    house.database.read(heard.listed, house.secrets, client_id="werke")
    house.database.read(heard.followers, "energy")
    house.database.read(offers.counts, ids["person_id"], ["a", "b"])

    def plan(db, statement):
        values = tuple("x" for _ in range(statement.count("?")))
        return " ".join(row[3] for row in db.exec_driver_sql(f"explain query plan {statement}", values))

    plans = {statement: house.database.read(plan, statement) for statement in list(statements)}
    assert len(plans) == 7
    assert [statement for statement, found in plans.items() if "SCAN" in found] == []


def test_of_many_offers_a_page_shows_some_and_leads_to_the_rest(house, person, werke, sonne, clock, monkeypatch):
    monkeypatch.setattr("wallet.intents.pages.OFFERS", 1)
    page = sends(person, clock)
    assert werke.offers("29").status_code == sonne.offers("35").status_code == 200

    first = person.browser.get(page)
    assert first.text.count('class="card"') == 1
    assert f"{page}?by=best&amp;from=1" in first.text
    rest = person.browser.get(f"{page}?by=best&from=1")
    assert rest.text.count('class="card"') == 1
    assert ("Werke" in words(first), "Sonne" in words(rest)) == (True, True)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"text": " "}, "what you look for"),
        ({"branch": "weapons"}, "Choose one of those offered"),
        ({"kind": "steal"}, "Choose one of those offered"),
        ({"everybody": ""}, "Choose who is told"),
        ({"everybody": "", "to": ["nobody"]}, "Choose one of those offered"),
        ({"until": "Friday"}, "until which day"),
        ({"until": "2020-01-01"}, "within the next 90 days"),
        ({"value_1": "cheap"}, "need a number"),
        ({"label_1": ""}, "A condition needs a name"),
        ({"facts": ["email"]}, "Choose one of those offered"),
        ({"terms": ["ALL-MINE"]}, "Choose one of those offered"),
        ({"more": "x" * 2001}, "at most 2000 characters"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence_and_nothing_is_kept(house, person, changed, said):
    person.browser.get("/intents/new")
    given = {"text": "A tariff", "branch": "energy", "region": "", "everybody": "yes", "until": day_in(house, 3)}
    given |= {"label_1": "Price", "comparison_1": "<=", "value_1": "30"} | changed
    with nothing_changes(house):
        answer = person.browser.post("/intents/new", **given)
    assert answer.status_code == 422
    assert said in words(answer)


def test_a_thousand_is_typed_as_the_page_writes_it(person, werke):
    person.browser.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"

    page = seeks(person, value_1="1.000", unit_1="EUR")

    assert "höchstens 1.000 EUR" in words(person.browser.get(page))
    assert 'value="1000"' in person.browser.get(f"{page}/change").text


def test_of_two_windows_the_second_is_told_what_changed(house, person, werke, clock):
    page = seeks(person)
    act(person, page, "send")
    assert "Meanwhile something changed" in words(act(person, page, "send", version="1"))
    act(person, page, "withdraw")
    assert "Meanwhile something changed" in words(act(person, page, "withdraw"))


def test_somebody_elses_can_not_even_be_seen(app, house, person, moves_in, werke, clock):
    page = sends(person, clock)
    ben = PersonActor(app, house, moves_in("Ben"), password=person.password)
    ben.signs_in()
    assert ben.browser.get(page).status_code == 404
    with nothing_changes(house):
        assert ben.browser.post(f"{page}/withdraw", form_at="/intents/new").status_code == 404
