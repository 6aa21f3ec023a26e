"""What was said is found by its words; what one looks for stands nowhere; and how far was looked is said."""

import logging

import pytest
from conversing import has_talked
from reading import words
from speaking import Speaker
from storage import on_sqlite_alone

from wallet.inbox import search_pages
from wallet.search import conversations

pytestmark = on_sqlite_alone


@pytest.fixture
def vendor(app, house, person):
    vendor = Speaker(app, house)
    vendor.joins(person)
    return vendor


def looks(person, typed, path="/inbox/search", **more):
    return person.browser.post(path, form_at="/inbox", words=typed, **more)


def test_a_word_of_a_message_leads_to_its_place(person, vendor):
    vendor.says("Der Strom fällt am Freitag aus.\nBitte keine Sorge.", subject="Wartung")
    vendor.says("Something else.", subject="Else")

    for typed in ("freitag", "FALLT", "wartung strom"):
        page = looks(person, typed)
        assert "Stadtwerke: Wartung" in words(page).replace(" :", ":")
        assert "Something" not in page.text
    link = page.text.partition('class="found-list"')[2].partition('href="')[2].partition('"')[0]
    assert "Freitag aus" in person.browser.get(link).text
    assert "Nothing found" in words(looks(person, "nowhere"))


def test_the_search_over_everything_finds_it_too(person, vendor):
    vendor.says("No power on Friday.", subject="Works")

    assert "Works" in words(looks(person, "friday", path="/search"))


def test_what_one_looks_for_stands_in_no_address_and_no_log(person, vendor, caplog):
    vendor.says("A secret word: xylophone.")
    with caplog.at_level(logging.DEBUG):
        page = looks(person, "xylophone")

    assert "xylophone" in page.text
    assert "xylophone" not in caplog.text
    assert 'href="/inbox/search' not in page.text
    assert person.browser.get("/inbox/search?words=xylophone").status_code == 404


def test_it_is_narrowed_to_one_vendor_and_to_ones_own_persona(app, house, person, vendor, moves_in):
    other = Speaker(app, house, "bookshop")
    other.joins(person)
    vendor.says("Friday it is.", subject="Of power")
    other.says("Friday it is.", subject="Of books")

    page = words(looks(person, "friday", vendor="bookshop"))
    assert "Of books" in page
    assert "Of power" not in page
    ben = type(person)(app, house, moves_in("Ben"), password="correct horse battery")
    ben.signs_in()
    assert "Nothing found" in words(looks(ben, "friday"))


def test_who_has_more_than_is_looked_through_is_told(house, person, monkeypatch):
    person.signs_in()
    has_talked(house, person.person, count=60, vendors=3, longest=10)
    monkeypatch.setattr(search_pages, "MOST", 20)
    monkeypatch.setattr(conversations, "MOST", 20)

    for path in ("/inbox/search", "/search"):
        assert "Only the newest 20 messages were looked through" in words(looks(person, "nowhere", path=path))
    assert "looked through" not in words(looks(person, "nowhere", vendor="vendor1"))


def test_too_many_words_are_refused(person, vendor):
    answer = looks(person, "x " * 13)
    assert answer.status_code == 422 or "Nothing found" in words(answer)
    assert looks(person, "a b c d e f g h i j k l m n").status_code == 422


def test_a_hostile_message_is_text_among_what_is_found(person, vendor):
    vendor.says("<script>alert(1)</script> friday", subject="<b>x</b>")

    page = looks(person, "friday").text
    assert "<script>alert" not in page
    assert "<b>x" not in page
