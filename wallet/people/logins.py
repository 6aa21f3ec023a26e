"""Spell logins in one way, so that two people can not have logins that look the same by accident."""

import hashlib
import hmac
import unicodedata

from flask_babel import lazy_gettext as _

from keys.secrets import HostSecrets
from wallet.people.errors import BadLogin

LONGEST_LOGIN = 64
INVISIBLE = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}


def check_login(login: str) -> str:
    """The login as it is kept and shown. Raises BadLogin."""
    login = unicodedata.normalize("NFC", login).strip()
    if not login:
        raise BadLogin(_("Choose a login."))
    if len(login) > LONGEST_LOGIN:
        raise BadLogin(_("A login has at most %(longest)s characters.", longest=LONGEST_LOGIN))
    if any(unicodedata.category(letter) in INVISIBLE for letter in login):
        raise BadLogin(_("A login consists of characters that one can see."))
    return login


def login_digest(secrets: HostSecrets, login: str) -> str:
    """Under which the login is found: neither letter case nor the spelling of an accent matters. Takes anything."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", login.strip()).casefold()).strip()
    return hmac.new(secrets.logins, folded.encode(errors="surrogatepass"), hashlib.sha256).hexdigest()
