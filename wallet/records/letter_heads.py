"""Read an address as people write it, on one line or several, in German or in English order."""

import re

from flask_babel import lazy_gettext as _

from wallet.records.errors import BadFile

LONGEST = 1000
COUNTRIES = {
    "deutschland": "DE", "germany": "DE", "österreich": "AT", "austria": "AT", "schweiz": "CH", "switzerland": "CH",
    "suisse": "CH", "united kingdom": "GB", "uk": "GB", "england": "GB", "great britain": "GB", "usa": "US",
    "united states": "US", "united states of america": "US", "france": "FR", "frankreich": "FR", "niederlande": "NL",
    "netherlands": "NL", "luxemburg": "LU", "luxembourg": "LU",
}  # fmt: skip
_CONTINENTAL = re.compile(r"(?:(?P<land>[A-Z]{1,2})-)?(?P<code>[0-9]{4,5}) (?P<town>[^\W\d_][^\d]*)")
_AMERICAN = re.compile(r"(?P<town>[^\d,]+),? (?P<region>[A-Z]{2}) (?P<code>[0-9]{5}(?:-[0-9]{4})?)")
_BRITISH_CODE = re.compile(r"(?P<code>[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2})")
_TOWN_AND_CODE = re.compile(r"(?P<town>[^\d,]+),? (?P<code>[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2})")
_LANDS = {"D": "DE", "A": "AT", "CH": "CH", "F": "FR", "L": "LU", "NL": "NL"}


def values_of(text: str) -> dict[str, str]:
    """By the names of attributes; a first line without a number is taken for a name. Raises BadFile."""
    lines = _lines(text)
    found: dict[str, str] = {}
    if lines and lines[-1].casefold() in COUNTRIES:
        found["address.country"] = COUNTRIES[lines.pop().casefold()]
    lines = _town(lines, found)
    if "address.postal_code" not in found:
        raise BadFile(_("No postal code and town were found in this text."))
    if len(lines) > 1 and not any(letter.isdigit() for letter in lines[0]):
        found["name"] = lines.pop(0)
    if lines:
        found["address.street_address"] = "\n".join(lines)
    return found


def _lines(text: str) -> list[str]:
    """Raises BadFile."""
    if len(text) > LONGEST:
        raise BadFile(_("This text is too long for an address."))
    parts = [" ".join(part.split()) for part in text.splitlines()]
    lines = [part.strip(" ,;") for part in parts if part.strip(" ,;")]
    if len(lines) == 1:
        lines = [part.strip() for part in lines[0].split(",") if part.strip()]
    return lines


def _town(lines: list[str], found: dict[str, str]) -> list[str]:
    """The line with postal code and town, from the end; what stands before it is left."""
    for at in range(len(lines) - 1, -1, -1):
        if match := _CONTINENTAL.fullmatch(lines[at]):
            found.update({"address.postal_code": match["code"], "address.locality": match["town"].strip()})
            if match["land"] in _LANDS:
                found.setdefault("address.country", _LANDS[match["land"]])
            return lines[:at]
        alone = _AMERICAN.fullmatch(lines[at])
        if match := alone or _AMERICAN.fullmatch(", ".join(lines[max(at - 1, 0) : at + 1])):
            found.update({"address.postal_code": match["code"], "address.locality": match["town"].strip()})
            found.update({"address.region": match["region"], "address.country": "US"})
            return lines[: at if alone else at - 1]
        if match := _TOWN_AND_CODE.fullmatch(lines[at]):
            found.update({"address.postal_code": match["code"], "address.locality": match["town"].strip()})
            found.setdefault("address.country", "GB")
            return lines[:at]
        if at and (match := _BRITISH_CODE.fullmatch(lines[at])):
            found.update({"address.postal_code": match["code"], "address.locality": lines[at - 1]})
            found.setdefault("address.country", "GB")
            return lines[: at - 1]
    return lines
