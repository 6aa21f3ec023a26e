"""What goes on beside the requests: what is due goes out, and what nobody decided about is closed."""

from random import SystemRandom

from wallet.house import House
from wallet.intents.deciding import lapse
from wallet.intents.publishing import find_due, find_lapsed, publish


def go_round(house: House) -> int:
    """Each in a transaction of its own, and in no order. How many went out."""
    due = house.database.read(find_due, now=house.clock())
    SystemRandom().shuffle(due)
    done = sum(house.database.write(publish, house.secrets, *one, now=house.clock()) for one in due)
    for one in house.database.read(find_lapsed, now=house.clock()):
        house.database.write(lapse, house.secrets, *one, now=house.clock())
    return done
