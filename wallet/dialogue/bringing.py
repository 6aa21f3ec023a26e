"""Files that the person sends along with their words: as few, as small and of the same kinds as a vendor's."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _

from vendor_api import files
from vendor_api.model import Attachment
from wallet.dialogue.errors import BadFile
from wallet.dialogue.text import one_line


def brought(given: Iterable[tuple[str, bytes]]) -> tuple[Attachment, ...]:
    """From names and contents. Raises BadFile."""
    found: list[Attachment] = []
    for name, content in given:
        one = files.brought(name, content)
        if one is None:
            raise BadFile(
                _(
                    "“%(name)s” can not go along: only PDF, PNG, JPEG, text (.txt) and calendar (.ics) files can.",
                    name=one_line(name)[: files.LONGEST_NAME],
                )
            )
        found.append(one)
    if len(found) > files.MOST or sum(len(one.content) for one in found) > files.LARGEST_TOGETHER:
        raise BadFile(_("At most 3 files can go along, of 256 kB together; nothing was sent."))
    return tuple(found)
