"""What standing terms and agreements refuse, each in one sentence."""

from consent.errors import ConsentError


class TermsOver(ConsentError):
    """The agreement a grant stands under was ended, was violated or has expired."""


class TermsProhibit(ConsentError):
    """Something was asked for, and for a purpose, that the agreement prohibits."""


class BadStandingTerms(ConsentError):
    """No such kind of vendor, no such agreement, or one named twice."""


class BadAgreement(ConsentError):
    """What was sent is no acceptance, counter-offer or signature of this agreement."""


class TooLate(ConsentError):
    """The round of negotiation is over, or never was where it would have to be for this."""
