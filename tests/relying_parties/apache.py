"""A real Apache with mod_auth_openidc: it keeps one location for who signs in, and stands before the wallet for TLS."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from secrets import token_urlsafe
from string import Template

from browsing import HOST, Wallet, wallet_at
from sites import Site, serving

from wallet.demo.browser import Page
from wallet.demo.stage import reserve, stop

APACHE = Path("/usr/sbin/apache2")
MODULES = Path("/usr/lib/apache2/modules")
MISSING = not (APACHE.exists() and (MODULES / "mod_auth_openidc.so").exists())
# fmt: off
NEEDED = ("mpm_event", "authn_core", "authz_core", "authz_user", "auth_openidc", "mime", "include", "ssl", "proxy",
          "proxy_http")
# fmt: on
START = 20  # seconds Apache may take
# What stands in docs/vendors.md.
DOCUMENTED = Template("""\
OIDCProviderMetadataURL $discovery
OIDCClientID $client_id
OIDCClientSecret $client_secret
OIDCRedirectURI $back
OIDCCryptoPassphrase $passphrase
OIDCScope "openid profile email"
OIDCPKCEMethod S256
OIDCResponseMode form_post
OIDCRemoteUserClaim sub
<Location /account>
    AuthType openid-connect
    Require valid-user
</Location>
""")
SERVER = Template("""
ServerRoot $folder
DefaultRuntimeDir $folder
ServerName localhost
PidFile $folder/pid
ErrorLog $folder/error.log
TypesConfig /dev/null
$modules
$user
SSLCertificateFile $authority
SSLCertificateKeyFile $key
Listen $host:$wallet_port https
Listen $host:$port https

# The operator's own: TLS before the wallet.
<VirtualHost $host:$wallet_port>
    SSLEngine on
    ProxyPreserveHost On
    ProxyPass / http://$host:$behind/
</VirtualHost>

# The vendor.
<VirtualHost $host:$port>
    SSLEngine on
    DocumentRoot $site
    OIDCCABundlePath $authority
    $documented
    <Location /account/short.shtml>
        OIDCRefreshAccessTokenBeforeExpiry 3599 logout_on_error
    </Location>
    ProxyPass /account/application $application
    AddType text/html .shtml
    AddOutputFilter INCLUDES .shtml
    <Directory $site>
        Options +Includes
        Require all granted
    </Directory>
</VirtualHost>
""")


@dataclass(frozen=True)
class Shop:
    """Apache, with one protected page that shows what it was told of the visitor."""

    address: str
    wallet: Wallet
    authority: Path
    folder: Path
    application: Site

    @property
    def account(self) -> str:
        return f"{self.address}/account/index.shtml"

    @property
    def short(self) -> str:
        """The same, where Apache renews its access token after a second."""
        return f"{self.address}/account/short.shtml"

    @property
    def back(self) -> str:
        return f"{self.address}/account/back"

    def log(self) -> str:
        return (self.folder / "error.log").read_text(errors="replace")


@contextmanager
def apache_at(folder: Path, home: Path, authority: Path) -> Iterator[Shop]:
    """A wallet and Apache, each on ports of its own. `folder` holds all that Apache reads and writes."""
    with ExitStack() as stack:
        doors = [stack.enter_context(reserve(0)) for _ in range(3)]
        behind, wallet_port, port = (door.getsockname()[1] for door in doors)
        for door in doors:
            door.close()
        address = f"https://{HOST}:{port}"
        outbound = {"WALLET_OUTBOUND_ALLOW": "127.0.0.0/8", "WALLET_OUTBOUND_CA_FILE": str(authority)}
        house = wallet_at(home, behind, issuer=f"https://localhost:{wallet_port}", **outbound)
        wallet = stack.enter_context(house)
        application = stack.enter_context(serving(authority, scheme="http"))
        shop = Shop(address, wallet, authority, folder, application)
        client_id, client_secret = wallet.registers(
            client_name="Apache",
            redirect_uris=[shop.back],
            post_logout_redirect_uris=[f"{address}/bye.html"],
            backchannel_logout_uri=f"{shop.back}?logout=backchannel",
        )
        facts = {"behind": behind, "wallet_port": wallet_port, "port": port, "discovery": wallet.discovery}
        write(shop, **facts, client_id=client_id, client_secret=client_secret)
        stack.enter_context(running(shop))
        yield shop


def write(shop: Shop, **facts: str | int) -> None:
    """Its configuration and its two pages. As root it drops to www-data, who has to be able to read them."""
    site = shop.folder / "site"
    (site / "account").mkdir(parents=True)
    for name in ("index", "short"):
        (site / "account" / f"{name}.shtml").write_text("<pre><!--#printenv --></pre>")
    (site / "bye.html").write_text("Come back soon.")
    said = SERVER.substitute(
        facts,
        documented=DOCUMENTED.substitute(facts, back=shop.back, passphrase=token_urlsafe(32)),
        host=HOST,
        folder=shop.folder,
        site=site,
        authority=shop.authority,
        application=shop.application.url.replace("localhost", HOST),
        key=shop.authority.with_suffix(".key"),
        modules="\n".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in NEEDED),
        user="User www-data\nGroup www-data" if os.geteuid() == 0 else "",
    )
    (shop.folder / "apache.conf").write_text(said)


@contextmanager
def running(shop: Shop) -> Iterator[None]:
    command = [str(APACHE), "-f", str(shop.folder / "apache.conf"), "-D", "FOREGROUND"]
    with (shop.folder / "output").open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    try:
        deadline = time.monotonic() + START
        while not (shop.folder / "pid").exists():
            assert process.poll() is None, (shop.folder / "output").read_text() + shop.log()
            assert time.monotonic() < deadline, "Apache did not start"
            time.sleep(0.05)
        yield
    finally:
        stop(process)


def told(page: Page) -> dict[str, str]:
    """What Apache's protected page was told: the environment of the request."""
    assert page.status == 200, page.text
    lines = page.text.removeprefix("<pre>").splitlines()
    return {name: unescape(value) for name, _, value in (line.partition("=") for line in lines)}
