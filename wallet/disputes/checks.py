"""Check the file for a dispute with nothing but itself: no network, no database, no secret.

Every check names what it found wrong in one sentence. What is proven is what was signed; that the keys are those of the
people who are meant, only they or what they kept from before can say.
"""

import base64
from collections.abc import Callable, Mapping
from typing import Any, Final

import jwt
import orjson

from consent import ledger
from consent.canonical import canonical, digest
from consent.receipts import TYPE, payload_of
from consent.rights.requests import TYPE as REQUEST
from consent.stamps import TYPE as STAMP
from consent.terms.agreements import TYPE as AGREEMENT
from consent.token import TYPE as CONSENT_TOKEN
from keys.did import public_key_of
from keys.errors import KeysError
from vendor_api.oauth.receipts import COUNTERSIGNATURE
from vendor_api.oauth.rights import ANSWER
from vendor_api.vendors.keys import SIGNING_ALGORITHMS, NotSigned, fits, imported, is_signed, opened
from wallet.disputes.bundle import SEAL, VERSION
from wallet.errors import WalletError

Bundle = Mapping[str, Any]


class Disproved(WalletError):
    """Something in the file does not hold."""


def read(given: bytes) -> Bundle:
    """Raises Disproved."""
    try:
        found = orjson.loads(given)
    except ValueError:
        found = None
    if not isinstance(found, dict) or found.get("version") != VERSION:
        raise Disproved("This is no file for a dispute that this version can read.")
    before = found.get("former_wallets", [])
    if not isinstance(before, list) or not all(map(is_plain, (found.get("vendor"), found.get("wallet"), *before))):
        raise Disproved("The file names a vendor or wallet that can not be shown here.")
    return found


def wallets(found: Bundle) -> tuple[str, ...]:
    """The addresses of the person's wallet, now and before."""
    return found["wallet"], *found.get("former_wallets", ())


def is_plain(name: object) -> bool:
    """Whether it can stand in a sentence on a terminal, and say nothing there but a name."""
    return isinstance(name, str) and name.isascii() and name.isprintable() and " " not in name


def verify(given: bytes) -> dict[str, int | str]:
    """Run all checks and say what was proven. Raises Disproved with the first thing that is wrong."""
    found = read(given)
    try:
        for check in CHECKS:
            check(found)
        return proven(found)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        raise Disproved("The file is not complete, or something in it is not what it should be.") from None


def signed(token: str, typ: str, what: str, *, signer: str = "iss") -> dict[str, Any]:
    """The claims of one of our own documents, once the did:key in its `kid`, which it names itself, has signed it.

    Raises Disproved.
    """
    try:
        header = jwt.get_unverified_header(token)
        did = str(header.get("kid", "")).partition("#")[0]
        options: Any = dict.fromkeys(("verify_exp", "verify_iat", "verify_nbf", "verify_aud"), False)
        claims: dict[str, Any] = jwt.decode(token, public_key_of(did), algorithms=["EdDSA"], options=options)
    except (jwt.PyJWTError, KeysError, ValueError):
        raise Disproved(f"{what} is not signed by the key it names.") from None
    if header.get("typ") != typ:
        raise Disproved(f"{what} is a document of another kind.")
    if claims.get(signer) != did:
        raise Disproved(f"{what} is not signed by the key it names.")
    return claims


def check_receipts(found: Bundle) -> None:
    """Each signed by its own key for this vendor and wallet, and in canonical JSON."""
    if not found["receipts"]:
        raise Disproved("There is no receipt in it.")
    for number, one in enumerate(found["receipts"], start=1):
        said = signed(one["document"], TYPE, f"Receipt {number}")
        if said["aud"] not in ([found["vendor"], wallet] for wallet in wallets(found)):
            raise Disproved(f"Receipt {number} is of another vendor or wallet.")
        if one["document"].split(".")[1] != base64.urlsafe_b64encode(canonical(said)).rstrip(b"=").decode():
            raise Disproved(f"Receipt {number} is not in canonical JSON.")


