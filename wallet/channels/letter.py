"""By letter: a page ready to print, with the address where the window of an envelope is (DIN 5008, form B)."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from typing import Final
from unicodedata import bidirectional, category, normalize

from babel.dates import format_date
from flask_babel import lazy_gettext as _l
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase.pdfmetrics import getFont, registerFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from vendor_api.outbound.addresses import NONE
from wallet.channels import gateway
from wallet.channels.errors import BadAddress
from wallet.channels.mail_text import UNSEEN, one_line
from wallet.channels.model import Address, Means, Need, NeverHere, NotNow, Parcel
from wallet.channels.speaking import speaks
from wallet.settings import Settings

VERA: Final = "Vera.ttf"  # it comes with reportlab, and has the letters of Western Europe
BY_HAND: Final = "print"  # in the place of a gateway: `wallet letters print`
SIZE, LEADING = 10, 14
LEFT, WIDTH = 25 * mm, 165 * mm
HEIGHT = A4[1]
WINDOW_TOP: Final = 45 * mm  # from the upper edge: 17.7 mm for who sends, then 27.3 mm for the address
WINDOW_WIDTH: Final = 78 * mm
ADDRESS_TOP: Final = 62.7 * mm
ADDRESS_LEADING: Final = 12.5  # so that six lines stay above the lower edge of the window
BODY_TOP: Final = 103 * mm
NEXT_TOP, BOTTOM = 25 * mm, 25 * mm
LONGEST_LINE: Final = 60
LEFTWARDS: Final = frozenset({"R", "AL", "AN"})  # what is written from right to left
MARKS: Final = frozenset({"Mn", "Mc", "Me"})  # what changes the letter before it


class Letter:
    kind = "letter"
    title = _l("Letter")
    needs = (Need("lines", _l("Postal address"), "text", "street-address", 5),)
    proves = False
    several = False

    def is_ready(self, settings: Settings) -> bool:
        return settings.letter_gateway != NONE

    def check_address(self, typed: Mapping[str, str]) -> Address:
        lines = [one_line(line) for line in typed.get("lines", "").splitlines() if line.strip()]
        if not 3 <= len(lines) <= 6 or max(map(len, lines)) > LONGEST_LINE:
            raise BadAddress(_l("Enter a name and a postal address, in three to six lines."))
        return {"lines": "\n".join(lines)}

    def shown(self, address: Address) -> str:
        return address["lines"].replace("\n", ", ")

    def deliver(self, parcel: Parcel, address: Address, means: Means) -> None:
        """Raises NotNow or NeverHere."""
        if means.settings.letter_gateway == BY_HAND:
            raise NotNow("letters are printed by hand here")
        paper = base64.b64encode(printed(parcel, address, means.settings)).decode()
        said = {"id": parcel.delivery_id, "to": address["lines"], "pdf": paper}
        gateway.hand_in(means.settings.letter_gateway, said, key=parcel.delivery_id, means=means)


def printed(parcel: Parcel, address: Address, settings: Settings) -> bytes:
    """Raises NeverHere where something could not be read on paper."""
    font = prepared(VERA if settings.letter_font == NONE else settings.letter_font)
    lines = [composed(line) for line in address["lines"].split("\n")]
    if missing(parcel, lines, font):
        raise NeverHere("it has letters that can not be printed")
    return pdf(parcel, lines, font)


@cache
def prepared(file: str) -> str:
    """The name of a font that is put into each letter."""
    name = "Vera" if file == VERA else "Letter"
    registerFont(TTFont(name, file))
    return name


def composed(text: str) -> str:
    """Each letter as one sign, where there is one, and nothing that is not seen."""
    return UNSEEN.sub(" ", normalize("NFC", text))


def missing(parcel: Parcel, address: list[str], font: str) -> set[str]:
    """Letters that would come out as boxes, or not where they belong."""
    there = getFont(font).face.charToGlyph
    said = [composed(parcel.vendor_name), parcel.vendor_host, *address, *lines_of(parcel, font)]
    return {letter for line in said for letter in line if ord(letter) not in there or is_placed_by_others(letter)}


def is_placed_by_others(letter: str) -> bool:
    """Nobody here turns a line, or puts a mark on a letter."""
    return bidirectional(letter) in LEFTWARDS or category(letter) in MARKS


def pdf(parcel: Parcel, address: list[str], font: str) -> bytes:
    """A4 in as many pages as it takes; what the vendor wrote is drawn as it is, and means nothing else."""
    out = BytesIO()
    paper = Canvas(out, pagesize=A4, invariant=True, initialFontName=font)
    paper.setTitle(one_line(parcel.subject or parcel.topic_name))
    draw_head(paper, parcel, address, font)
    top, number = BODY_TOP, 1
    for line in lines_of(parcel, font):
        if top + LEADING > HEIGHT - BOTTOM:
            draw_number(paper, parcel, number, font)
            paper.showPage()
            top, number = NEXT_TOP, number + 1
        draw(paper, line, top, font)
        top += LEADING
    draw_number(paper, parcel, number, font)
    paper.save()
    return out.getvalue()


def draw_head(paper: Canvas, parcel: Parcel, address: list[str], font: str) -> None:
    sender = simpleSplit(one_line(composed(f"{parcel.vendor_name} ({parcel.vendor_host})")), font, 7, WINDOW_WIDTH)
    draw(paper, sender[0] if sender else "", WINDOW_TOP + 15 * mm, font, size=7)
    for number, line in enumerate(address):
        size = min(SIZE, SIZE * WINDOW_WIDTH / max(1, paper.stringWidth(line, font, SIZE)))
        draw(paper, line, ADDRESS_TOP + ADDRESS_LEADING * (number + 0.8), font, size=size)
    day = datetime.fromtimestamp(parcel.written_at, UTC).date()
    written = format_date(day, "long", locale=parcel.language)
    draw(paper, written, BODY_TOP - 1.5 * LEADING, font, at=LEFT + WIDTH - paper.stringWidth(written, font, SIZE))


def lines_of(parcel: Parcel, font: str) -> list[str]:
    _ = speaks(parcel.language)
    said = [one_line(parcel.subject or parcel.topic_name), "", *parcel.text.splitlines(), ""]
    said.append(_("Read and answer it in your wallet: %(link)s", link=parcel.thread_link))
    return [line for text in said for line in simpleSplit(composed(text), font, SIZE, WIDTH) or [""]]


def draw(paper: Canvas, text: str, top: float, font: str, *, size: float = SIZE, at: float = LEFT) -> None:
    paper.setFont(font, size)
    paper.drawString(at, HEIGHT - top, text)


def draw_number(paper: Canvas, parcel: Parcel, number: int, font: str) -> None:
    _ = speaks(parcel.language)
    draw(paper, _("Page %(number)s", number=str(number)), HEIGHT - 15 * mm, font, size=8)


CHANNEL = Letter()
