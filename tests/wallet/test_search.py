"""A person finds their own things again, and what they look for stays between them and the page."""

import logging
from pathlib import Path

import pytest
from actors import PersonActor, VendorActor
from feedback import Answering
from journeys import tokens_for
from reading import words as plain
from sqlalchemy import insert
from storage import nothing_changes, on_sqlite_alone, rows

from consent.tables import grants, relationships
from wallet.data.attributes import define_attribute
from wallet.search.errors import TooMuch
from wallet.search.words import words


@pytest.fixture
def at_home(person):
    person.signs_in()
    return person


def finds(person, typed, **fields):
    return person.browser.post("/search", words=typed, **fields)


def hits(page):
    """What is shown between heading and foot of the hits."""
    return page.text.partition('<section class="found"')[2].partition("</main>")[0]


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("Müller", "Ana Müller"),
        ("mueller", "Ana Müller"),
        ("MULLER", "Ana Müller"),
        ("müller", "Mueller"),
        ("strasse", "Lange Straße 5"),
        ("Straße", "LANGE STRASSE"),
        ("mül", "Müller"),
        ("ana mull", "Müller, Ana"),
        ("ana@example.org", "ana@example.org"),
        ("exam", "ana@example.org"),
        ("030 1234", "+49301234567"),
        ("DE89 3704", "DE89370400440532013000"),
        ("24.12.1990", "1990-12-24"),
        ("ﬁn", "Finanzamt"),
        ("Ольга", "ольга"),
    ],
)
def test_neither_case_nor_accents_nor_the_end_of_a_word_matter(typed, text):
    assert words(typed).found_in(text)


@pytest.mark.parametrize(
    ("typed", "text"), [("uller", "Müller"), ("ana ben", "Ana Müller"), ("5555", "+49301234567"), (".*", "anything")]
)
def test_what_does_not_fit_is_not_found(typed, text):
    wanted = words(typed)

    assert wanted.parts == () or not wanted.found_in(text)


@pytest.mark.parametrize(
    "text", ["<b>Müller</b>", "a<Mueller>b&amp;", "Müller Mueller", "<", "", "ue", "Straße <mark>"]
)
def test_what_was_found_is_marked_and_all_else_is_escaped(text):
    marked = str(words("muller strasse").marked(text))
    inside = marked.replace("<mark>", "").replace("</mark>", "")

    assert "<" not in inside
    assert marked.count("<mark>") == marked.count("</mark>")
    assert marked.replace("<mark>", "").replace("</mark>", "") == str(words("x").marked(text))


def test_what_stands_before_and_after_is_kept_to_the_letter():
    assert words("mul anna").marked("Frau Müller, Anna") == "Frau <mark>Mül</mark>ler, <mark>Anna</mark>"


@pytest.mark.parametrize("typed", ["x" * 201, "x " * 13 + "a b c d e f g h i j k l m", "wort " * 10_000, "ß" * 10**6])
def test_what_nobody_types_is_not_searched_for(typed):
    if len(set(typed.split())) > 12 or len(" ".join(typed.split())) > 200:
        with pytest.raises(TooMuch):
            words(typed)


def test_values_are_found_by_label_and_value_in_both_languages(house, at_home, ana):
    assert "Ana" in hits(finds(at_home, "vorname"))
    assert "<mark>Lindenw</mark>eg 5" in hits(finds(at_home, "lindenw"))
    assert "Date of birth" in hits(finds(at_home, "24.12.1990"))
    assert "Nothing found" in finds(at_home, "lindenweg hamburg").text
    at_home.browser.post("/language", form_at="/data", language="de")
    assert "Geburtsdatum" in hits(finds(at_home, "24. dezember"))


def test_values_of_another_persona_are_named_as_its(house, at_home):
    at_home.browser.post("/accounts/personas", form_at="/accounts", name="at work")
    page = finds(at_home, "lindenweg")

    assert "of your persona Me" in plain(page)
    assert "persona=" in hits(page)


def test_what_hangs_together_with_a_vendor_is_found(app, house, at_home):
    stadtwerke = VendorActor(app, house, "stadtwerke", purposes={"email": "To send your bill"})
    tokens = tokens_for(at_home, stadtwerke)
    at = f"/vendors/{tokens['grant_id']}"
    at_home.browser.post(f"{at}/rights", form_at=at, right="access")

    page = finds(at_home, "stadtw")
    for title in ("Vendors", "Ledger", "Requests by right", "Receipts"):
        assert f">{title}</h2>" in hits(page)
    about = hits(finds(at_home, "e-mail stadtwerke"))
    assert "/ledger?vendor=stadtwerke&amp;attribute=email" in about
    read = hits(finds(at_home, "stadtwerke gelesen"))
    assert "/ledger?vendor=stadtwerke&amp;action=read" in read
    assert "/ledger?purpose=" in hits(finds(at_home, "bill send"))
    for link in ("/ledger?vendor=stadtwerke&attribute=email", "/ledger?vendor=stadtwerke&action=granted"):
        assert "Stadtwerke" in at_home.browser.get(link).text


def test_nobody_finds_what_is_somebody_elses(app, house, at_home, moves_in):
    ben = PersonActor(app, house, moves_in("ben"), password="correct horse battery")
    ben.has({"nickname": "Benjamin Blume"})
    ben.signs_in()
    tokens_for(ben, VendorActor(app, house, "blumenladen"))

    assert "Nothing found" in finds(at_home, "blum").text
    assert "Nothing found" in finds(ben, "lindenweg").text
    assert "Benjamin" in plain(finds(ben, "blum"))


