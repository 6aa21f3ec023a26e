"""Of what time a value may be, who may get it and where it may lie: asked, said, signed, and held as far as we can."""

import json

import jwt
import pytest
from actors import VendorActor
from journeys import refused, sent_back
from reading import words, words_in
from storage import nothing_changes, on_sqlite_alone

DAY = 24 * 3600
TYPE = "urn:hausrecht:consent"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
LIMITS = {
    "mode": "store",
    "storage_place": ["EU", "CH"],
    "recipients": ["Printer Ltd", "Call Centre"],
    "data_range": {"since": 1_767_225_600, "until": 1_830_297_600},
}


@pytest.fixture
def vendor(app, house):
    more = {
        "grant_types": ["authorization_code", "refresh_token", EXCHANGE],
        "recipients": ["Printer Ltd", "Call Centre"],
    }
    return VendorActor(app, house, "stadtwerke", authorization_details_types=[TYPE], **more)


def asks(**limits):
    detail = {"type": TYPE, "attributes": ["email"], "essential": True, "limits": limits}
    return {"authorization_details": json.dumps([detail])}


@pytest.fixture
def tokens(person, vendor):
    """What the vendor gets who asks under these limits."""
    return lambda **limits: (
        vendor.redeems(vendor.receives(person.allows(person.opens(vendor.link(**asks(**limits)))))["code"]).json
    )


def exchanges(vendor, token, **more):
    form = {"grant_type": EXCHANGE, "subject_token": token, "subject_token_type": ACCESS_TOKEN, **more}
    return vendor.post("/oauth/token", form)


def test_a_value_is_read_only_if_it_was_entered_in_the_range(person, vendor, tokens, clock):
    token = tokens(data_range={"since": clock.now, "until": clock.now + 100})["access_token"]
    in_range = vendor.reads(token)
    clock.now += 99
    person.has({"email": "anna@example.org"})
    last = vendor.reads(token)

    clock.now += 1
    still = vendor.reads(token)
    person.has({"email": "new@example.org"})
    after = vendor.reads(token)

    assert in_range.json["email"] == "ana@example.org"
    assert last.json["email"] == still.json["email"] == "anna@example.org"
    assert refused(after, "outside_data_range", status=403)
    assert "new@example.org" not in after.text


def test_what_was_entered_before_the_range_is_held_back_beside_the_rest(person, vendor, clock):
    details = [
        {"type": TYPE, "attributes": ["email"], "limits": {"data_range": {"since": clock.now + 1}}},
        {"type": TYPE, "attributes": ["given_name"]},
    ]
    page = person.opens(vendor.link(authorization_details=json.dumps(details)))
    code = vendor.receives(person.allows(page, only=["email", "given_name"]))["code"]

    found = vendor.reads(vendor.redeems(code).json["access_token"]).json

    assert found["given_name"] == "Ana"
    assert "email" not in found
    assert found["withheld"] == {"email": {"error": "outside_data_range"}}


def test_a_processor_gets_only_what_may_be_passed_on_to_it(vendor, tokens, house):
    token = tokens(recipients=["Printer Ltd"])["access_token"]
    printer = exchanges(vendor, token, audience="Printer Ltd").json["access_token"]
    centre = exchanges(vendor, token, audience="Call Centre").json["access_token"]

    assert vendor.reads(printer).json["email"] == "ana@example.org"
    assert refused(vendor.reads(centre), "recipient_not_allowed", status=403)
    assert vendor.reads(token).json["email"] == "ana@example.org"
    claims = json.dumps({"userinfo": {"email": None}})
    with nothing_changes(house):
        assert refused(exchanges(vendor, token, audience="Call Centre", claims=claims), "invalid_target")


def test_a_processor_whom_the_person_excludes_later_gets_nothing_more(person, vendor, tokens):
    given = tokens(recipients=["Printer Ltd", "Call Centre"])
    printer = exchanges(vendor, given["access_token"], audience="Printer Ltd").json["access_token"]
    assert vendor.reads(printer).status_code == 200

    page = f"/vendors/{given['grant_id']}"
    person.browser.post(f"{page}/tighten", form_at=page, attribute="email", not_to="Printer Ltd")

    assert refused(vendor.reads(printer), "recipient_not_allowed", status=403)
    assert "promises to pass it on to nobody but: Call Centre" in words(person.browser.get(page))


