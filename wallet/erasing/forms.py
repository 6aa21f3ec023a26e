"""The form in which a person says that they mean it."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired


class MeantForm(FlaskForm):
    login = StringField(_("Your login"), [InputRequired(_("Type your login."))])
    password = PasswordField(_("Your password"), [InputRequired(_("Enter your password."))])
