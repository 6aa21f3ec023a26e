"""Rights in words: on buttons, in the letter to the vendor, in the complaint, in the ledger."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _

from consent.rights.requests import ARTICLES, RightsRequest
from wallet.languages import day

BUTTONS: Mapping[str, Callable[[], str]] = {
    "access": lambda: _("What do you hold about me?"),
    "rectification": lambda: _("Correct my data"),
    "erasure": lambda: _("Delete my data"),
    "portability": lambda: _("Give me my data to take along"),
    "objection": lambda: _("Stop using my data"),
}
DEMANDS: Mapping[str, Callable[[], str]] = {
    "access": lambda: _(
        "Please tell me which data about me you process, for which purposes, for how long, where you have them from "
        "and who receives them, and send me a copy."
    ),
    "rectification": lambda: _(
        "Please correct the data about me that are wrong or incomplete. What is right you can read in my wallet at any "
        "time I allow it; please tell everybody you gave the wrong data to."
    ),
    "erasure": lambda: _(
        "Please delete the data about me without undue delay, tell everybody you gave them to, and confirm it to me. "
        "As far as I consented to their processing, I withdraw my consent."
    ),
    "portability": lambda: _(
        "Please give me the data I provided to you in a structured, commonly used and machine-readable format."
    ),
    "objection": lambda: _(
        "I object to the processing of the data about me as far as it rests on your own interests, and to their use "
        "for direct marketing in any case. Please stop it."
    ),
}
OUTCOMES: Mapping[str, Callable[[], str]] = {
    "received": lambda: _("It confirmed that it has your request."),
    "extended": lambda: _("It takes longer, and said why."),
    "completed": lambda: _("It says that it is done."),
    "declined": lambda: _("It declined, and said why."),
    "withdrawn": lambda: _("You withdrew it."),
}


def letter(request: RightsRequest, labels: list[str], name: str | None) -> str:
    """What is sent to a vendor that does not look here itself; the signed request goes with it."""
    article = _("Request under article %(article)s GDPR", article=ARTICLES[request.right])
    if labels:
        about = _("This is about: %(labels)s.", labels=", ".join(labels))
    else:
        about = _("This is about all data you hold about me.")
    law = _(
        "Under article 12 (3) GDPR your answer is due by %(day)s. The request is signed, and number and key name me as "
        "you know me.",
        day=day(request.due_at - 1),
    )
    known = _("Number of the request: %(number)s", number=request.request_id)
    paragraphs = (article, _("Dear Sir or Madam,"), DEMANDS[request.right](), about, law, known, name)
    return "\n\n".join(filter(None, paragraphs))


def right_asked(vendor: str, detail: Mapping[str, Any]) -> str:
    """Raises KeyError for a right this wallet does not know."""
    words = {"vendor": vendor, "right": BUTTONS[detail["right"]](), "day": day(detail["due"] - 1)}
    return _("You asked %(vendor)s by right: “%(right)s” The answer is due by %(day)s.", **words)


def right_reminded(vendor: str, detail: Mapping[str, Any]) -> str:
    words = {"vendor": vendor, "right": BUTTONS[detail["right"]]()}
    return _("%(vendor)s was reminded of your request: “%(right)s”", **words)


def right_answered(vendor: str, detail: Mapping[str, Any]) -> str:
    words = {
        "vendor": vendor,
        "right": BUTTONS[detail["right"]](),
        "outcome": OUTCOMES[detail["outcome"]](),
    }
    return _("%(vendor)s, about your request “%(right)s”: %(outcome)s", **words)


TOLD: Mapping[str, Callable[[str, Mapping[str, Any]], str]] = {
    "right_asked": right_asked,
    "right_reminded": right_reminded,
    "right_answered": right_answered,
}
