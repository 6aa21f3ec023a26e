"""The forms at the door."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, StringField, ValidationError
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


class NewPasswordForm(FlaskForm):
    password = PasswordField(_("Password"), [InputRequired(_("Choose a password."))])
    password_again = PasswordField(
        _("Password, once more"), [EqualTo("password", _("The two passwords differ. Type the same one twice."))]
    )

    def validate_password(self, field: PasswordField) -> None:
        try:
            check_new_password(field.data)
        except BadPassword as error:
            raise ValidationError(str(error)) from error


class ChangePasswordForm(NewPasswordForm):
    old = PasswordField(_("Your password until now"), [InputRequired(_("Enter your password."))])
    stay = BooleanField(_("Stay signed in in my other browsers"))


class EarlierPasswordForm(FlaskForm):
    password = PasswordField(_("Your password"), [InputRequired(_("Enter your password."))])
    earlier = PasswordField(_("The earlier password"), [InputRequired(_("Enter the earlier password."))])


class SignUpForm(NewPasswordForm):
    login = StringField(_("Login"), [InputRequired(_("Choose a login."))])

    def validate_login(self, field: StringField) -> None:
        try:
            check_login(field.data)
        except BadLogin as error:
            raise ValidationError(str(error)) from error
