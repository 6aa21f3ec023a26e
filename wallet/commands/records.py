"""wallet records: bring files into a person's data sets."""

import stat
import sys
from dataclasses import replace
from pathlib import Path

import click

from wallet.data.engine import current_values
from wallet.errors import SetupError
from wallet.house import House
from wallet.opening import open_here
from wallet.people.engine import find_person_by_login
from wallet.people.model import Person
from wallet.records import engine, importing, imports
from wallet.records.arriving import Utf8
from wallet.records.looking import Look, look
from wallet.records.matching import matched
from wallet.records.model import LARGEST_FILE, DataSet, Import, Outcome, Plan, Shape
from wallet.records.readers import Source


@click.group()
def records() -> None:
    """Data sets of people who have their wallet on this host.

    \b
    Example: wallet records import readings.csv --person ana --set Electricity
    """


@records.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--person", "login", required=True, help="The login of whose data set it is.")
@click.option("--set", "name", required=True, help="Name of the data set; made if there is none of this name.")
@click.option("--take-new", is_flag=True, help="Where a row of the same key differs, the file's row counts.")
def bring_in(file: Path, login: str, name: str, take_new: bool) -> None:
    """Import a CSV, TSV, JSON or SQLite file as the web page would propose it.

    \b
    Example: wallet records import readings.csv --person ana --set Electricity
    """
    house = open_here()
    source, size, utf8 = readable(file)
    person = house.database.read(find_person_by_login, house.secrets, login=login)
    if person is None:
        raise SetupError(f"Nobody here has the login {login}.")
    found = look(source, utf8=utf8, chosen={})
    data_set, running = begin(
        house, person, found, file.name, size, name=name, conflicts="take" if take_new else "keep"
    )
    tell(follow(house, data_set, running, source))


def readable(file: Path) -> tuple[Source, int, bool]:
    """The file to be opened, its size, and whether it is text in UTF-8. Raises SetupError for a pipe or a device."""
    about = file.stat()
    if not stat.S_ISREG(about.st_mode) or about.st_size > LARGEST_FILE:
        raise SetupError(f"{file} is no ordinary file of at most {LARGEST_FILE // 1024**2} MB.")
    utf8 = Utf8()
    with file.open("rb") as whole:
        while content := whole.read(imports.PIECE):
            utf8.feed(content)
    return lambda: file.open("rb"), about.st_size, utf8.holds()


def begin(
    house: House, person: Person, found: Look, file_name: str, size: int, *, name: str, conflicts: str
) -> tuple[DataSet, Import]:
    """The data set, found or made, and an import that runs."""
    ids = {"person_id": person.person_id, "persona_id": person.persona_id}
    known = house.database.read(engine.of_persona, house.secrets, **ids)
    data_set = next((one for one in known if one.name == engine.check_name(name)), None)
    if data_set is None:
        values = house.database.read(current_values, house.secrets, **ids, attributes=["zoneinfo"], lock_key=None)
        zone = values.get("zoneinfo")
        shape = Shape(found.columns, found.date, str(zone.value) if zone and zone.value else "UTC")
        data_set = house.database.write(engine.create, house.secrets, **ids, name=name, shape=shape, now=house.clock())
    plan = Plan(found.reading, matched(data_set.shape, [column.name for column in found.columns]), conflicts)
    arriving = house.database.write(imports.begin, house.secrets, **ids, file_name=file_name, now=house.clock())
    there = replace(arriving, size=size)
    house.database.write(
        imports.arrived, there, person_id=person.person_id, size=size, utf8=found.reading.encoding != "cp1252",
        now=house.clock(),
    )  # fmt: skip
    return data_set, house.database.write(imports.start, there, data_set, plan=plan, now=house.clock())


def follow(house: House, data_set: DataSet, running: Import, source: Source) -> Outcome:
    """Run the import with a bar on stderr."""
    with click.progressbar(length=1000, label="Importing", file=sys.stderr) as bar:
        so_far = 0

        def shown(progress: int) -> None:
            nonlocal so_far
            bar.update(progress - so_far)
            so_far = progress

        outcome = importing.run(house.database, data_set, running, source=source, clock=house.clock, tell=shown)
        shown(1000)
    return outcome


def tell(outcome: Outcome) -> None:
    """Raises SetupError where nothing was imported because it failed."""
    if outcome.failed:
        raise SetupError(f"{outcome.failed} Nothing was imported.")
    click.echo(
        f"Imported {outcome.imported} rows; {outcome.duplicates} were there already, {outcome.replaced} replaced "
        f"another, {outcome.kept} gave way to one that is there, {outcome.refused_count} were refused."
    )
    for number, reason, column in outcome.refused:
        click.echo(f"  line {number}: {reason} {column}".rstrip(), err=True)
