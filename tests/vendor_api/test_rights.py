"""What people ask of a vendor by right: signed, with a day, answered with a signature (GDPR articles 12 to 21)."""

import json
import re
from datetime import UTC, datetime

import jwt
import pytest
from actors import PersonActor, VendorActor
from asserting import key, public
from joserfc import jws
from journeys import refused, tokens_for
from storage import nothing_changes, on_sqlite_alone, rows

from consent.errors import BadAnswer
from consent.rights import answers as book
from consent.rights import requests
from consent.rights.answers import Answer
from consent.rights.dates import due as due_of
from keys.did import public_key_of
from vendor_api.vendors import registry
from vendor_api.vendors.keys import OneAlgorithm
from wallet.upkeep import remind

DAY = 24 * 3600
NO_TIME = {"verify_iat": False}  # the clock of these tests is not the one of this machine


@pytest.fixture
def vendor(app, house):
    """One that can sign its answers."""
    return VendorActor(
        app, house, "stadtwerke", jwks=public(key("ES256", "first")), contacts=["privacy@stadtwerke.example"]
    )


@pytest.fixture
def grant_id(person, vendor):
    return tokens_for(person, vendor, ["email", "birthdate"])["grant_id"]


def asks(person, grant_id, right="erasure", **fields):
    return person.browser.post(f"/vendors/{grant_id}/rights", form_at=f"/vendors/{grant_id}", right=right, **fields)


@pytest.fixture
def asked(person, vendor, grant_id):
    """A request as the vendor finds it."""
    asks(person, grant_id)
    return waiting(vendor).json["requests"][0]


def waiting(vendor, **form):
    form = {"client_id": vendor.client_id, **form}
    return vendor.client.post("/oauth/rights", data=form, headers=vendor.credentials)


def signed(vendor, asked, *, alg="ES256", name="first", typ="rights-answer+jwt", **claims):
    said = {
        "iss": vendor.client_id,
        "aud": vendor.house.settings.issuer,
        "iat": vendor.house.clock(),
        "request_id": asked["request_id"],
        "request_digest": asked["request_digest"],
        "outcome": "completed",
        **claims,
    }
    by = key(alg, name)
    content = json.dumps({name: value for name, value in said.items() if value is not None})
    return jws.serialize_compact({"alg": alg, "kid": by.kid, "typ": typ}, content, by, registry=OneAlgorithm(alg))


def answers(vendor, asked, answer=None, **claims):
    document = signed(vendor, asked, **claims) if answer is None else answer
    path = f"/oauth/rights/{asked['request_id']}"
    return vendor.client.post(path, data={"answer": document}, headers=vendor.credentials)


def test_one_button_signs_a_request_that_the_vendor_finds_with_its_day(person, vendor, grant_id, clock):
    response = asks(person, grant_id, "access")

    assert response.status_code == 303
    [asked] = waiting(vendor).json["requests"]
    assert (asked["right"], asked["claims"], asked["grant_id"]) == ("access", [], grant_id)
    assert asked["due_at"] > clock() + 28 * DAY
    assert person.log()[-1] == "right_asked"


@on_sqlite_alone
def test_the_request_verifies_by_the_key_of_the_relationship_alone(vendor, asked, person):
    header = jwt.get_unverified_header(asked["document"])
    said = jwt.decode(asked["document"], options={"verify_signature": False})

    claims = jwt.decode(
        asked["document"], public_key_of(said["iss"]), ["EdDSA"], audience="stadtwerke", options=NO_TIME
    )

    [known] = rows(person.house, "relationships")
    assert (header["typ"], claims["iss"], claims["sub"]) == ("rights-request+jwt", known["did"], known["sub"])
    assert claims["w:right"]["@id"] == "eu-gdpr:A17"
    assert "ana@example.org" not in json.dumps(claims)
    assert person.person.person_id not in json.dumps(claims)


def test_rights_are_left_when_everything_else_has_ended(person, vendor, grant_id):
    person.revokes(grant_id)

    asks(person, grant_id)

    [asked] = waiting(vendor).json["requests"]
    assert answers(vendor, asked).json["outcome"] == "completed"


def test_a_request_can_be_about_single_values(person, vendor, grant_id):
    asks(person, grant_id, attribute="birthdate")

    assert waiting(vendor).json["requests"][0]["claims"] == ["birthdate"]


@pytest.mark.parametrize("fields", [{"right": "everything"}, {"right": ""}, {"attribute": "phone_number"}])
def test_what_is_no_right_or_was_never_asked_for_is_refused(person, house, grant_id, fields):
    with nothing_changes(house):
        asks(person, grant_id, **fields)


def test_the_same_right_is_not_asked_twice_while_it_is_open(person, vendor, house, asked):
    with nothing_changes(house):
        asks(person, asked["grant_id"])
    asks(person, asked["grant_id"], "access")

    answers(vendor, asked)
    asks(person, asked["grant_id"])

    assert [one["right"] for one in rows(house, "rights")].count("erasure") == 2


