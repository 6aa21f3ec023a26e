"""wallet dispute: all proof of what was agreed with a vendor, in one file; and check such a file, without a wallet."""

from typing import BinaryIO

import click
import orjson
from sqlalchemy import Connection

from consent import grants
from consent.model import Grant
from wallet.commands.people import known
from wallet.disputes import checks
from wallet.disputes.bundle import bundle
from wallet.house import House
from wallet.opening import open_here
from wallet.people.personas import default_persona


@click.group()
def dispute() -> None:
    """Prove what was agreed with a vendor, or check such a proof.

    \b
    Example: wallet dispute verify dispute-stadtwerke.json
    """


@dispute.command()
@click.argument("login")
@click.argument("client_id")
@click.option("--grant", "grant_id", help="By this grant_id, where the persona is not the one the person began with.")
def export(login: str, client_id: str, grant_id: str | None) -> None:
    """Print the file for a dispute between a person and a vendor.

    \b
    Example: wallet dispute export ana stadtwerke > dispute-stadtwerke.json
    """
    house = open_here()
    person_id = known(house, login).person_id
    found = house.database.read(exported, house, person_id, client_id, grant_id)
    if found is None:
        raise click.ClickException(f"{login} has agreed nothing with {client_id}.")
    click.echo(found)


def exported(db: Connection, house: House, person_id: str, client_id: str, grant_id: str | None) -> bytes | None:
    persona_id = default_persona(db, person_id=person_id)

    def is_meant(grant: Grant) -> bool:
        of_vendor = grant.party.client_id == client_id
        return of_vendor and (grant.grant_id == grant_id if grant_id else grant.persona_id == persona_id)

    found = next(filter(is_meant, grants.of_person(db, person_id=person_id)), None)
    return orjson.dumps(bundle(db, house, found, now=house.clock()), option=orjson.OPT_INDENT_2) if found else None


@dispute.command()
@click.argument("file", type=click.File("rb"))
def verify(file: BinaryIO) -> None:
    """Check such a file; needs no network and no wallet, ends with 1 and says what is wrong.

    \b
    Example: wallet dispute verify dispute-stadtwerke.json
    """
    found = checks.verify(file.read())
    click.echo(
        f"This holds: {found['receipts']} receipts of {found['wallet']} for {found['vendor']}, "
        f"{found['countersigned']} of them countersigned, signed by {found['signer']}; "
        f"in {found['lines']} of {found['of_lines']} lines of a ledger that is stamped by {found['stamped_by']}."
    )
