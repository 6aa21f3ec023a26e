"""A conversation, or the whole inbox, to take along: as JSON, as mails, or as a page to read and to print."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from flask import Response, abort, render_template, request, stream_with_context
from sqlalchemy import Connection
from werkzeug.wrappers import Response as BaseResponse

from vendor_api.files import inert
from vendor_api.model import Attachment
from vendor_api.routing import Route
from wallet.dialogue import engine, reading
from wallet.dialogue.exporting import Said, as_digest, as_mail, thread_as_json, thread_as_mbox
from wallet.dialogue.model import Message, Thread
from wallet.house import House
from wallet.inbox import views
from wallet.people.model import Visitor
from wallet.people.visitor import signed_in

Threads = Iterable[Thread]


def export(house: House, thread_id: str) -> Response:
    who = signed_in(house)
    return answer(house, [house.database.read(views.own_thread, house, who, thread_id)])


def export_all(house: House) -> Response:
    """Or all that was said with one vendor."""
    return answer(house, every(house, signed_in(house), request.args.get("vendor") or None))


def answer(house: House, threads: Threads) -> Response:
    """Read a thread at a time while it goes out: a slow download holds no transaction."""
    wanted = request.args.get("as", "")
    if wanted not in FORMS:
        abort(404)
    write, kind = FORMS[wanted]
    out = Response(stream_with_context(write(house, threads)), content_type=kind)
    out.headers["Content-Disposition"] = f'attachment; filename="inbox.{wanted}"'
    out.headers["Content-Security-Policy"] = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
    out.headers["Cache-Control"] = "no-store"
    return out


def every(house: House, who: Visitor, client_id: str | None) -> Iterator[Thread]:
    place = {"person_id": who.person_id, "persona_id": who.persona_id}

    def ids(db: Connection) -> list[str]:
        return [one.thread_id for one in reading.every_thread(db, house.secrets, **place, client_id=client_id)]

    for thread_id in house.database.read(ids):
        yield house.database.read(views.own_thread, house, who, thread_id)


def said_in(house: House, thread: Thread) -> Iterator[Said]:
    for message in house.database.read(lambda db: list(reading.all_said(db, thread))):
        yield message, house.database.read(files_of, thread, message) if message.attachments else ()


def files_of(db: Connection, thread: Thread, message: Message) -> tuple[Attachment, ...]:
    return tuple(engine.attachment(db, thread, message, number) for number in range(len(message.attachments)))


def as_json(house: House, threads: Threads) -> Iterator[bytes]:
    yield b'{"threads":['
    comma = b""
    for thread in threads:
        record = house.database.read(engine.record, thread)
        yield comma
        yield from thread_as_json(thread, record, said_in(house, thread))
        comma = b","
    yield b"]}"


def as_mbox(house: House, threads: Threads) -> Iterator[bytes]:
    for thread in threads:
        yield from thread_as_mbox(thread, said_in(house, thread))


def as_eml(house: House, threads: Threads) -> Iterator[bytes]:
    return as_digest(((thread, said_in(house, thread)) for thread in threads), now=house.clock())


def export_message(house: House, thread_id: str, message_id: str) -> BaseResponse:
    """One message as a mail: programs open it, and its addresses lead nowhere."""
    who = signed_in(house)

    def work(db: Connection) -> bytes:
        thread = views.own_thread(db, house, who, thread_id)
        message = engine.find_message(db, thread, message_id)
        return as_mail(thread, message, files_of(db, thread, message))

    return inert(house.database.read(work), "message.eml")


def as_page(house: House, threads: Threads) -> Iterator[bytes]:
    """Nothing in it leads to anything that would be fetched."""
    begin, _between, end = render_template("inbox/printed.html", now=house.clock()).partition("<!-- threads -->")
    yield begin.encode()
    for thread in threads:
        found = house.database.read(printed, thread)
        yield render_template("inbox/_printed.html", thread=thread, **found).encode(errors="replace")
    yield end.encode()


def printed(db: Connection, thread: Thread) -> dict[str, object]:
    said = tuple(reading.all_said(db, thread))
    names = views.topic_names(db, thread.client_id, {one.topic for one in said})
    shown = [views.said_view(db, None, one, names) for one in said]
    return {"said": shown, "record": engine.record(db, thread)}


FORMS: Final[dict[str, tuple[Callable[[House, Threads], Iterator[bytes]], str]]] = {
    "json": (as_json, "application/json"),
    "mbox": (as_mbox, "application/mbox"),
    "eml": (as_eml, "message/rfc822"),
    "html": (as_page, "text/html; charset=utf-8"),
}
ROUTES = (
    Route("/inbox/export", export_all),
    Route("/inbox/<thread_id>/export", export),
    Route("/inbox/<thread_id>/<message_id>/export", export_message),
)
