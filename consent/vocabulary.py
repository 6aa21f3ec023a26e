"""Names of the W3C Data Privacy Vocabulary 2.3: what kind of personal data each attribute is."""

from typing import Final

UNKNOWN: Final = "dpv:PersonalData"

KINDS: Final = {
    "name": "pd:Name",
    "given_name": "pd:Name",
    "family_name": "pd:Name",
    "middle_name": "pd:Name",
    "nickname": "pd:Username",
    "preferred_username": "pd:Username",
    "profile": "pd:Profile",
    "picture": "pd:Picture",
    "website": "pd:Contact",
    "email": "pd:EmailAddress",
    "gender": "pd:Gender",
    "birthdate": "pd:BirthDate",
    "zoneinfo": "pd:Location",
    "locale": "pd:Language",
    "phone_number": "pd:TelephoneNumber",
    "address.formatted": "pd:PhysicalAddress",
    "address.street_address": "pd:Street",
    "address.locality": "pd:City",
    "address.region": "pd:Region",
    "address.postal_code": "pd:PostalCode",
    "address.country": "pd:Country",
    "household.size": "pd:Household",
    "meter.number": "pd:Identifier",
    "electricity.kwh_year": "pd:ServiceConsumptionBehaviour",
    "customer.number": "pd:AccountIdentifier",
    "iban": "pd:BankAccount",
}

# What people would rather not see passed on. What a person or vendor made up is not judged.
SENSITIVE: Final = frozenset({"birthdate", "electricity.kwh_year", "gender", "iban"})


def kind_of(attribute: str) -> str:
    """The DPV term of an attribute, as a compact IRI; the general term for one that a person or vendor made up."""
    return KINDS.get(attribute, UNKNOWN)