def test_they_stand_on_the_page_in_the_token_and_in_the_answer(person, vendor):
    page = person.opens(vendor.link(**asks(**LIMITS)))
    given = vendor.redeems(vendor.receives(person.allows(page))["code"]).json

    said = words_in(page, "limits")[0]
    (process,) = jwt.decode(given["consent_token"], options={"verify_signature": False})["consent"]["dpv:hasProcess"]
    assert "only what you entered from 1 January 2026 to 31 December 2027" in said
    assert "promises to keep it only in: Switzerland and European Union" in said
    assert "promises to pass it on to nobody but: Call Centre and Printer Ltd" in said
    assert process["w:access"] == {
        "mode": "STORE",
        "fetch": "PERIODIC",
        "dataRange": {"from": "2026-01-01T00:00:00Z", "to": "2028-01-01T00:00:00Z"},
        "recipients": ["Call Centre", "Printer Ltd"],
        "storagePlace": ["CH", "EU"],
    }
    assert process["dpv:hasRecipient"] == ["Call Centre", "Printer Ltd"]
    assert process["dpv:hasStorageCondition"]["dpv:hasLocation"] == ["loc:CH", "loc:EU"]
    assert given["authorization_details"][0]["limits"] == LIMITS


def test_who_wants_nobody_else_to_have_it_reads_so(person, vendor):
    assert "promises to pass it on to nobody" in words(person.opens(vendor.link(**asks(recipients=[]))))


@on_sqlite_alone
def test_they_are_said_in_german_too(person, vendor):
    page = person.opens(vendor.link(**asks(**LIMITS), ui_locales="de"))

    said = words_in(page, "limits")[0]
    assert "nur was Sie vom 1. Januar 2026 bis zum 31. Dezember 2027 eingetragen haben" in said
    assert "Schweiz und Europäische Union" in said


@pytest.mark.parametrize(
    "changed",
    [
        {"data_range": {"since": 2}},
        {"data_range": {"until": 1_830_297_600}},
        {"recipients": ["Printer Ltd"]},
        {"recipients": []},
        {"storage_place": ["DE"]},
    ],
)
@on_sqlite_alone
def test_another_limit_is_another_question_and_another_order_is_not(person, vendor, changed):
    person.allows(person.opens(vendor.link(**asks(**LIMITS))))
    turned = {"recipients": ["Call Centre", "Printer Ltd"], "storage_place": ["CH", "EU"]}

    same = sent_back(person.browser.get(vendor.link(**asks(**LIMITS | turned), prompt="none")), vendor)
    new = sent_back(person.browser.get(vendor.link(**asks(**LIMITS | changed), prompt="none")), vendor)

    assert "code" in same
    assert new["error"] == "consent_required"


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        ({"data_range": {}}, "since and a later until"),
        ({"data_range": {"from": 1}}, "since and a later until"),
        ({"data_range": {"since": 5, "until": 5}}, "since and a later until"),
        ({"data_range": {"since": "2026-01-01"}}, "since and a later until"),
        ({"data_range": {"since": None}}, "since and a later until"),
        ({"data_range": {"since": True}}, "since and a later until"),
        ({"data_range": {"until": 10**20}}, "since and a later until"),
        ({"data_range": [1, 2]}, "since and a later until"),
        ({"recipients": "Printer"}, "a list of at most 20 short names"),
        ({"recipients": [""]}, "a list of at most 20 short names"),
        ({"recipients": ["a\nb"]}, "a list of at most 20 short names"),
        ({"recipients": [1]}, "a list of at most 20 short names"),
        ({"recipients": ["a"] * 21}, "a list of at most 20 short names"),
        ({"mode": "store", "storage_place": []}, "country codes of ISO 3166-1"),
        ({"mode": "store", "storage_place": ["de"]}, "country codes of ISO 3166-1"),
        ({"mode": "store", "storage_place": ["XX"]}, "country codes of ISO 3166-1"),
        ({"mode": "store", "storage_place": [["DE"]]}, "country codes of ISO 3166-1"),
        ({"mode": "store", "storage_place": "DE"}, "country codes of ISO 3166-1"),
        ({"storage_place": ["DE"]}, "storage_place is for mode store"),
    ],
    ids=str,
)
@on_sqlite_alone
def test_what_is_asked_wrongly_is_refused_in_one_sentence(person, vendor, limits, sentence):
    answer = sent_back(person.browser.get(vendor.link(**asks(**limits))), vendor)

    assert answer["error"] == "invalid_authorization_details"
    assert sentence in answer["error_description"]


