"""GET and POST /oauth/agreements/<grant_id>: what the person proposed, and the vendor's one answer (IEEE 7012).

With an access token of that grant, as Grant Management has it; one that was handed to a processor will not do.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection

from consent import grants, rounds
from consent.errors import GrantEnded
from consent.model import Grant
from consent.terms import agreements, negotiations
from consent.terms.agreements import TYPE, Contract
from consent.terms.errors import BadAgreement, TooLate
from consent.terms.negotiations import DPV, Negotiation
from consent.terms.roster import ROSTER, digest, named
from vendor_api.call import Call
from vendor_api.errors import CannotFetch, NotFound
from vendor_api.host import Host
from vendor_api.oauth import access
from vendor_api.oauth.agreements.errors import InvalidAgreement, NegotiationOver
from vendor_api.oauth.agreements.wellknown import path_of
from vendor_api.oauth.answers import Answer, as_json
from vendor_api.vendors import keys, registry
from vendor_api.vendors.keys import SIGNING_ALGORITHMS, NotSigned
from vendor_api.vendors.model import Vendor

PATH: Final = "/oauth/agreements"
NAMESPACE: Final = "https://w3id.org/dpv/standards/ieee/7012#"

ACTIONS: Final = ("accept", "counter_offer", "decline", "sign")


@access.challenging
def query(host: Host, call: Call) -> Answer:
    """The last round about this grant, and the agreement that came of it. Raises NotFound for another's grant."""
    given, now = access.presented(host, call, f"{PATH}/{call.rest}", now=host.now()), host.now()
    return as_json(host.write(described, host, call.rest, given, now=now))


@access.challenging
def answer(host: Host, call: Call) -> Answer:
    """One of ACTIONS. Raises NotFound, InvalidAgreement, NegotiationOver."""
    given, now, form = access.presented(host, call, f"{PATH}/{call.rest}", now=host.now()), host.now(), call.form()
    action = form.get("action")
    if action not in ACTIONS:
        raise InvalidAgreement(f"action must be one of: {', '.join(ACTIONS)}")
    try:
        if action == "sign":
            return as_json(sign(host, call.rest, given, form.get("signature", ""), now=now))
        return as_json(host.write(step, host, call.rest, given, form, now=now))
    except BadAgreement as error:
        raise InvalidAgreement(str(error)) from None
    except (TooLate, GrantEnded) as error:
        raise NegotiationOver(str(error)) from None


def step(
    db: Connection, host: Host, grant_id: str, given: access.Presented, form: Mapping[str, str], *, now: int
) -> dict[str, Any]:
    grant = found(db, host, grant_id, given, now=now)
    if form["action"] == "decline":
        rounds.decline(db, host.secrets, grant, now=now)
    elif (name := named(form.get("agreement"))) is None:
        raise BadAgreement("agreement must name one of the roster; /.well-known/myterms.json lists them")
    elif form["action"] == "accept":
        rounds.accept(db, host.secrets, grant, name, signs=host.signs(db, grant), now=now)
    else:
        rounds.offer(db, host.secrets, grant, name, now=now)
    return said(db, host, grants.find(db, grant_id, person_id=grant.person_id), now=now)


def sign(host: Host, grant_id: str, given: access.Presented, signature: str, *, now: int) -> dict[str, Any]:
    """Keep the vendor's own signature under the document, by a key of its registration."""
    grant = host.write(found, host, grant_id, given, now=now)
    vendor = host.read(registry.find, grant.party.client_id)
    key = signer(host, vendor, signature, now=now)
    return host.write(keep, host, grant, signature, key=key, now=now)


def signer(host: Host, vendor: Vendor | None, signature: str, *, now: int) -> dict[str, Any]:
    """The vendor's key that has signed, as a JWK. Raises BadAgreement. May fetch, so never inside a transaction."""
    try:
        unverified = keys.opened(signature, algorithms=SIGNING_ALGORITHMS, typ=(TYPE,))
        if vendor is None:
            raise NotSigned("this vendor is not registered")
        return dict(keys.signed_by(host, vendor, unverified, now=now).as_dict(private=False))
    except NotSigned as error:
        raise BadAgreement(f"the signature is not good: {error}") from None
    except CannotFetch as error:
        raise BadAgreement(f"your keys can not be had: {error}") from None


def keep(
    db: Connection, host: Host, grant: Grant, signature: str, *, key: Mapping[str, Any], now: int
) -> dict[str, Any]:
    contract = contract_of(db, grant)
    if contract is None:
        raise BadAgreement("there is no agreement yet that could be signed")
    agreements.countersign(db, contract, signature, key=key, now=now)
    return said(db, host, grant, now=now)


def found(db: Connection, host: Host, grant_id: str, given: access.Presented, *, now: int) -> Grant:
    """Raises NotFound, also where a processor comes: it does not speak for the vendor."""
    token = access.find_paused_too(db, host, given, now=now)
    if token.grant.grant_id != grant_id or "recipient" in token.request:
        raise NotFound("this access token is not of that grant; use one that came with its grant_id")
    return token.grant


def described(db: Connection, host: Host, grant_id: str, given: access.Presented, *, now: int) -> dict[str, Any]:
    return said(db, host, found(db, host, grant_id, given, now=now), now=now)


def said(db: Connection, host: Host, grant: Grant, *, now: int) -> dict[str, Any]:
    last = negotiations.latest(db, person_id=grant.person_id, grant_id=grant.grant_id)
    contract = contract_of(db, grant)
    return {
        "grant_id": grant.grant_id,
        **({"negotiation": negotiation_said(host, last, now=now)} if last else {}),
        **({"agreement": contract_said(contract, now=now)} if contract else {}),
    }


def contract_of(db: Connection, grant: Grant) -> Contract | None:
    return agreements.find(db, grant.agreed.agreement_id, person_id=grant.person_id) if grant.agreed else None


def negotiation_said(host: Host, negotiation: Negotiation, *, now: int) -> dict[str, Any]:
    state = negotiation.state(now)
    return {
        "state": state,
        "status": f"{NAMESPACE}{DPV[state]}",
        "proposed": [named_in(host, name) for name in negotiation.proposed],
        **({"counter_offer": negotiation.offered} if negotiation.offered else {}),
        "expires_at": negotiation.expires_at,
    }


def named_in(host: Host, name: str) -> dict[str, str]:
    return {"id": name, "uri": ROSTER[name].uri, "url": f"{host.issuer}{path_of(name)}", "digest": digest(name)}


def contract_said(contract: Contract, *, now: int) -> dict[str, Any]:
    """`document` is a text, so that both sides hash the very same bytes."""
    return {
        "document": contract.document,
        "digest": contract.digest,
        "status": f"https://w3id.org/dpv#{contract.state(now)}",
        "accepted_by": contract.accepted_by,
        "person_signature": contract.person_signature,
        **({"vendor_signature": contract.vendor_signature} if contract.vendor_signature else {}),
    }
