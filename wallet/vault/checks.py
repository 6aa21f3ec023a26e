"""Check what a vault says against itself: keys, signatures, the chain of the ledger. Each finds one thing wrong."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
from argon2 import extract_parameters
from argon2.exceptions import InvalidHashError

from consent import ledger
from consent.canonical import canonical, digest
from consent.receipts import TYPE as RECEIPT
from consent.rights.requests import TYPE as REQUEST
from consent.stamps import TYPE as STAMP
from consent.terms.agreements import TYPE as AGREEMENT
from consent.token import TYPE as CONSENT_TOKEN
from consent.token import jti
from keys.did import public_key_of
from keys.jwk import public_jwk, thumbprint
from keys.relationship import ROOT_BYTES, ledger_key, public_subject, relationship_key
from vendor_api.oauth.receipts import COUNTERSIGNATURE
from wallet.disputes.checks import Disproved, by_vendor, signed
from wallet.erasing.personal import PROOF
from wallet.errors import WalletError
from wallet.languages import LANGUAGES
from wallet.people.logins import check_login
from wallet.people.personas import check_name
from wallet.vault import own_checks
from wallet.vault.declared import BY_NAME
from wallet.vault.errors import BadVault
from wallet.vault.ids import is_ulid
from wallet.vault.known import Known
from wallet.vault.own_checks import MOST_MEMORY, MOST_ROUNDS
from wallet.vault.reading import Vault

LONGEST_ISSUER: Final = 2000


def verify(vault: Vault) -> Known:
    """All checks; gives back what they found out. Raises BadVault with the first thing that is wrong."""
    known = Known()
    try:
        if vault.counted() != vault.content_hash:
            raise BadVault("The content of this vault is not what its content hash says: something was changed.")
        for check in CHECKS:
            check(vault, known)
    except Disproved as error:
        raise BadVault(str(error)) from None
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError, ArithmeticError):
        raise BadVault("Something in this vault is not what it should be.") from None
    return known


def check_person(vault: Vault, known: Known) -> None:
    """One person, who can sign in as they are used to."""
    found = list(vault.rows(BY_NAME["people"]))
    if len(found) != 1 or not is_ulid(vault.person_id):
        raise BadVault("This vault is not that of one person.")
    (person,) = found
    try:
        if check_login(str(person["login"])) != person["login"]:
            raise BadVault("The login in this vault can not be one.")
        cost = extract_parameters(str(person["password_hash"]))
    except (WalletError, InvalidHashError):
        raise BadVault("Login or password in this vault can not be such.") from None
    if cost.memory_cost > MOST_MEMORY or cost.time_cost > MOST_ROUNDS or cost.parallelism > MOST_ROUNDS:
        raise BadVault("The password in this vault would take too long to be checked.")
    if person["language"] is not None and person["language"] not in LANGUAGES:
        raise BadVault("The language in this vault is none that this wallet speaks.")
    check_address(vault.issuer)
    root = person["ledger_root"]
    if not isinstance(root, bytes) or len(root) != ROOT_BYTES:
        raise BadVault("What the key of the ledger comes from can not be such.")
    known.ledger_did = ledger_key(root).did


def check_address(issuer: str) -> None:
    parts = urlsplit(issuer)
    if parts.scheme not in {"https", "http"} or not parts.netloc or len(issuer) > LONGEST_ISSUER:
        raise BadVault("This vault does not say where it comes from.")


def check_personas(vault: Vault, known: Known) -> None:
    for row in vault.rows(BY_NAME["personas"]):
        persona_id, root, name = str(row["persona_id"]), row["root"], str(row["name"])
        if not is_ulid(persona_id) or not isinstance(root, bytes) or len(root) != ROOT_BYTES:
            raise BadVault("A persona in this vault has an id or a root that can not be one.")
        try:
            check_name(name)
        except WalletError:
            raise BadVault("A persona in this vault has a name that can not be one.") from None
        known.roots[persona_id] = root
        known.dids[persona_id] = set()
        if row["is_default"]:
            if known.first:
                raise BadVault("Two personas in this vault are the first one.")
            known.first = persona_id
    if not known.first:
        raise BadVault("No persona in this vault is the first one.")


def check_belonging(vault: Vault, known: Known) -> None:
    """Whatever names a persona names one that is there, but for what is proof of one that was erased."""
    for kind in BY_NAME.values():
        if kind.name in PROOF:
            continue
        for name in {"persona_id", "from_persona_id"} & {column.name for column in kind.columns}:
            if any(row[name] not in known.roots for row in vault.rows(kind)):
                raise BadVault(f"Something in the table {kind.name} is of a persona that is not there.")


def check_relationships(vault: Vault, known: Known) -> None:
    """Each follows from its persona's root, so that nobody is brought along as somebody else.

    Of a persona that was erased no root is there any more; all its grants have to be over then.
    """
    for row in vault.rows(BY_NAME["relationships"]):
        persona_id, sector, given = str(row["persona_id"]), str(row["sector"]), (row["sub"], row["did"])
        if persona_id in known.roots:
            key = relationship_key(known.roots[persona_id], sector)
            expected = key.sub, key.did
        else:
            expected = thumbprint(public_jwk(public_key_of(str(row["did"])))), str(row["did"])
        if expected != given:
            raise BadVault("A relationship in this vault does not follow from the root of its persona.")
        known.relationships[persona_id, sector] = expected
        known.dids.setdefault(persona_id, set()).add(expected[1])


def check_grants(vault: Vault, known: Known) -> None:
    """Each with a consent token that its relationship's key signed for this vendor."""
    for row in vault.rows(BY_NAME["grants"]):
        persona_id = str(row["persona_id"])
        sub, did = known.relationships.get((persona_id, str(row["sector"])), (None, None))
        claims = signed(str(row["consent_token"]), CONSENT_TOKEN, "A consent token in this vault")
        said = [claims["iss"], claims["sub"], claims["grant_id"], claims["jti"], claims["aud"][0]]
        token_id = jti(str(row["consent_token_id"]))
        if said != [did, sub, row["grant_id"], token_id, row["client_id"]]:
            raise BadVault("A consent token in this vault is of another grant than it stands at.")
        root = known.roots.get(persona_id)
        if root is None and row["ended_at"] is None:
            raise BadVault("A grant in this vault is of a persona that is not there.")
        if root is not None and row["public_sub"] not in {None, public_subject(root)}:
            raise BadVault("A grant in this vault names somebody else as its person.")
        check_party(orjson.loads(str(row["party"])), str(row["client_id"]))
        known.grants[str(row["grant_id"])] = persona_id


