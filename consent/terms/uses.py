"""What a purpose or processing of the W3C Data Privacy Vocabulary means in the words of the agreements."""

from collections.abc import Mapping
from typing import Final

from consent.terms.roster import (
    AI,
    ANALYTICS,
    ANONYMISED,
    GOOD,
    INTENT,
    NAMESPACE,
    PROFILING,
    SERVICE,
    SHARING,
    TRACKING,
)

DPV: Final = "https://w3id.org/dpv#"
NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    SERVICE: (
        "AccountManagement",
        "AgeVerification",
        "CommunicationForCustomerCare",
        "CustomerCare",
        "CustomerClaimsManagement",
        "CustomerOrderManagement",
        "DeliveryOfGoods",
        "EnforceAccessControl",
        "EnforceSecurity",
        "EstablishContractualAgreement",
        "FraudPreventionAndDetection",
        "FulfilmentOfContractualObligation",
        "FulfilmentOfObligation",
        "IdentityAuthentication",
        "IdentityVerification",
        "LegalCompliance",
        "PaymentManagement",
        "RepairImpairments",
        "RequestedServiceProvision",
        "RightsFulfilment",
        "SearchFunctionalities",
        "SellProductsToDataSubject",
        "ServiceAccessDetermination",
        "ServiceProvision",
        "ServiceRegistration",
        "TechnicalServiceProvision",
        "Verification",
    ),
    ANALYTICS: (
        "Analyse",
        "ImproveExistingProductsAndServices",
        "ImproveInternalCRMProcesses",
        "IncreaseServiceRobustness",
        "InternalResourceOptimisation",
        "OptimisationForConsumer",
        "OptimisationForController",
        "OptimiseUserInterface",
        "ServiceMonitoring",
        "ServiceOptimisation",
        "ServiceUsageAnalytics",
    ),
    TRACKING: ("Monitor", "Observe", "Tracking", "TrackingByFirstParty"),
    PROFILING: (
        "Personalisation",
        "PersonalisedAdvertising",
        "PersonalisedBenefits",
        "Profiling",
        "ProvideEventRecommendations",
        "ProvidePersonalisedRecommendations",
        "ProvideProductRecommendations",
        "ServicePersonalisation",
        "TargetedAdvertising",
        "UserInterfacePersonalisation",
    ),
    SHARING: ("Disclose", "DiscloseByTransmission", "SellDataToThirdParties", "Share", "TrackingByThirdParty"),
    GOOD: (
        "AcademicResearch",
        "CombatClimateChange",
        "DataAltruism",
        "ImproveHealthcare",
        "NonCommercialResearch",
        "ProvideOfficialStatistics",
        "PublicBenefit",
        "ScientificResearch",
    ),
}
OF_7012: Final[Mapping[str, str]] = {
    "ServiceDelivery": SERVICE,
    "ServiceAnalytics": ANALYTICS,
    "ServiceImprovement": ANALYTICS,
    "SharingDataAnonymised3PAllowed": ANONYMISED,
    "PDC-INTENT": INTENT,
    "PDC-AI": AI,
    "PDC-GOOD": GOOD,
}
USE_OF: Final[Mapping[str, str]] = {f"{DPV}{name}": use for use, names in NAMES.items() for name in names} | {
    f"{NAMESPACE}{name}": use for name, use in OF_7012.items()
}


def use_of(purpose: str) -> str | None:
    """The use a purpose means, written out or as `dpv:Name`; None where that is not clear.

    Advertising to everybody alike is one of the unclear: no agreement has a rule for it.
    """
    return USE_OF.get(f"{DPV}{purpose.removeprefix('dpv:')}" if purpose.startswith("dpv:") else purpose)
