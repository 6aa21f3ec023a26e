"""Read the settings from the environment and from wallet.toml in the home; the environment wins."""

import os
import re
import ssl
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import quote, urlsplit

import platformdirs

from vendor_api.outbound.addresses import NONE, networks
from vendor_api.proxies import HEADER_NAME
from vendor_api.uris import is_web, split
from wallet.errors import SetupError

CHOICES = {
    "sign_up": ("open", "invite", "closed"),
    "registration": ("open", "token", "closed"),
    "language": ("en", "de"),
    "front_channel_tokens": ("off", "on"),
    "synchronous": ("normal", "full"),
}
MAIL = re.compile(r"[A-Za-z0-9._+-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)*")
DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")
LISTEN = re.compile(r"([a-z0-9.-]+|\[[0-9a-f:]+\]):[0-9]{1,5}")
LAST_PORT = 65535
TOKEN = re.compile(r"[ -~]+")
# What is of no use by itself, and would fail only once somebody is written to, or answers.
MAIL_NEEDS = {
    "smtp_url": ("mail_from", "the sender of all mail"),
    "mail_domain": ("mail_authserv", "without it no mail is taken, and every answer would be refused"),
    "mail_listen": ("mail_domain", "the domain at which mail comes in"),
}
NUMBER = re.compile(r"[0-9]{1,5}")
DEFAULT_ISSUER = "http://127.0.0.1:8420"


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator can set. Each field is WALLET_<NAME> in the environment and <name> in wallet.toml."""

    home: Path
    database_url: str
    master_key_file: Path
    issuer: str = DEFAULT_ISSUER
    sign_up: str = "invite"
    registration: str = "closed"
    language: str = "en"
    front_channel_tokens: str = "off"
    synchronous: str = "normal"
    outbound_allow: str = NONE
    outbound_ca_file: str = NONE
    client_certificate_header: str = NONE
    trusted_proxies: str = NONE
    client_ca_file: str = NONE
    backup_folder: str = NONE
    backup_every: str = "24"
    backup_keep: str = "7"
    postgresql_programs: str = NONE
    smtp_url: str = NONE
    mail_from: str = NONE
    mail_domain: str = NONE
    mail_listen: str = NONE
    mail_authserv: str = NONE
    sms_gateway: str = NONE
    letter_gateway: str = NONE
    letter_font: str = NONE
    gateway_token: str = NONE


NAMES = tuple(field.name for field in fields(Settings))


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings of this process. Raises SetupError naming the setting and what it may be."""
    home = path(environment.get("WALLET_HOME") or platformdirs.user_data_dir("hausrecht", appauthor=False)).absolute()
    given = read_toml(home / "wallet.toml") | from_environment(environment)
    given.pop("home", None)
    for name, allowed in CHOICES.items():
        if name in given and given[name] not in allowed:
            raise SetupError(f"WALLET_{name.upper()} must be one of: {', '.join(allowed)}.")
    if "issuer" in given:
        check_issuer(given["issuer"])
    for name in ("outbound_allow", "trusted_proxies"):
        check_networks(name, given.get(name, NONE))
    for name in ("outbound_ca_file", "client_ca_file"):
        if given.get(name, NONE) != NONE:
            given[name] = certificates(name, given[name])
    check_client_certificates(given)
    check_backups(given)
    check_channels(given)
    return Settings(
        home=home,
        database_url=given.pop("database_url", f"sqlite:///{quote(str(home / 'wallet.db'))}"),
        master_key_file=path(given.pop("master_key_file", str(home / "master.key"))),
        **given,
    )


def path(given: str) -> Path:
    """With ~ for somebody's home folder. Raises SetupError."""
    try:
        return Path(given).expanduser()
    except RuntimeError:
        raise SetupError(f"{given} is in the home of somebody who is not on this machine.") from None


def from_environment(environment: Mapping[str, str]) -> dict[str, str]:
    values = {name: environment.get(f"WALLET_{name.upper()}", "") for name in NAMES}
    return {name: value for name, value in values.items() if value}


def read_toml(path: Path) -> dict[str, str]:
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SetupError(f"{path} can not be read: {error}.") from error
    for name, value in given.items():
        if name not in NAMES:
            raise SetupError(
                f"{path} has a setting {name!r} that does not exist; the settings are: {', '.join(NAMES)}."
            )
        if not isinstance(value, str):
            raise SetupError(f'{path}: write the value of {name} in quotes: {name} = "...".')
    return given


def check_issuer(issuer: str) -> None:
    """OpenID Connect Discovery 1.0 section 3: https without query or fragment; http only on loopback."""
    parts = split(issuer)
    if parts is None or not is_web(parts) or "?" in issuer:
        raise SetupError(
            "WALLET_ISSUER must be an https address such as https://wallet.example (http only on loopback)."
        )
    if parts.path:
        raise SetupError(
            "WALLET_ISSUER must be a bare host such as https://wallet.example, without a path or a closing slash."
        )


