"""What the shop would like to know and to speak about, and what it says of itself when it registers."""

from dataclasses import dataclass
from typing import Final

NAME: Final = "Stadtwerke Beispiel"


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing the shop would like to know. Each text is in English and in German.

    Purposes stand in the shop's registration; those that are `sent` travel with the question as well.
    """

    name: str
    label: tuple[str, str]
    purpose: tuple[str, str]
    essential: bool = False
    sent: bool = False


PRICES: Final = ("To find the prices where you live", "Um die Preise an Ihrem Wohnort zu finden")
WISHES: Final = (
    Wish("given_name", ("Given name", "Vorname"), ("To greet you", "Um Sie zu begrüßen"), essential=True, sent=True),
    Wish("email", ("E-mail address", "E-Mail-Adresse"), ("To send you the bill", "Für Ihre Rechnung"), sent=True),
    Wish("address.postal_code", ("Postal code", "Postleitzahl"), PRICES),
    Wish("address.locality", ("Town", "Ort"), PRICES),
    Wish(
        "electricity.kwh_year",
        ("Electricity a year, in kWh", "Strom im Jahr in kWh"),
        ("To work out what you will pay", "Um auszurechnen, was Sie zahlen werden"),
    ),
    Wish("birthdate", ("Date of birth", "Geburtsdatum"), ("To congratulate you", "Um Ihnen zu gratulieren")),
)


@dataclass(frozen=True, slots=True)
class Topic:
    """Something the shop would like to speak about, with a message about it. Each text in English and in German."""

    name: str
    label: tuple[str, str]
    subject: tuple[str, str]
    text: tuple[str, str]
    is_advertising: bool = False


TOPICS: Final = (
    Topic(
        "outage",
        ("Outages and repairs", "Störungen und Reparaturen"),
        ("No power on Thursday", "Kein Strom am Donnerstag"),
        (
            "On Thursday from 9 to 11 we work in your street. Please save your work before.",
            "Am Donnerstag von 9 bis 11 Uhr arbeiten wir in Ihrer Straße. Bitte sichern Sie vorher Ihre Arbeit.",
        ),
    ),
    Topic(
        "tariffs",
        ("Prices and tariffs", "Preise und Tarife"),
        ("Naturstrom 12 gets cheaper", "Naturstrom 12 wird billiger"),
        (
            "From next month a kilowatt hour costs 29.8 ct. You need not do anything.",
            "Ab dem nächsten Monat kostet die Kilowattstunde 29,8 ct. Sie müssen nichts tun.",
        ),
        is_advertising=True,
    ),
)


def metadata(port: int) -> dict[str, object]:
    """What the shop says of itself when it registers (RFC 7591)."""
    return {
        "client_name": NAME,
        "client_uri": f"http://127.0.0.1:{port}/",
        "policy_uri": f"http://127.0.0.1:{port}/privacy",
        "redirect_uris": [f"http://{host}:{port}/back" for host in ("127.0.0.1", "localhost")],
        "contacts": ["datenschutz@stadtwerke.example"],
        "postal_address": "Stadtwerke Beispiel GmbH, Am Wasserwerk 1, 12345 Beispielstadt",
        "jurisdiction": "DE",
        "storage_location": "DE",
        "data_retention": "Values are shown and not kept",
        "data_retention#de": "Werte werden gezeigt und nicht behalten",
        "purposes": {wish.name: wish.purpose[0] for wish in WISHES},
        "purposes#de": {wish.name: wish.purpose[1] for wish in WISHES},
        "contact_topics": {topic.name: topic.label[0] for topic in TOPICS},
        "contact_topics#de": {topic.name: topic.label[1] for topic in TOPICS},
        "vendor_kind": "utility",
        "myterms": ["SD-BASE", "SD-BASE-A"],
    }
