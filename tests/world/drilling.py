"""A wallet that changes grants and tells vendors as fast as it can, made to be killed at any moment.

Run as a process of its own: database, authority, seed and the moment its clock began. Its clock runs a thousand times
as fast as ours, so that what is tried again is tried soon.
"""

import random
import sys
import threading
import time
from pathlib import Path

from sqlalchemy import select

from consent import changes
from consent.tables import grants
from keys.secrets import HostSecrets
from vendor_api.events import push
from vendor_api.outbound.client import Outbound
from wallet.database import Database
from wallet.host import WalletHost
from wallet.house import House
from wallet.people.granted import signs
from wallet.settings import Settings

START = 1_800_000_000
SPEED = 1000
MASTER = b"m" * 32


def main(url: str, authority: str, seed: str, began: str) -> None:
    home = Path(authority).parent
    settings = Settings(
        home=home, database_url=url, master_key_file=home / "master.key", issuer="http://localhost", sign_up="open"
    )
    clock = lambda: START + int((time.time() - float(began)) * SPEED)  # noqa: E731 - a clock is a plain function
    house = House(settings, Database(url), HostSecrets.derive(MASTER), clock)
    threading.Thread(target=tell, args=(house, Outbound(allow="127.0.0.0/8,::1/128", ca_file=authority))).start()
    change(house, random.Random(seed))


def tell(house: House, outbound: Outbound) -> None:
    host = WalletHost(house, lambda _cookies: {})
    while True:
        push.tell_all(host, outbound.post)


def change(house: House, chance: random.Random) -> None:
    """Pause, resume and prolong whatever grants there are, for ever."""
    found = house.database.read(lambda db: db.execute(select(grants.c.person_id, grants.c.grant_id)).all())
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        row = chance.choice(found)
        house.database.write(once, house, row.person_id, row.grant_id, chance.random())
        time.sleep(chance.random() / 50)


def once(db, house: House, person_id: str, grant_id: str, chance: float) -> None:  # type: ignore[no-untyped-def]
    grant = changes.grants.find(db, grant_id, person_id=person_id)
    now = house.clock()
    about = {"person_id": person_id, "signs": signs(db, house, grant), "now": now}
    if grant.is_paused(now):
        changes.resume(db, house.secrets, grant_id, **about)
    elif chance < 0.5:
        changes.pause(db, house.secrets, grant_id, **about)
    else:
        until = now + 86_400 + int(chance * 200 * 86_400)
        changes.prolong(db, house.secrets, grant_id, until=until, **about)


if __name__ == "__main__":
    main(*sys.argv[1:])
