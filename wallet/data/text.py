"""Take what a person typed, in any script, and refuse what nobody can see."""

import re
import unicodedata

from flask_babel import lazy_gettext as _

from wallet.data.errors import BadValue

LONGEST_TEXT = 4000
LONGEST_LABEL = 80
LONGEST_LIST = 50
UNSEEN = {"Cc", "Cs", "Cn", "Co", "Zl", "Zp"}
# They turn the direction of other people's text around, so that a page shows something else than it says.
TURNING = {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}


def clean(typed: str, *, longest: int = LONGEST_TEXT) -> str:
    """One line of text without spaces around it, composed (NFC). Raises BadValue."""
    return _checked(typed, longest=longest, allowed="")


def clean_lines(typed: str) -> str:
    """The same for several lines, which end with a line feed. Raises BadValue."""
    return _checked(typed.replace("\r\n", "\n").replace("\r", "\n"), longest=LONGEST_TEXT, allowed="\n")


def clean_label(typed: str) -> str:
    """A few words. Raises BadValue."""
    return clean(typed, longest=LONGEST_LABEL)


def clean_list(typed: str) -> list[str]:
    """What stands between commas or in lines of their own, each once. Raises BadValue."""
    parts = [part for part in re.split(r"[,\n]", typed.replace("\r\n", "\n")) if part.strip()]
    found = list(dict.fromkeys(map(clean_label, parts)))
    if not found:
        raise BadValue(_("Please enter something."))
    if len(found) > LONGEST_LIST:
        raise BadValue(_("These are too many: at most %(most)s fit.", most=LONGEST_LIST))
    return found


def _checked(typed: str, *, longest: int, allowed: str) -> str:
    text = unicodedata.normalize("NFC", typed).strip(" \t\n\u00a0")
    if len(text) > longest:
        raise BadValue(_("This is too long: at most %(longest)s characters fit.", longest=longest))
    if any(_is_unseen(letter) for letter in text if letter not in allowed):
        raise BadValue(
            _("There is a character in it that nobody can see. Please type the value instead of pasting it.")
        )
    if not any(unicodedata.category(letter)[0] in "LMNPS" for letter in text):
        raise BadValue(_("Please enter something."))
    return text


def _is_unseen(letter: str) -> bool:
    return letter in TURNING or unicodedata.category(letter) in UNSEEN
