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
    DataKind("pd:AgeRange", "Age Range", "Altersgrenze", "pd:Age"),
    DataKind("pd:BirthPlace", "Birth Place", "Geburtsort", "pd:Location"),
    DataKind("pd:Nationality", "Nationality", "Staatsangehörigkeit", UNKNOWN),
    DataKind("pd:MaritalStatus", "Marital Status", "Familienstand", UNKNOWN),
    DataKind("pd:FamilyStructure", "Family Structure", "Familie", UNKNOWN),
    DataKind("pd:EmailAddressWork", "Email Address Work", "E-Mail-Adresse im Beruf", "pd:Contact"),
    DataKind("pd:Job", "Job", "Beruf", "pd:Professional"),
    DataKind("pd:HouseOwned", "House Owned", "Wohnung", "pd:Ownership"),
    DataKind("pd:CarOwned", "Car Owned", "Auto", "pd:Ownership"),
    DataKind("pd:OfficialID", "Official ID", "Amtliche Nummer", "pd:Identifying"),
    DataKind("pd:Passport", "Passport", "Reisepass", "pd:Identifying"),
    DataKind("pd:FinancialAccount", "Financial Account", "Konto", "pd:Financial"),
    DataKind("pd:Income", "Income", "Einkommen", "pd:Financial", sensitive=True),
    DataKind("pd:Preference", "Preference", "Vorliebe", UNKNOWN),
    DataKind("pd:Interest", "Interest", "Interesse", UNKNOWN),
    DataKind("pd:Height", "Height", "Körpergröße", "pd:PhysicalCharacteristic"),
    DataKind("pd:Religion", "Religion", "Religion", "dpv:SpecialCategoryPersonalData", sensitive=True),
    DataKind("pd:Health", "Health", "Gesundheit", "dpv:SpecialCategoryPersonalData", sensitive=True),
    DataKind("pd:BloodType", "Blood Type", "Blutgruppe", "dpv:SpecialCategoryPersonalData", sensitive=True),
    DataKind("pd:Disability", "Disability", "Behinderung", "dpv:SpecialCategoryPersonalData", sensitive=True),
    DataKind(
        "dpv:SpecialCategoryPersonalData",
        "Special Category Personal Data",
        "Besonders geschützte Daten",
        "dpv:SpecialCategoryPersonalData",
        sensitive=True,
    ),
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
    "age_over_18": "pd:AgeRange",  # like every other age, see kind_of
    "birth_given_name": "pd:Name",
    "birth_middle_name": "pd:Name",
    "birth_family_name": "pd:Name",
    "also_known_as": "pd:Name",
    "salutation": "pd:Name",
    "title": "pd:Name",
    "place_of_birth.locality": "pd:BirthPlace",
    "place_of_birth.region": "pd:BirthPlace",
    "place_of_birth.country": "pd:BirthPlace",
    "nationalities": "pd:Nationality",
    "marital_status": "pd:MaritalStatus",
    "languages": "pd:Language",
    "msisdn": "pd:TelephoneNumber",
    "reach.channel": "pd:Contact",
    "reach.times": "pd:Contact",
    "emergency.name": "pd:Contact",
    "emergency.phone": "pd:TelephoneNumber",
    "address.addition": "pd:PhysicalAddress",
    "address.since": "pd:PhysicalAddress",
    "delivery.address": "pd:PhysicalAddress",
    "delivery.note": "pd:PhysicalAddress",
    "billing.address": "pd:PhysicalAddress",
    "household.children": "pd:FamilyStructure",
    "home.type": "pd:HouseOwned",
    "home.ownership": "pd:HouseOwned",
    "home.living_area": "pd:HouseOwned",
    "home.rooms": "pd:HouseOwned",
    "home.build_year": "pd:HouseOwned",
    "home.heating": "pd:HouseOwned",
    "home.solar_kwp": "pd:HouseOwned",
    "home.battery_kwh": "pd:HouseOwned",
    "home.charging_point": "pd:HouseOwned",
    "meter.location": "pd:Identifier",
    "electricity.contract_number": "pd:AccountIdentifier",
    "gas.meter_number": "pd:Identifier",
    "water.meter_number": "pd:Identifier",
    "gas.kwh_year": "pd:ServiceConsumptionBehaviour",
    "heat.kwh_year": "pd:ServiceConsumptionBehaviour",
    "water.m3_year": "pd:ServiceConsumptionBehaviour",
    "work.employer": "pd:Job",
    "work.title": "pd:Job",
    "work.email": "pd:EmailAddressWork",
    "work.phone": "pd:TelephoneNumber",
    "company.address": "pd:PhysicalAddress",
    "bic": "pd:FinancialAccount",
    "bank.account_holder": "pd:FinancialAccount",
    "tax.id": "pd:OfficialID",
    "tax.number": "pd:OfficialID",
    "tax.church": "pd:Religion",
    "income.net_month": "pd:Income",
    "pension.number": "pd:OfficialID",
    "loyalty.number": "pd:AccountIdentifier",
    "membership.number": "pd:AccountIdentifier",
    "accounts.fediverse": "pd:Username",
    "accounts.matrix": "pd:Username",
    "accounts.professional": "pd:Profile",
    "preferences.invoice": "pd:Preference",
    "preferences.newsletter": "pd:Preference",
    "preferences.interests": "pd:Interest",
    "preferences.diet": "dpv:SpecialCategoryPersonalData",
    "sizes.clothing": "pd:Preference",
    "sizes.trousers": "pd:Preference",
    "sizes.shoe_eu": "pd:Preference",
    "body.height": "pd:Height",
    "car.drive": "pd:CarOwned",
    "car.plate": "pd:CarOwned",
    "car.km_year": "pd:CarOwned",
    "travel.passport": "pd:Passport",
    "travel.passport_end": "pd:Passport",
    "travel.rail_card": "pd:Preference",
    "travel.flyer_number": "pd:AccountIdentifier",
    "travel.seat": "pd:Preference",
    "health.insurer": "pd:Health",
    "health.insurance_number": "pd:Health",
    "health.blood_type": "pd:BloodType",
    "health.allergies": "pd:Health",
    "health.disability": "pd:Disability",
}

# What people would rather not see passed on. What a person or vendor made up is not judged.
SENSITIVE: Final = frozenset(name for name, kind in KINDS.items() if DATA_KINDS[kind].sensitive)
AGES: Final = "age_over_"  # of ISO/IEC 18013-5: a limit of age, whichever it is


def kind_of(attribute: str) -> str:
    """The DPV term of an attribute, as a compact IRI; the general term for one that a person or vendor made up."""
    return "pd:AgeRange" if attribute.startswith(AGES) else KINDS.get(attribute, UNKNOWN)
