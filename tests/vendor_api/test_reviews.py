"""Reviews towards vendors and the public: docs/reviews.md as it stands there, forgeries, the log, the one answer."""

import re
from pathlib import Path

import jwt
import pytest
from actors import VendorActor
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from desking import PETRA
from journeys import tokens_for
from sqlalchemy import delete
from staffing import StaffActor
from storage import nothing_changes, on_sqlite_alone, rows

from keys.relationship import relationship_key
from vendor_api.desk import directory
from vendor_api.reviews.tables import reviews

pytestmark = on_sqlite_alone
DOCS = (Path(__file__).parents[2] / "docs/reviews.md").read_text(encoding="utf-8")
RECIPES = re.findall(r"^```python\n(.*?)^```", DOCS, re.M | re.S)


@pytest.fixture
def recipe():
    """The functions of docs/reviews.md."""
    names = {}
    for one in RECIPES:
        exec(compile(one, "docs/reviews.md", "exec"), names)  # noqa: S102 - our own documentation
    return names


@pytest.fixture
def page(person, vendor):
    tokens_for(person, vendor, ["email"])
    return writes(person, vendor)


def writes(person, vendor, **changed):
    said = {"vendor": vendor.client_id, "stars": "4", "title": "Quick", "text": "Fine.", "language": "en", "name": ""}
    form_at = f"/reviews/new?vendor={vendor.client_id}"
    made = person.browser.post("/reviews/new", form_at=form_at, **{**said, "key": "review", **changed})
    assert made.status_code == 303, made.text
    return made.location


def checked(recipe, house, app, found, client_id="stadtwerke"):
    jwks = app.test_client().get("/oauth/jwks").json
    return recipe["check"](found, jwks, house.settings.issuer, client_id)


def log_of(app, client_id="stadtwerke"):
    return app.test_client().get(f"/oauth/reviews-log/{client_id}").json


def test_the_saved_file_is_checked_as_documented_without_us(app, house, person, recipe, page):
    found = person.browser.get(f"{page}/file").json

    said = checked(recipe, house, app, found)

    assert said["review"] == {"stars": 4, "title": "Quick", "text": "Fine.", "language": "en"}
    log = log_of(app)
    assert recipe["still_stands"](found, said, log["lines"])
    assert recipe["follow"](log["lines"]) == log["head"]["hash"]


def test_what_was_tampered_with_forged_or_meant_for_another_is_refused(app, house, person, recipe, page):
    found = person.browser.get(f"{page}/file").json
    header, _payload, signature = found["review"].split(".")
    other = Ed25519PrivateKey.generate()
    foreign = relationship_key(b"x" * 32, "stadtwerke.example")
    said = jwt.decode(found["review"], options={"verify_signature": False})
    kid = jwt.get_unverified_header(found["review"])["kid"]
    forged = jwt.encode(said, other, algorithm="EdDSA", headers={"typ": "review+jwt", "kid": kid})
    unproven = foreign.sign({**said, "iss": foreign.did}, typ="review+jwt")
    better = {**said, "review": {**said["review"], "stars": 5}}
    tampered = f"{header}.{jwt.encode(better, other, algorithm='EdDSA').split('.')[1]}.{signature}"

    for bad in (forged, unproven, tampered):
        with pytest.raises((jwt.PyJWTError, AssertionError)):
            checked(recipe, house, app, {**found, "review": bad})
    with pytest.raises(AssertionError):
        checked(recipe, house, app, found, client_id="another")
    with pytest.raises(KeyError):
        checked(recipe, house, app, {**found, "proof": found["review"]})


def test_a_review_that_was_taken_back_is_refused_and_an_old_version_no_longer_stands(app, house, person, recipe, page):
    first = person.browser.get(f"{page}/file").json
    change = {"stars": "1", "title": "Slow", "text": "", "language": "en", "name": "", "version": "1"}
    person.browser.post(f"{page}/change", **change)
    second = person.browser.get(f"{page}/file").json
    said = checked(recipe, house, app, second)
    assert not recipe["still_stands"](first, checked(recipe, house, app, first), log_of(app)["lines"])
    assert recipe["still_stands"](second, said, log_of(app)["lines"])
    assert said["previous"] == log_of(app)["lines"][0]["digest"]

    person.browser.post(f"{page}/end", form_at=page, version="2")

    with pytest.raises(AssertionError, match="took it back"):
        checked(recipe, house, app, person.browser.get(f"{page}/file").json)
    assert app.test_client().get("/oauth/reviews/stadtwerke").json["reviews"] == []


