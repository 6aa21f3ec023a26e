"""What a person types becomes the one value that is kept, or a sentence that says what is wrong."""

import json
import traceback

import pytest
from storage import on_sqlite_alone

from wallet.data.catalogue import CATALOGUE, EVERYBODYS
from wallet.data.errors import BadValue
from wallet.data.kinds import KINDS, check, check_value, said, typed_text, value_text

KEPT = [
    ("text", "Straße der Größe", "Straße der Größe"),
    ("text", "  spaces around \t", "spaces around"),
    ("text", "Mu\u0308ller", "Müller"),
    ("text", "👩‍👩‍👧 family 🏡", "👩‍👩‍👧 family 🏡"),
    ("text", "שלום עולם", "שלום עולם"),
    ("text", "محمد", "محمد"),
    ("text", "<script>alert(1)</script>", "<script>alert(1)</script>"),
    ("text", "true", "true"),
    ("text", "x" * 2048, "x" * 2048),
    ("lines", "Lindenweg 5\r\n10115 Berlin\r\n", "Lindenweg 5\n10115 Berlin"),
    ("email", "Ana.Müller@example.org".replace("ü", "u"), "Ana.Muller@example.org"),
    ("email", "ana+shop@Straße.Example", "ana+shop@xn--strae-oqa.example"),
    ("phone", "+49 (0)30 123-45 67", "+49301234567"),
    ("phone", "0049 30/1234567", "+49301234567"),
    ("url", "https://ana.example/über?x=1#y", "https://ana.example/über?x=1#y"),
    ("url", "http://127.0.0.1:8000", "http://127.0.0.1:8000"),
    ("image_url", "https://ana.example/me.jpg", "https://ana.example/me.jpg"),
    ("date", "2024-02-29", "2024-02-29"),
    ("date", "24.12.1990", "1990-12-24"),
    ("date", "4. 2. 1990", "1990-02-04"),
    ("birthdate", "1990", "1990"),
    ("birthdate", "0000-02-29", "0000-02-29"),
    ("birthdate", "1990-12-24", "1990-12-24"),
    ("language", "DE_at", "de-AT"),
    ("language", "zh-hant-tw", "zh-Hant-TW"),
    ("language", "de-1996", "de-1996"),
    ("timezone", "europe/berlin", "Europe/Berlin"),
    ("timezone", "America/New York", "America/New_York"),
    ("timezone", "UTC", "UTC"),
    ("country", "de", "DE"),
    ("country", "Österreich", "Österreich"),
    ("country", "Côte d’Ivoire", "Côte d’Ivoire"),
    ("integer", "3", 3),
    ("integer", "-0", 0),
    ("integer", "+9007199254740991", 9007199254740991),
    ("number", "2500", 2500),
    ("number", "2500.50", 2500.5),
    ("number", "2500,5", 2500.5),
    ("number", "-0.000001", -0.000001),
    ("boolean", "yes", True),
    ("boolean", "Ja", True),
    ("boolean", "nein", False),
    ("boolean", "false", False),
    ("iban", "de89 3704 0044 0532 0130 00", "DE89370400440532013000"),
    ("iban", "GB82WEST12345698765432", "GB82WEST12345698765432"),
    ("vat_id", "DE 123 456 789", "DE123456789"),
    ("vat_id", "ATU12345678", "ATU12345678"),
    ("bic", "cobadeff xxx", "COBADEFFXXX"),
    ("bic", "MARKDEF1", "MARKDEF1"),
    ("msisdn", "+49 170 1234567", "491701234567"),
    ("msisdn", "491701234567", "491701234567"),
    ("year", "1998", 1998),
    ("texts", "nuts, pollen\r\nnuts", ["nuts", "pollen"]),
    ("countries", "de, AT", ["DE", "AT"]),
    ("choice", " gas ", "gas"),
]

