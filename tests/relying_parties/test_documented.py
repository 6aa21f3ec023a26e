"""What docs/vendors.md has people copy is what the tests here run with."""

import re
from pathlib import Path

from apache import DOCUMENTED

PROJECT = Path(__file__).with_name("django_shop")
VENDORS = Path(__file__).parents[2] / "docs" / "vendors.md"


def block(language: str, *, beginning: str) -> list[str]:
    """The lines of the one block of code that begins so."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```", VENDORS.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    [found] = [block for block in blocks if block.startswith(beginning)]
    return [line.rstrip() for line in found.splitlines() if line.strip()]


def test_the_documented_apache_is_the_tested_one() -> None:
    written = DOCUMENTED.substitute(
        discovery="https://wallet.example/.well-known/openid-configuration",
        client_id="<client_id>",
        client_secret="<client_secret>",
        passphrase="<a long random text>",
        back="https://shop.example/account/back",
    )

    assert block("apache", beginning="OIDCProviderMetadataURL") == written.splitlines()


def test_the_documented_django_is_the_tested_one() -> None:
    settings = (PROJECT / "settings.py").read_text()
    accounts = (PROJECT / "accounts.py").read_text()

    documented = block("python", beginning="OIDC_RP_CLIENT_ID")
    assert set(documented) <= set(settings.splitlines())
    assert {line.partition(" ")[0] for line in settings.splitlines() if line.startswith(("OIDC_OP", "OIDC_RP"))} <= {
        line.partition(" ")[0] for line in documented
    }
    assert block("python", beginning="from urllib.parse import urlencode\n\nfrom django") == [
        line for line in accounts.splitlines()[2:] if line
    ]