def test_a_review_that_the_operator_takes_out_leaves_a_gap(app, house, recipe, page):
    house.database.write(lambda db: db.execute(delete(reviews)))

    log = log_of(app)
    assert recipe["follow"](log["lines"]) == log["head"]["hash"]
    assert [line["what"] for line in log["lines"]] == ["published"]
    assert app.test_client().get("/oauth/reviews/stadtwerke").json["count"] == 0


def test_a_log_with_a_line_changed_or_taken_out_does_not_follow(app, person, recipe, page):
    person.browser.post(f"{page}/end", form_at=page, version="1")
    lines = log_of(app)["lines"]

    with pytest.raises(AssertionError):
        recipe["follow"]([{**lines[0], "what": "ended"}, lines[1]])
    with pytest.raises(AssertionError):
        recipe["follow"](lines[1:])


def test_signed_by_the_relationship_the_vendor_knows_the_key_and_otherwise_nothing_in_it(app, house, person, vendor):
    tokens = tokens_for(person, vendor, ["email"])
    known = jwt.decode(tokens["consent_token"], options={"verify_signature": False})["iss"]
    page = writes(person, vendor, key="relationship")
    [shown] = app.test_client().get("/oauth/reviews/stadtwerke").json["reviews"]
    said = jwt.decode(shown["review"], options={"verify_signature": False})
    assert (said["iss"], said["relationship"]["since"]) == (known, "2027-01")
    person.browser.post(f"{page}/end", form_at=page, version="1")

    writes(person, vendor, key="review")

    [shown] = app.test_client().get("/oauth/reviews/stadtwerke").json["reviews"]
    said = jwt.decode(shown["review"], options={"verify_signature": False})
    assert said["iss"] != known
    assert said["relationship"] == {"key": "review", "evidence": "grant"}


def test_the_vendor_answers_once_by_a_person_with_a_name_and_only_its_own(app, house, person, vendor, page):
    [shown] = app.test_client().get("/oauth/reviews/stadtwerke").json["reviews"]
    house.database.write(directory.replace, house.secrets, [PETRA], client_id="stadtwerke", now=house.clock())
    said = {"review_id": shown["review_id"], "author": "cp-petra", "text": "Thank you. <script>"}
    stranger = VendorActor(app, house, "waterworks")
    with nothing_changes(house):
        assert stranger.post("/oauth/reviews", said).status_code == 404
        assert vendor.post("/oauth/reviews", {**said, "author": "nobody"}).status_code == 400
        assert vendor.post("/oauth/reviews", {**said, "text": " "}).status_code == 400
        assert vendor.post("/oauth/reviews", {**said, "text": "Thank \u202eyou"}).status_code == 400
        assert app.test_client().post("/oauth/reviews", data=said).status_code == 401

    assert vendor.post("/oauth/reviews", said).status_code == 201

    with nothing_changes(house):
        assert vendor.post("/oauth/reviews", {**said, "text": "Again"}).status_code == 409
    public = app.test_client().get("/reviews/of/stadtwerke").text
    assert "Petra Vogt" in public
    assert "&lt;script&gt;" in public
    assert [line["what"] for line in log_of(app)["lines"]] == ["published", "answered"]
    assert b"Thank you" not in rows(house, "review_answers")[0]["answer_sealed"]


def test_a_review_of_another_vendor_or_none_is_not_found_and_hostile_numbers_are_refused(app, page):
    client = app.test_client()

    assert client.get("/oauth/reviews/stadtwerke?review_id=none").status_code == 404
    assert client.get("/oauth/reviews/stadtwerke?before=x").status_code == 400
    assert client.get("/oauth/reviews/stadtwerke?before=" + "9" * 30).status_code == 400
    assert client.get("/oauth/reviews/nobody").json["count"] == 0
    assert client.get("/reviews/of/nobody").status_code == 404


def test_an_agent_answers_in_the_console_once_and_who_reads_only_can_not(app, house, page):
    house.database.write(directory.replace, house.secrets, [PETRA], client_id="stadtwerke", now=house.clock())
    agent, reader = (StaffActor(app, house, "stadtwerke", role, role) for role in ("agent", "read_only"))
    for one in (agent, reader):
        one.signs_in()
    [review] = rows(house, "reviews")
    where = f"/console/reviews/{review['public_id']}/answer"
    assert "Quick" in reader.get("/console/reviews").text
    with nothing_changes(house):
        assert reader.post(where, form_at="/console/reviews", author="cp-petra", text="Hm").status_code == 403

    assert agent.post(where, form_at="/console/reviews", author="cp-petra", text="We are glad.").status_code == 303

    with nothing_changes(house):
        again = agent.post(where, form_at="/console/reviews", author="cp-petra", text="Still glad.")
    assert again.status_code == 409
    assert "We are glad." in app.test_client().get("/reviews/of/stadtwerke").text
