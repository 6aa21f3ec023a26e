"""Whom a vendor expects to hear of: `id_token_hint` (OpenID Connect Core 3.1.2.1) or `sub` in the claims (5.5.1)."""

from vendor_api.errors import InvalidRequest
from vendor_api.host import Host
from vendor_api.oauth import asking, hints
from vendor_api.oauth.request import Request


def expected_subject(host: Host, request: Request) -> str | None:
    """Raises InvalidRequest for a hint that is none of ours, or two that contradict each other."""
    wished = asking.expected_subject(request.parameters.get("claims"))
    hint = request.parameters.get("id_token_hint")
    if hint is None:
        return wished
    hinted = hints.subject_of(host, hint, client_id=request.vendor.client_id)
    if wished not in {None, hinted}:
        raise InvalidRequest("id_token_hint and the sub in claims name two different people")
    return hinted