def check_networks(name: str, given: str) -> None:
    try:
        networks(given)
    except ValueError:
        raise SetupError(
            f"WALLET_{name.upper()} must be none, or networks such as 10.1.0.0/16,fd00::/8 separated by commas."
        ) from None


def check_client_certificates(given: Mapping[str, str]) -> None:
    """docs/decisions/0015: a header that anybody may write in proves nothing."""
    header = given.get("client_certificate_header", NONE)
    if not HEADER_NAME.fullmatch(header):
        raise SetupError(
            "WALLET_CLIENT_CERTIFICATE_HEADER must be none, or the name of a header in letters and digits alone, "
            "such as ClientCert; with a hyphen, a client could write it with an underscore and be believed."
        )
    if header != NONE and given.get("trusted_proxies", NONE) == NONE:
        raise SetupError(
            "WALLET_CLIENT_CERTIFICATE_HEADER needs WALLET_TRUSTED_PROXIES: the networks of the proxies that set it."
        )
    if header == NONE and given.get("client_ca_file", NONE) != NONE:
        raise SetupError("WALLET_CLIENT_CA_FILE needs WALLET_CLIENT_CERTIFICATE_HEADER.")


def check_backups(given: dict[str, str]) -> None:
    """Folders become whole paths: what the server calls a folder, a command run elsewhere calls the same."""
    for name in ("backup_folder", "postgresql_programs"):
        if given.get(name, NONE) != NONE:
            given[name] = str(path(given[name]).absolute())
    for name, least in (("backup_every", 0), ("backup_keep", 1)):
        if name in given and not (NUMBER.fullmatch(given[name]) and int(given[name]) >= least):
            raise SetupError(f"WALLET_{name.upper()} must be a whole number, {least} or more.")


def check_channels(given: dict[str, str]) -> None:
    """Each sentence leaves out what was given: there may be a password in it."""
    web = ("https", "http")
    check_address(given, "sms_gateway", web, "none")
    if given.get("letter_gateway") != "print":
        check_address(given, "letter_gateway", web, "none, print")
    if not TOKEN.fullmatch(given.get("gateway_token", NONE)):
        raise SetupError("WALLET_GATEWAY_TOKEN must be none, or one line of letters, digits and usual signs.")
    if given.get("letter_font", NONE) != NONE:
        given["letter_font"] = font(given["letter_font"])
    check_mail(given)


def check_mail(given: Mapping[str, str]) -> None:
    check_address(given, "smtp_url", ("smtps", "smtp"), "none")
    if given.get("mail_from", NONE) != NONE and not MAIL.fullmatch(given["mail_from"]):
        raise SetupError("WALLET_MAIL_FROM must be none, or an e-mail address such as wallet@wallet.example.")
    if not DOMAIN.fullmatch(given.get("mail_domain", NONE)):
        raise SetupError("WALLET_MAIL_DOMAIN must be none, or a domain such as wallet.example.")
    listen = given.get("mail_listen", NONE)
    if listen != NONE and not (LISTEN.fullmatch(listen) and 0 < int(listen.rpartition(":")[2]) <= LAST_PORT):
        raise SetupError("WALLET_MAIL_LISTEN must be none, or an address and a port such as 127.0.0.1:8024.")
    for name, (other, why) in MAIL_NEEDS.items():
        if given.get(name, NONE) != NONE and given.get(other, NONE) == NONE:
            raise SetupError(f"WALLET_{name.upper()} needs WALLET_{other.upper()}: {why}.")


def check_address(given: Mapping[str, str], name: str, schemes: tuple[str, ...], or_else: str) -> None:
    url = given.get(name, NONE)
    if url != NONE and not is_address(url, schemes):
        raise SetupError(
            f"WALLET_{name.upper()} must be {or_else}, or an address such as {schemes[0]}://{name.partition('_')[0]}.example."
        )


def is_address(url: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0  # a port that is none raises
    except ValueError:
        return False


def font(given: str) -> str:
    """The path of a TrueType font. Raises SetupError."""
    file = path(given).absolute()
    if not file.is_file() or file.open("rb").read(4) not in {b"\x00\x01\x00\x00", b"true"}:
        raise SetupError(f"WALLET_LETTER_FONT must be none, or a TrueType font (.ttf), which {file} is not.")
    return str(file)


def certificates(name: str, given: str) -> str:
    """The path of a file with certificates. Raises SetupError."""
    file = path(given)
    try:
        ssl.create_default_context(cafile=file)
    except OSError:  # ssl.SSLError is one
        raise SetupError(
            f"WALLET_{name.upper()} must be none, or a file with certificates in PEM, which {file} is not."
        ) from None
    return str(file)
