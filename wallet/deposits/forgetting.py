"""What is erased or locked away stays in no deposit that brought it: neither here nor in a backup."""

import orjson
from sqlalchemy import ColumnElement, Connection, update

from keys.persons import destroy_subject_keys
from keys.sealing import seal
from keys.secrets import HostSecrets
from wallet.data.engine import is_locked
from wallet.deposits.engine import Deposit, aad_of, keyed, new_key, said_in, subject_of
from wallet.deposits.tables import deposits

_row = deposits.c


def forget(
    db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str | None = None, attribute: str
) -> None:
    """No decided deposit of this persona (None: of any) keeps a copy of this attribute, nor what the vendor signed."""
    mine: tuple[ColumnElement[bool], ...] = (_row.person_id == person_id, _row.state != "waiting")
    mine += () if persona_id is None else (_row.persona_id == persona_id,)
    for row in db.execute(keyed(*mine)).all():
        said = said_in(secrets, row)
        if attribute in said["values"]:
            del said["values"][attribute]
            whose = {"person_id": person_id, "persona_id": row.persona_id}
            destroy_subject_keys(db, **whose, subject=subject_of(row.deposit_id))
            place = whose | {"deposit_id": row.deposit_id}
            anew = seal(new_key(db, secrets, place), orjson.dumps(said | {"document": ""}), *aad_of(place))
            this = (_row.person_id == person_id, _row.deposit_id == row.deposit_id)
            db.execute(update(deposits).where(*this).values(document_sealed=anew))


def forget_locked(db: Connection, secrets: HostSecrets, deposit: Deposit) -> None:
    """What of this deposit has been kept under lock."""
    whose = {"person_id": deposit.person_id, "persona_id": deposit.persona_id}
    for name in deposit.values:
        if is_locked(db, **whose, attribute=name):
            forget(db, secrets, **whose, attribute=name)
