"""The forms of the personas' pages."""

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired

from wallet.people.forms import PersonaForm


class NameForm(PersonaForm):
    """`seen` is the name that stood there when the page was shown."""

    name = StringField(_("Name"), [InputRequired(_("Give the persona a name."))])
    seen = HiddenField()
