"""The files that somebody chose in a form, to go along with their words."""

from typing import Final

from flask import request

from vendor_api.model import Attachment
from wallet.dialogue.bringing import brought

FIELD: Final = "files"


def chosen_files() -> tuple[Attachment, ...]:
    """None where nothing was chosen: browsers then send one without a name. Raises BadFile."""
    given = [one for one in request.files.getlist(FIELD) if one.filename]
    return brought((str(one.filename), one.read()) for one in given)
