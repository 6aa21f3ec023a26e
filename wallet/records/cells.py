"""What one cell may hold: each kind of column takes the text of a file or a form, or says what is wrong with it."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Context, Decimal, InvalidOperation
from functools import lru_cache

from wallet.records.errors import BadRow
from wallet.records.model import LONGEST_CELL, Cell, Column, Reading

EXACT = Context(prec=60)  # of 40 digits at most, ten million times
DAY = 24 * 3600
EARLIEST, LATEST = (int(datetime(*day, tzinfo=UTC).timestamp()) for day in ((1, 1, 3), (9999, 12, 30)))
YES = {"true", "yes", "ja", "wahr", "1", "x"}
NO = {"false", "no", "nein", "falsch", "0"}

_POINT = re.compile(
    r"[+-]?(?:[0-9]{1,20}|[0-9]{1,3}(?:[, '\u00a0\u202f’][0-9]{3}){1,6})(?:\.[0-9]{0,15})?(?:[eE][+-]?[0-9]{1,2})?",
    re.ASCII,
)
_COMMA = re.compile(
    r"[+-]?(?:[0-9]{1,20}|[0-9]{1,3}(?:[. '\u00a0\u202f’][0-9]{3}){1,6})(?:,[0-9]{0,15})?(?:[eE][+-]?[0-9]{1,2})?",
    re.ASCII,
)
_PLAIN = re.compile(r"-?(?:0|[1-9][0-9]{0,19})(?:\.[0-9]{0,14}[1-9])?", re.ASCII)
_GLUE = str.maketrans("", "", " '\u00a0\u202f’")
_DOTS = re.compile(r"([0-9]{1,2})\. ?([0-9]{1,2})\. ?([0-9]{4}|[0-9]{2})", re.ASCII)
_SLASHES = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})", re.ASCII)
_CLOCK = re.compile(
    r"[ T,]*([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]{1,9})?)?(?: ?(Z|[+-][0-9]{2}:?[0-9]{2}))?", re.ASCII
)
_EPOCH = re.compile(r"[0-9]{9,10}(?:[0-9]{3})?", re.ASCII)

Check = Callable[[str], Cell]


def check_of(column: Column, reading: Reading, tz: tzinfo) -> Check:
    """From the text of a cell to what is kept; the empty one is None. Raises BadRow."""
    kinds: dict[str, Check] = {
        "number": lambda text: number(text, decimal=reading.decimal),
        "counter": lambda text: number(text, decimal=reading.decimal),
        "date": lambda text: day(text, day_first=reading.day_first),
        "moment": lambda text: moment(text, tz, day_first=reading.day_first),
        "boolean": boolean,
        "text": str,
    }
    check = kinds[column.kind]

    def checked(text: str) -> Cell:
        if len(text) > LONGEST_CELL:
            raise BadRow("too_long", column.name)
        if not text or (column.kind != "text" and not (text := text.strip())):
            return None
        try:
            return check(text)
        except (ValueError, OverflowError):
            raise BadRow(column.kind, column.name) from None

    return checked


def number(text: str, *, decimal: str = ".") -> str:
    """A number as it is kept: plain digits, a point, nothing left over at the end. Raises ValueError."""
    if _PLAIN.fullmatch(text) and (decimal == "." or "." not in text):
        return text if text != "-0" else "0"
    if not (_COMMA if decimal == "," else _POINT).fullmatch(text):
        raise ValueError("no number")
    bare = text.translate(_GLUE)
    bare = bare.replace(".", "").replace(",", ".") if decimal == "," else bare.replace(",", "")
    return written(Decimal(bare))


def written(value: Decimal) -> str:
    """Raises ValueError for what has more than 20 digits before the point or 15 behind it."""
    if value == 0:
        return "0"
    try:
        plain = format(value, "f") if value.adjusted() < 20 else ""
    except InvalidOperation:
        plain = ""
    whole, _point, rest = plain.partition(".")
    rest = rest.rstrip("0")
    if not whole or len(rest) > 15:
        raise ValueError("too many digits")
    return f"{whole}.{rest}" if rest else whole


def day(text: str, *, day_first: bool = True) -> str:
    """An ISO 8601 date, also from 24.12.2025 or 12/24/2025; a time of day behind it is left out. Raises ValueError."""
    return _day(text, day_first)[0]


@lru_cache(maxsize=4096)
def _date(text: str, day_first: bool) -> date:
    if len(text) == 10 and text[4] == text[7] == "-":
        return date.fromisoformat(text)
    if found := _DOTS.fullmatch(text):
        year = int(found[3])
        return date(year if year > 99 else 2000 + year if year < 70 else 1900 + year, int(found[2]), int(found[1]))
    if found := _SLASHES.fullmatch(text):
        one, other = int(found[1]), int(found[2])
        return date(int(found[3]), *((other, one) if day_first else (one, other)))
    raise ValueError("no day")


def _day(text: str, day_first: bool) -> tuple[str, str]:
    """The day, and the time of day behind it."""
    cut = text.find(":")
    if cut < 0:
        return _date(text, day_first).isoformat(), ""
    cut = max(text.rfind(mark, 0, cut) for mark in (" ", "T", ","))
    return _date(text[:cut].rstrip(" ,"), day_first).isoformat(), text[cut:]


def moment(text: str, tz: tzinfo, *, day_first: bool = True) -> int:
    """Epoch seconds; without an offset, of the clock of this zone. Raises ValueError."""
    at = _moment(text, tz, day_first)
    if not EARLIEST <= at < LATEST:
        raise ValueError("no calendar shows it in every zone")
    return at


def _moment(text: str, tz: tzinfo, day_first: bool) -> int:
    if _EPOCH.fullmatch(text):
        return int(text) if len(text) <= 10 else int(text) // 1000
    on, clock = _day(text, day_first)
    if not clock:
        return _seconds(datetime.fromisoformat(on).replace(tzinfo=tz))
    found = _CLOCK.fullmatch(clock)
    if not found:
        raise ValueError("no moment")
    hour, minute, second, offset = int(found[1]), int(found[2]), int(found[3] or 0), found[4]
    midnight = hour == 24 and minute == second == 0  # the end of a day, as meters write it
    at = datetime.fromisoformat(on).replace(hour=0 if midnight else hour, minute=minute, second=min(second, 59))
    if offset:
        return _seconds(at.replace(tzinfo=UTC)) - _offset(offset) + midnight * DAY
    return _seconds((at + timedelta(days=int(midnight))).replace(tzinfo=tz))


def is_cell(cell: object, kind: str) -> bool:
    """Whether a column of this kind may hold it, as it is kept."""
    if cell is None:
        return True
    if kind in {"number", "counter"}:
        return isinstance(cell, str) and _PLAIN.fullmatch(cell) is not None and cell != "-0"
    if kind == "date":
        return isinstance(cell, str) and _is_day(cell)
    if kind == "moment":
        return type(cell) is int and EARLIEST <= cell <= LATEST
    if kind == "boolean":
        return isinstance(cell, bool)
    return isinstance(cell, str) and len(cell) <= LONGEST_CELL


@lru_cache(maxsize=4096)
def _is_day(cell: str) -> bool:
    try:
        return date.fromisoformat(cell).isoformat() == cell
    except ValueError:
        return False


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _offset(text: str) -> int:
    if text == "Z":
        return 0
    seconds = int(text[1:3]) * 3600 + int(text[-2:]) * 60
    if seconds > 15 * 3600:
        raise ValueError("no offset")
    return -seconds if text[0] == "-" else seconds


def boolean(text: str) -> bool:
    folded = text.casefold()
    if folded not in YES | NO:
        raise ValueError("neither yes nor no")
    return folded in YES


def shown(cell: Cell, kind: str, tz: tzinfo) -> str:
    """A cell as text that the same kind of column takes back as the same cell."""
    if cell is None:
        return ""
    if kind == "moment" and isinstance(cell, int):
        return datetime.fromtimestamp(cell, tz).isoformat(" ")
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return str(cell)
