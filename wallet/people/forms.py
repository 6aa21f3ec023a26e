"""The forms at the door."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField, ValidationError
from wtforms.validators import EqualTo, InputRequired

from wallet.people.errors import BadLogin, BadPassword, BadPersonaName
from wallet.people.logins import check_login
from wallet.people.passwords import check_new_password
from wallet.people.personas import check_name


class SignInForm(FlaskForm):
    login = StringField(_("Login"), [InputRequired(_("Enter your login."))])
    password = PasswordField(_("Password"), [InputRequired(_("Enter your password."))])


class PersonaForm(FlaskForm):
    name = StringField(_("Name of the persona"), description=_("Only you see this name, for example: at work."))

    def validate_name(self, field: StringField) -> None:
        try:
            check_name(field.data or "")
        except BadPersonaName as error:
            raise ValidationError(str(error)) from error


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
