"""Notices in a browser: sealed for it alone, vouched for by us, and no word of what was said in them."""

import json
from base64 import urlsafe_b64decode

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from delivering import CHANNELS, reached, ready_to_send, sends
from mailing import PARCEL, push_service
from storage import on_sqlite_alone, rows

from wallet.channels.sending import work_off
from wallet.channels.web_push import decoded, encoded, expanded, point, public_key, sealed


class Browser:
    """The keys of a subscription, and what RFC 8291 section 3.4 makes of a body."""

    def __init__(self):
        self.key, self.auth = ec.generate_private_key(ec.SECP256R1()), b"0123456789abcdef"

    def address(self, endpoint):
        keys = {"p256dh": encoded(point(self.key.public_key())), "auth": encoded(self.auth)}
        return {"endpoint": endpoint, **keys}

    def opens(self, body):
        salt, length = body[:16], body[20]
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), body[21 : 21 + length])
        info = b"WebPush: info\x00" + point(self.key.public_key()) + point(theirs)
        material = expanded(self.key.exchange(ec.ECDH(), theirs), self.auth, info, 32)
        key = expanded(material, salt, b"Content-Encoding: aes128gcm\x00", 16)
        nonce = expanded(material, salt, b"Content-Encoding: nonce\x00", 12)
        plain = AESGCM(key).decrypt(nonce, body[21 + length :], None)
        return json.loads(plain.rstrip(b"\x00").removesuffix(b"\x02"))


@pytest.fixture
def service():
    with push_service() as found:
        yield found


def test_what_is_sealed_is_what_the_standard_has_as_its_example():
    """RFC 8291 appendix A."""
    address = {
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    }
    own = int.from_bytes(urlsafe_b64decode("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw="), "big")

    body = sealed(
        b"When I grow up, I want to be a watermelon", address, salt=decoded("DGv6ra1nlYgDCS1FRnbzlw"), own=own
    )

    assert encoded(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
        "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


@on_sqlite_alone
def test_the_browser_learns_who_wrote_about_what_and_no_more(house, ids, service):
    sender, _standing = ready_to_send(house, PARCEL)
    browser = Browser()
    reached(house, ids, "web_push", **browser.address(service.url))
    delivery_id = sends(house, ids, "web_push")

    work_off(sender, CHANNELS)

    headers, body = service.posts[0]
    assert browser.opens(body) == {
        "title": "Stadtwerke",
        "body": "Störungen",
        "url": PARCEL.thread_link,
        "tag": delivery_id,
    }
    assert headers["content-encoding"] == "aes128gcm"
    assert int(headers["ttl"]) > 0
    assert len(headers["topic"]) <= 32
    assert rows(house, "deliveries")[0]["state"] == "delivered"


@on_sqlite_alone
def test_the_push_service_sees_who_sends_and_can_check_it(house, ids, service):
    sender, _standing = ready_to_send(house, PARCEL)
    reached(house, ids, "web_push", **Browser().address(service.url))
    sends(house, ids, "web_push")

    work_off(sender, CHANNELS)

    scheme, _space, said = service.posts[0][0]["authorization"].partition(" ")
    token, key = (part.strip().split("=", 1)[1] for part in said.split(","))
    verifies = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(key))
    origin = service.url.rpartition("/")[0]
    options = {"verify_exp": False}
    claims = jwt.decode(token, verifies, algorithms=["ES256"], audience=origin, options=options)
    assert (scheme, key) == ("vapid", public_key(house.secrets))
    assert claims["sub"] == "mailto:wallet@wallet.example"
    assert 0 < claims["exp"] - house.clock() <= 24 * 3600


@on_sqlite_alone
@pytest.mark.parametrize("gone", [404, 410])
def test_a_browser_that_takes_no_more_is_forgotten(house, ids, service, gone):
    sender, _standing = ready_to_send(house, PARCEL)
    reached(house, ids, "web_push", **Browser().address(service.url))
    sends(house, ids, "web_push")
    service.answers = [gone]

    work_off(sender, CHANNELS)

    assert rows(house, "channel_addresses") == []
    assert rows(house, "deliveries")[0]["state"] == "failed"


@on_sqlite_alone
def test_every_browser_is_told_and_one_that_is_gone_holds_up_no_other(house, ids, service):
    sender, _standing = ready_to_send(house, PARCEL)
    for _ in range(3):
        reached(house, ids, "web_push", **Browser().address(service.url))
    sends(house, ids, "web_push")
    service.answers = [410, 201, 201]

    work_off(sender, CHANNELS)

    assert len(service.posts) == 3
    assert len(rows(house, "channel_addresses")) == 2
    assert rows(house, "deliveries")[0]["state"] == "delivered"


@on_sqlite_alone
def test_an_endpoint_within_the_operators_network_is_never_called(house, ids, service):
    sender, _standing = ready_to_send(house, PARCEL)
    inside = type(house)(house.settings, house.database, house.secrets, house.clock)
    reached(house, ids, "web_push", **Browser().address(service.url))
    sends(house, ids, "web_push")

    work_off(type(sender)(inside, sender.permitted, sender.packed), CHANNELS)

    assert service.posts == []
    assert rows(house, "deliveries")[0]["state"] == "waiting"
