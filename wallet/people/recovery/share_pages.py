"""The pages on which a person splits a way back among people they trust: one paper for each."""

from typing import Final

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response

from vendor_api.routing import Route
from wallet.house import House
from wallet.people import presence
from wallet.people.model import Visitor
from wallet.people.recovery.carried import draw, seal_draft
from wallet.people.recovery.errors import BadShares
from wallet.people.recovery.forms import SharesForm
from wallet.people.recovery.model import SHARES, Draft
from wallet.people.recovery.pages import begin_to_count, carried_draft, page, prepare
from wallet.people.recovery.shown import paper
from wallet.people.recovery.words import MOST_SHARES
from wallet.people.visitor import signed_in

LONGEST_NAME: Final = 60


def draw_shares(house: House) -> Response | str | tuple[str, int]:
    """New shares, which count when each was shown and the person has them."""
    who, form = signed_in(house), SharesForm()
    if form.validate_on_submit():
        try:
            names = check_names(form.names.data, int(form.needed.data))
        except BadShares as error:
            form.names.errors = [str(error)]
        else:
            not_yet = prepare(house, who, form, SHARES)
            if not_yet:
                return not_yet
            return house.database.read(drawn_shares, house, who, needed=int(form.needed.data), names=names)
    return page(house, form), 422


def check_names(text: str, needed: int) -> tuple[str, ...]:
    """One for each share. Raises BadShares."""
    names = tuple(" ".join(line.split()) for line in text.splitlines() if line.strip())
    if not 2 <= len(names) <= MOST_SHARES:
        raise BadShares(_("Enter 2 to %(most)s names, one in each line.", most=MOST_SHARES))
    if len({name.casefold() for name in names}) < len(names):
        raise BadShares(_("One name stands there twice. Give each person a name of their own."))
    if any(len(name) > LONGEST_NAME or not name.isprintable() for name in names):
        raise BadShares(_("A name has at most %(longest)s characters, all of them visible.", longest=LONGEST_NAME))
    if needed > len(names):
        raise BadShares(_("More shares would be needed than there are. Enter more names or need fewer."))
    return names


def drawn_shares(db: Connection, house: House, who: Visitor, *, needed: int, names: tuple[str, ...]) -> str:
    opens_lock = presence.lock_key(house, who) is not None
    draft = draw(
        db,
        person_id=who.person_id,
        kind=SHARES,
        needed=needed,
        names=names,
        opens_lock=opens_lock,
        now=house.clock(),
    )
    return share_page(house, draft, seal_draft(db, house.secrets, draft, who), 1)


def share_page(house: House, draft: Draft, carried: str, number: int) -> str:
    return render_template("recovery/share.html", nav="wallet", paper=paper(house, draft, carried, number))


def show_share(house: House) -> str:
    """The one the form names, as long as they do not count yet."""
    draft, carried = carried_draft(house)
    number = request.form.get("number", "")
    wanted = int(number) if number.isascii() and number.isdigit() and len(number) < 3 else 1
    return share_page(house, draft, carried, min(max(wanted, 1), len(draft.shares)))


def confirm_shares(house: House) -> Response:
    """They count now, and those of before no more. Raises DraftOver and WayChangedMeanwhile."""
    who, (draft, _carried) = signed_in(house), carried_draft(house)
    if draft.kind == SHARES:
        house.database.write(begin_to_count, house, who, draft)
        flash(_("These shares count from now on, and none that you made before."), "done")
    return redirect(url_for("recovery.overview"), 303)


ROUTES = (
    Route("/recovery/shares", draw_shares, ("POST",)),
    Route("/recovery/shares/show", show_share, ("POST",)),
    Route("/recovery/shares/confirm", confirm_shares, ("POST",)),
)
