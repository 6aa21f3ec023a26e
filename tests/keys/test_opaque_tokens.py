"""Tokens lead this host to the person, and tell a stranger nothing."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import BadToken
from keys.opaque import LONGEST_TOKEN, digest, mint, person_of
from keys.sealing import seal

KEY = b"t" * 32
ANA = "01JD3V5S1M8Q4K7Z2N6B9C0XYA"


def pieces(text: str, length: int) -> set[str]:
    return {text[start : start + length] for start in range(len(text) - length + 1)}


@given(person_id=st.text(st.characters(codec="utf-8"), min_size=1, max_size=40))
def test_a_token_leads_back_to_its_person(person_id: str) -> None:
    assert person_of(KEY, "access", mint(KEY, "access", person_id)) == person_id


def test_two_tokens_of_one_person_share_nothing_beyond_chance() -> None:
    for _ in range(100):
        one, two = mint(KEY, "access", ANA), mint(KEY, "access", ANA)

        assert not pieces(one, 7) & pieces(two, 7)


def test_a_token_shows_neither_person_nor_kind() -> None:
    token = mint(KEY, "access", ANA)
    raw = base64.urlsafe_b64decode(token + "==")

    for text in (token.encode(), raw):
        assert ANA.encode() not in text
        assert b"access" not in text


def test_a_token_fits_an_address_and_a_header() -> None:
    token = mint(KEY, "access", ANA)

    assert len(token) < 100
    assert token.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize("kind", ["refresh", "code", "", "Access", "access "])
def test_a_token_of_one_kind_is_refused_as_another(kind: str) -> None:
    with pytest.raises(BadToken):
        person_of(KEY, kind, mint(KEY, "access", ANA))


def test_a_token_of_another_host_is_refused() -> None:
    with pytest.raises(BadToken):
        person_of(KEY, "access", mint(b"u" * 32, "access", ANA))


def test_something_else_sealed_under_the_same_key_is_no_token() -> None:
    sealed = base64.urlsafe_b64encode(seal(KEY, b"r" * 16 + ANA.encode(), "access")).rstrip(b"=").decode()

    with pytest.raises(BadToken):
        person_of(KEY, "access", sealed)


@given(st.one_of(st.text(), st.binary(), st.none(), st.integers(), st.text("ABCabc019-_", max_size=120)))
def test_garbage_is_refused(garbage: object) -> None:
    with pytest.raises(BadToken):
        person_of(KEY, "access", garbage)


@given(data=st.data())
def test_one_changed_letter_is_refused(data: st.DataObject) -> None:
    token = mint(KEY, "access", ANA)
    at = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/= é"))

    if letter != token[at]:
        with pytest.raises(BadToken):
            person_of(KEY, "access", token[:at] + letter + token[at + 1 :])


@pytest.mark.parametrize("change", ["{}=", "{}==", "{}\n", " {}", "{}A", "{}\x00", "{}é", "{}\ud800", "{}١"])
def test_a_token_has_one_spelling(change: str) -> None:
    with pytest.raises(BadToken):
        person_of(KEY, "access", change.format(mint(KEY, "access", ANA)))


def test_a_token_with_spare_bits_set_is_refused_for_all_lengths_of_id() -> None:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for person_id in ("a", "ab", "abc"):
        token = mint(KEY, "access", person_id)
        for letter in letters.replace(token[-1], ""):
            with pytest.raises(BadToken):
                person_of(KEY, "access", token[:-1] + letter)


def test_a_token_too_long_is_refused_before_anything_is_computed() -> None:
    whole = seal(KEY, b"r" * 16 + b"p" * 300, "token", "access")
    long_but_genuine = base64.urlsafe_b64encode(whole).rstrip(b"=").decode()
    assert len(long_but_genuine) > LONGEST_TOKEN

    with pytest.raises(BadToken):
        person_of(KEY, "access", long_but_genuine)
    with pytest.raises(ValueError, match="too long"):
        mint(KEY, "access", "p" * 300)


def test_what_is_stored_of_a_token_is_its_sha_256() -> None:
    assert digest("abc") == hashlib.sha256(b"abc").hexdigest()
    assert len(digest("\ud800")) == 64
