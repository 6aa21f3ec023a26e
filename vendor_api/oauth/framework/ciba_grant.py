"""The CIBA grant of the token endpoint (OpenID Connect CIBA Core section 10.1). Authlib has none."""

from vendor_api.oauth import ciba_requests
from vendor_api.oauth.framework.polled_grant import PolledGrant
from vendor_api.vendors.ciba import CIBA


class CibaGrant(PolledGrant):
    GRANT_TYPE = CIBA
    PARAMETER = VIA = "auth_req_id"
    SPEND = staticmethod(ciba_requests.spend)
