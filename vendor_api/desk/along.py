"""What came along with the messages at a desk: sealed under the vendor's key, its name apart from its content."""

from collections.abc import Mapping

from sqlalchemy import Connection, insert, select

from keys.sealing import seal, unseal
from keys.secrets import HostSecrets
from vendor_api.desk.errors import UnknownAttachment
from vendor_api.desk.model import File
from vendor_api.desk.sealing import SEALING, desk_key, open_content, seal_content
from vendor_api.desk.tables import desk_attachments
from vendor_api.model import Attachment

_row = desk_attachments.c


def keep(
    db: Connection,
    secrets: HostSecrets,
    came: tuple[Attachment, ...],
    *,
    client_id: str,
    thread_id: str,
    message_id: str,
) -> None:
    key = desk_key(secrets, client_id, SEALING)
    for number, one in enumerate(came):
        place = (thread_id, message_id, str(number))
        about = [one.name, one.media_type, len(one.content)]
        row = {"client_id": client_id, "thread_id": thread_id, "message_id": message_id, "number": number}
        row["about_sealed"] = seal_content(secrets, about, "file", *place, client_id=client_id)
        row["content_sealed"] = seal(key, one.content, "desk", client_id, "content", *place)
        db.execute(insert(desk_attachments).values(row))


def names(db: Connection, secrets: HostSecrets, *, client_id: str, thread_id: str) -> Mapping[str, tuple[File, ...]]:
    """Of a thread, by message."""
    here = (_row.client_id == client_id, _row.thread_id == thread_id)
    found: dict[str, tuple[File, ...]] = {}
    columns = (_row.message_id, _row.number, _row.about_sealed)
    for message_id, number, sealed in db.execute(select(*columns).where(*here).order_by(_row.message_id, _row.number)):
        about = open_content(secrets, sealed, "file", thread_id, message_id, str(number), client_id=client_id)
        found[message_id] = (*found.get(message_id, ()), File(*about))
    return found


def find(
    db: Connection, secrets: HostSecrets, *, client_id: str, thread_id: str, message_id: str, number: str
) -> Attachment:
    """`number` as somebody sent it. Raises UnknownAttachment."""
    if not number.isascii() or not number.isdigit() or len(number) > 3:
        raise UnknownAttachment
    here = (_row.client_id == client_id, _row.thread_id == thread_id, _row.message_id == message_id)
    columns = (_row.about_sealed, _row.content_sealed)
    row = db.execute(select(*columns).where(*here, _row.number == int(number))).one_or_none()
    if row is None:
        raise UnknownAttachment
    place = (thread_id, message_id, str(int(number)))
    name, media_type, _size = open_content(secrets, row.about_sealed, "file", *place, client_id=client_id)
    key = desk_key(secrets, client_id, SEALING)
    return Attachment(name, media_type, unseal(key, row.content_sealed, "desk", client_id, "content", *place))