def test_what_is_looked_for_stands_nowhere(house, at_home, stored, caplog):
    secret = "Quittenbaumgasse"
    with caplog.at_level(logging.DEBUG), nothing_changes(house):
        page = finds(at_home, secret)
        finds(at_home, f"{secret} " * 100)

    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.request.full_path == "/search?"
    assert secret not in stored()
    assert secret not in caplog.text
    if house.database.is_sqlite:
        files = Path(house.database.url.database).parent.glob("wallet.db*")
        assert all(secret.encode() not in path.read_bytes() for path in files)
    assert secret not in repr(words(secret))
    assert secret not in str(page.headers)


@on_sqlite_alone
def test_an_address_never_searches_and_a_form_of_elsewhere_neither(at_home, opens_browser):
    with nothing_changes(at_home.house):
        page = at_home.browser.get("/search?words=lindenweg")
        foreign = at_home.browser.client.post("/search", data={"words": "lindenweg"})
        stranger = opens_browser().get("/search")

    assert "Lindenweg" not in page.text
    assert foreign.status_code == 400
    assert stranger.status_code == 303


@on_sqlite_alone
@pytest.mark.parametrize(
    "typed",
    ["<script>alert(1)</script>", "a" * 10_000, "wort " * 10_000, "(((((", "[a-z]+$", "\\", "%_%", "e",
     "\u202e", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "", "   "],
)  # fmt: skip
def test_hostile_words_get_a_page(at_home, typed):
    page = finds(at_home, typed)

    assert page.status_code in {200, 422}
    assert "<script>alert" not in page.text


@on_sqlite_alone
def test_markup_in_values_labels_and_names_stays_text(app, house, at_home, ana):
    ids = {"person_id": ana.person_id, "now": house.clock()}
    house.database.write(define_attribute, house.secrets, name="evil", label="<i>Hexe", kind="text", **ids)
    at_home.has({"evil": '<img src=x onerror="alert(1)"> Hexe & <mark>', "nickname": "x" * 4000})
    shop = VendorActor(app, house, "shop", client_name="<u>Hexe")
    tokens_for(at_home, shop)

    page = hits(finds(at_home, "hexe"))

    assert "<img" not in page
    assert "<i>" not in page
    assert "<u>" not in page
    assert "&lt;i&gt;<mark>Hexe</mark>" in page
    assert "<mark>Hexe</mark> &amp; &lt;mark&gt;" in page
    assert finds(at_home, "x").status_code == 200


@on_sqlite_alone
def test_a_few_of_each_kind_are_shown_and_more_on_demand(app, house, at_home):
    for number in range(7):
        tokens_for(at_home, VendorActor(app, house, f"shop{number}", client_name=f"Laden {number}"))
    few = finds(at_home, "laden")
    more = finds(at_home, "laden", kind="vendors")

    assert hits(few).partition("</section>")[0].count("<mark>") == 5
    assert "Show more" in few.text
    assert hits(more).count("<mark>") == 7
    assert "Show more" not in more.text


@on_sqlite_alone
def test_it_asks_as_little_with_many_grants_as_with_one_and_nothing_of_the_ledger(app, house, at_home, statements):
    tokens_for(at_home, VendorActor(app, house, "stadtwerke"))
    [grant], [relationship] = rows(house, "grants"), rows(house, "relationships")
    many = range(100)

    def much(db):
        others = [relationship | {"sector": f"s{number}", "sub": f"sub{number}"} for number in many]
        db.execute(insert(relationships), others)
        db.execute(insert(grants), [of_vendor(grant, number) for number in many])

    def asked(typed):
        statements.clear()
        assert finds(at_home, typed).status_code == 200
        assert [one for one in statements if "ledger" in one.lower()] == []
        return len(statements)

    typed = ("e-mail stadtwerke", "lindenweg", "nirgends", "händler 77")
    before = max(asked(one) for one in typed)
    house.database.write(much)

    assert max(asked(one) for one in typed) == before


def of_vendor(grant, number):
    party = grant["party"] | {"name": f"Händler {number}", "host": f"h{number}.example"}
    return grant | {"grant_id": f"g{number}", "sector": f"s{number}", "client_id": f"c{number}", "party": party}


@on_sqlite_alone
def test_what_one_said_of_a_vendor_and_what_it_answered_is_found(app, house, at_home):
    vendor = Answering(app, house)
    tokens_for(at_home, vendor, ["email"])
    said = {"vendor": vendor.client_id, "stars": "4", "title": "Quick", "text": "A heron sits there.", "language": "en"}
    made = at_home.browser.post("/reviews/new", form_at="/personas", **said, name="", key="review")
    public_id = rows(house, "reviews")[0]["public_id"]
    answer = {"review_id": public_id, "author": "cp-petra", "text": "We fed the ostrich."}
    assert vendor.post("/oauth/reviews", answer).status_code == 201

    for typed in ("heron", "ostrich petra"):
        assert made.location in hits(finds(at_home, typed))
    assert "We fed the ostrich." in plain(at_home.browser.get(made.location))
    assert made.location not in hits(finds(at_home, "pelican"))