# Stricter on the consent page


def test_a_person_sets_stricter_limits_as_they_answer(person, vendor, clock):
    page = person.opens(vendor.link(["email", "given_name"]))

    stricter = {
        "email:often": "once",
        "email:copy": "none",
        "email:until": "2027-02-01",
        "email:to": "2027-01-31",
        "email:not_to": "Printer Ltd",
    }
    given = vendor.redeems(vendor.receives(answers(person, page, ["email", "given_name"], **stricter))["code"]).json

    (process, rest) = sorted(
        jwt.decode(given["consent_token"], options={"verify_signature": False})["consent"]["dpv:hasProcess"],
        key=lambda process: "w:access" not in process,
    )
    assert process["w:access"] == {
        "mode": "VIEW",
        "fetch": "ONCE",
        "until": "2027-02-02T00:00:00Z",
        "dataRange": {"to": "2027-02-01T00:00:00Z"},
        "recipients": ["Call Centre"],
    }
    assert "w:access" not in rest
    assert vendor.reads(given["access_token"]).json["email"] == "ana@example.org"
    assert vendor.reads(given["access_token"]).json["withheld"] == {"email": {"error": "already_fetched"}}
    shown = words(person.browser.get(f"/vendors/{given['grant_id']}"))
    assert "reads it once until 1 February 2027 only what you entered up to 31 January 2027" in shown
    assert "promises to keep no copy promises to pass it on to nobody but: Call Centre" in shown


def answers(person, page, chosen, **fields):
    """Send the consent page's form as shown, with more fields filled in."""
    token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    form = {"csrf_token": token, "answer": "allow", "attribute": chosen, "until": "2027-06-01", **fields}
    response = person.browser.client.post(page.request.path, data=form)
    return person.browser.follow(response.location) if response.status_code == 303 else response


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"email:until": "soon"}, "Write the day as year-month-day"),
        ({"email:until": "2026-01-01"}, "Choose a day from today on"),
        ({"email:until": "2029-01-01"}, "Choose a day from today on"),
        ({"email:since": "2027-01-02", "email:to": "2027-01-01"}, "Choose a first day that is not after the last one."),
        ({"email:often": "day"}, "limits can only become stricter"),
        ({"email:copy": "year"}, "limits can only become stricter"),
        ({"email:to": "2029-01-01"}, "limits can only become stricter"),
        ({"email:place": "US"}, "limits can only become stricter"),
    ],
    ids=str,
)
@on_sqlite_alone
def test_what_can_not_be_is_refused_in_words_and_stays_in_the_form(person, vendor, house, fields, sentence):
    limits = {
        **LIMITS,
        "data_life": {"value": 1, "unit": "day"},
        "frequency": {"value": 1, "unit": "month"},
    }
    page = person.opens(vendor.link(**asks(**limits)))

    with nothing_changes(house):
        again = answers(person, page, [], **fields, **{"email:not_to": "Call Centre"})

    assert again.status_code == 400
    assert sentence in words(again)
    assert '<details class="tighten" open>' in again.text
    for name, typed in fields.items():
        if typed not in {"day", "year", "US"}:
            assert f'name="{name}"' in again.text
            assert f'value="{typed}"' in again.text
    box = again.text.split('name="email:not_to"')[1]
    assert 'value="Call Centre"' in again.text
    assert "checked" in box


@on_sqlite_alone
def test_who_does_not_care_sees_one_closed_line_for_each_value(person, vendor):
    page = person.opens(vendor.link(["email"], scope="openid offline_access"))

    assert page.text.count('<details class="tighten">') == 1
    assert '<details class="tighten" open' not in page.text


@on_sqlite_alone
def test_the_answer_without_stricter_limits_is_what_it_was(person, vendor):
    page = person.opens(vendor.link(["email"]))

    given = vendor.redeems(
        vendor.receives(answers(person, page, ["email"], **{"email:often": "", "email:until": ""}))["code"]
    ).json

    (process,) = jwt.decode(given["consent_token"], options={"verify_signature": False})["consent"]["dpv:hasProcess"]
    assert "w:access" not in process
