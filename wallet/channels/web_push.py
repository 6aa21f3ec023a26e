"""By web push to a browser: a sealed notice of who wrote about what, and not a word of it (RFC 8030, 8291, 8292)."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from secrets import token_bytes
from typing import Final

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask_babel import lazy_gettext as _l

from keys.secrets import HostSecrets
from vendor_api.errors import CannotFetch
from vendor_api.outbound.addresses import NONE, target
from vendor_api.uris import origin
from wallet.channels.errors import BadAddress
from wallet.channels.mail_text import one_line
from wallet.channels.model import Address, Means, Need, NeverHere, NotNow, Parcel
from wallet.channels.speaking import speaks
from wallet.settings import Settings

CURVE: Final = ec.SECP256R1()
ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
LONGEST_NAME: Final = 80
LONGEST_ENDPOINT: Final = 1000
KEPT_FOR: Final = 24 * 3600  # by the push service, while the browser is away
GOOD_FOR: Final = 12 * 3600
RECORD: Final = 4096
KEY: Final = re.compile(r"[A-Za-z0-9_-]{20,100}={0,2}")


class WebPush:
    kind = "web_push"
    title = _l("Notices in a browser")
    needs = (Need("endpoint", "endpoint", "url"), Need("p256dh", "p256dh"), Need("auth", "auth"))
    proves = False
    several = True

    def is_ready(self, settings: Settings) -> bool:
        """Browsers have service workers on https alone, and on the machine itself."""
        return True

    def check_address(self, typed: Mapping[str, str]) -> Address:
        wrong = BadAddress(_l("Your browser did not give an address for notices. Try again, or use another one."))
        address = {need.name: typed.get(need.name, "").strip() for need in self.needs}
        try:
            target(address["endpoint"])
            if len(address["endpoint"]) > LONGEST_ENDPOINT or len(decoded(address["auth"])) != 16:
                raise wrong
            ec.EllipticCurvePublicKey.from_encoded_point(CURVE, decoded(address["p256dh"]))
        except (CannotFetch, ValueError):
            raise wrong from None
        return address

    def shown(self, address: Address) -> str:
        return origin(address["endpoint"]).partition("://")[2]

    def deliver(self, parcel: Parcel, address: Address, means: Means) -> None:
        """Raises NotNow or NeverHere. A second notice of one delivery takes the place of the first (its Topic)."""
        headers = {
            "TTL": str(KEPT_FOR),
            "Content-Encoding": "aes128gcm",
            "Topic": encoded(sha256(parcel.delivery_id.encode()).digest())[:32],
            "Authorization": f"vapid t={voucher(address['endpoint'], means)}, k={public_key(means.secrets)}",
        }
        body = sealed(notice(parcel), address)
        try:
            reply = means.outbound.post(
                address["endpoint"], body, content_type="application/octet-stream", headers=headers
            )
        except CannotFetch:
            raise NotNow("the push service can not be reached") from None
        if reply.status in (404, 410):
            raise NeverHere("the browser takes no notices any more", gone=True)
        if not 200 <= reply.status < 300:
            said = NeverHere if reply.status in (400, 413) else NotNow
            raise said(f"the push service answers {reply.status}")


def notice(parcel: Parcel) -> bytes:
    """Who and about what; the browser's maker sees none of it, but whoever sees the screen does."""
    _ = speaks(parcel.language)
    title, body = one_line(parcel.vendor_name)[:LONGEST_NAME], one_line(parcel.topic_name)[:LONGEST_NAME]
    said = {"title": title, "body": body or _("This is how you are told."), "url": parcel.thread_link}
    return json.dumps({**said, "tag": parcel.delivery_id}).encode()


def sealed(plain: bytes, address: Address, *, salt: bytes | None = None, own: int | None = None) -> bytes:
    """RFC 8291 section 3.4 and RFC 8188 section 2, in one record. `salt` and `own` are random, but for tests."""
    salt = salt or token_bytes(16)
    key = ec.derive_private_key(own, CURVE) if own else ec.generate_private_key(CURVE)
    browser = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, decoded(address["p256dh"]))
    theirs, ours = point(browser), point(key.public_key())
    shared = key.exchange(ec.ECDH(), browser)
    material = expanded(shared, decoded(address["auth"]), b"WebPush: info\x00" + theirs + ours, 32)
    content_key = expanded(material, salt, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = expanded(material, salt, b"Content-Encoding: nonce\x00", 12)
    head = salt + RECORD.to_bytes(4, "big") + len(ours).to_bytes(1, "big") + ours
    return head + AESGCM(content_key).encrypt(nonce, plain + b"\x02", None)


def expanded(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)


def voucher(endpoint: str, means: Means) -> str:
    """RFC 8292 section 2: who sends, to this push service alone, for half a day."""
    mail = means.settings.mail_from
    sub = means.settings.issuer if mail == NONE else f"mailto:{mail}"
    claims = {"aud": origin(endpoint), "exp": means.now + GOOD_FOR, "sub": sub}
    return jwt.encode(claims, private_key(means.secrets), algorithm="ES256")


def private_key(secrets: HostSecrets) -> ec.EllipticCurvePrivateKey:
    """The same as long as the host's root is: browsers' subscriptions are bound to it."""
    wide = expanded(secrets.web_push, b"", b"vapid", 48)  # 128 bits more than needed, so that no key is likelier
    return ec.derive_private_key(int.from_bytes(wide, "big") % (ORDER - 1) + 1, CURVE)


def public_key(secrets: HostSecrets) -> str:
    return encoded(point(private_key(secrets).public_key()))


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Raises ValueError."""
    if not KEY.fullmatch(text):
        raise ValueError("this is no key")
    return urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))


CHANNEL = WebPush()
