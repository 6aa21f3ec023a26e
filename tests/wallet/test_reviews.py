"""What a person says of a vendor in public: written, changed, taken back, erased; and nobody is told apart by it."""

import re

import jwt
import pytest
from accounts import adds_persona, goes_on
from actors import PersonActor, VendorActor
from journeys import tokens_for
from reading import words
from sqlalchemy import update
from storage import nothing_changes, on_sqlite_alone, rows
from taking_apart import IDS, SHARED, unpack

from consent.tables import grants
from vendor_api.vendors import registry
from wallet.reviews.relationship import CROWD

TEXT = "They came the same day. <b>Bold</b> https://evil.example/click"


def writes(person, vendor, **changed):
    said = {"vendor": vendor.client_id, "stars": "4", "title": "Quick", "text": TEXT, "language": "en", "name": ""}
    form_at = "/personas"
    return person.browser.post("/reviews/new", form_at=form_at, **{**said, "key": "review", **changed})


def public(app, path="/reviews/of/stadtwerke"):
    """As somebody sees it who is signed in nowhere."""
    return app.test_client().get(path)


@pytest.fixture
def tokens(person, vendor):
    return tokens_for(person, vendor, ["email"])


@pytest.fixture
def neighbours(app, house, vendor, moves_in, person):
    """As many people as hide each other, who let the same vendor in."""
    found = []
    for name in ("Ben", "Cem", "Dora", "Eva"):
        actor = PersonActor(app, house, moves_in(name), password=person.password)
        actor.has({"email": f"{name}@example.org"})
        tokens_for(actor, vendor, ["email"])
        found.append(actor)
    return found


def test_a_review_is_published_and_everybody_reads_it_without_a_link_in_it(app, house, person, vendor, tokens):
    made = writes(person, vendor, name="A. from Berlin")

    assert made.status_code == 303
    assert person.log()[-1] == "reviewed"
    assert "They came the same day." in words(public(app))
    assert "By A. from Berlin" in words(public(app))
    assert "&lt;b&gt;Bold" in public(app).text
    assert 'href="https://evil.example' not in public(app).text
    page = person.browser.get(made.location)
    assert "Pass it on" in page.text
    shared = re.search(r"http://localhost(/reviews/of/stadtwerke/[\w-]+)", page.text)[1]
    assert "They came the same day." in words(public(app, shared))


