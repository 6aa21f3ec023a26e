"""The forms of the console. The guard has looked at their token before any of them is read."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectChoice, SelectField, StringField, ValidationError
from wtforms.validators import EqualTo, InputRequired

from keys.passwords import LONGEST_PASSWORD, SHORTEST_PASSWORD
from vendor_api.console.roles import LABELS, READ_ONLY, ROLES


class ConsoleForm(FlaskForm):
    class Meta:
        csrf = False


class SignInForm(ConsoleForm):
    client_id = StringField("client_id", [InputRequired(_("Enter the client_id of your organisation."))])
    login = StringField(_("Login"), [InputRequired(_("Enter your login."))])
    password = PasswordField(_("Password"), [InputRequired(_("Enter your password."))])


class StaffPasswordForm(ConsoleForm):
    password = PasswordField(_("Password"), [InputRequired(_("Choose a password."))])
    password_again = PasswordField(
        _("Password, once more"), [EqualTo("password", _("The two passwords differ. Type the same one twice."))]
    )

    def validate_password(self, field: Any) -> None:
        check_new_password(field.data)


class FirstAdminForm(StaffPasswordForm):
    client_id = StringField("client_id", [InputRequired(_("Enter the client_id of your organisation."))])
    secret = PasswordField(
        _("Client secret, or registration_access_token"), [InputRequired(_("Enter what you got when you registered."))]
    )
    login = StringField(_("Login"), [InputRequired(_("Choose a login."))])
    name = StringField(_("Name"), description=_("As colleagues, and people you answer, see it."))


class InviteForm(ConsoleForm):
    login = StringField(
        _("Login"), [InputRequired(_("Choose a login."))], description=_("For example an e-mail address.")
    )
    name = StringField(_("Name"), description=_("As colleagues, and people you answer, see it."))
    role = SelectField(_("Role"), choices=[SelectChoice(role, role) for role in ROLES], default=READ_ONLY)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.role.choices = [SelectChoice(role, LABELS[role]()) for role in ROLES]


def check_new_password(password: str) -> None:
    """Raises ValidationError."""
    if len(password) < SHORTEST_PASSWORD:
        raise ValidationError(
            gettext(
                "A password has at least %(shortest)s characters; a short sentence is good.",
                shortest=SHORTEST_PASSWORD,
            )
        )
    if len(password) > LONGEST_PASSWORD:
        raise ValidationError(gettext("A password has at most %(longest)s characters.", longest=LONGEST_PASSWORD))
