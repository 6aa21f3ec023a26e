"""Whatever leaves by the operator's gateways: one POST, with a key by which they know a second try."""

import json
from collections.abc import Mapping
from typing import Final

from vendor_api.errors import CannotFetch
from vendor_api.outbound.addresses import NONE
from wallet.channels.model import Means, NeverHere, NotNow

TRY_AGAIN: Final = frozenset(
    {401, 403, 404, 405, 407, 408, 409, 425, 429}
)  # the operator's trouble, or a matter of time


def hand_in(url: str, said: Mapping[str, str], *, key: str, means: Means) -> None:
    """Raises NotNow or NeverHere. The gateway takes one key once (draft-ietf-httpapi-idempotency-key-header)."""
    headers = {"Idempotency-Key": f'"{key}"'}
    if means.settings.gateway_token != NONE:
        headers["Authorization"] = f"Bearer {means.settings.gateway_token}"
    try:
        reply = means.outbound.post(
            url, json.dumps(dict(said)).encode(), content_type="application/json", headers=headers
        )
    except CannotFetch:
        raise NotNow("the gateway can not be reached") from None
    if 200 <= reply.status < 300:
        return
    if 400 <= reply.status < 500 and reply.status not in TRY_AGAIN:
        raise NeverHere(f"the gateway refuses it ({reply.status})")
    raise NotNow(f"the gateway does not take it at present ({reply.status})")
