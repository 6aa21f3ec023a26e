"""did:key: the name is the key, and there is one name per key."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from keys.did import did_key, public_key_of
from keys.errors import UnknownKey

# The Ed25519 example of the W3C CCG did:key specification, and the bytes behind it.
PUBLISHED = "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"
PUBLISHED_BYTES = bytes.fromhex("ed013b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29")
LETTERS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def base58_number(text: str) -> int:
    return sum(LETTERS.index(letter) * 58**place for place, letter in enumerate(reversed(text)))


def test_the_published_example_is_read_and_written() -> None:
    public = public_key_of(PUBLISHED)

    assert public.public_bytes_raw() == PUBLISHED_BYTES[2:]
    assert did_key(public) == PUBLISHED


def test_the_name_carries_the_multicodec_of_ed25519() -> None:
    decoded = base58_number(PUBLISHED.removeprefix("did:key:z")).to_bytes(34, "big")

    assert decoded == PUBLISHED_BYTES
    assert decoded[:2] == b"\xed\x01"


@given(st.binary(min_size=32, max_size=32))
def test_every_key_can_be_named_and_found_by_its_name(raw: bytes) -> None:
    did = did_key(Ed25519PublicKey.from_public_bytes(raw))

    assert public_key_of(did).public_bytes_raw() == raw
    assert public_key_of(f"{did}#{did.removeprefix('did:key:')}").public_bytes_raw() == raw


def test_a_kid_that_points_at_another_key_is_refused() -> None:
    other = did_key(Ed25519PublicKey.from_public_bytes(b"\x07" * 32)).removeprefix("did:key:")

    with pytest.raises(UnknownKey):
        public_key_of(f"{PUBLISHED}#{other}")


@pytest.mark.parametrize(
    "did",
    [
        "",
        "did:key:",
        "did:key:z",
        PUBLISHED.upper(),
        PUBLISHED.removeprefix("did:key:"),
        PUBLISHED.replace("did:key", "did:web"),
        PUBLISHED.replace(":z6", ":f6"),
        PUBLISHED.replace(":z6", ":z16"),
        PUBLISHED + "#",
        PUBLISHED + "#key-1",
        PUBLISHED + "?versionId=1",
        PUBLISHED + "\n",
        " " + PUBLISHED,
        PUBLISHED[:-1],
        PUBLISHED + "1",
        PUBLISHED[:-1] + "0",
        PUBLISHED[:-1] + "l",
        "did:key:z6Mk" + "z" * 44,
        "did:key:z6Mk" + "1" * 44,
        "did:key:z" + "z" * 100_000,
        # X25519, secp256k1 and P-256 keys: known names, but not ours to verify with.
        "did:key:z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc",
        "did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme",
        "did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169",
        None,
        7,
        PUBLISHED.encode(),
    ],
)
def test_anything_but_the_name_of_an_ed25519_key_is_refused(did: object) -> None:
    with pytest.raises(UnknownKey):
        public_key_of(did)


@given(st.text())
def test_garbage_is_refused(garbage: str) -> None:
    with pytest.raises(UnknownKey):
        public_key_of(garbage)
    with pytest.raises(UnknownKey):
        public_key_of("did:key:z6Mk" + garbage)