def test_the_signed_answer_is_kept_and_closes_the_request(person, vendor, house, asked):
    document = signed(vendor, asked)

    answer = answers(vendor, asked, document)

    assert (answer.status_code, answer.json["outcome"]) == (200, "completed")
    assert waiting(vendor).json["requests"] == []
    person_id = person.person.person_id
    request = house.database.read(requests.find, asked["request_id"], person_id=person_id)
    [kept] = house.database.read(book.answers_of, house.secrets, request)
    assert (kept.document, kept.outcome) == (document, "completed")
    assert person.log()[-1] == "right_answered"


def test_the_same_answer_again_changes_nothing(vendor, house, asked):
    document = signed(vendor, asked, outcome="received")
    answers(vendor, asked, document)

    with nothing_changes(house):
        assert answers(vendor, asked, document).status_code == 200


def test_what_is_closed_stays_closed(vendor, house, asked):
    answers(vendor, asked, outcome="declined", reason="We never had any.")

    with nothing_changes(house):
        later = answers(vendor, asked)

    assert later.status_code == 400
    assert "closed" in later.json["error_description"]


def test_longer_is_taken_once_in_time_and_for_three_months_in_all(vendor, asked, clock):
    latest = due_of(clock(), months=3)

    assert answers(vendor, asked, outcome="extended", reason="Much to do", until=latest + 1).status_code == 400
    longer = answers(vendor, asked, outcome="extended", reason="Much to do", until=latest)

    assert longer.json["due_at"] == latest
    assert answers(vendor, asked, outcome="extended", reason="More", until=latest).status_code == 400


def test_longer_can_not_be_taken_once_it_is_due(vendor, asked, house, clock):
    clock.now = asked["due_at"]

    with nothing_changes(house):
        late = answers(vendor, asked, outcome="extended", reason="Forgot", until=asked["due_at"] + DAY)

    assert late.status_code == 400


WRONG = {
    "of_another_key": {"name": "second"},
    "of_another_kind": {"typ": "JWT"},
    "from_another_vendor": {"iss": "bookshop"},
    "for_another_wallet": {"aud": "https://other.example"},
    "for_another_request": {"request_id": "other"},
    "for_another_document": {"request_digest": "sha-256:00"},
    "without_a_day": {"iat": None},
    "of_long_ago": {"iat": 1},
    "without_outcome": {"outcome": None},
    "with_an_outcome_that_is_none": {"outcome": "perhaps"},
    "declining_without_a_reason": {"outcome": "declined"},
    "declining_with_a_blank_reason": {"outcome": "declined", "reason": " "},
    "with_a_reason_too_long": {"outcome": "declined", "reason": "x" * 501},
    "with_a_reason_that_is_no_text": {"outcome": "declined", "reason": 4},
    "with_a_zero_byte": {"outcome": "declined", "reason": "a\x00b"},
    "longer_without_a_day": {"outcome": "extended", "reason": "Much to do"},
    "with_a_day_that_is_not_wanted": {"until": 1_900_000_000},
    "with_a_day_that_is_no_number": {"outcome": "extended", "reason": "Much to do", "until": True},
}


@on_sqlite_alone
@pytest.mark.parametrize("changed", WRONG.values(), ids=WRONG)
def test_an_answer_that_does_not_hold_is_refused(vendor, house, asked, changed):
    with nothing_changes(house):
        answer = answers(vendor, asked, **changed)

    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")


@on_sqlite_alone
def test_an_answer_that_is_not_signed_is_refused(vendor, house, asked):
    unsigned = jwt.encode({"outcome": "completed"}, None, algorithm="none", headers={"typ": "rights-answer+jwt"})

    with nothing_changes(house):
        assert answers(vendor, asked, unsigned).status_code == 400
        assert answers(vendor, asked, "").status_code == 400


def test_another_vendor_neither_sees_nor_answers_it(app, house, asked):
    other = VendorActor(app, house, "bookshop", jwks=public(key("ES256", "first")))

    with nothing_changes(house):
        assert waiting(other).json["requests"] == []
        assert waiting(other, grant_id=asked["grant_id"]).json["requests"] == []
        known, unknown = answers(other, asked), answers(other, asked | {"request_id": "x"})

    assert known.status_code == unknown.status_code == 404
    assert known.data == unknown.data


def test_who_does_not_prove_to_be_the_vendor_sees_nothing(vendor, house, asked):
    with nothing_changes(house):
        anonymous = vendor.client.post("/oauth/rights", data={"client_id": vendor.client_id})

    assert anonymous.status_code == 401
    assert asked["request_id"] not in anonymous.text


def test_reasons_lie_sealed(vendor, house, asked):
    answers(vendor, asked, outcome="declined", reason="Dear Ana Müller, no.")

    assert all("Müller" not in repr(one) for table in ("rights", "rights_answers") for one in rows(house, table))