@on_sqlite_alone
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"stars": "6"}, "Give 1 to 5 stars"),
        ({"title": " \u202e "}, "Give it a title"),
        ({"text": "x" * 4001}, "Write at most"),
        ({"name": "x" * 41}, "The name that is shown"),
        ({"language": "xx"}, "Choose the language"),
        ({"key": "host"}, "Choose whether the vendor may recognise you"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(house, person, vendor, tokens, changed, said):
    with nothing_changes(house):
        page = writes(person, vendor, **changed)

    assert page.status_code == 422
    assert said in words(page)


@on_sqlite_alone
def test_nobody_writes_about_a_vendor_they_never_let_in_and_who_did_still_may_afterwards(
    app, house, person, vendor, tokens
):
    stranger = VendorActor(app, house, "waterworks")
    with nothing_changes(house):
        assert writes(person, stranger).status_code == 422

    person.revokes(tokens["grant_id"])

    assert writes(person, vendor).status_code == 303


def test_one_person_has_one_review_of_a_vendor_whichever_persona_writes(person, house, vendor, tokens):
    assert writes(person, vendor).status_code == 303
    with nothing_changes(house):
        assert writes(person, vendor, stars="5").status_code == 409
    work = adds_persona(person, "At work", {"email": "work@example.org"})
    page = person.opens(vendor.link(["email"], prompt="consent"))
    page = person.browser.get(f"{page.request.path}?persona={work}")
    vendor.redeems(vendor.receives(person.allows(page, only=["email"]))["code"])
    goes_on(person.browser, "Ana", persona="At work")
    assert len(rows(house, "relationships")) == 2

    with nothing_changes(house):
        page = writes(person, vendor, stars="5")

    assert page.status_code == 409
    assert "perhaps as another persona" in words(page)


@on_sqlite_alone
def test_of_two_who_change_it_the_second_is_told_and_too_many_changes_wait(house, person, vendor, tokens):
    page = writes(person, vendor).location
    said = {"stars": "2", "title": "Slow", "text": "", "language": "en", "name": ""}
    assert person.browser.post(f"{page}/change", **said, version="1").status_code == 303
    with nothing_changes(house):
        assert person.browser.post(f"{page}/change", **said, version="1").status_code == 409

    for version in ("2", "3", "4"):
        assert person.browser.post(f"{page}/change", **said, version=version).status_code == 303
    with nothing_changes(house):
        assert person.browser.post(f"{page}/change", **said, version="5").status_code == 429
    assert person.browser.post(f"{page}/end", form_at=page, version="5").status_code == 303


def test_a_review_that_was_taken_back_says_so_and_one_that_was_erased_is_gone(app, house, person, vendor, tokens):
    page = writes(person, vendor).location
    shared = person.browser.get(page).text.split("http://localhost")[1].split("<")[0]
    person.browser.post(f"{page}/end", form_at=page, version="1")
    assert "The author took this review back." in words(public(app, shared))
    assert "Quick" not in public(app, shared).text
    with nothing_changes(house):
        assert person.browser.post(f"{page}/end", form_at=page, version="2").status_code == 409

    again = writes(person, vendor).location
    assert "Erase for good" in person.browser.post(f"{again}/erase", form_at=again).text
    person.browser.post(f"{again}/erase", form_at=again, sure="yes")

    assert [row["state"] for row in rows(house, "reviews")] == ["ended"]
    assert [row for row in rows(house, "data_keys") if row["subject"] == f"reviews/{again.rpartition('/')[2]}"] == []
    assert [row["what"] for row in rows(house, "review_log")] == ["published", "ended"] * 2
    assert person.browser.get(again).status_code == 404


@on_sqlite_alone
def test_a_vendor_that_leaves_takes_no_review_with_it(app, house, person, vendor, tokens):
    page = writes(person, vendor).location
    [row] = rows(house, "reviews")
    log = app.test_client().get("/oauth/reviews-log/stadtwerke").json["lines"]

    house.database.write(registry.remove, vendor.client_id)

    for path in ("/reviews/of/stadtwerke", f"/reviews/of/stadtwerke/{row['public_id']}"):
        shown = words(public(app, path))
        assert "Quick" in shown
        assert "not registered here any more" in shown
    assert app.test_client().get("/oauth/reviews-log/stadtwerke").json["lines"] == log
    assert "Pass it on" in words(person.browser.get(page))


def test_nobody_changes_or_ends_the_review_of_somebody_else(house, person, vendor, tokens, neighbours):
    page = writes(person, vendor).location
    ben = neighbours[0]
    with nothing_changes(house):
        for act in ("end", "erase", "change", "publish"):
            answer = ben.browser.post(f"{page}/{act}", form_at="/personas", sure="yes", version="1", stars="1")
            assert answer.status_code == 404
        assert ben.browser.get(f"{page}/file").status_code == 404


@on_sqlite_alone
def test_the_page_says_that_the_vendor_may_guess_where_few_know_it(person, vendor, tokens):
    page = words(person.browser.get("/reviews/new?vendor=stadtwerke"))

    assert f"fewer than {CROWD} people deal with this vendor" in page


@on_sqlite_alone
def test_an_average_is_shown_from_five_reviews_on_and_languages_can_be_chosen(app, person, vendor, tokens, neighbours):
    for stars, actor in zip("1235", neighbours, strict=True):
        writes(actor, vendor, stars=stars, title=f"Title {stars}", language="de" if stars == "1" else "en")
    assert "An average is shown from 5 on" in words(public(app))
    assert "average" not in public(app, "/oauth/reviews/stadtwerke").json

    writes(person, vendor, stars="5")

    assert public(app, "/oauth/reviews/stadtwerke").json["average"] == 3.2
    assert "3.2" in words(public(app))
    german = words(public(app, "/reviews/of/stadtwerke?language=de"))
    assert "Title 1" in german
    assert "Title 2" not in german


@on_sqlite_alone
def test_nothing_in_a_hidden_review_is_anything_that_a_vendor_or_two_know_of_its_author(
    app, house, clock, person, vendor, neighbours
):
    other = VendorActor(app, house, "waterworks")
    known, shown = [], []
    for one in (vendor, other):
        one.seen.clear()
        tokens = tokens_for(person, one, ["email"])
        clock.now += 86_400
        person.signs_in()
        assert writes(person, one, text="", title=f"On {one.client_id}").status_code == 303
        known.append({str(value) for name, value in unpack(tokens) if name in IDS} | grants_and_keys(house))
        machines = [public(app, f"/oauth/{what}/{one.client_id}").text for what in ("reviews", "reviews-log")]
        shown.append([*machines, public(app, f"/reviews/of/{one.client_id}").text, *signed(app, one.client_id)])

    for knows in known:
        for text in (text for texts in shown for text in texts):
            assert not [piece for piece in knows if len(piece) > SHARED and piece.removeprefix("urn:uuid:") in text]
    first, second = (members_of(app, one) for one in ("stadtwerke", "waterworks"))
    assert first["iss"] != second["iss"]
    assert first["relationship"]["since"] == "2027-01"
    assert "since" not in second["relationship"]
    assert first["iat"] % 86_400 == 0


def grants_and_keys(house):
    """What the vendors of all relationships know them by."""
    return {row[name] for row in rows(house, "relationships") for name in ("sub", "did")}


def signed(app, client_id):
    shown = public(app, f"/oauth/reviews/{client_id}").json["reviews"]
    return [
        str(jwt.decode(one[of], options={"verify_signature": False})) for one in shown for of in ("review", "proof")
    ]


def members_of(app, client_id):
    [shown] = public(app, f"/oauth/reviews/{client_id}").json["reviews"]
    return jwt.decode(shown["review"], options={"verify_signature": False})


@on_sqlite_alone
def test_how_a_vendor_called_itself_for_one_person_alone_does_not_give_them_away(app, house, person, vendor, tokens):
    [row] = rows(house, "grants")
    assert row["party"]["name"] == "Stadtwerke"

    def renames(db):
        db.execute(
            update(grants).values(party={**row["party"], "name": "Stadtwerke for 4711", "host": "x4711.example"})
        )

    house.database.write(renames)

    writes(person, vendor)

    assert members_of(app, "stadtwerke")["vendor"] == {
        "client_id": "stadtwerke",
        "name": "Stadtwerke",
        "host": "stadtwerke.example",
    }


@on_sqlite_alone
def test_a_dispute_with_the_vendor_does_not_tell_of_a_review(person, vendor, tokens):
    writes(person, vendor)

    line = person.ledger()[-1]
    assert (line.action, line.client_id, line.grant_id) == ("reviewed", None, None)


@on_sqlite_alone
def test_no_word_of_a_review_lies_in_the_clear(house, person, vendor, tokens):
    writes(person, vendor, title="Heliotrope", text="Quicksilver", name="Ozymandias")

    stored = repr([rows(house, table) for table in ("reviews", "review_log", "ledger", "review_logs")])
    assert not [word for word in ("Heliotrope", "Quicksilver", "Ozymandias") if word in stored]
