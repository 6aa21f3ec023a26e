"""A file on its way in: sealed piece by piece while it arrives, never on a disk in the clear."""

import codecs
from collections.abc import Iterable, Iterator

from flask_babel import lazy_gettext as _

from wallet.database import Database
from wallet.records import imports
from wallet.records.errors import BadFile
from wallet.records.model import LARGEST_FILE, Import


class Utf8:
    """Whether all that was fed is text in UTF-8."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._broken = False

    def feed(self, content: bytes, *, final: bool = False) -> None:
        try:
            self._decoder.decode(content, final)
        except UnicodeError:
            self._broken = True
            self._decoder.reset()

    def holds(self) -> bool:
        self.feed(b"", final=True)
        return not self._broken


def keep(database: Database, found: Import, content: Iterable[bytes], *, person_id: str, now: int) -> Import:
    """All of the file, or nothing. Raises BadFile for one that is too large or empty."""
    size, utf8 = 0, Utf8()
    for piece, part in enumerate(_pieces(content)):
        size += len(part)
        if size > LARGEST_FILE:
            raise BadFile(_("This file is too large: at most %(most)s MB fit.", most=LARGEST_FILE // 1024**2))
        utf8.feed(part)
        database.write(imports.put_piece, found, person_id=person_id, piece=piece, content=part)
    if not size:
        raise BadFile(_("This file is empty."))
    database.write(imports.arrived, found, person_id=person_id, size=size, utf8=utf8.holds(), now=now)
    return found


def _pieces(content: Iterable[bytes]) -> Iterator[bytes]:
    held = bytearray()
    for part in content:
        held += part
        while len(held) >= imports.PIECE:
            yield bytes(held[: imports.PIECE])
            del held[: imports.PIECE]
    if held:
        yield bytes(held)
