"""Sealed bytes open only unchanged, in their place, under their key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import CannotOpen
from keys.sealing import seal, unseal

keys = st.binary(min_size=32, max_size=32)
places = st.lists(st.text(st.characters(codec="utf-8"), max_size=8), max_size=4)


@given(key=keys, plain=st.binary(max_size=200), place=places)
def test_what_was_sealed_opens_again(key: bytes, plain: bytes, place: list[str]) -> None:
    assert unseal(key, seal(key, plain, *place), *place) == plain


@given(key=keys, plain=st.binary(max_size=64), place=places, data=st.data())
def test_one_flipped_bit_anywhere_is_refused(key: bytes, plain: bytes, place: list[str], data: st.DataObject) -> None:
    sealed = bytearray(seal(key, plain, *place))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))

    with pytest.raises(CannotOpen):
        unseal(key, bytes(sealed), *place)


@given(key=keys, plain=st.binary(max_size=64), data=st.data())
def test_sealed_bytes_cut_short_are_refused(key: bytes, plain: bytes, data: st.DataObject) -> None:
    sealed = seal(key, plain)

    with pytest.raises(CannotOpen):
        unseal(key, sealed[: data.draw(st.integers(0, len(sealed) - 1))])


@given(key=keys, other=keys, plain=st.binary(max_size=64))
def test_another_key_is_refused(key: bytes, other: bytes, plain: bytes) -> None:
    if key != other:
        with pytest.raises(CannotOpen):
            unseal(other, seal(key, plain, "place"), "place")


@given(key=keys, plain=st.binary(max_size=64), place=places, elsewhere=places)
def test_another_place_is_refused(key: bytes, plain: bytes, place: list[str], elsewhere: list[str]) -> None:
    if place != elsewhere:
        with pytest.raises(CannotOpen):
            unseal(key, seal(key, plain, *place), *elsewhere)


@pytest.mark.parametrize(
    ("place", "elsewhere"),
    [
        (("a", "bc"), ("ab", "c")),
        (("a",), ("a", "")),
        (("", "a"), ("a", "")),
        ((), ("",)),
        (("ab",), ("a", "b")),
        (("a\x00b",), ("a", "b")),
    ],
)
def test_places_that_only_look_alike_are_two_places(place: tuple[str, ...], elsewhere: tuple[str, ...]) -> None:
    with pytest.raises(CannotOpen):
        unseal(b"k" * 32, seal(b"k" * 32, b"value", *place), *elsewhere)


def test_the_same_value_sealed_twice_looks_different() -> None:
    assert seal(b"k" * 32, b"value")[1:13] != seal(b"k" * 32, b"value")[1:13]


@pytest.mark.parametrize("length", [0, 16, 24, 31])
def test_a_key_too_short_for_aes_256_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        seal(b"k" * length, b"value")
    with pytest.raises(ValueError, match="32 bytes"):
        unseal(b"k" * length, seal(b"k" * 32, b"value"))
