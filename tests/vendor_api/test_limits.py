"""Limits on how often, until when and under which terms a value may be read: held at every read, by the wallet."""

import json
import threading
from datetime import UTC, datetime

import jwt
import pytest
from actors import VendorActor
from journeys import sent_back, tokens_for
from reading import words
from storage import on_sqlite_alone, rows

TYPE = "urn:hausrecht:consent"
DAY = 24 * 3600
TERMS = {"uri": "https://stadtwerke.example/terms/7", "digest": "sha-256:" + 64 * "a"}


@pytest.fixture
def vendor(app, house):
    return VendorActor(app, house, "stadtwerke", authorization_details_types=[TYPE])


def asks(limits=None, *, attributes=("email",), **more):
    """What a vendor sends to ask for these attributes under these limits."""
    detail = {"type": TYPE, "attributes": list(attributes), "essential": True, **more}
    return {"authorization_details": json.dumps([detail | ({"limits": limits} if limits else {})])}


@pytest.fixture
def reads(person, vendor):
    """The person allows what is asked under these limits; gives back how the vendor reads it, with a fresh token."""

    def granted(limits):
        tokens = vendor.redeems(vendor.receives(person.allows(person.opens(vendor.link(**asks(limits)))))["code"]).json

        def read():
            tokens.update(vendor.refreshes(tokens["refresh_token"]).json)
            return vendor.reads(tokens["access_token"])

        return read

    return granted


def frequency(value, unit):
    return {"frequency": {"value": value, "unit": unit}}


@pytest.mark.parametrize(
    ("unit", "seconds"),
    [("hour", 3600), ("day", DAY), ("week", 7 * DAY), ("month", 30 * DAY), ("year", 365 * DAY)],
)
def test_a_value_is_read_so_often_in_each_span_and_not_once_more(reads, clock, unit, seconds):
    read = reads(frequency(2, unit))
    begun = clock.now

    first, second, third = read(), read(), read()

    assert first.json["email"] == second.json["email"] == "ana@example.org"
    assert (third.status_code, third.json["error"]) == (429, "frequency_exceeded")
    assert third.headers["Retry-After"] == str(seconds)
    assert str(begun + seconds) in third.json["error_description"]
    assert "ana@example.org" not in third.text


def test_the_next_span_begins_anew(reads, clock):
    read = reads(frequency(1, "hour"))
    read()
    clock.now += 3599
    early = read()

    clock.now += 1
    in_time = read()

    assert early.headers["Retry-After"] == "1"
    assert in_time.json["email"] == "ana@example.org"
    assert read().status_code == 429


def test_what_may_be_fetched_once_is_fetched_once(reads, clock):
    read = reads({"fetch": "once"})

    first, second = read(), read()
    clock.now += 3000
    much_later = read()

    assert first.json["email"] == "ana@example.org"
    assert (second.status_code, second.json["error"]) == (403, "already_fetched")
    assert "Retry-After" not in second.headers
    assert much_later.json["error"] == "already_fetched"


def test_after_its_last_day_a_value_is_not_read_while_the_grant_goes_on(reads, clock):
    read = reads({"until": clock.now + 100})

    before = read()
    clock.now += 100
    after = read()

    assert before.json["email"] == "ana@example.org"
    assert (after.status_code, after.json["error"]) == (403, "limit_ended")


def test_what_has_no_limits_is_delivered_beside_what_is_held_back(person, vendor, clock):
    details = json.dumps(
        [
            {"type": TYPE, "attributes": ["email"], "limits": frequency(1, "hour")},
            {"type": TYPE, "attributes": ["given_name"]},
        ]
    )
    page = person.opens(vendor.link(authorization_details=details))
    tokens = vendor.redeems(vendor.receives(person.allows(page, only=["email", "given_name"]))["code"]).json
    first = vendor.reads(tokens["access_token"]).json

    second = vendor.reads(tokens["access_token"]).json

    assert first["email"] == "ana@example.org"
    assert "withheld" not in first
    assert second["given_name"] == "Ana"
    assert "email" not in second
    assert second["withheld"] == {"email": {"error": "frequency_exceeded", "next_allowed_at": clock.now + 3600}}


def test_an_id_token_is_held_to_the_same(person, vendor):
    link = asks({"fetch": "once"}) | {"claims": json.dumps({"id_token": {"email": None}})}
    tokens = vendor.redeems(vendor.receives(person.allows(person.opens(vendor.link(**link))))["code"]).json

    again = vendor.redeems(vendor.receives(person.opens(vendor.link(**link)))["code"]).json

    first, second = (jwt.decode(given["id_token"], options={"verify_signature": False}) for given in (tokens, again))
    assert first["email"] == "ana@example.org"
    assert "email" not in second
    assert vendor.reads(again["access_token"]).json["error"] == "already_fetched"


def test_a_new_token_brings_no_new_reads(person, vendor):
    tokens = vendor.redeems(
        vendor.receives(person.allows(person.opens(vendor.link(**asks({"fetch": "once"})))))["code"]
    ).json
    vendor.reads(tokens["access_token"])

    renewed = vendor.refreshes(tokens["refresh_token"]).json
    asserted = vendor.asserts(tokens["consent_token"]).json

    for fresh in (renewed, asserted):
        assert vendor.reads(fresh["access_token"]).json["error"] == "already_fetched"


