"""What the actions of the ledger are called, to choose one of them or to look for it."""

from collections.abc import Mapping
from typing import Final

# What each action is called, in both languages at once: whoever reads one often thinks in the other.
ACTIONS: Final[Mapping[str, tuple[str, str]]] = {
    "asked": ("asked", "gefragt"),
    "granted": ("allowed", "erlaubt"),
    "refused": ("refused", "abgelehnt"),
    "signed_in": ("signed in", "angemeldet"),
    "redeemed": ("access picked up", "Zugang abgeholt"),
    "read": ("read", "gelesen"),
    "failed": ("failed attempt", "gescheiterter Versuch"),
    "changed": ("changed", "geändert"),
    "revoked": ("stopped", "beendet"),
    "countersigned": ("countersigned", "gegengezeichnet"),
    "contacted": ("wrote to you", "hat geschrieben"),
    "said": ("you wrote", "Sie haben geschrieben"),
    "violated": ("reached you where not allowed", "unerlaubt gemeldet"),
    "right_asked": ("demanded by right", "Recht verlangt"),
    "right_reminded": ("reminded of a right", "an Recht erinnert"),
    "right_answered": ("right answered", "Recht beantwortet"),
    "erased": ("erased", "gelöscht"),
    "reviewed": ("reviewed", "bewertet"),
    "fired": ("trigger fired", "Auslöser ausgelöst"),
    "kept_back": ("trigger not told", "Auslöser nicht gemeldet"),
    "intent_sent": ("looked for", "gesucht"),
    "offer_accepted": ("offer accepted", "Angebot angenommen"),
}
