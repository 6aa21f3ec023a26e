"""Names of the W3C Data Privacy Vocabulary 2.3: what kind of personal data each attribute is; data, not code."""

from dataclasses import dataclass
from typing import Final

UNKNOWN: Final = "dpv:PersonalData"
NAMESPACES: Final = {"dpv": "https://w3id.org/dpv#", "pd": "https://w3id.org/dpv/pd#"}


@dataclass(frozen=True, slots=True)
class DataKind:
    """`term` is a compact IRI; `broader` the term it falls under here, by which caps name several at once."""

    term: str
    label_en: str
    label_de: str
    broader: str
    sensitive: bool = False

    @property
    def uri(self) -> str:
        prefix, _, name = self.term.partition(":")
        return NAMESPACES[prefix] + name

    def label(self, language: str) -> str:
        return self.label_de if language == "de" else self.label_en


_KINDS: Final = (
    DataKind("pd:Name", "Name", "Name", "pd:Identifying"),
    DataKind("pd:Username", "Username", "Benutzername", "pd:Identifying"),
    DataKind("pd:Picture", "Picture", "Bild", "pd:Identifying"),
    DataKind("pd:Profile", "Profile", "Profil", UNKNOWN),
    DataKind("pd:Contact", "Contact", "Kontakt", "pd:Contact"),
    DataKind("pd:EmailAddress", "Email Address", "E-Mail-Adresse", "pd:Contact"),
    DataKind("pd:TelephoneNumber", "Telephone Number", "Telefonnummer", "pd:Contact"),
    DataKind("pd:PhysicalAddress", "Physical Address", "Anschrift", "pd:PhysicalAddress"),
    DataKind("pd:Street", "Street", "Straße", "pd:PhysicalAddress"),
    DataKind("pd:City", "City", "Ort", "pd:Location"),
    DataKind("pd:Region", "Region", "Region", "pd:Location"),
    DataKind("pd:PostalCode", "Postal Code", "Postleitzahl", "pd:Location"),
    DataKind("pd:Country", "Country", "Land", "pd:Location"),
    DataKind("pd:Location", "Location", "Gegend", "pd:Location"),
    DataKind("pd:Language", "Language", "Sprache", UNKNOWN),
    DataKind("pd:Gender", "Gender", "Geschlecht", "pd:PhysicalCharacteristic", sensitive=True),
    DataKind("pd:BirthDate", "Birth Date", "Geburtsdatum", "pd:Age", sensitive=True),
    DataKind("pd:Household", "Household", "Haushalt", UNKNOWN),
    DataKind("pd:Identifier", "Identifier", "Kennung", "pd:Tracking"),
    DataKind(
        "pd:ServiceConsumptionBehaviour",
        "Service Consumption Behaviour",
        "Verbrauch",
        "pd:Behavioural",
        sensitive=True,
    ),
    DataKind("pd:AccountIdentifier", "Account Identifier", "Kundennummer", "pd:Financial"),
    DataKind("pd:BankAccount", "Bank Account", "Bankkonto", "pd:Financial", sensitive=True),
    DataKind(UNKNOWN, "Personal Data", "Persönliche Daten", UNKNOWN),
)
DATA_KINDS: Final = {kind.term: kind for kind in _KINDS}

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
