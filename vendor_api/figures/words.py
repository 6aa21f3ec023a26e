"""How questions and answers of the statistics are called on pages."""

from collections.abc import Mapping
from typing import Final

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

QUESTIONS: Final[Mapping[str, LazyString]] = {
    "channel": _("The first channel"),
    "hours": _("The time of day"),
    "frequency": _("How often"),
}
ANSWERS: Final[Mapping[str, LazyString]] = {
    "inbox": _("in the wallet"),
    "email": _("by e-mail"),
    "web_push": _("as a notice in the browser"),
    "sms": _("by SMS"),
    "phone": _("by phone"),
    "video": _("by video call"),
    "letter": _("by letter"),
    "feed": _("by feed"),
    "another": _("by another channel"),
    "any": _("at any hour"),
    "morning": _("mostly from 6 to 12"),
    "afternoon": _("mostly from 12 to 18"),
    "evening": _("mostly from 18 to 22"),
    "night": _("only between 22 and 6"),
    "per_day": _("a limit per day"),
    "per_week": _("a limit per week"),
    "per_month": _("a limit per month"),
    "per_year": _("a limit per year"),
    "no_limit": _("without a limit"),
}
AGES: Final[Mapping[str, LazyString]] = {
    "any": _("Of any age"),
    "under_30": _("Under 30 years"),
    "30_to_49": _("From 30 to 49 years"),
    "50_to_64": _("From 50 to 64 years"),
    "from_65": _("65 years and older"),
}


def age_said(age: str) -> str:
    return str(AGES.get(age, age))


def question_said(question: str) -> str:
    return str(QUESTIONS.get(question, question))


def answer_said(answer: str) -> str:
    return str(ANSWERS.get(answer, answer))
