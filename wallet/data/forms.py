"""The forms in which a person writes down their data."""

import re

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from wallet.data.kinds import KINDS

_VERSION = re.compile(r"[0-9]{1,9}")


class ValueForm(FlaskForm):
    version = HiddenField()
    value = StringField(_("Value"), [InputRequired(_("Please enter something."))])

    @property
    def expected_version(self) -> int:
        """What the person saw; without it only an empty place is written to."""
        return version_in(self.version.data)


def version_in(typed: str | None) -> int:
    return int(typed) if typed and _VERSION.fullmatch(typed) else 0


class LinesForm(ValueForm):
    value = TextAreaField(_("Value"), [InputRequired(_("Please enter something."))])


class YesNoForm(ValueForm):
    value = SelectField(
        _("Value"),
        [InputRequired(_("Answer yes or no."))],
        choices=[SelectChoice("", "–"), SelectChoice("true", _("Yes")), SelectChoice("false", _("No"))],
        validate_choice=False,
    )


def value_form(kind: str) -> type[ValueForm]:
    return {"lines": LinesForm, "boolean": YesNoForm}.get(kind, ValueForm)


class NewAttributeForm(FlaskForm):
    label = StringField(_("What is it?"), [InputRequired(_("Give it a name that you understand."))])
    name = StringField(_("Short name for vendors"), [InputRequired(_("Give it a short name."))])
    kind = SelectField(
        _("Kind"),
        choices=[SelectChoice(name, kind.label) for name, kind in KINDS.items()],
        default="text",
        validate_choice=False,
    )
    value = StringField(_("Value (you can also add it later)"))
