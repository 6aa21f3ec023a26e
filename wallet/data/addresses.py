"""Where somebody is reached, by mail, phone, web or bank transfer."""

import re
from urllib.parse import urlsplit

import idna
from flask_babel import lazy_gettext as _

from wallet.data.errors import BadValue
from wallet.data.text import clean

LONGEST_URL = 2048
# Of the countries in the euro payments area, ISO 13616 registry.
IBAN_LENGTHS = {
    "AD": 24, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24,
    "FI": 18, "FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26, "IT": 27, "LI": 21,
    "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SE": 24,
    "SI": 19, "SK": 24, "SM": 27, "VA": 22,
}  # fmt: skip

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL_PART = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_PHONE_GLUE = re.compile(r"\(0\)|[ \u00a0()/.\-\u2010-\u2015]")
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
_VAT_ID = re.compile(r"(DE[0-9]{9}|(?!DE)[A-Z]{2}[A-Z0-9+*]{2,13})")
_NOT_IN_URLS = re.compile(r'[\s\\<>"`{}|^]')


def email(typed: str) -> str:
    """RFC 5322 addr-spec without quoting; letters beyond ASCII in the domain become IDNA (RFC 5891)."""
    local_part, _at, domain = clean(typed).rpartition("@")
    if not _LOCAL_PART.fullmatch(local_part) or len(local_part) > 64:
        raise BadValue(_("Enter an e-mail address such as ana@example.org."))
    return f"{local_part}@{_domain(domain)}"


def phone(typed: str) -> str:
    """E.164."""
    digits = _PHONE_GLUE.sub("", clean(typed))
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if not _PHONE.fullmatch(digits):
        raise BadValue(_("Enter the phone number with + and the country code, for example +49 30 1234567."))
    return digits


def msisdn(typed: str) -> str:
    """OpenID Identity Assurance schema 1.0: E.164 in digits alone."""
    return phone(typed if typed.strip().startswith(("+", "00")) else f"+{typed}").removeprefix("+")


def url(typed: str) -> str:
    """http or https, with a host and without a login in it."""
    text = clean(typed, longest=LONGEST_URL)
    wrong = BadValue(_("Enter a web address that begins with https:// or http://."))
    try:
        parts = urlsplit(text)
        _port = parts.port
    except ValueError:
        raise wrong from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc or _NOT_IN_URLS.search(text):
        raise wrong
    return text


def iban(typed: str) -> str:
    """ISO 13616: the country's length, and ISO 7064 MOD 97-10 over the whole."""
    text = clean(typed).replace(" ", "").upper()
    if not _IBAN.fullmatch(text) or len(text) != IBAN_LENGTHS.get(text[:2], len(text)):
        raise BadValue(_("An IBAN begins with a country and two digits; yours has too few or too many characters."))
    if int("".join(str(int(letter, 36)) for letter in text[4:] + text[:4])) % 97 != 1:
        raise BadValue(_("There is a typing mistake in this IBAN; its check digits do not fit."))
    return text


def bic(typed: str) -> str:
    """ISO 9362."""
    text = clean(typed).replace(" ", "").upper()
    if not _BIC.fullmatch(text):
        raise BadValue(_("A BIC has eight or eleven letters and digits, for example COBADEFFXXX."))
    return text


def vat_id(typed: str) -> str:
    text = clean(typed).replace(" ", "").upper()
    if not _VAT_ID.fullmatch(text):
        raise BadValue(_("Enter the VAT number with its country, for example DE123456789."))
    return text


def _domain(domain: str) -> str:
    try:
        ascii_domain = idna.encode(domain, uts46=True).decode().lower()
    except idna.IDNAError:
        ascii_domain = ""
    if "." not in ascii_domain or len(ascii_domain) > 190 or ascii_domain.endswith("."):
        raise BadValue(_("The e-mail address needs a domain after the @, such as example.org."))
    return ascii_domain
