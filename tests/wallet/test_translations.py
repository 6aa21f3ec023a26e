"""German: whatever the wallet says in English it says in German too, in full, and the compiled catalogue says the same.

After a change of sentences: `make translations`, fill in wallet/translations/de/LC_MESSAGES/messages.po, and once more.
"""

import re
from functools import cache
from io import BytesIO
from itertools import chain
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po
from reading import Page
from storage import on_sqlite_alone

import vendor_api.console
import wallet

SOURCES = (Path(wallet.__file__).parent, Path(vendor_api.console.__file__).parents[1])
GERMAN = SOURCES[0] / "translations/de/LC_MESSAGES/messages.po"
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
KEYWORDS = DEFAULT_KEYWORDS | parse_keywords(["_l", "lazy_gettext", "lazy_ngettext:1,2", "lazy_pgettext:1c,2"])
PLACEHOLDER = re.compile(r"%(?:\((\w+)\))?[a-zA-Z]")

Key = tuple[str | None, str]


@cache
def said_in_english() -> dict[Key, tuple[str, ...]]:
    """By context and first form: all forms (one, or singular and plural) of every sentence marked for translation."""
    found = {}
    strictly = {"**/templates/**.html": {"silent": "false"}}
    everything = (extract_from_dir(source, METHODS, strictly, KEYWORDS) for source in SOURCES)
    for _file, _line, said, _comments, context in chain.from_iterable(everything):
        forms = forms_of(said)
        found[context, forms[0]] = max(forms, found.get((context, forms[0]), ()), key=len)
    return found


@cache
def german() -> Catalog:
    with GERMAN.open("rb") as file:
        return read_po(file, locale="de", domain="messages", abort_invalid=True)


def sentences(catalog: Catalog) -> dict[Key, Message]:
    return {(message.context, forms_of(message.id)[0]): message for message in catalog if message.id}


def forms_of(said: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said)


def placeholders(text: str) -> set[str]:
    """Their names; empty for one without a name."""
    return set(PLACEHOLDER.findall(text))


def test_everything_the_wallet_says_stands_in_the_german_catalogue_and_nothing_else():
    wanted, there = said_in_english().keys(), sentences(german()).keys()

    assert len(wanted) > 200
    assert wanted - there == set()
    assert there - wanted == set()


def test_every_sentence_has_its_german_in_as_many_forms_as_german_has():
    for key, message in sentences(german()).items():
        forms = forms_of(message.string)
        assert all(form.strip() for form in forms), key
        assert len(forms) == len(said_in_english().get(key, forms)), key
    assert (german().num_plurals, german().plural_expr) == (2, "(n != 1)")


def test_the_german_has_the_placeholders_of_the_english():
    for key, message in sentences(german()).items():
        for english, translated in zip(forms_of(message.id), forms_of(message.string), strict=True):
            assert placeholders(translated) == placeholders(english), key
            assert "" not in placeholders(translated), key
            assert translated % dict.fromkeys(placeholders(translated), "x"), key
        assert list(message.check(german())) == [], key


def test_no_german_sentence_is_a_guess_or_a_leftover():
    assert not german().fuzzy
    assert [message.id for message in german() if message.fuzzy] == []
    assert german().obsolete == {}


def test_the_german_begins_and_ends_as_the_english_does():
    """A heading stays a heading, a sentence a sentence; a blank at either end would tear what stands beside it."""
    for key, message in sentences(german()).items():
        for english, translated in zip(forms_of(message.id), forms_of(message.string), strict=True):
            assert translated == translated.strip(), key
            assert (translated[-1] in ".:?)") == (english[-1] in ".:?)"), key
            assert ("\n" in translated) == ("\n" in english), key


def test_the_german_speaks_politely_and_quotes_the_german_way():
    for key, message in sentences(german()).items():
        for translated in forms_of(message.string):
            assert not re.search(r"\b(du|dich|dir|dein(e[mnrs]?)?)\b", translated, re.IGNORECASE), key
            assert not re.search("[”\"']", translated), key
            assert translated.count("„") == translated.count("“"), key


def test_the_compiled_catalogue_is_the_written_one():
    fresh = BytesIO()
    write_mo(fresh, german())
    fresh.seek(0)
    with GERMAN.with_suffix(".mo").open("rb") as file:
        compiled, wanted = read_mo(file), read_mo(fresh)

    def content(catalog: Catalog) -> dict[Key, object]:
        return {key: message.string for key, message in sentences(catalog).items()}

    assert content(compiled) == content(wanted)
    assert (compiled.plural_expr, compiled.charset) == (wanted.plural_expr, wanted.charset)


def test_the_header_tells_the_project_and_nothing_that_was_never_filled_in():
    header = dict(german().mime_headers)

    assert header["Project-Id-Version"].split()[0] == "hausrecht"
    assert header["Language"] == "de"
    assert not re.search("EMAIL@|FULL NAME|FIRST AUTHOR|LANGUAGE|VERSION|YEAR", GERMAN.read_text().split("#: ")[0])


@on_sqlite_alone
@pytest.mark.parametrize("where", ["my data", "an ask"])
def test_a_page_says_in_german_all_it_says_in_english(person, vendor, where):
    page = person.opens(vendor.link(asking=["email", "nickname"]))
    path = "/data" if where == "my data" else page.request.path
    in_english, in_german = (
        {" ".join(run.split()) for run in Page(person.browser.get(path, headers={"Accept-Language": language})).words}
        for language in ("en", "de")
    )

    said = [message for message in sentences(german()).values() if message.id in in_english]
    assert len(said) > 8
    for message in said:
        assert message.string in in_german
        assert message.id == message.string or message.id not in in_german


@on_sqlite_alone
def test_the_answers_to_an_ask_are_erlauben_and_ablehnen(person, vendor):
    path = person.opens(vendor.link(asking=["email"])).request.path

    runs = {" ".join(run.split()) for run in Page(person.browser.get(path, headers={"Accept-Language": "de"})).words}

    assert {"Erlauben", "Ablehnen"} <= runs
