"""Whatever leaves by the operator's gateways: one POST, with a key by which they know a second try."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Final

from vendor_api.errors import CannotFetch
from vendor_api.outbound.addresses import NONE
from vendor_api.outbound.client import Outbound
from wallet.channels.model import Means, NeverHere, NotNow

TRY_AGAIN: Final = frozenset(
    {401, 403, 404, 405, 407, 408, 409, 425, 429}
)  # the operator's trouble, or a matter of time
PRIVATE: Final = "127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,::1/128,fc00::/7"


@cache
def way_to_gateways(ca_file: str) -> Outbound:
    return Outbound(allow=PRIVATE, ca_file=ca_file)


def hand_in(url: str, said: Mapping[str, str], *, key: str, means: Means) -> None:
    """Raises NotNow or NeverHere. The gateway takes one key once (draft-ietf-httpapi-idempotency-key-header).

    The operator named it, so it may also be on this machine or in a private network, where http will do.
    """
    headers = {"Idempotency-Key": f'"{key}"'}
    if means.settings.gateway_token != NONE:
        headers["Authorization"] = f"Bearer {means.settings.gateway_token}"
    try:
        reply = way_to_gateways(means.settings.outbound_ca_file).post(
            url, json.dumps(dict(said)).encode(), content_type="application/json", headers=headers
        )
    except CannotFetch:
        raise NotNow("the gateway can not be reached") from None
    if 200 <= reply.status < 300:
        return
    if 400 <= reply.status < 500 and reply.status not in TRY_AGAIN:
        raise NeverHere(f"the gateway refuses it ({reply.status})")
    raise NotNow(f"the gateway does not take it at present ({reply.status})")