def test_of_two_answers_at_once_one_closes_it_and_the_other_is_refused(person, vendor, house, asked):
    """Both were verified before either was kept."""
    request = house.database.read(requests.find, asked["request_id"], person_id=person.person.person_id)
    done, no = (Answer(said, "why", None, said, {}, house.clock()) for said in ("completed", "declined"))
    house.database.write(book.answer, house.secrets, request, done, now=house.clock())

    with nothing_changes(house), pytest.raises(BadAnswer):
        house.database.write(book.answer, house.secrets, request, no, now=house.clock())


def test_a_vendor_is_reminded_a_week_before_and_when_it_is_due(person, house, asked, clock):
    assert remind(house) == 0

    clock.now = asked["due_at"] - 7 * DAY
    assert (remind(house), remind(house)) == (1, 0)

    clock.now = asked["due_at"]
    assert (remind(house), remind(house)) == (1, 0)
    assert person.log().count("right_reminded") == 2


def test_nobody_is_reminded_of_what_is_closed(person, vendor, house, asked, clock):
    answers(vendor, asked)
    clock.now = asked["due_at"]

    assert remind(house) == 0


def test_who_withdraws_is_not_answered(person, vendor, house, asked):
    path = f"/rights/{asked['request_id']}"
    person.browser.post(f"{path}/withdraw", form_at=path)

    assert waiting(vendor).json["requests"] == []
    with nothing_changes(house):
        assert answers(vendor, asked).status_code == 400


DUE = {
    "2026-11-22": "2026-12-22",
    "2027-01-31": "2027-03-01",  # 28 February is a Sunday
    "2028-01-31": "2028-02-29",
    "2026-12-05": "2027-01-05",
    "2026-11-19": "2026-12-21",  # 19 December is a Saturday
}


@pytest.mark.parametrize(("made", "last"), DUE.items(), ids=DUE)
def test_the_day_due_is_counted_as_european_law_counts(made, last):
    at = int(datetime.fromisoformat(f"{made}T15:00:00+00:00").timestamp())

    due = due_of(at, months=1)

    assert datetime.fromtimestamp(due - 1, UTC).date().isoformat() == last
    assert datetime.fromtimestamp(due, UTC).hour == 0


# The person's pages


@on_sqlite_alone
def test_the_page_of_a_request_says_what_became_of_it(person, vendor, asked):
    answers(vendor, asked, outcome="declined", reason="We <b>must</b> keep bills.")

    page = person.browser.get(f"/rights/{asked['request_id']}").text

    assert "We &lt;b&gt;must&lt;/b&gt; keep bills." in page
    assert "mailto:privacy@stadtwerke.example?" in page
    assert f"/rights/{asked['request_id']}/complaint" in page


@on_sqlite_alone
def test_the_signed_request_can_be_taken_along(person, asked):
    found = person.browser.get(f"/rights/{asked['request_id']}/document")

    assert found.text == asked["document"]
    assert found.headers["Content-Disposition"].startswith("attachment")


@on_sqlite_alone
def test_where_a_vendor_is_silent_the_complaint_is_written(person, vendor, asked, clock):
    path = f"/rights/{asked['request_id']}"
    assert person.browser.get(f"{path}/complaint").status_code == 404

    clock.now = asked["due_at"]
    person.signs_in()
    page = person.browser.get(f"{path}/complaint").text

    assert "Berliner Beauftragte für Datenschutz" in page
    assert "Ana Müller" in page
    assert asked["request_digest"] in page
    other = person.browser.get(f"{path}/complaint?authority=FR").text
    assert re.search(r"<strong>Commission nationale de l’informatique", other)


def test_a_stranger_finds_no_request(person, asked, moves_in, app, house):
    person.signs_out()
    other = PersonActor(app, house, moves_in("Ben"), password=person.password)
    other.signs_in()

    for path in ("", "/document", "/complaint"):
        assert other.browser.get(f"/rights/{asked['request_id']}{path}").status_code == 404
    with nothing_changes(house):
        assert other.browser.post(f"/rights/{asked['request_id']}/withdraw", form_at="/data").status_code == 404
        path = f"/vendors/{asked['grant_id']}/rights"
        assert other.browser.post(path, form_at="/data", right="access").status_code == 404


@on_sqlite_alone
def test_the_list_says_what_is_overdue(person, asked, clock):
    clock.now = asked["due_at"]
    person.signs_in()

    assert "Overdue since" in person.browser.get("/rights").text
    assert "An answer of a vendor is overdue" in person.browser.get("/vendors").text


def test_a_client_id_that_comes_back_at_another_host_finds_nothing_that_was_asked_of_the_one_before(
    app, house, person, vendor, asked, grant_id
):
    house.database.write(registry.remove, vendor.client_id)
    elsewhere = {"redirect_uris": ["https://elsewhere.example/back"], "jwks": public(key("ES256", "first"))}
    moved = VendorActor(app, house, vendor.client_id, **elsewhere)

    with nothing_changes(house):
        assert waiting(moved).json["requests"] == []
        assert refused(answers(moved, asked), "invalid_request", status=404)
        receipts = moved.client.post("/oauth/receipts", data={"grant_id": grant_id}, headers=moved.credentials)
        assert refused(receipts, "invalid_grant_id")
