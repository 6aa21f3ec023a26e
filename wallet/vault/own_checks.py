"""Check what a vault says of the person alone: values, pictures, data sets, deposits, ways back.

Each finds one thing wrong. What is taken in without these checks could stop a page, or let a sign-in take for ever.
"""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any, Final

import orjson
from PIL import Image, UnidentifiedImageError

from vendor_api.errors import VendorApiError
from vendor_api.oauth.deposits import rows_of, values_of
from wallet.data.attributes import is_name
from wallet.data.model import ASSURANCE
from wallet.people import locking
from wallet.people.preferences import CHOICES
from wallet.personas import pictures
from wallet.vault import record_checks
from wallet.vault.declared import BY_NAME
from wallet.vault.errors import BadVault
from wallet.vault.known import Known
from wallet.vault.reading import Vault
from wallet.vault.rows import base64url, from_base64url

LONGEST: Final = 2000
MOST_NAMES: Final = 16
MOST_MEMORY: Final = 1024 * 1024  # KiB, of a password hash: whoever signs in waits for it
MOST_ROUNDS: Final = 64
DIGEST: Final = re.compile(r"[0-9a-f]{64}")
LEAST_SALT: Final = 8
LONGEST_WRAPPED: Final = 1000
LONGEST_LOCKED: Final = 1_000_000
STATES: Final = ("waiting", "kept", "partly_kept", "refused")


def check_values(vault: Vault, _known: Known) -> None:
    for row in vault.rows(BY_NAME["attribute_values"]):
        text = str(row["value"])
        fits = is_wrapped(text) if row["locked"] else is_value(orjson.loads(text))
        if not is_name(str(row["attribute"])) or not fits:
            raise BadVault("A value in this vault can not be one.")
        if row["source"] not in ASSURANCE or len(str(row["origin"])) > LONGEST:
            raise BadVault("A value in this vault comes from nowhere.")


def is_value(given: object) -> bool:
    if isinstance(given, list):
        return all(isinstance(one, str) for one in given)
    return isinstance(given, str | int | float)


def is_wrapped(text: str) -> bool:
    return base64url(from_base64url(text)) == text and len(text) <= LONGEST_LOCKED


def check_taken(vault: Vault, _known: Known) -> None:
    """No persona takes from itself, nor from one that takes the same from another."""
    now: dict[tuple[str, str], str] = {}
    for row in vault.rows(BY_NAME["inherited_values"]):
        if not is_name(str(row["attribute"])):
            raise BadVault("A value in this vault can not be one.")
        if row["replaced_at"] is None:
            now[str(row["persona_id"]), str(row["attribute"])] = str(row["from_persona_id"])
    if any((source, attribute) in now for (_taker, attribute), source in now.items()):
        raise BadVault("A value in this vault is taken from where there is none.")


def check_pictures(vault: Vault, _known: Known) -> None:
    for row in vault.rows(BY_NAME["persona_pictures"]):
        picture = row["picture"]
        if not isinstance(picture, bytes) or len(picture) > pictures.LARGEST_FILE or not is_picture(picture):
            raise BadVault("A picture in this vault can not be one.")


def is_picture(picture: bytes) -> bool:
    try:
        with Image.open(BytesIO(picture), formats=("PNG", "JPEG")) as opened:
            if max(opened.size) > pictures.SIDE or f"image/{str(opened.format).lower()}" != pictures.media_type(
                picture
            ):
                return False
            opened.load()
    except (UnidentifiedImageError, OSError, SyntaxError, EOFError, Image.DecompressionBombError):
        return False
    return True


def check_preferences(vault: Vault, _known: Known) -> None:
    for row in vault.rows(BY_NAME["preferences"]):
        if row["value"] not in CHOICES.get(str(row["name"]), ()):
            raise BadVault("A preference in this vault is none that this wallet knows.")


def check_deposits(vault: Vault, _known: Known) -> None:
    """As a vendor would have had to hand it over."""
    for row in vault.rows(BY_NAME["deposits"]):
        said = orjson.loads(str(row["content"]))
        is_decided = row["state"] != "waiting"
        if row["state"] not in STATES or is_decided != (row["decided_at"] is not None):
            raise BadVault("A deposit in this vault stands nowhere.")
        if not (isinstance(said["vendor"], str) and isinstance(said["document"], str) and fits_url(row["deposit_id"])):
            raise BadVault("A deposit in this vault can not be one.")
        try:
            values_of(said["values"])
            rows_of(said["records"])
        except VendorApiError:
            raise BadVault("A deposit in this vault can not be one.") from None


def fits_url(given: Any) -> bool:
    return bool(re.fullmatch(r"[A-Za-z0-9._~-]{1,500}", str(given)))


def check_ways_back(vault: Vault, _known: Known) -> None:
    for row in vault.rows(BY_NAME["ways_back"]):
        names = [] if row["names"] is None else orjson.loads(str(row["names"]))
        are_names = isinstance(names, list) and len(names) <= MOST_NAMES and all(isinstance(one, str) for one in names)
        if not (are_names and DIGEST.fullmatch(str(row["checked_by"])) and 1 <= number(row["needed"]) <= MOST_NAMES):
            raise BadVault("A way back in this vault leads nowhere.")


def check_locks(vault: Vault, _known: Known) -> None:
    """What a password is turned into must not take for ever."""
    for row in vault.rows(BY_NAME["lock_keys"]):
        wrapped, salt, cost = row["wrapped"], row["salt"], str(row["cost"])
        if not isinstance(wrapped, bytes) or not isinstance(salt, bytes) or len(wrapped + salt) > LONGEST_WRAPPED:
            raise BadVault("A key in this vault can not be one.")
        if row["way"] == locking.PASSWORD:
            time, memory, lanes = map(int, cost.split(","))
            if len(salt) < LEAST_SALT or not is_bearable(memory, time, lanes):
                raise BadVault("A key in this vault would take too long to be opened.")


def is_bearable(memory: int, time: int, lanes: int) -> bool:
    """What argon2 takes, and a person waits for."""
    return 1 <= time <= MOST_ROUNDS and 1 <= lanes <= MOST_ROUNDS and 8 * lanes <= memory <= MOST_MEMORY


def number(given: Any) -> int:
    """Raises TypeError."""
    if type(given) is not int:
        raise TypeError("no number")
    return given


CHECKS: Final[tuple[Callable[[Vault, Known], None], ...]] = (
    check_values,
    check_taken,
    check_pictures,
    check_preferences,
    *record_checks.CHECKS,
    check_deposits,
    check_ways_back,
    check_locks,
)
