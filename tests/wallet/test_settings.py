"""Settings: the environment before wallet.toml before the default, and a table in the docs that says just that."""

import re
from dataclasses import MISSING, fields
from pathlib import Path

import certifi
import platformdirs
import pytest
import reportlab
from sqlalchemy import make_url

from wallet.errors import SetupError
from wallet.settings import CHOICES, NAMES, Settings, load_settings

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
OTHER = {
    "database_url": "sqlite:////elsewhere/wallet.db",
    "master_key_file": "/elsewhere/master.key",
    "issuer": "https://wallet.example",
    "sign_up": "closed",
    "registration": "open",
    "language": "de",
    "front_channel_tokens": "on",
    "synchronous": "full",
    "outbound_allow": "10.1.0.0/16,fd00::/8",
    "outbound_ca_file": certifi.where(),
    "client_certificate_header": "ClientCert",
    "trusted_proxies": "10.0.0.7/32",
    "client_ca_file": certifi.where(),
    "backup_folder": "/elsewhere/backups",
    "backup_every": "6",
    "backup_keep": "30",
    "postgresql_programs": "/elsewhere/bin",
    "smtp_url": "smtps://wallet:p%40ss@mail.example",
    "mail_from": "wallet@wallet.example",
    "mail_domain": "in.wallet.example",
    "mail_listen": "127.0.0.1:8024",
    "mail_authserv": "mx.wallet.example",
    "sms_gateway": "https://sms.example/send",
    "letter_gateway": "https://letters.example/",
    "letter_font": str(Path(reportlab.__file__).with_name("fonts") / "Vera.ttf"),
    "gateway_token": "a token of the gateway",
}
# what goes with a setting, so that it can be set at all
WITH = {
    "client_certificate_header": {"WALLET_TRUSTED_PROXIES": "10.0.0.7/32"},
    "client_ca_file": {"WALLET_TRUSTED_PROXIES": "10.0.0.7/32", "WALLET_CLIENT_CERTIFICATE_HEADER": "ClientCert"},
    "smtp_url": {"WALLET_MAIL_FROM": "wallet@wallet.example"},
    "mail_domain": {"WALLET_MAIL_AUTHSERV": "mx.wallet.example"},
    "mail_listen": {"WALLET_MAIL_AUTHSERV": "mx.wallet.example", "WALLET_MAIL_DOMAIN": "in.wallet.example"},
}


def table():
    """The rows of the one table in docs/settings.md."""
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    assert rows[1] == "|---|---|---|---|"
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def wallet_toml(home, /, **given):
    lines = [f'{name} = "{value}"\n' for name, value in given.items()]
    (home / "wallet.toml").write_text("".join(lines), encoding="utf-8")


def test_the_docs_have_one_row_for_each_setting_in_the_order_of_the_code():
    assert [(row[0], row[1]) for row in table()] == [
        (f"`WALLET_{name.upper()}`", "–" if name == "home" else f"`{name}`") for name in NAMES
    ]


def test_the_docs_name_the_defaults_of_the_code(tmp_path):
    documented = {row[0].strip("`").removeprefix("WALLET_").lower(): row[2] for row in table()}
    in_the_home = {"database_url": "`wallet.db` in the home", "master_key_file": "`master.key` in the home"}

    given = {field.name: f"`{field.default}`" for field in fields(Settings) if field.default is not MISSING}
    assert documented == {"home": documented["home"], **in_the_home, **given}
    found = load_settings({"WALLET_HOME": str(tmp_path)})
    assert make_url(found.database_url).database == str(tmp_path / "wallet.db")
    assert found.master_key_file == tmp_path / "master.key"


def test_the_docs_name_every_choice_and_no_other():
    for row in table():
        name = row[0].strip("`").removeprefix("WALLET_").lower()
        if name in CHOICES:
            assert tuple(re.findall(r"\(`(\w+)`\)", row[3])) == CHOICES[name], name


def test_every_choice_has_its_default_among_them():
    defaults = {field.name: field.default for field in fields(Settings)}

    assert all(defaults[name] in allowed for name, allowed in CHOICES.items())


def test_the_settings_that_could_be_given_are_all_tested_here():
    assert {"home", *OTHER} == set(NAMES)


def test_without_any_setting_the_home_is_the_users_data_folder(monkeypatch, tmp_path):
    monkeypatch.setattr(platformdirs, "user_data_dir", lambda *_, **__: str(tmp_path / "data"))

    assert load_settings({}).home == tmp_path / "data"
    assert load_settings({"WALLET_HOME": ""}).home == tmp_path / "data"


def test_reading_the_settings_makes_nothing(tmp_path):
    load_settings({"WALLET_HOME": str(tmp_path / "home")})

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", OTHER)
def test_the_environment_counts_before_wallet_toml_and_that_before_the_default(tmp_path, name):
    def found(**environment):
        given = {"WALLET_HOME": str(tmp_path), **WITH.get(name, {}), **environment}
        return str(getattr(load_settings(given), name))

    variable = f"WALLET_{name.upper()}"
    default = found()
    assert default != OTHER[name]

    assert found(**{variable: OTHER[name]}) == OTHER[name]

    wallet_toml(tmp_path, **{name: OTHER[name]})
    assert found() == OTHER[name]
    assert found(**{variable: ""}) == OTHER[name]
    assert found(**{variable: default}) == default


