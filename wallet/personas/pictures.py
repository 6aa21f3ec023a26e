"""A persona's picture: decoded and encoded anew, so that nothing but the picture is kept, and sealed."""

import struct
from io import BytesIO
from typing import Final

from flask_babel import lazy_gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import Connection, delete, insert, select

from keys.persons import ITSELF, meet, open_subject_key
from keys.sealing import seal, unseal
from keys.secrets import HostSecrets
from wallet.errors import WalletError
from wallet.people.tables import persona_pictures

LARGEST_FILE: Final = 5 * 1024 * 1024
MOST_PIXELS: Final = 25_000_000
SIDE: Final = 512
FORMATS: Final = ("PNG", "JPEG", "WEBP")
# Whatever a decoder stumbles over in bytes that somebody made up.
_BROKEN = (
    *(UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, struct.error),
    *(TypeError, LookupError, AttributeError, ArithmeticError, AssertionError, RecursionError),
)
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)

_row = persona_pictures.c


class BadPicture(WalletError):
    """The file is no picture that we take."""

    status = 422


class PictureChanged(WalletError):
    """Another browser chose a picture first."""

    status = 409

    def __init__(self) -> None:
        super().__init__(_("Meanwhile the picture was changed. Look at the new one before you choose another."))


def encoded(file: bytes) -> bytes:
    """The picture alone, at most SIDE wide and high: PNG where one can see through it, else JPEG. Raises BadPicture.

    Of moving pictures it is the first frame; place, camera and whatever else came along are gone.
    """
    if len(file) > LARGEST_FILE:
        raise BadPicture(_("The picture is too large: at most 5 MB."))
    try:
        return _small(file)
    except _BOMBS:
        raise _too_many() from None
    except _BROKEN:
        raise BadPicture(_("This is no picture, or a broken one. Choose a PNG, JPEG or WebP file.")) from None


def media_type(picture: bytes) -> str:
    return "image/png" if picture.startswith(b"\x89PNG") else "image/jpeg"


def keep(
    db: Connection, secrets: HostSecrets, picture: bytes | None, *, person_id: str, persona_id: str, seen: int, now: int
) -> None:
    """Put this picture (None: none) in place of the one chosen at `seen`, 0 for none. Raises PictureChanged."""
    meet(db, person_id=person_id)
    here = (_row.person_id == person_id, _row.persona_id == persona_id)
    if (db.execute(select(_row.set_at).where(*here)).scalar_one_or_none() or 0) != seen:
        raise PictureChanged
    db.execute(delete(persona_pictures).where(*here))
    if picture is not None:
        key = _key(db, secrets, person_id=person_id, persona_id=persona_id)
        sealed = seal(key, picture, "persona_pictures", person_id, persona_id)
        row = {"person_id": person_id, "persona_id": persona_id, "picture_sealed": sealed, "set_at": now}
        db.execute(insert(persona_pictures).values(row))


def find(db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str) -> bytes | None:
    here = (_row.person_id == person_id, _row.persona_id == persona_id)
    sealed = db.execute(select(_row.picture_sealed).where(*here)).scalar_one_or_none()
    if sealed is None:
        return None
    key = _key(db, secrets, person_id=person_id, persona_id=persona_id)
    return unseal(key, sealed, "persona_pictures", person_id, persona_id)


def chosen_at(db: Connection, *, person_id: str, persona_id: str) -> int | None:
    """When the persona's picture was chosen, None where it has none."""
    here = (_row.person_id == person_id, _row.persona_id == persona_id)
    found: int | None = db.execute(select(_row.set_at).where(*here)).scalar_one_or_none()
    return found


def _small(file: bytes) -> bytes:
    with Image.open(BytesIO(file), formats=FORMATS) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise _too_many()
        opened.seek(0)
        opened.draft("RGB", (SIDE * 2, SIDE * 2))
        upright = ImageOps.exif_transpose(opened)
        sees_through = upright.has_transparency_data
        picture = upright.convert("RGBA" if sees_through else "RGB")
    picture.thumbnail((SIDE, SIDE))
    bare = Image.new(picture.mode, picture.size)
    bare.paste(picture)
    out = BytesIO()
    if sees_through:
        bare.save(out, "PNG", optimize=True)
    else:
        bare.save(out, "JPEG", quality=88)
    return out.getvalue()


def _too_many() -> BadPicture:
    return BadPicture(_("The picture has too many points: at most 25 million. Make it smaller first."))


def _key(db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str) -> bytes:
    return open_subject_key(db, secrets, person_id=person_id, persona_id=persona_id, subject=ITSELF)
