"""A real Apache that ends TLS before a wallet, just as docs/settings.md has it."""

import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from string import Template

from wallet.demo.stage import stop

APACHE, MODULES = Path("/usr/sbin/apache2"), Path("/usr/lib/apache2/modules")
NEEDED = ("mpm_event", "authz_core", "ssl", "proxy", "proxy_http", "headers")
MISSING = not (APACHE.exists() and all((MODULES / f"mod_{name}.so").exists() for name in NEEDED))
SETTINGS = Path(__file__).parents[2] / "docs" / "settings.md"
START = 20  # seconds Apache may take
SERVER = Template("""
ServerRoot $folder
DefaultRuntimeDir $folder
ServerName localhost
PidFile $folder/pid
ErrorLog $folder/error.log
$modules
$user
Listen 127.0.0.1:$port https
<VirtualHost 127.0.0.1:$port>
    SSLEngine on
    SSLCertificateFile $authority
    SSLCertificateKeyFile $key
    $documented
</VirtualHost>
""")


def documented(behind: int) -> str:
    """The lines for Apache in the docs, for a wallet at another port."""
    found = re.search(r"```apache\n(.*?)```", SETTINGS.read_text(encoding="utf-8"), re.S)
    assert found, "docs/settings.md has no lines for Apache"
    return found[1].replace("127.0.0.1:8420", f"127.0.0.1:{behind}")


@contextmanager
def apache_before(behind: int, *, port: int, folder: Path, authority: Path) -> Iterator[None]:
    """`folder` holds all it reads and writes. As root it drops to www-data, who has to be able to read them."""
    said = SERVER.substitute(
        folder=folder,
        port=port,
        authority=authority,
        key=authority.with_suffix(".key"),
        modules="\n".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in NEEDED),
        user="User www-data\nGroup www-data" if os.geteuid() == 0 else "",
        documented=documented(behind),
    )
    (folder / "apache.conf").write_text(said)
    with (folder / "output").open("wb") as output:
        command = [str(APACHE), "-f", str(folder / "apache.conf"), "-D", "FOREGROUND"]
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    try:
        deadline = time.monotonic() + START
        while not (folder / "pid").exists():
            assert process.poll() is None, (folder / "output").read_text()
            assert time.monotonic() < deadline, "Apache did not start"
            time.sleep(0.05)
        yield
    finally:
        stop(process)