REFUSED = [
    *[(kind, "") for kind in KINDS],
    *[(kind, "   ") for kind in KINDS],
    *[(kind, "\x00") for kind in KINDS],
    *[(kind, "a\x00b") for kind in KINDS],
    *[(kind, "1\x1f") for kind in KINDS],
    *[(kind, "\ud800") for kind in KINDS],
    ("bic", "COBADEFFXX"),
    ("bic", "COBA12FF"),
    ("msisdn", "0170 1234567"),
    ("year", "98"),
    ("year", "3998"),
    ("texts", " , ,\n"),
    ("texts", "x" * 81),
    ("texts", ",".join(map(str, range(51)))),
    ("countries", "Germany"),
    ("countries", "DE, XX"),
    ("choice", "x" * 81),
    ("text", "two\nlines"),
    ("text", "a\tb"),
    ("text", "a\x7fb"),
    ("text", "a\ud800b"),
    ("text", "a\x85b"),
    ("text", "a\u2028b"),
    ("text", "abc\u202egnp.exe"),
    ("text", "a\u2066b"),
    ("text", "\u200b\u200d"),
    ("text", "x" * 4001),
    ("lines", "a\x0bb"),
    ("email", "ana"),
    ("email", "ana@localhost"),
    ("email", "@example.org"),
    ("email", "ana@"),
    ("email", "a@b@example.org"),
    ("email", "ana..m@example.org"),
    ("email", "ana m@example.org"),
    ("email", "ana@example..org"),
    ("email", "ana@-example.org"),
    ("email", "ana@example.org."),
    ("email", "ana@example.org\r\nBcc: eve@example.org"),
    ("email", "x" * 65 + "@example.org"),
    ("phone", "030 1234567"),
    ("phone", "+0301234567"),
    ("phone", "+49"),
    ("phone", "+4930123456789012"),
    ("phone", "+49 30 CALLME"),
    ("phone", "+٤٩٣٠١٢٣٤٥٦٧"),
    ("url", "javascript:alert(1)"),
    ("url", "data:text/html,hi"),
    ("url", "file:///etc/passwd"),
    ("url", "ftp://ana.example"),
    ("url", "//ana.example"),
    ("url", "ana.example"),
    ("url", "https://"),
    ("url", "https://ana:secret@ana.example"),
    ("url", "https://good.example\\@evil.example"),
    ("url", "https://ana.example:99999"),
    ("url", "https://ana.example:port"),
    ("url", "https://[::1"),
    ("url", "https://ana.example/a b"),
    ("url", 'https://ana.example/"onload='),
    ("url", "https://ana.example/" + "x" * 2048),
    ("image_url", "data:image/png;base64,AAAA"),
    ("date", "2023-02-29"),
    ("date", "2023-13-01"),
    ("date", "2023-00-10"),
    ("date", "0000-01-01"),
    ("date", "1990"),
    ("date", "20230101"),
    ("date", "2023-W01-1"),
    ("date", "29.2.2023"),
    ("date", "24/12/1990"),
    ("date", "٢٠٢٤-٠١-٠١"),
    ("birthdate", "2023-02-29"),
    ("birthdate", "0000-02-30"),
    ("birthdate", "0000-"),
    ("birthdate", "0999"),
    ("birthdate", "90"),
    ("language", "deutsch"),
    ("language", "xq"),
    ("language", "de-"),
    ("language", "de-DE-x"),
    ("language", "d€"),
    ("timezone", "Berlin"),
    ("timezone", "Europe/Atlantis"),
    ("timezone", "../../etc/passwd"),
    ("timezone", "/etc/localtime"),
    ("timezone", "UTC+1"),
    ("country", "QQ"),
    ("country", "ZZ"),
    ("country", "D"),
    ("country", "1234"),
    ("country", "<b>DE</b>"),
    ("integer", "3.0"),
    ("integer", "true"),
    ("integer", "1e3"),
    ("integer", "0x10"),
    ("integer", "1_000"),
    ("integer", "٣"),
    ("integer", "9007199254740992"),
    ("integer", "9" * 5000),
    ("number", "NaN"),
    ("number", "inf"),
    ("number", "-Infinity"),
    ("number", "1e400"),
    ("number", "1e5"),
    ("number", "1,234"),
    ("number", "1.234,5"),
    ("number", "1 000"),
    ("number", "true"),
    ("number", "0.1234567890123456"),
    ("number", "999999999999999.12"),
    ("number", "9007199254740993"),
    ("boolean", "1"),
    ("boolean", "0"),
    ("boolean", "maybe"),
    ("iban", "DE89370400440532013001"),
    ("iban", "DE8937040044053201300"),
    ("iban", "XX"),
    ("iban", "DE543704004405320130001"),
    ("iban", "DE89 3704 0044 0532 0130 0Ü"),
    ("vat_id", "123456789"),
    ("vat_id", "DE12345678"),
]


