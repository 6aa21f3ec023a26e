"""The page on which a person changes their password."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug import Response

from vendor_api.routing import Route
from wallet.house import House
from wallet.people.errors import TooManyAttempts, WrongCredentials
from wallet.people.forms import ChangePasswordForm
from wallet.people.recovery.new_password import change_password
from wallet.people.visitor import signed_in


def password(house: House) -> Response | tuple[str, int]:
    """Raises ChangedPasswordMeanwhile."""
    who, form = signed_in(house), ChangePasswordForm()
    status = 422 if request.method == "POST" else 200
    if form.validate_on_submit():
        try:
            ended = change_password(house, who, old=form.old.data, new=form.password.data, stay=form.stay.data)
        except WrongCredentials as error:
            form.old.errors = [_("This is not your password until now.")]
            status = error.status
        except TooManyAttempts as error:
            form.form_errors.append(str(error))
            status = error.status
        else:
            flash(changed(ended), "done")
            return redirect(url_for("people.overview"), 303)
    return render_template("recovery/password.html", nav="wallet", form=form, login=who.login), status


def changed(ended: int) -> str:
    done = _("Your new password counts from now on.")
    others = ngettext("Signed out of one other browser.", "Signed out of %(num)s other browsers.", ended)
    return f"{done} {others}" if ended else done


ROUTES = (Route("/wallet/password", password, ("GET", "POST")),)