def check_party(party: Mapping[str, Any], client_id: str) -> None:
    policy = party["policy_uri"]
    if party["client_id"] != client_id or (policy is not None and urlsplit(policy).scheme not in {"https", "http"}):
        raise BadVault("A vendor in this vault can not be one.")


def check_receipts(vault: Vault, known: Known) -> None:
    """A chain for each grant, signed for its persona."""
    last: dict[str, tuple[int, str | None]] = {}
    for row in vault.rows(BY_NAME["receipts"]):
        document, grant_id, what = str(row["document"]), str(row["grant_id"]), "A receipt in this vault"
        said = signed(document, RECEIPT, what)
        number, previous = last.get(grant_id, (0, None))
        expected = [grant_id, number + 1, previous, digest(str(row["consent_token"]).encode())]
        if [said["grant_id"], said["number"], said.get("previous"), said["consent_token"]] != expected:
            raise BadVault(f"{what} does not follow from the one before.")
        if said["iss"] not in known.dids[known.grants[grant_id]] or row["digest"] != digest(document.encode()):
            raise BadVault(f"{what} is not signed by its persona.")
        if said["number"] != row["number"] or said["jti"] != jti(str(row["receipt_id"])):
            raise BadVault(f"{what} stands in the place of another.")
        if row["countersignature"] is not None:
            jwk = orjson.loads(str(row["countersigner"]))
            by_vendor(str(row["countersignature"]), jwk, typ=COUNTERSIGNATURE, what="A countersignature in this vault")
        last[grant_id] = said["number"], digest(document.encode())


def check_signed(vault: Vault, known: Known) -> None:
    """Agreements and requests by right, signed for their persona."""
    for row in vault.rows(BY_NAME["agreements"]):
        said = signed(str(row["person_signature"]), AGREEMENT, "An agreement in this vault", signer="firstParty")
        if said["firstParty"] not in known.dids[str(row["persona_id"])] or canonical(said).decode() != row["document"]:
            raise BadVault("An agreement in this vault is not signed by its persona.")
    for row in vault.rows(BY_NAME["rights"]):
        said = signed(str(row["document"]), REQUEST, "A request in this vault")
        if said["iss"] not in known.dids[str(row["persona_id"])] or said["jti"] != row["request_id"]:
            raise BadVault("A request in this vault is not signed by its persona.")


def check_stamps(vault: Vault, known: Known) -> None:
    for row in vault.rows(BY_NAME["stamps"]):
        said = signed(str(row["stamp"]), STAMP, "A stamp in this vault")
        if [said["iss"], said["w:last"], said["w:hash"]] != [known.ledger_did, row["last"], row["hash"]]:
            raise BadVault("A stamp in this vault is not of this ledger.")
        known.stamps[said["w:last"]] = said["w:hash"]


def check_ledger(vault: Vault, known: Known) -> None:
    """Each line follows from the one before, and the stamps name lines that are there."""
    previous, expected, stamped = "", 1, known.stamps
    for row in vault.rows(BY_NAME["ledger"]):
        content = {**row, "detail": orjson.loads(str(row["detail"]))}
        wrong = row["seq"] != expected or row["previous"] != previous or row["action"] not in ledger.ACTIONS
        if (
            wrong
            or ledger.line_hash(vault.person_id, content) != row["hash"]
            or not isinstance(content["detail"], dict)
        ):
            raise BadVault(f"The ledger in this vault is broken at line {expected}.")
        previous, expected = str(row["hash"]), expected + 1
        if stamped.get(expected - 1, previous) != previous:
            raise BadVault("The ledger in this vault is another than the one that was stamped.")
    if max(stamped, default=0) >= expected:
        raise BadVault("The ledger in this vault is shorter than the one that was stamped.")


CHECKS: Final[tuple[Callable[[Vault, Known], None], ...]] = (
    check_person,
    check_personas,
    check_belonging,
    *own_checks.CHECKS,
    check_relationships,
    check_grants,
    check_receipts,
    check_signed,
    check_stamps,
    check_ledger,
)
