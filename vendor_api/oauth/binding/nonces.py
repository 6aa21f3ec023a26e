"""Nonces for DPoP proofs (RFC 9449 section 8): made from the time and a secret, so that none has to be stored."""

import base64
import hmac
from typing import Final

from keys.secrets import HostSecrets

SECONDS_EACH: Final = 300


def make(secrets: HostSecrets, *, now: int) -> str:
    """The same for everybody for SECONDS_EACH, and good for as long again."""
    return of_period(secrets, now // SECONDS_EACH)


def is_ours(secrets: HostSecrets, nonce: object, *, now: int) -> bool:
    """Whether it is the present nonce or the one before."""
    period = now // SECONDS_EACH
    return isinstance(nonce, str) and any(
        hmac.compare_digest(of_period(secrets, each).encode(), nonce.encode(errors="surrogatepass"))
        for each in (period, period - 1)
    )


def of_period(secrets: HostSecrets, period: int) -> str:
    return base64.urlsafe_b64encode(hmac.digest(secrets.nonces, b"%d" % period, "sha256")).rstrip(b"=").decode()