@pytest.mark.parametrize(("kind", "typed", "kept"), KEPT)
def test_a_good_value_is_kept_in_one_spelling(kind, typed, kept):
    value = check_value(kind, typed)

    assert value == kept
    assert type(value) is type(kept)


@pytest.mark.parametrize(("kind", "typed"), REFUSED)
def test_a_bad_value_is_refused_with_a_sentence(kind, typed):
    with pytest.raises(BadValue) as refused:
        check_value(kind, typed)

    assert str(refused.value).endswith(".")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("secret", ["Geheim" * 1000, "Geheim\x07"])
def test_no_refusal_repeats_the_value(kind, secret):
    with pytest.raises(BadValue) as refused:
        check_value(kind, secret)

    assert "Geheim" not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize(("kind", "typed", "kept"), KEPT)
def test_what_the_form_shows_can_be_sent_back_unchanged(kind, typed, kept):
    assert check_value(kind, typed_text(check_value(kind, typed))) == kept


@pytest.mark.parametrize(("kind", "typed", "_kept"), KEPT)
def test_every_value_is_json_that_everybody_reads(kind, typed, _kept):
    value = check_value(kind, typed)

    assert json.loads(json.dumps(value, allow_nan=False)) == value


def test_the_example_of_every_attribute_is_a_good_value():
    for attribute in CATALOGUE.values():
        if attribute.fact is None:
            check(attribute, attribute.example)


def test_every_kind_is_tried_here():
    assert {kind for kind, *_ in KEPT} == set(KINDS)
    assert {kind for kind, _ in REFUSED} == set(KINDS)


def test_yes_and_no_are_shown_in_words_and_numbers_without_powers():
    assert [value_text(value) for value in (True, False, 1, 0.0000015, "x")] == ["Yes", "No", "1", "0.0000015", "x"]


@on_sqlite_alone
def test_a_value_is_shown_with_its_unit_and_a_choice_by_its_name(app):
    with app.test_request_context(headers={"Accept-Language": "de"}):
        assert said(CATALOGUE["electricity.kwh_year"], 2500.5, "de") == "2.500,5 kWh"
        assert said(CATALOGUE["home.heating"], "heat_pump", "de") == "Wärmepumpe"
        assert said(CATALOGUE["home.build_year"], 1998, "de") == "1998"
        assert said(CATALOGUE["birthdate"], "1990-12-24", "de") == "24. Dezember 1990"
        assert said(CATALOGUE["birthdate"], "1990", "de") == "1990"
    with app.test_request_context():
        assert said(CATALOGUE["electricity.kwh_year"], 2500, "en") == "2,500 kWh"
        assert said(CATALOGUE["health.allergies"], ["nuts", "pollen"], "en") == "nuts, pollen"


@pytest.mark.parametrize(
    ("name", "typed"),
    [("household.size", "0"), ("home.living_area", "10000.5"), ("home.heating", "Gas"), ("age_over_18", "yes")],
)
def test_the_limits_of_an_attribute_hold(name, typed):
    with pytest.raises(BadValue) as refused:
        check(EVERYBODYS[name], typed)

    assert str(refused.value).endswith(".")