def check_chains(found: Bundle) -> None:
    """Each names the receipt before of the same grant, and none is missing."""
    last: dict[str, tuple[int, str]] = {}
    for number, one in enumerate(found["receipts"], start=1):
        said = payload_of(one["document"])
        before, previous = last.get(said["grant_id"], (0, None))
        if said["number"] != before + 1 or said.get("previous") != previous:
            raise Disproved(
                f"Receipt {number} does not follow from the one before: one is missing or in another place."
            )
        last[said["grant_id"]] = said["number"], digest(one["document"].encode())


def check_consent_tokens(found: Bundle) -> None:
    """Each signed by the key of its receipt, the very one it names, and of the same agreement."""
    for number, one in enumerate(found["receipts"], start=1):
        said, what = payload_of(one["document"]), f"The consent token of receipt {number}"
        token = signed(one["consent_token"], CONSENT_TOKEN, what)
        if said["consent_token"] != digest(one["consent_token"].encode()):
            raise Disproved(f"{what} is not the one that the receipt names.")
        if (token["iss"], token["w:statement"]) != (said["iss"], digest(canonical(said["statement"]))):
            raise Disproved(f"{what} says something else than the receipt.")


def check_countersignatures(found: Bundle) -> None:
    """Each over the digest of its receipt, by the key that stands beside it."""
    for number, one in enumerate(found["receipts"], start=1):
        if "countersignature" not in one:
            continue
        what = f"The countersignature of receipt {number}"
        claims = by_vendor(one["countersignature"], one["countersigner"], typ=COUNTERSIGNATURE, what=what)
        if claims.get("digest") != digest(one["document"].encode()) or claims.get("iss") != found["vendor"]:
            raise Disproved(f"{what} is of another receipt or vendor.")


def by_vendor(compact: str, jwk: Mapping[str, Any], *, typ: str, what: str) -> Mapping[str, Any]:
    """The claims of something the vendor signed, by the key that stands beside it. Raises Disproved."""
    try:
        given = opened(compact, algorithms=SIGNING_ALGORITHMS, typ=(typ,))
    except NotSigned:
        raise Disproved(f"{what} is none.") from None
    key = imported(jwk) if fits({**jwk, "use": "sig"}, str(given.header["alg"])) else None
    if key is None or not is_signed(given, key):
        raise Disproved(f"{what} is not signed by the vendor's key beside it.")
    return given.claims


def check_agreements(found: Bundle) -> None:
    """Each document signed by the relationship's key, and by the vendor's where it signed; none named is missing."""
    for number, one in enumerate(found["agreements"], start=1):
        what = f"Agreement {number}"
        said = signed(one["person_signature"], AGREEMENT, what, signer="firstParty")
        if canonical(said) != one["document"].encode():
            raise Disproved(f"{what} says something else than what the person signed.")
        if said["secondParty"]["id"] != found["vendor"] or said["issuer"] not in wallets(found):
            raise Disproved(f"{what} is with another vendor or wallet.")
        if "vendor_signature" in one:
            signature, key = one["vendor_signature"], one["vendor_key"]
            theirs = by_vendor(signature, key, typ=AGREEMENT, what=f"The vendor's signature of agreement {number}")
            if canonical(theirs) != one["document"].encode():
                raise Disproved(f"{what} says something else than what the vendor signed.")
    there = {digest(one["document"].encode()) for one in found["agreements"]}
    named = [payload_of(one["document"])["statement"].get("agreement") for one in found["receipts"]]
    if not {agreement["digest"] for agreement in named if agreement} <= there:
        raise Disproved("An agreement that a receipt names is not in the file.")


