"""Whom a vendor expects: `id_token_hint` (OpenID Connect Core 3.1.2.1), `sub` in the claims (5.5.1) or `grant_id`."""

from vendor_api.errors import InvalidRequest
from vendor_api.host import Host
from vendor_api.oauth import grant_management
from vendor_api.oauth.asking import hints, wishes
from vendor_api.oauth.asking.request import Request


def expected_subject(host: Host, request: Request) -> str | None:
    """Raises InvalidRequest or InvalidGrantId for a hint that is none of ours, or two that contradict each other."""
    named = {wishes.expected_subject(request.parameters.get("claims"))}
    if "id_token_hint" in request.parameters:
        hint = request.parameters["id_token_hint"]
        named.add(hints.subject_of(host, hint, client_id=request.vendor.client_id))
    if "grant_id" in request.parameters:
        named.add(host.read(grant_management.named, host.secrets, request, now=host.now()).sub)
    named.discard(None)
    if len(named) > 1:
        raise InvalidRequest("id_token_hint, grant_id and the sub in claims must name one person")
    return next(iter(named), None)
