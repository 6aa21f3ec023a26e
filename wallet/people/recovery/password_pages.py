"""The pages on which a person changes their password, or opens with an earlier one what did not follow it."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug import Response

from vendor_api.routing import Route
from wallet.house import House
from wallet.people import presence
from wallet.people.errors import TooManyAttempts, WrongCredentials
from wallet.people.forms import ChangePasswordForm, EarlierPasswordForm
from wallet.people.locking import LockStaysShut
from wallet.people.recovery.new_password import change_password, open_by_earlier
from wallet.people.visitor import signed_in


def password(house: House) -> Response | tuple[str, int]:
    """Raises ChangedPasswordMeanwhile."""
    who, form = signed_in(house), ChangePasswordForm()
    status = 422 if request.method == "POST" else 200
    if form.validate_on_submit():
        try:
            ended, lock_key = change_password(
                house, who, old=form.old.data, new=form.password.data, stay=form.stay.data
            )
        except WrongCredentials as error:
            form.old.errors = [_("This is not your password until now.")]
            status = error.status
        except TooManyAttempts as error:
            form.form_errors.append(str(error))
            status = error.status
        else:
            if lock_key is not None:
                presence.begin(who, lock_key)
            flash(changed(ended), "done")
            return redirect(url_for("people.overview"), 303)
    return render_template("recovery/password.html", nav="wallet", form=form, login=who.login), status


def changed(ended: int) -> str:
    done = _("Your new password counts from now on.")
    others = ngettext("Signed out of one other browser.", "Signed out of %(num)s other browsers.", ended)
    return f"{done} {others}" if ended else done


def earlier(house: House) -> Response | tuple[str, int]:
    """For who came in again without their lock key and remembers the password after all."""
    who, form = signed_in(house), EarlierPasswordForm()
    status = 422 if request.method == "POST" else 200
    if form.validate_on_submit():
        try:
            lock_key = open_by_earlier(house, who, password=form.password.data, earlier=form.earlier.data)
        except WrongCredentials as error:
            form.password.errors = [_("This is not your password.")]
            status = error.status
        except LockStaysShut as error:
            form.earlier.errors = [_("What is locked does not open with this one.")]
            status = error.status
        except TooManyAttempts as error:
            form.form_errors.append(str(error))
            status = error.status
        else:
            presence.begin(who, lock_key)
            flash(_("What you locked is open again, and opens with your password of now."), "done")
            return redirect(url_for("data.index"), 303)
    return render_template("recovery/earlier.html", nav="wallet", form=form, login=who.login), status


ROUTES = (
    Route("/wallet/password", password, ("GET", "POST")),
    Route("/wallet/password/earlier", earlier, ("GET", "POST")),
)
