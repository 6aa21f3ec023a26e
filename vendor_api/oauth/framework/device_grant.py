"""The device grant of the token endpoint (RFC 8628 section 3.4).

Closes: Authlib's looks a device code up and spends it later, so two polls at once could both have tokens for it.
"""

from vendor_api.oauth import device_codes
from vendor_api.oauth.framework.polled_grant import PolledGrant
from vendor_api.vendors.model import DEVICE_CODE


class DeviceGrant(PolledGrant):
    GRANT_TYPE = DEVICE_CODE
    PARAMETER = VIA = "device_code"
    SPEND = staticmethod(device_codes.spend)
