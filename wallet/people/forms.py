"""The forms at the door."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField, ValidationError
from wtforms.validators import EqualTo, InputRequired

from wallet.people.errors import BadLogin, BadPassword
from wallet.people.logins import check_login
from wallet.people.passwords import check_new_password


class SignInForm(FlaskForm):
    login = StringField(_("Login"), [InputRequired(_("Enter your login."))])
    password = PasswordField(_("Password"), [InputRequired(_("Enter your password."))])


class SignUpForm(FlaskForm):
    login = StringField(_("Login"), [InputRequired(_("Choose a login."))])
    password = PasswordField(_("Password"), [InputRequired(_("Choose a password."))])
    password_again = PasswordField(
        _("Password, once more"), [EqualTo("password", _("The two passwords differ. Type the same one twice."))]
    )

    def validate_login(self, field: StringField) -> None:
        try:
            check_login(field.data)
        except BadLogin as error:
            raise ValidationError(str(error)) from error

    def validate_password(self, field: PasswordField) -> None:
        try:
            check_new_password(field.data)
        except BadPassword as error:
            raise ValidationError(str(error)) from error
