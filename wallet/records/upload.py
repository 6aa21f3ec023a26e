"""A file in a form, taken piece by piece as it comes: it is never whole in memory, and never on a disk in the clear."""

from collections.abc import Callable, Iterator
from typing import IO

from flask_babel import lazy_gettext as _
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData

from wallet.records.errors import BadFile

_READ = 64 * 1024
_MOST_FIELDS = 10
_LONGEST_FIELD = 8 * 1024


def file_of(stream: IO[bytes], boundary: bytes, allow: Callable[[dict[str, str]], None]) -> tuple[str, Iterator[bytes]]:
    """The name of the first file and what is in it. `allow` sees the fields before it, and raises. Raises BadFile."""
    events = _events(stream, boundary)
    fields: dict[str, str] = {}
    name = ""
    for event in events:
        if isinstance(event, File):
            if not event.filename:
                break
            allow(fields)
            return event.filename, _content(events)
        if isinstance(event, Field):
            name = event.name
        elif isinstance(event, Data):
            fields[name] = (fields.get(name, "") + event.data.decode(errors="replace"))[:_LONGEST_FIELD]
    allow(fields)
    raise BadFile(_("Choose a file first."))


def _content(events: Iterator[Event]) -> Iterator[bytes]:
    for event in events:
        if isinstance(event, Data):
            yield bytes(event.data)
            if not event.more_data:
                return
    raise BadFile(_("The file did not arrive whole. Send it again."))


def _events(stream: IO[bytes], boundary: bytes) -> Iterator[Event]:
    decoder = MultipartDecoder(boundary, max_form_memory_size=16 * _READ, max_parts=_MOST_FIELDS)
    try:
        while True:
            event = decoder.next_event()
            if isinstance(event, Epilogue):
                return
            if not isinstance(event, NeedData):
                yield event
                continue
            content = stream.read(_READ)
            decoder.receive_data(content or None)
    except ValueError:
        raise BadFile(_("The file did not arrive whole. Send it again.")) from None
    except RequestEntityTooLarge:
        raise BadFile(_("This form is too large.")) from None
