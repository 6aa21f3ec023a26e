"""Resource indicators (RFC 8707): a vendor may say what its tokens are for, and here they are for one thing only."""

from vendor_api.errors import InvalidTarget
from vendor_api.host import Host


def check_resource(host: Host, given: str | None) -> None:
    """Section 2: this wallet, by its issuer or its userinfo endpoint, which are two names for the same.

    `given` is all values of `resource`, separated by spaces. Raises InvalidTarget.
    """
    ours = {host.issuer, f"{host.issuer}/", f"{host.issuer}/oauth/userinfo"}
    if given is not None and not ours.issuperset(given.split(" ")):
        raise InvalidTarget(f"the only resource here is {host.issuer}")
