"""A meter that is read every quarter of an hour, and its readings brought in as a file."""

from datetime import UTC, datetime
from functools import partial
from io import BytesIO

from wallet.commands.records import begin, follow
from wallet.house import House
from wallet.people.model import Person
from wallet.records.looking import look

QUARTER_OF_AN_HOUR = 900
FIRST_READING = 1_000_000_000


def reads_the_meter(house: House, person: Person, count: int) -> str:
    """So many readings in the data set "Meter"; gives back its id."""
    content = "\n".join(["at,kwh", *map(reading, range(count))]).encode()
    source = partial(BytesIO, content)
    found = look(source, utf8=True, chosen={})
    data_set, running = begin(house, person, found, "meter.csv", len(content), name="Meter", conflicts="keep")
    follow(house, data_set, running, source)
    return data_set.data_set_id


def reading(number: int) -> str:
    at = datetime.fromtimestamp(FIRST_READING + QUARTER_OF_AN_HOUR * number, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%SZ},{number % 97 / 100}"
