"""What everybody may read of people's terms here: the roster, and that Global Privacy Control is honoured.

`/.well-known/myterms.json` lists the agreements that people of this host can propose, in the form that tinyMyTerms
reads; `/.well-known/gpc.json` is that of Global Privacy Control (section 4 of the W3C draft).
"""

from email.utils import formatdate
from typing import Final

from consent.terms.roster import ROSTER, digest, document, named
from vendor_api.call import Call
from vendor_api.host import Host
from vendor_api.oauth.agreements.errors import NoAgreement
from vendor_api.oauth.answers import Answer, as_json
from vendor_api.vendors.myterms import PATH

__all__ = ["PATH", "gpc", "path_of", "roster", "text"]

ROSTER_PATH: Final = "/oauth/agreements/roster"
GPC_PATH: Final = "/.well-known/gpc.json"
EFFECTIVE: Final = 1_795_305_600  # 22 November 2026
CACHED: Final = {"Cache-Control": "public, max-age=3600"}


def path_of(name: str) -> str:
    return f"{ROSTER_PATH}/{name}"


def roster(host: Host, _call: Call) -> Answer:
    listed = [
        {"id": name, "url": f"{host.issuer}{path_of(name)}", "uri": agreement.uri, "digest": digest(name)}
        for name, agreement in ROSTER.items()
    ]
    said = {"effective_date": formatdate(EFFECTIVE, usegmt=True), "agreements": listed}
    return as_json(said, headers=CACHED)


def text(_host: Host, call: Call) -> Answer:
    """The very bytes the digest is of. Raises NoAgreement."""
    name = named(call.rest)
    if name is None:
        raise NoAgreement
    return Answer(200, {"Content-Type": "application/json", **CACHED}, document(name))


def gpc(_host: Host, _call: Call) -> Answer:
    """This host sells and shares nothing, whether a browser sends `Sec-GPC: 1` or not."""
    return as_json({"gpc": True, "lastUpdate": "2026-11-22"}, headers=CACHED)
