"""By letter: a page ready to print, with the address where the window of an envelope is (DIN 5008, form B)."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from typing import Final

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
from wallet.channels.model import Address, Means, Need, NeverHere, Parcel
from wallet.channels.speaking import speaks
from wallet.settings import Settings

FONT: Final = "Vera"
SIZE, LEADING = 10, 14
LEFT, WIDTH = 25 * mm, 165 * mm
HEIGHT = A4[1]
WINDOW_TOP: Final = 45 * mm  # from the upper edge: 17.7 mm for who sends, then 27.3 mm for the address
ADDRESS_TOP: Final = 62.7 * mm
BODY_TOP: Final = 103 * mm
NEXT_TOP, BOTTOM = 25 * mm, 25 * mm
LONGEST_LINE: Final = 60


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
        lines = address["lines"].split("\n")
        if missing(parcel, lines):
            raise NeverHere("it has letters that can not be printed")
        paper = base64.b64encode(pdf(parcel, lines)).decode()
        said = {"id": parcel.delivery_id, "to": address["lines"], "pdf": paper}
        gateway.hand_in(means.settings.letter_gateway, said, key=parcel.delivery_id, means=means)


@cache
def prepare_font() -> None:
    """The one that comes with reportlab, put into each letter; it has the letters of Western Europe."""
    registerFont(TTFont(FONT, "Vera.ttf"))


def missing(parcel: Parcel, address: list[str]) -> set[str]:
    """Letters that would come out as boxes; what can not be seen anyway does not count."""
    prepare_font()
    said = [parcel.vendor_name, parcel.vendor_host, *address, *lines_of(parcel)]
    return {letter for line in said for letter in UNSEEN.sub(" ", line) if ord(letter) not in glyphs()}


@cache
def glyphs() -> frozenset[int]:
    prepare_font()
    return frozenset(getFont(FONT).face.charToGlyph)


def pdf(parcel: Parcel, address: list[str]) -> bytes:
    """A4 in as many pages as it takes; what the vendor wrote is drawn as it is, and means nothing else."""
    prepare_font()
    out = BytesIO()
    paper = Canvas(out, pagesize=A4, invariant=True, initialFontName=FONT)
    paper.setTitle(one_line(parcel.subject or parcel.topic_name))
    draw_head(paper, parcel, address)
    top, number = BODY_TOP, 1
    for line in lines_of(parcel):
        if top + LEADING > HEIGHT - BOTTOM:
            draw_number(paper, parcel, number)
            paper.showPage()
            top, number = NEXT_TOP, number + 1
        draw(paper, line, top)
        top += LEADING
    draw_number(paper, parcel, number)
    paper.save()
    return out.getvalue()


def draw_head(paper: Canvas, parcel: Parcel, address: list[str]) -> None:
    sender = simpleSplit(one_line(f"{parcel.vendor_name} ({parcel.vendor_host})"), FONT, 7, 80 * mm)
    draw(paper, sender[0] if sender else "", WINDOW_TOP + 15 * mm, size=7)
    for number, line in enumerate(address):
        draw(paper, line, ADDRESS_TOP + LEADING * (number + 0.6))
    day = datetime.fromtimestamp(parcel.written_at, UTC).date()
    written = format_date(day, "long", locale=parcel.language)
    draw(paper, written, BODY_TOP - 1.5 * LEADING, at=LEFT + WIDTH - paper.stringWidth(written, FONT, SIZE))


def lines_of(parcel: Parcel) -> list[str]:
    _ = speaks(parcel.language)
    said = [one_line(parcel.subject or parcel.topic_name), "", *parcel.text.splitlines(), ""]
    said.append(_("Read and answer it in your wallet: %(link)s", link=parcel.thread_link))
    return [line for text in said for line in simpleSplit(UNSEEN.sub(" ", text), FONT, SIZE, WIDTH) or [""]]


def draw(paper: Canvas, text: str, top: float, *, size: int = SIZE, at: float = LEFT) -> None:
    paper.setFont(FONT, size)
    paper.drawString(at, HEIGHT - top, text)


def draw_number(paper: Canvas, parcel: Parcel, number: int) -> None:
    _ = speaks(parcel.language)
    draw(paper, _("Page %(number)s", number=str(number)), HEIGHT - 15 * mm, size=8)


CHANNEL = Letter()
