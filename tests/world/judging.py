"""Documents as a judge reads them: with public specifications alone, and nothing of ours."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LETTERS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
NAMESPACES = {
    "dpv": "https://w3id.org/dpv#",
    "pd": "https://w3id.org/dpv/pd#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
}
# What the Data Privacy Vocabulary 2.3 has of the words we use: a class or property of exactly this name stands in it.
DPV = {
    "dpv": """
        ConsentGiven ConsentNotice ConsentRecord DataController ExplicitlyExpressedConsent Optional PersonalData Process
        Purpose Recipient Required SpecialCategoryPersonalData WithdrawConsent
        hasAddress hasConsentControl hasConsentStatus hasContact
        hasDataController hasDataSubject hasDuration hasIndicationMethod hasJurisdiction hasLegalBasis hasLocation
        hasName hasNecessity hasNotice hasPersonalData hasProcess hasPurpose hasRecipient hasRight hasStorageCondition
        isExercisedAt isIndicatedAtTime isIndicatedBy
    """,
    "pd": """
        AccountIdentifier AgeRange BankAccount BirthDate BirthPlace BloodType CarOwned City Contact Country
        Disability EmailAddress EmailAddressWork FamilyStructure FinancialAccount Gender Health Height
        HouseOwned Household Identifier Income Interest Job Language Location MaritalStatus Name Nationality
        OfficialID Passport PhysicalAddress Picture PostalCode Preference Profile Region Religion
        ServiceConsumptionBehaviour Street TelephoneNumber Username
    """,
    "eu-gdpr": "A15 A16 A17 A20 A21 A6-1-a A77",
}
# States a receipt may name besides. Guides name ConsentTerminated and ContractAccepted too, which are not in 2.3.
STATES = {"dpv:ConsentRevoked", "dpv:ConsentWithdrawn", "dpv:RenewedConsentGiven"}
IRIS = {f"{prefix}:{name}": NAMESPACES[prefix] + name for prefix, names in DPV.items() for name in names.split()}


def key_of(did: str) -> Ed25519PublicKey:
    """Resolve a did:key by its specification: multibase z is base58btc, multicodec 0xed 0x01 is an Ed25519 key."""
    method, letters = did[:8], did[8:]
    assert method == "did:key:"
    assert letters[0] == "z"
    number = 0
    for letter in letters[1:]:
        number = number * 58 + LETTERS.index(letter)
    raw = number.to_bytes(34, "big")
    assert raw[:2] == b"\xed\x01"
    return Ed25519PublicKey.from_public_bytes(raw[2:])


def walk(document):
    """Every string in a document, with the names of members."""
    if isinstance(document, dict):
        for name, value in document.items():
            yield name
            yield from walk(value)
    elif isinstance(document, list):
        for value in document:
            yield from walk(value)
    elif isinstance(document, str):
        yield document