def check_requests(found: Bundle) -> None:
    """Each request signed by the relationship's key, each answer by the vendor's; each has its line in the ledger."""
    shown = [line["detail"] for line in found["ledger"]["lines"] if isinstance(line, dict)]
    asked, answered = ({detail.get(name) for detail in shown} - {None} for name in ("request", "answer"))
    for number, one in enumerate(found["requests"], start=1):
        what = f"Request {number}"
        said = signed(one["document"], REQUEST, what)
        if said["aud"] not in ([found["vendor"], wallet] for wallet in wallets(found)):
            raise Disproved(f"{what} is to another vendor or wallet.")
        for answer in one["answers"]:
            claims = by_vendor(answer["document"], answer["key"], typ=ANSWER, what=f"An answer to request {number}")
            if (claims.get("iss"), claims.get("request_digest")) != (found["vendor"], digest(one["document"].encode())):
                raise Disproved(f"An answer to request {number} is to another request or by another vendor.")
    documents = {digest(one["document"].encode()) for one in found["requests"]}
    given = {digest(answer["document"].encode()) for one in found["requests"] for answer in one["answers"]}
    if (documents, given) != (asked, answered):
        raise Disproved("The requests by right and their answers are not those that the ledger has lines for.")


def check_ledger(found: Bundle) -> None:
    """All lines, those that are blinded by their digests, lead to the hash that the stamp names."""
    person, previous = found["ledger"]["person"], ""
    for seq, line in enumerate(found["ledger"]["lines"], start=1):
        if isinstance(line, dict) and line["seq"] != seq:
            raise Disproved(f"Line {seq} of the ledger has another number, or lines are missing.")
        said = ledger.content_digest(person, line) if isinstance(line, dict) else str(line)
        previous = ledger.chained(previous, said)
    stamp = signed(found["ledger"]["stamp"], STAMP, "The stamp of the ledger")
    if (stamp["w:last"], stamp["w:hash"]) != (len(found["ledger"]["lines"]), previous):
        raise Disproved("The lines of the ledger do not lead to the hash that its stamp names: one was changed.")


def check_receipts_are_in_the_ledger(found: Bundle) -> None:
    """Every receipt and every countersignature has its line; the end of a grant may stand in that of the next."""
    shown = [line for line in found["ledger"]["lines"] if isinstance(line, dict)]
    told = [line["detail"] for line in shown if line["action"] != "countersigned"]
    receipts = {detail.get(name) for detail in told for name in ("receipt", "ended")}
    countersigned = {line["detail"]["countersignature"] for line in shown if line["action"] == "countersigned"}
    for number, one in enumerate(found["receipts"], start=1):
        if digest(one["document"].encode()) not in receipts:
            raise Disproved(f"The ledger has no line for receipt {number}.")
        if "countersignature" in one and digest(one["countersignature"].encode()) not in countersigned:
            raise Disproved(f"The ledger has no line for the countersignature of receipt {number}.")
    if receipts - {None} != {digest(one["document"].encode()) for one in found["receipts"]}:
        raise Disproved("The ledger has a line for a receipt that is not in the file.")


def check_seal(found: Bundle) -> None:
    """The one key that signed every receipt vouches for all of the file."""
    seal = signed(found["seal"], SEAL, "The seal of the file")
    requests = {payload_of(one["document"])["iss"] for one in found["requests"]}
    agreements = {orjson.loads(one["document"])["firstParty"] for one in found["agreements"]}
    if {payload_of(one["document"])["iss"] for one in found["receipts"]} | requests | agreements != {seal["iss"]}:
        raise Disproved("The seal of the file is of another key than the receipts.")
    if seal["digest"] != digest(canonical({name: value for name, value in found.items() if name != "seal"})):
        raise Disproved("Something in the file was changed after it was sealed.")


CHECKS: Final[tuple[Callable[[Bundle], None], ...]] = (
    check_receipts,
    check_chains,
    check_consent_tokens,
    check_countersignatures,
    check_agreements,
    check_requests,
    check_ledger,
    check_receipts_are_in_the_ledger,
    check_seal,
)


def proven(found: Bundle) -> dict[str, int | str]:
    stamp = jwt.decode(found["ledger"]["stamp"], options={"verify_signature": False})
    return {
        "vendor": found["vendor"],
        "wallet": found["wallet"],
        "signer": payload_of(found["receipts"][-1]["document"])["iss"],
        "receipts": len(found["receipts"]),
        "countersigned": sum("countersignature" in one for one in found["receipts"]),
        "lines": sum(isinstance(line, dict) for line in found["ledger"]["lines"]),
        "of_lines": len(found["ledger"]["lines"]),
        "stamped_by": stamp["iss"],
    }
