"""Form letters: answers of nearly the same words to many people, found without keeping a word of them.

Of each answer MARKS numbers are kept (MinHash over pairs of words, by a key of the vendor's): two texts share as many
of them, in proportion, as they share pairs. BANDS groups of them lead to texts that may be alike without comparing all.
"""

import hashlib
import re
import struct
from collections.abc import Collection, Mapping
from itertools import pairwise
from secrets import token_urlsafe
from typing import Final
from unicodedata import category, normalize

from sqlalchemy import Connection, insert, select, update

from keys.inserts import insert_if_new
from keys.secrets import HostSecrets
from vendor_api.desk.sealing import MARKS as MARKS_KEY
from vendor_api.desk.sealing import desk_key
from vendor_api.desk.tables import desk_letter_bands, desk_letter_people, desk_letters, desks

MARKS: Final = 48
BANDS: Final = 16
ALIKE: Final = 0.6  # of the marks
MOST_ALIKE: Final = 5  # people, where a vendor's desk says nothing else
GREETING: Final = re.compile(
    r"^\W*(dear|hello|hi|hallo|liebe[rs]?|guten (?:tag|morgen|abend)|good (?:morning|day|evening)|sehr geehrte[rs]?)\b"
    r"[^\n,!:.]{0,60}[,!:.\n]",
    re.IGNORECASE,
)
TITLED: Final = re.compile(r"\b(?:herrn?|frau|mr|mrs|ms|mx|dr|prof)\b\.?(?:\s+[^\W\d_]+){1,2}", re.IGNORECASE)
UNSEEN: Final = frozenset({"Cf", "Mn", "Me"})  # soft hyphens, joiners and the like, by which a word is another
WORD: Final = re.compile(r"[^\W\d_]+")


def note(
    db: Connection, secrets: HostSecrets, text: str, *, client_id: str, sub: str, names: Collection[str] = ()
) -> str | None:
    """Count this answer among those it resembles; the id of that letter. None for a text without words."""
    marks = marks_of(desk_key(secrets, client_id, MARKS_KEY), words_of(text, names))
    if not marks:
        return None
    letter_id = resembled(db, marks, client_id=client_id) or new_letter(db, marks, client_id=client_id)
    if insert_if_new(db, desk_letter_people, {"client_id": client_id, "letter_id": letter_id, "sub": sub}):
        this = (desk_letters.c.client_id == client_id, desk_letters.c.letter_id == letter_id)
        db.execute(update(desk_letters).where(*this).values(people=desk_letters.c.people + 1))
    return letter_id


def people(db: Connection, letter_ids: Collection[str], *, client_id: str) -> Mapping[str, int]:
    """To how many each of these went."""
    letter = desk_letters.c
    found = select(letter.letter_id, letter.people).where(letter.client_id == client_id)
    if not letter_ids:
        return {}
    return {row.letter_id: row.people for row in db.execute(found.where(letter.letter_id.in_(letter_ids)))}


def most_alike(db: Connection, *, client_id: str) -> int:
    """How many people may get the same."""
    found = select(desks.c.most_alike).where(desks.c.client_id == client_id)
    said = db.execute(found).scalar_one_or_none()
    return MOST_ALIKE if said is None else said


def is_one(db: Connection, letter_id: str | None, *, client_id: str) -> bool:
    """Whether it went to more people than may get the same."""
    if letter_id is None:
        return False
    return people(db, [letter_id], client_id=client_id)[letter_id] > most_alike(db, client_id=client_id)


def words_of(text: str, names: Collection[str] = ()) -> tuple[str, ...]:
    """Without what differs in every form letter: the greeting, names behind a title, these names, and numbers."""
    shown = "".join(letter for letter in normalize("NFKC", text) if category(letter) not in UNSEEN)
    left = TITLED.sub(" ", GREETING.sub(" ", shown.strip()))
    known = {word.casefold() for name in names for word in WORD.findall(name)}
    return tuple(word for word in map(str.casefold, WORD.findall(left)) if word not in known)


def marks_of(key: bytes, words: Collection[str]) -> tuple[int, ...]:
    """MinHash: for each mark the least of its hashes over all pairs of neighbouring words."""
    ordered = tuple(words)
    pairs = set(pairwise(ordered)) or {(word, "") for word in ordered}
    drawn = [struct.unpack(f">{MARKS}I", numbers(key, " ".join(pair))) for pair in pairs]
    return tuple(map(min, zip(*drawn, strict=True)))


def numbers(key: bytes, pair: str) -> bytes:
    """Four random bytes for each mark."""
    seed = hashlib.blake2b(pair.encode(), key=key).digest()
    return hashlib.shake_128(seed).digest(4 * MARKS)


def bands_of(marks: tuple[int, ...]) -> list[str]:
    width = MARKS // BANDS
    return [
        hashlib.blake2b(repr((at, marks[at : at + width])).encode(), digest_size=12).hexdigest()
        for at in range(0, MARKS, width)
    ]


def resembled(db: Connection, marks: tuple[int, ...], *, client_id: str) -> str | None:
    """The letter that shares the most marks with this, if it is enough."""
    band, letter = desk_letter_bands.c, desk_letters.c
    near = select(band.letter_id).where(band.client_id == client_id, band.band.in_(bands_of(marks))).distinct()
    found = select(letter.letter_id, letter.marks).where(letter.client_id == client_id, letter.letter_id.in_(near))
    shared = [(likeness(marks, unpacked(row.marks)), row.letter_id) for row in db.execute(found)]
    best = max(shared, default=(0.0, None))
    return best[1] if best[0] >= ALIKE else None


def new_letter(db: Connection, marks: tuple[int, ...], *, client_id: str) -> str:
    letter_id = token_urlsafe(12)
    ids = {"client_id": client_id, "letter_id": letter_id}
    db.execute(insert(desk_letters).values(**ids, marks=struct.pack(f">{MARKS}I", *marks), people=0))
    db.execute(insert(desk_letter_bands), [{**ids, "band": band} for band in bands_of(marks)])
    return letter_id


def likeness(some: tuple[int, ...], others: tuple[int, ...]) -> float:
    return sum(one == other for one, other in zip(some, others, strict=True)) / MARKS


def unpacked(marks: bytes) -> tuple[int, ...]:
    return struct.unpack(f">{MARKS}I", marks)