def test_the_home_is_set_by_the_environment_alone(tmp_path):
    wallet_toml(tmp_path, home="/elsewhere")

    assert load_settings({"WALLET_HOME": str(tmp_path)}).home == tmp_path


def test_a_tilde_is_somebodys_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))

    found = load_settings({"WALLET_HOME": "~/wallet", "WALLET_MASTER_KEY_FILE": "~/key"})

    assert (found.home, found.master_key_file) == (tmp_path / "wallet", tmp_path / "key")


def test_a_home_is_absolute_wherever_one_goes_later(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert load_settings({"WALLET_HOME": "wallet"}).home == tmp_path / "wallet"


def test_variables_of_others_are_left_alone(tmp_path):
    assert load_settings({"WALLET_HOME": str(tmp_path), "WALLET_COLOUR": "blue", "ISSUER": "x"}).issuer


def test_an_unknown_name_in_wallet_toml_is_told_with_those_there_are(tmp_path):
    wallet_toml(tmp_path, colour="blue")

    with pytest.raises(SetupError) as refusal:
        load_settings({"WALLET_HOME": str(tmp_path)})

    assert "'colour'" in str(refusal.value)
    assert all(name in str(refusal.value) for name in NAMES)


def test_a_refusal_does_not_repeat_what_may_be_secret(tmp_path):
    (tmp_path / "wallet.toml").write_text("database_url = 4711\n", encoding="utf-8")

    with pytest.raises(SetupError) as refusal:
        load_settings({"WALLET_HOME": str(tmp_path)})

    assert "4711" not in str(refusal.value)


@pytest.mark.parametrize("name", ["WALLET_OUTBOUND_ALLOW", "WALLET_TRUSTED_PROXIES"])
@pytest.mark.parametrize("given", ["localhost", "10.0.0.1/8", "10.0.0.0/8;fd00::/8", "all", "10.0.0.0/8,"])
def test_networks_that_are_none_stop_the_start(tmp_path, given, name):
    with pytest.raises(SetupError, match=name):
        load_settings({"WALLET_HOME": str(tmp_path), name: given})


@pytest.mark.parametrize(
    "given", ["Client-Cert", "client_cert", "X-SSL-Cert", "Client Cert", "1Cert", "Zertifikät", "a" * 61]
)
def test_a_header_that_could_be_written_in_two_ways_stops_the_start(tmp_path, given):
    trusting = {"WALLET_HOME": str(tmp_path), "WALLET_TRUSTED_PROXIES": "10.0.0.7/32"}

    with pytest.raises(SetupError, match="WALLET_CLIENT_CERTIFICATE_HEADER"):
        load_settings({**trusting, "WALLET_CLIENT_CERTIFICATE_HEADER": given})


def test_a_header_that_anybody_may_write_stops_the_start(tmp_path):
    with pytest.raises(SetupError, match="WALLET_TRUSTED_PROXIES"):
        load_settings({"WALLET_HOME": str(tmp_path), "WALLET_CLIENT_CERTIFICATE_HEADER": "ClientCert"})


def test_authorities_for_certificates_that_never_come_stop_the_start(tmp_path):
    with pytest.raises(SetupError, match="WALLET_CLIENT_CERTIFICATE_HEADER"):
        load_settings({"WALLET_HOME": str(tmp_path), "WALLET_CLIENT_CA_FILE": certifi.where()})


@pytest.mark.parametrize("name", ["WALLET_OUTBOUND_CA_FILE", "WALLET_CLIENT_CA_FILE"])
@pytest.mark.parametrize("content", [None, "", "no certificate"])
def test_a_file_without_certificates_stops_the_start(tmp_path, content, name):
    file = tmp_path / "authority.pem"
    if content is not None:
        file.write_text(content, encoding="utf-8")

    with pytest.raises(SetupError, match=name):
        load_settings({"WALLET_HOME": str(tmp_path), name: str(file)})


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("smtp_url", "mail.example:587"),
        ("smtp_url", "https://user:secret@mail.example"),
        ("mail_from", "Wallet <wallet@wallet.example>"),
        ("mail_from", "wallet@wallet.example\nBcc: all@example.org"),
        ("mail_domain", "wallet_example"),
        ("mail_listen", "8024"),
        ("mail_listen", "127.0.0.1:80240"),
        ("sms_gateway", "ftp://sms.example"),
        ("smtp_url", "smtps://user:secret@mail.example:port"),
        ("letter_gateway", "prnit"),
        ("gateway_token", "a secret\nin two lines"),
    ],
    ids=range(11),
)
def test_what_will_not_do_for_mail_is_refused_and_not_repeated(tmp_path, name, wrong):
    with pytest.raises(SetupError) as error:
        load_settings({"WALLET_HOME": str(tmp_path), f"WALLET_{name.upper()}": wrong})

    assert f"WALLET_{name.upper()}" in str(error.value)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "needs"), [("smtp_url", "mail_from"), ("mail_listen", "mail_domain"), ("mail_domain", "mail_authserv")]
)
def test_what_is_of_no_use_by_itself_says_what_it_needs(tmp_path, name, needs):
    with pytest.raises(SetupError, match=f"WALLET_{name.upper()} needs WALLET_{needs.upper()}"):
        load_settings({"WALLET_HOME": str(tmp_path), f"WALLET_{name.upper()}": OTHER[name]})
