"""The forms of the ways back."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from wallet.people.forms import NewPasswordForm
from wallet.people.recovery.words import MOST_SHARES


class RecoverForm(FlaskForm):
    login = StringField(_("Login"), [InputRequired(_("Enter your login."))])
    words = TextAreaField(
        _("The words of your kit, or of one share"), [InputRequired(_("Enter the words that stand on the paper."))]
    )


class AfterRecoveryForm(NewPasswordForm):
    keep = BooleanField(_("I have it back in its place, and nobody else has seen it: it stays good"))


class SharesForm(FlaskForm):
    names = TextAreaField(_("Who gets one, one name in each line"), [InputRequired(_("Enter at least two names."))])
    needed = SelectField(
        _("So many of them are needed"),
        choices=[str(number) for number in range(2, MOST_SHARES + 1)],
        default="2",
    )
