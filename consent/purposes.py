"""What data is asked for, as kinds of purpose: a selection of the W3C Data Privacy Vocabulary 2.3; data, not code.

The terms and labels are the vocabulary's, the German labels and the sentences are ours.
"""

from dataclasses import dataclass
from typing import Final

NAMESPACE: Final = "https://w3id.org/dpv#"
LIST: Final = "https://w3id.org/dpv/2.3/dpv#vocab-purposes"
UNCLASSIFIED: Final = "dpv:Purpose"  # the vocabulary's most general term: for whoever says no kind


@dataclass(frozen=True, slots=True)
class Purpose:
    """`term` is a compact IRI; labels and sentences in English and German."""

    term: str
    label_en: str
    label_de: str
    meaning_en: str
    meaning_de: str

    @property
    def uri(self) -> str:
        return NAMESPACE + self.term.removeprefix("dpv:")

    def label(self, language: str) -> str:
        return self.label_de if language == "de" else self.label_en

    def meaning(self, language: str) -> str:
        return self.meaning_de if language == "de" else self.meaning_en


_SELECTED: Final = (
    Purpose(
        "dpv:RequestedServiceProvision",
        "Requested Service Provision",
        "Gewünschte Leistung erbringen",
        "It does what you asked it to do.",
        "Er tut, worum Sie ihn gebeten haben.",
    ),
    Purpose(
        "dpv:ServiceProvision",
        "Service Provision",
        "Leistung erbringen",
        "It needs this for the service you use.",
        "Er braucht das für die Leistung, die Sie nutzen.",
    ),
    Purpose(
        "dpv:ServiceRegistration",
        "Service Registration",
        "Anmelden und Registrieren",
        "It opens an account or a contract for you.",
        "Er legt ein Konto oder einen Vertrag für Sie an.",
    ),
    Purpose(
        "dpv:AccountManagement",
        "Account Management",
        "Konto führen",
        "It keeps your account with it.",
        "Er führt Ihr Konto bei sich.",
    ),
    Purpose(
        "dpv:CustomerOrderManagement",
        "Customer Order Management",
        "Bestellung abwickeln",
        "It handles what you ordered.",
        "Er bearbeitet, was Sie bestellt haben.",
    ),
    Purpose(
        "dpv:DeliveryOfGoods",
        "Delivery of Goods",
        "Waren liefern",
        "It brings you what you ordered.",
        "Er bringt Ihnen, was Sie bestellt haben.",
    ),
    Purpose(
        "dpv:PaymentManagement",
        "Payment Management",
        "Zahlungen abwickeln",
        "It bills you, or pays you.",
        "Er rechnet mit Ihnen ab oder zahlt an Sie.",
    ),
    Purpose(
        "dpv:FulfilmentOfContractualObligation",
        "Fulfilment of Contractual Obligation",
        "Vertrag erfüllen",
        "It does what its contract with you obliges it to.",
        "Er erfüllt, wozu der Vertrag mit Ihnen ihn verpflichtet.",
    ),
    Purpose(
        "dpv:LegalCompliance",
        "Legal Compliance",
        "Gesetzliche Pflicht",
        "A law obliges it.",
        "Ein Gesetz verpflichtet ihn dazu.",
    ),
    Purpose(
        "dpv:CommunicationForCustomerCare",
        "Communication for Customer Care",
        "Beraten und helfen",
        "It advises and helps you.",
        "Er berät Sie und hilft Ihnen.",
    ),
    Purpose(
        "dpv:IdentityVerification",
        "Identity Verification",
        "Identität prüfen",
        "It checks that you are who you say.",
        "Er prüft, ob Sie sind, wer Sie sagen.",
    ),
    Purpose(
        "dpv:IdentityAuthentication",
        "Identity Authentication",
        "Wiedererkennen",
        "It makes sure that it deals with you again.",
        "Er vergewissert sich, dass er es wieder mit Ihnen zu tun hat.",
    ),
    Purpose(
        "dpv:AgeVerification",
        "Age Verification",
        "Alter prüfen",
        "It checks whether you are old enough.",
        "Er prüft, ob Sie alt genug sind.",
    ),
    Purpose(
        "dpv:CustomerSolvencyMonitoring",
        "Customer Solvency Monitoring",
        "Zahlungsfähigkeit prüfen",
        "It checks whether you can pay.",
        "Er prüft, ob Sie zahlen können.",
    ),
    Purpose(
        "dpv:FraudPreventionAndDetection",
        "Fraud Prevention and Detection",
        "Betrug verhindern",
        "It looks out for fraud.",
        "Er achtet auf Betrug.",
    ),
    Purpose(
        "dpv:EnforceSecurity",
        "Enforce Security",
        "Für Sicherheit sorgen",
        "It keeps its service safe.",
        "Er hält seinen Dienst sicher.",
    ),
    Purpose(
        "dpv:Personalisation",
        "Personalisation",
        "Auf Sie zuschneiden",
        "It fits what it shows or does to you.",
        "Er richtet nach Ihnen, was er zeigt oder tut.",
    ),
    Purpose(
        "dpv:ProvidePersonalisedRecommendations",
        "Provide Personalised Recommendations",
        "Persönlich empfehlen",
        "It suggests to you what may suit you.",
        "Er schlägt Ihnen vor, was zu Ihnen passen könnte.",
    ),
    Purpose(
        "dpv:OptimisationForConsumer",
        "Optimisation for Consumer",
        "Für Sie verbessern",
        "It looks for what is better or cheaper for you.",
        "Er sucht, was für Sie besser oder günstiger ist.",
    ),
    Purpose(
        "dpv:ServiceUsageAnalytics",
        "Service Usage Analytics",
        "Nutzung auswerten",
        "It counts and analyses how its service is used.",
        "Er zählt und wertet aus, wie sein Dienst genutzt wird.",
    ),
    Purpose(
        "dpv:ImproveExistingProductsAndServices",
        "Improve Existing Products and Services",
        "Angebot verbessern",
        "It makes its products better.",
        "Er verbessert seine Angebote.",
    ),
    Purpose(
        "dpv:ScientificResearch",
        "Scientific Research",
        "Forschung",
        "It does research.",
        "Er forscht.",
    ),
    Purpose(
        "dpv:DirectMarketing",
        "Direct Marketing",
        "Direktwerbung",
        "It sends you advertising.",
        "Er schickt Ihnen Werbung.",
    ),
    Purpose(
        "dpv:Marketing",
        "Marketing",
        "Werbung",
        "It advertises.",
        "Er wirbt.",
    ),
    Purpose(
        "dpv:PersonalisedAdvertising",
        "Personalised Advertising",
        "Persönliche Werbung",
        "It chooses advertising by what it knows of you.",
        "Er wählt Werbung danach aus, was er von Ihnen weiß.",
    ),
    Purpose(
        "dpv:TargetedAdvertising",
        "Targeted Advertising",
        "Gezielte Werbung",
        "It chooses whom advertising is shown to.",
        "Er wählt aus, wem Werbung gezeigt wird.",
    ),
    Purpose(
        "dpv:SellInsightsFromData",
        "Sell Insights from Data",
        "Erkenntnisse verkaufen",
        "It sells what it finds out from data.",
        "Er verkauft, was er aus Daten erfährt.",
    ),
    Purpose(
        "dpv:SellDataToThirdParties",
        "Sell Data to Third Parties",
        "Daten verkaufen",
        "It sells what it knows of you.",
        "Er verkauft, was er von Ihnen weiß.",
    ),
)

PURPOSES: Final = {purpose.term: purpose for purpose in _SELECTED}
NOT_SAID: Final = Purpose(
    UNCLASSIFIED,
    "No kind of purpose",
    "Keine Art von Zweck",
    "It does not say what kind of purpose this is.",
    "Er sagt nicht, welcher Art der Zweck ist.",
)


def purpose_of(term: str | None) -> Purpose:
    """The purpose of a stored item; the general one where it has none, or one that is no longer selected."""
    return PURPOSES.get(term or UNCLASSIFIED, NOT_SAID)


def term_of(given: object) -> str | None:
    """The term a vendor names, as a compact or a full IRI; None for anything that is not selected."""
    if not isinstance(given, str):
        return None
    term = f"dpv:{given.removeprefix(NAMESPACE)}" if given.startswith(NAMESPACE) else given
    return term if term in PURPOSES else None
