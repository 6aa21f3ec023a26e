"""What the "signed out" page frames, so that vendors' own pages sign the person out (Front-Channel Logout 1.0)."""

from collections.abc import Iterable
from urllib.parse import urlencode, urlsplit

from sqlalchemy import Connection

from vendor_api.oauth.leaving.sign_ins import SignIn
from vendor_api.vendors import registry


def addresses(db: Connection, ended: Iterable[SignIn], *, issuer: str) -> tuple[str, ...]:
    """Section 2: each registered address, with `iss` and `sid`."""
    found = []
    for sign_in in ended:
        vendor = registry.find(db, sign_in.client_id)
        address = vendor.metadata.get("frontchannel_logout_uri") if vendor else None
        if address:
            joint = "&" if urlsplit(address).query else "?"
            found.append(f"{address}{joint}{urlencode({'iss': issuer, 'sid': sign_in.sid})}")
    return tuple(found)