def test_of_many_reads_at_once_as_many_succeed_as_are_allowed(person, vendor):
    tokens = vendor.redeems(
        vendor.receives(person.allows(person.opens(vendor.link(**asks(frequency(3, "hour"))))))["code"]
    ).json
    found, gate = [], threading.Barrier(8)

    def run():
        gate.wait(10)
        found.append(vendor.reads(tokens["access_token"]).status_code)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(found) == [200] * 3 + [429] * 5


def test_every_try_stands_in_the_ledger_with_what_was_held_back(person, reads):
    read = reads({"fetch": "once"})
    read()
    read()

    before, last = [line for line in person.ledger() if line.action in {"read", "failed"}]

    assert before.detail["attributes"] == ["email"]
    assert "withheld" not in before.detail
    assert (last.action, last.detail["tried"], last.detail["reason"]) == ("failed", "read", "already_fetched")
    assert last.detail["withheld"] == {"email": "already_fetched"}
    assert "Stadtwerke wanted to read E-mail address; your limits did not allow it." in words(
        person.browser.get("/ledger")
    )


def test_the_page_says_the_limits_and_links_the_terms(person, vendor, clock):
    limits = frequency(4, "month") | {
        "mode": "store",
        "data_life": {"value": 30, "unit": "day"},
        "until": clock.now + DAY,
    }

    page = person.opens(vendor.link(**asks(limits, terms=TERMS)))

    said = words(page)
    assert "at most 4 times in 30 days" in said
    assert "promises: keeps a copy for 30 days" in said
    assert f'href="{TERMS["uri"]}"' in page.text


@on_sqlite_alone
def test_without_a_word_on_copies_the_vendor_promises_to_keep_none(person, vendor):
    page = person.opens(vendor.link(**asks({"fetch": "once"})))

    assert "reads it once promises to keep no copy" in words(page)


def test_limits_and_terms_stand_in_the_consent_token_and_come_back_with_the_tokens(person, vendor, clock):
    limits = frequency(4, "month") | {
        "mode": "store",
        "data_life": {"value": 30, "unit": "day"},
        "until": clock.now + DAY,
    }
    tokens = vendor.redeems(
        vendor.receives(person.allows(person.opens(vendor.link(**asks(limits, terms=TERMS)))))["code"]
    ).json

    [process] = jwt.decode(tokens["consent_token"], options={"verify_signature": False})["consent"]["dpv:hasProcess"]
    [detail] = tokens["authorization_details"]

    assert process["w:access"] == {
        "mode": "STORE",
        "fetch": "PERIODIC",
        "frequency": {"value": 4, "unit": "MONTH"},
        "dataLife": {"value": 30, "unit": "DAY"},
        "until": datetime.fromtimestamp(clock.now + DAY, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    assert process["w:terms"] == {"@id": TERMS["uri"], "digest": TERMS["digest"]}
    assert (detail["limits"], detail["terms"]) == (limits, TERMS)
    assert vendor.introspects(tokens["access_token"])["authorization_details"] == [detail]


@pytest.mark.parametrize(
    "changed",
    [
        asks(frequency(2, "day"), terms=TERMS),
        asks(frequency(1, "week"), terms=TERMS),
        asks(terms=TERMS),
        asks(frequency(1, "day"), terms={**TERMS, "digest": "sha-256:" + 64 * "b"}),
        asks(frequency(1, "day")),
    ],
)
def test_other_limits_or_terms_are_another_question(person, vendor, changed):
    same = asks(frequency(1, "day"), terms=TERMS)
    person.allows(person.opens(vendor.link(**same)))

    known = sent_back(person.browser.get(vendor.link(**same, prompt="none")), vendor)
    new = sent_back(person.browser.get(vendor.link(**changed, prompt="none")), vendor)

    assert "code" in known
    assert new["error"] == "consent_required"


@on_sqlite_alone
@pytest.mark.parametrize(
    "difference", [{"limits": {"fetch": "once"}}, {"terms": {**TERMS, "digest": "sha-256:" + 64 * "b"}}]
)
def test_one_attribute_has_one_set_of_limits_and_terms(person, vendor, difference):
    first = {"type": TYPE, "attributes": ["email"], "limits": frequency(1, "day"), "terms": TERMS}
    details = json.dumps([first, {**first, **difference}])

    answer = sent_back(person.browser.get(vendor.link(authorization_details=details)), vendor)

    assert answer["error"] == "invalid_request"


def test_asking_by_scope_as_well_does_not_shake_the_limits_off(person, vendor):
    link = vendor.link(scope="openid email", **asks({"fetch": "once"}))
    tokens = vendor.redeems(vendor.receives(person.allows(person.opens(link), only=["email"]))["code"]).json
    vendor.reads(tokens["access_token"])

    assert "email" not in vendor.reads(tokens["access_token"]).json


def test_who_has_no_limits_is_counted_nowhere(person, vendor, house):
    tokens = tokens_for(person, vendor, ["email"])
    vendor.reads(tokens["access_token"])

    assert rows(house, "uses") == []
