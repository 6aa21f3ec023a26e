"""What vendors hear of intents, what they can offer, and that nothing they hear says whose an intent is."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from listening import ListeningVendor, claims
from seeking import Merchant, act, sends
from staffing import StaffActor
from storage import nothing_changes, on_sqlite_alone, rows

from consent.changes import Signs
from vendor_api.intents import engine
from wallet.intents import deciding, rounds
from wallet.intents import engine as own
from wallet.intents.errors import IntentChanged
from wallet.intents.judging import in_unit
from wallet.people import personas

NAMES = ("werke", "sonne", "wind")


class Both(Merchant, ListeningVendor):
    """It offers, and has a stream."""


@pytest.fixture(autouse=True)
def _is_there(person):
    person.signs_in()


@pytest.fixture
def werke(app, house):
    return Merchant(app, house, "werke")


def parts(text):
    """Every longer word of what a vendor got, wherever it stands."""
    return set(re.findall(r"[A-Za-z0-9_-]{16,}", text))


@on_sqlite_alone
def test_nothing_any_vendor_receives_before_acceptance_leads_to_the_person_or_to_another_vendor(
    app, house, person, clock
):
    vendors = [Both(app, house, name) for name in NAMES]
    for vendor in vendors:
        vendor.listens()
        vendor.comes()
        vendor.seen.clear()
    known = vendors[0]
    grant = known.redeems(known.receives(person.allows(person.opens(known.link())))["code"]).json
    known.seen.clear()
    pages = [sends(person, clock), sends(person, clock, text="Another one")]
    heard = {}
    for vendor in vendors:
        for one in vendor.waiting():
            assert vendor.offers(intent_id=one["intent_id"]).status_code == 200
        for page in pages:
            act(person, page, "ask", client_id=vendor.client_id, text="Is it green?")
        vendor.post("/desk/threads", {"state": "received"})
        events = vendor.polls(returnImmediately=True)
        heard[vendor.client_id] = [claims(token) for token in events["sets"].values()]

    secret = {
        person.person.person_id,
        person.person.persona_id,
        grant["grant_id"],
        "Müller",
        "ana@example.org",
        "10115",
    }
    secret |= {row["intent_id"] for row in rows(house, "intents")} | {
        row["thread_id"] for row in rows(house, "threads")
    }
    secret |= {row["sub"] for row in rows(house, "relationships")}
    received = {one.client_id: " ".join([*one.seen, json.dumps(heard[one.client_id])]) for one in vendors}
    for text in received.values():
        assert not [word for word in secret if word in text]
    subs = [event["sub_id"]["sub"] for events in heard.values() for event in events]
    intents = {row["intent_id"] for row in rows(house, "heard_intents")}
    assert len(intents) == 2 * len(NAMES)
    assert set(subs) == intents
    common = set.intersection(*map(parts, received.values()))
    assert {word for word in common if not word.startswith("eyJ")} == set()  # heads of JWTs; their claims are looked at


@on_sqlite_alone
def test_intents_of_one_quarter_hour_come_in_an_order_that_is_not_theirs(app, house, person, werke, clock):
    for number in range(4):
        sends(person, clock, text=f"Thing {number}")
    clock.now += 900
    found = werke.waiting()
    assert [(one["published_at"], one["intent_id"]) for one in found] == sorted(
        (one["published_at"], one["intent_id"]) for one in found
    )


def together(*works):
    """All at once; what each came to, or what it was refused with."""
    barrier = Barrier(len(works))

    def run(work):
        barrier.wait()
        try:
            return work()
        except IntentChanged as error:
            return error

    with ThreadPoolExecutor(len(works)) as pool:
        return [task.result() for task in [pool.submit(run, work) for work in works]]


def test_of_an_acceptance_and_a_withdrawal_at_once_one_counts_and_both_sides_agree(app, house, person, clock):
    werke, sonne = Merchant(app, house, "werke"), Merchant(app, house, "sonne")
    sends(person, clock)
    werke.offers()
    sonne.offers()
    [row] = rows(house, "intents")
    ids = {"person_id": row["person_id"], "persona_id": row["persona_id"]}
    signs = Signs(house.database.read(personas.face, house.secrets, **ids), house.settings.issuer)

    def does(work, *args, **more):
        def run(db):
            work(db, house.secrets, own.find(db, house.secrets, row["intent_id"], **ids), *args, **more, now=clock.now)

        return lambda: house.database.write(run)

    done = together(
        does(deciding.accept, "werke", version=1, signs=signs),
        does(deciding.accept, "sonne", version=1, signs=signs),
        does(deciding.withdraw),
    )

    assert sum(one is None for one in done) == 1
    states = {row["client_id"]: row["state"] for row in rows(house, "heard_intents")}
    mine = {row["client_id"]: row["state"] for row in rows(house, "intent_offers")}
    [intent] = rows(house, "intents")
    if intent["state"] == "withdrawn":
        assert set(states.values()) == {"withdrawn"}
    else:
        assert sorted(states.values()) == ["accepted", "passed"]
        assert states == mine


def test_an_offer_and_a_withdrawal_at_once_leave_both_sides_the_same(app, house, person, werke, clock):
    page = sends(person, clock)
    [heard] = werke.waiting()
    offer, _gone = together(
        lambda: werke.offers(intent_id=heard["intent_id"]).status_code, lambda: act(person, page, "withdraw")
    )

    [at_vendor], [mine] = rows(house, "heard_intents"), rows(house, "intent_offers")
    assert at_vendor["version"] == mine["version"] == (1 if offer == 200 else 0)
    assert (at_vendor["state"], mine["state"]) == ("withdrawn", "passed")


def test_of_two_offers_of_one_vendor_at_once_both_sides_keep_the_same(app, house, person, werke, clock):
    sends(person, clock)
    intent_id = werke.waiting()[0]["intent_id"]
    other = Merchant.__new__(Merchant)
    other.__dict__.update(werke.__dict__, client=app.test_client())
    codes = together(
        lambda: werke.offers("20", intent_id=intent_id).status_code,
        lambda: other.offers("21", intent_id=intent_id).status_code,
    )
    [at_vendor], [mine] = rows(house, "heard_intents"), rows(house, "intent_offers")
    assert at_vendor["version"] == mine["version"] == codes.count(200)


def test_of_many_workers_one_publishes(house, person, werke, clock):
    sends(person, clock)
    assert sum(together(*[lambda: rounds.go_round(house)] * 3)) == 0
    assert len(werke.waiting()) == len(rows(house, "intent_offers")) == 1


@on_sqlite_alone
def test_the_same_offer_twice_is_one_and_a_changed_one_takes_its_place_but_not_for_ever(house, person, werke, clock):
    sends(person, clock)
    assert werke.offers().json["version"] == werke.offers().json["version"] == 1
    for number in range(engine.MOST_VERSIONS - 1):
        assert werke.offers(str(number)).status_code == 200
    with nothing_changes(house):
        assert werke.offers("1.5").json["error"] == "too_many_requests"


@on_sqlite_alone
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"text": ""}, "text must be"),
        ({"text": "a\x1b[2J"}, "text must be"),
        ({"text": "x" * 4001}, "text must be"),
        ({"valid_until": 1}, "valid_until must be"),
        ({"valid_until": True}, "valid_until must be"),
        ({"values": {"9": {"value": "1"}}}, "by the ids of the conditions"),
        ({"values": {"1": {"value": "1e9"}}}, "must be a number"),
        ({"values": {"1": {"value": 28}}}, "must be a number"),
        ({"values": {"2": {"value": "yes"}}}, "must be a boolean"),
        ({"link": "http://werke.example/"}, "must be an https address"),
        ({"link": "https://evil.example/"}, "must lead to a host of your"),
        ({"link": "https://werke.example@evil.example/"}, "must lead to a host of your"),
        ({"link": "https://u@werke.example/"}, "must lead to a host of your"),
        ({"terms_uri": "https://[werke.example/"}, "must lead to a host of your"),
        ({"agreement": ""}, "agreement must be one of the terms"),
        ({"attachments": []}, "no other members"),
    ],
)
def test_an_offer_that_is_not_one_is_refused_and_nothing_is_kept(house, person, werke, clock, changed, said):
    sends(person, clock, terms=["SD-BASE"])
    terms = {"agreement": "https://w3id.org/dpv/standards/ieee/7012#SD-BASE"}
    [heard] = werke.waiting()
    with nothing_changes(house):
        answer = werke.offers(intent_id=heard["intent_id"], **(terms | changed))
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")
    assert said in answer.json["error_description"]
    assert werke.offers(**terms).status_code == 200


@on_sqlite_alone
def test_another_vendors_intent_is_as_good_as_none(app, house, person, werke, clock):
    sends(person, clock)
    intent_id = werke.waiting()[0]["intent_id"]
    other = Merchant(app, house, "late", "travel")
    with nothing_changes(house):
        assert other.offers(intent_id=intent_id).status_code == 404
        assert other.client.post("/intents/waiting", data={"client_id": "werke"}).status_code == 401
        assert other.follows("weapons").status_code == 400


@on_sqlite_alone
def test_a_long_list_comes_in_pages(house, person, werke, clock):
    for number in range(3):
        sends(person, clock, text=f"Thing {number}")
    first = werke.post("/intents/waiting", {"limit": "2"}).json
    assert [one["text"] for one in first["intents"]] == ["Thing 0", "Thing 1"]
    rest = werke.post("/intents/waiting", {"limit": "2", "after": first["after"]}).json
    assert ([one["text"] for one in rest["intents"]], "after" in rest) == (["Thing 2"], False)


@on_sqlite_alone
def test_staff_follow_branches_and_offer_in_the_console(app, house, person, clock):
    werke = Merchant(app, house, "werke", "")
    kim = StaffActor(app, house, "werke")
    kim.signs_in()
    assert "You follow no branch" in kim.get("/console/intents").text
    kim.post("/console/intents/branches", form_at="/console/intents", branch=["energy"])
    page = sends(person, clock)
    [heard] = werke.waiting()
    at = f"/console/intents/{heard['intent_id']}"
    assert "A green tariff" in kim.get("/console/intents").text
    fields = {"value_1": "28,5", "unit_1": "ct/kWh", "value_2": "yes", "text": "Ours.", "days": "10"}
    assert kim.post(f"{at}/offer", form_at=at, **fields, link="https://evil.example/").status_code == 400
    assert kim.post(f"{at}/offer", form_at=at, **{**fields, "value_1": "1e99999999999"}).status_code == 400

    assert kim.post(f"{at}/offer", form_at=at, **fields).status_code == 303

    assert "28.5 ct/kWh" in re.sub(r"<[^>]+>", "", person.browser.get(page).text)
    assert kim.get("/console/intents/other").status_code == 404


@on_sqlite_alone
@pytest.mark.parametrize(
    ("amount", "unit", "other", "same"),
    [
        ("285", "EUR/MWh", "ct/kWh", "28.5"),
        ("0.285", "€/kWh", "ct/kWh", "28.5"),
        ("120", "EUR/year", "EUR/month", "10"),
        ("30", "ct", "ct/kWh", None),
        ("30", "USD/kWh", "ct/kWh", None),
        ("2.5", "MWh", "kWh", "2500"),
    ],
)
def test_units_are_compared_to_the_last_digit(amount, unit, other, same):
    found = in_unit(amount, unit, other)
    assert (None if found is None else f"{float(found):g}") == (None if same is None else f"{float(same):g}")


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(amount=st.decimals(0, 10**9, places=6))
def test_a_price_said_in_another_unit_is_the_same_price(amount):
    assert in_unit(f"{amount * 10:f}", "EUR/MWh", "ct/kWh") == in_unit(f"{amount:f}", "ct/kWh", "ct/kWh")
