"""Which column of a file goes where in a data set that is there already."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _

from wallet.records.errors import BadFile
from wallet.records.model import Shape


def matched(shape: Shape, names: Sequence[str]) -> tuple[int | None, ...]:
    """For each column of the data set its place in the file, by name. Raises BadFile without key or date."""
    places = {name.casefold(): place for place, name in reversed(list(enumerate(names)))}
    found = tuple(places.get(column.name.casefold()) for column in shape.columns)
    keys = [place for place, column in enumerate(shape.columns) if column.is_key]
    needed = set(keys) | ({shape.date} if shape.date is not None else set())
    if all(place is None for place in found) or any(found[place] is None for place in needed):
        raise BadFile(_("The columns of this file do not fit the data set. Choose another one, or make a new one."))
    return found


def left_out(shape: Shape, names: Sequence[str]) -> list[str]:
    """Columns of the file that the data set does not have."""
    known = {column.name.casefold() for column in shape.columns}
    return [name for name in names if name.casefold() not in known]
