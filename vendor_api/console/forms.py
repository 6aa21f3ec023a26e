"""The forms of the console. The guard has looked at their token before any of them is read."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectChoice, SelectField, StringField, TextAreaField, ValidationError
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


AUTH_METHODS = ("client_secret_basic", "client_secret_post", "none")


class ClientForm(ConsoleForm):
    """The usual members. `metadata`, all of them as JSON (RFC 7591), counts instead where it is filled in."""

    client_name = StringField(_("Name"), description=_("As people see it when you ask."))
    redirect_uris = TextAreaField("redirect_uris", description=_("Where answers go, one address a line."))
    scope = StringField("scope", description=_("What it may ask for at all, for example: openid profile email"))
    token_endpoint_auth_method = SelectField(
        "token_endpoint_auth_method",
        choices=[SelectChoice(method, method) for method in AUTH_METHODS],
        validate_choice=False,
    )
    contacts = StringField("contacts", description=_("Where people reach you, with spaces between."))
    policy_uri = StringField("policy_uri", description=_("The page on how you treat data."))
    metadata = TextAreaField(_("All of it as JSON"), description=_("Counts instead of the fields above."))
    initial_access_token = StringField(
        "initial_access_token", description=_("Whoever runs this wallet hands them out.")
    )

    def usual(self) -> dict[str, Any]:
        return {
            "client_name": (self.client_name.data or "").strip(),
            "redirect_uris": (self.redirect_uris.data or "").split(),
            "scope": " ".join((self.scope.data or "").split()),
            "token_endpoint_auth_method": self.token_endpoint_auth_method.data,
            "contacts": (self.contacts.data or "").split(),
            "policy_uri": (self.policy_uri.data or "").strip(),
        }


class AskForm(ConsoleForm):
    """What is asked in a preview or a trial."""

    scope = StringField("scope", default="openid profile email")
    claims = TextAreaField("claims", description=_("As in the claims parameter of OpenID Connect, if you use it."))
