"""One relationship, one key: stable for the vendor, and a link to nobody else."""

import hashlib
import hmac

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.did import did_key, public_key_of
from keys.errors import UnknownKey
from keys.jwk import public_jwk, thumbprint
from keys.relationship import new_root, relationship_key

ROOT = bytes(range(32))
roots = st.binary(min_size=32, max_size=32)
sectors = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)


@given(root=roots, sector=sectors)
def test_the_same_persona_and_vendor_always_get_the_same_key(root: bytes, sector: str) -> None:
    one, two = relationship_key(root, sector), relationship_key(root, sector)

    assert (one.did, one.sub, one.kid) == (two.did, two.sub, two.kid)
    assert one.private.private_bytes_raw() == two.private.private_bytes_raw()


@given(root=roots, one=sectors, two=sectors)
def test_two_vendors_see_two_strangers(root: bytes, one: str, two: str) -> None:
    if one != two:
        assert relationship_key(root, one).sub != relationship_key(root, two).sub
        assert relationship_key(root, one).did != relationship_key(root, two).did


@given(one=roots, two=roots, sector=sectors)
def test_two_personas_are_two_strangers_to_one_vendor(one: bytes, two: bytes, sector: str) -> None:
    if one != two:
        assert relationship_key(one, sector).sub != relationship_key(two, sector).sub
        assert relationship_key(one, sector).did != relationship_key(two, sector).did


def test_roots_are_32_random_bytes() -> None:
    assert len({new_root() for _ in range(50)}) == 50
    assert len(new_root()) == 32


def test_the_subject_is_the_thumbprint_of_the_public_key_and_the_did_names_it() -> None:
    key = relationship_key(ROOT, "vendor.example")

    assert key.sub == thumbprint(public_jwk(key.private.public_key()))
    assert key.did == did_key(key.private.public_key())
    assert key.kid == f"{key.did}#{key.did.removeprefix('did:key:')}"


def test_keys_are_derived_as_written_down_so_that_subjects_survive_every_release_and_every_move() -> None:
    extracted = hmac.digest(bytes(32), ROOT, "sha256")
    seed = hmac.new(extracted, b"hausrecht/relationship/v1\x00vendor.example\x01", hashlib.sha256).digest()

    key = relationship_key(ROOT, "vendor.example")

    assert key.private.private_bytes_raw() == seed
    assert key.sub == "ZCyVbgq41QbgajmK8YISKUtvtB79JGEARJEK-ExtKGk"
    assert key.did == "did:key:z6Mkh8GymrE19V6EkcXVxsDJwDjTQxnrVj1EWkQjtPcMfFXX"


def test_a_signature_is_verified_with_nothing_but_the_did_in_its_header() -> None:
    signed = relationship_key(ROOT, "vendor.example").sign({"iss": "did", "attributes": ["email"]}, "consent+jwt")

    header = jwt.get_unverified_header(signed)
    claims = jwt.decode(signed, public_key_of(header["kid"]), algorithms=["EdDSA"])

    assert claims == {"iss": "did", "attributes": ["email"]}
    assert header["typ"] == "consent+jwt"
    assert header["alg"] == "EdDSA"


def test_a_signature_of_another_relationship_does_not_verify() -> None:
    signed = relationship_key(ROOT, "vendor.example").sign({}, "consent+jwt")

    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(signed, public_key_of(relationship_key(ROOT, "other.example").kid), algorithms=["EdDSA"])


def test_a_kid_that_mixes_two_relationships_is_refused() -> None:
    mine, other = relationship_key(ROOT, "vendor.example"), relationship_key(ROOT, "other.example")

    with pytest.raises(UnknownKey):
        public_key_of(f"{mine.did}#{other.did.removeprefix('did:key:')}")


def test_a_relationship_needs_a_whole_root_and_a_vendor() -> None:
    for root, sector in ((ROOT, ""), (ROOT[:31], "vendor.example"), (b"", "vendor.example")):
        with pytest.raises(ValueError, match="root of 32 bytes and a sector"):
            relationship_key(root, sector)


def test_the_private_key_does_not_show_when_printed() -> None:
    assert "private" not in repr(relationship_key(ROOT, "vendor.example"))
