"""The attributes every person has, by their OpenID Connect names where there is one (Core 1.0, 5.1); data, not code."""

from wallet.data.model import Attribute

GROUPS = {
    "person": ("About you", "Über Sie"),
    "contact": ("How to reach you", "So erreicht man Sie"),
    "address": ("Where you live", "Wo Sie wohnen"),
    "home": ("Home and energy", "Haushalt und Energie"),
    "business": ("Work and business", "Beruf und Geschäft"),
    "money": ("Money", "Geld"),
    "online": ("You on the net", "Sie im Netz"),
    "own": ("What you added yourself", "Was Sie selbst hinzugefügt haben"),
}

_EVERYBODYS = (
    Attribute("name", "text", "Full name", "Vollständiger Name", "person", example="Ana Müller", recognisable=True),
    Attribute("given_name", "text", "Given name", "Vorname", "person", example="Ana"),
    Attribute("middle_name", "text", "Middle name", "Weitere Vornamen", "person", example="Maria"),
    Attribute("family_name", "text", "Family name", "Nachname", "person", example="Müller"),
    Attribute("nickname", "text", "Nickname", "Spitzname", "person", example="Anni"),
    Attribute("gender", "text", "Gender", "Geschlecht", "person", "sensitive", example="female"),
    Attribute("birthdate", "birthdate", "Date of birth", "Geburtsdatum", "person", "sensitive", example="1990-12-24"),
    Attribute("locale", "language", "Language", "Sprache", "person", example="de-DE"),
    Attribute("zoneinfo", "timezone", "Time zone", "Zeitzone", "person", example="Europe/Berlin"),
    Attribute(
        "email", "email", "E-mail address", "E-Mail-Adresse", "contact", example="ana@example.org", recognisable=True
    ),
    Attribute(
        "phone_number", "phone", "Phone number", "Telefonnummer", "contact", example="+49 30 1234567", recognisable=True
    ),
    Attribute(
        "address.formatted",
        "lines",
        "Whole address",
        "Ganze Anschrift",
        "address",
        example="Lindenweg 5, 10115 Berlin",
        recognisable=True,
    ),
    Attribute(
        "address.street_address",
        "lines",
        "Street and number",
        "Straße und Hausnummer",
        "address",
        example="Lindenweg 5",
        recognisable=True,
    ),
    Attribute("address.postal_code", "text", "Postal code", "Postleitzahl", "address", example="10115"),
    Attribute("address.locality", "text", "Town", "Ort", "address", example="Berlin"),
    Attribute("address.region", "text", "State or region", "Bundesland oder Region", "address", example="Berlin"),
    Attribute("address.country", "country", "Country", "Land", "address", example="DE"),
    Attribute("household.size", "integer", "People in the household", "Personen im Haushalt", "home", example="3"),
    Attribute(
        "meter.number",
        "text",
        "Electricity meter number",
        "Stromzählernummer",
        "home",
        example="1EMH0012345678",
        recognisable=True,
    ),
    Attribute(
        "electricity.kwh_year",
        "number",
        "Electricity a year, in kWh",
        "Strom im Jahr in kWh",
        "home",
        "sensitive",
        example="2500",
    ),
    Attribute(
        "customer.number", "text", "Customer number", "Kundennummer", "business", example="K-104711", recognisable=True
    ),
    Attribute("company.name", "text", "Company", "Firma", "business", example="Müller GmbH", recognisable=True),
    Attribute(
        "company.vat_id",
        "vat_id",
        "VAT number",
        "Umsatzsteuer-ID",
        "business",
        example="DE123456789",
        recognisable=True,
    ),
    Attribute(
        "iban",
        "iban",
        "Bank account (IBAN)",
        "Bankkonto (IBAN)",
        "money",
        "sensitive",
        example="DE89 3704 0044 0532 0130 00",
        recognisable=True,
    ),
    Attribute(
        "preferred_username",
        "text",
        "Preferred user name",
        "Bevorzugter Benutzername",
        "online",
        example="ana.m",
        recognisable=True,
    ),
    Attribute(
        "profile",
        "url",
        "Profile page",
        "Profilseite",
        "online",
        example="https://social.example/@ana",
        recognisable=True,
    ),
    Attribute(
        "picture", "image_url", "Picture", "Bild", "online", example="https://ana.example/me.jpg", recognisable=True
    ),
    Attribute("website", "url", "Website", "Website", "online", example="https://ana.example", recognisable=True),
)

CATALOGUE = {attribute.name: attribute for attribute in _EVERYBODYS}

# Members of ID tokens, userinfo answers and access tokens that state something in the wallet's own name, and names of
# scopes and pages: an attribute called like one of them could pass for it.
# fmt: off
RESERVED = frozenset({
    "sub", "iss", "aud", "exp", "iat", "nbf", "jti", "nonce", "auth_time", "acr", "amr", "azp", "at_hash", "c_hash",
    "s_hash", "sid", "cnf", "act", "scope", "client_id", "active", "token_type", "username", "grant_id", "events",
    "vct", "status", "credential", "updated_at", "email_verified", "phone_number_verified", "verified_claims",
    "claims", "userinfo", "id_token", "openid", "phone", "offline_access", "authorization_details", "new", "import",
    "public_subject",
})
# fmt: on
