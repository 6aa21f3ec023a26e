"""What one of a vendor's clients would ask, without asking anybody."""

from consent.model import NewAsk
from vendor_api.host import Host
from vendor_api.oauth.asking import wishes
from vendor_api.oauth.asking.request import Request
from vendor_api.vendors import registry
from vendor_api.vendors.model import Vendor


def asked_by(host: Host, vendor: Vendor, *, scope: str, claims: str) -> NewAsk:
    """Raises InvalidRequest and BeyondCaps, as the authorization endpoint would."""
    request = Request(vendor, {"scope": scope, "redirect_uri": vendor.redirect_uris[0]})
    language = host.language()
    wanted = wishes.wanted(vendor, request.scopes, claims or None, language)
    party = registry.party(vendor, vendor.redirect_uris[0], language)
    return NewAsk(party, wanted.items, vendor.redirect_uris[0], {}, trimmed=wanted.trimmed)
