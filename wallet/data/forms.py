"""The forms in which a person writes down their data."""

import re

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from wallet.data.definitions import Details, typed_details
from wallet.data.kinds import KINDS
from wallet.data.model import Attribute
from wallet.languages import read_here

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


class ChoiceForm(ValueForm):
    value = SelectField(_("Value"), [InputRequired(_("Choose one of those offered."))], validate_choice=False)


def value_form(attribute: Attribute, language: str) -> ValueForm:
    if attribute.kind != "choice":
        return {"lines": LinesForm, "boolean": YesNoForm}.get(attribute.kind, ValueForm)()
    form = ChoiceForm()
    offered = [SelectChoice(choice.value, choice.label(language)) for choice in attribute.choices]
    form.value.choices = [SelectChoice("", "–"), *offered]
    return form


class DetailsForm(FlaskForm):
    label = StringField(_("What is it?"), [InputRequired(_("Give it a name that you understand."))])
    unit = StringField(_("Unit"), description=_("For numbers, for example kWh."))
    least = StringField(_("Least"))
    most = StringField(_("Most"))
    choices = TextAreaField(_("What there is to choose from"), description=_("With commas or in lines."))
    description = StringField(_("What vendors should know about it"))

    def details(self, kind: str) -> Details:
        """Raises BadValue."""
        texts = {name: self[name].data or "" for name in ("unit", "choices", "description")}
        limits = {name: read_here(self[name].data or "") for name in ("least", "most")}
        return typed_details(kind, **texts, **limits)


class ChangeForm(DetailsForm):
    seen = HiddenField()


class NewAttributeForm(DetailsForm):
    name = StringField(_("Short name for vendors"), [InputRequired(_("Give it a short name."))])
    kind = SelectField(
        _("Kind"),
        choices=[SelectChoice(name, kind.label) for name, kind in KINDS.items()],
        default="text",
        validate_choice=False,
    )
    value = StringField(_("Value (you can also add it later)"))


class NewFactForm(FlaskForm):
    of = SelectField(_("What is it about?"), validate_choice=False)
    comparison = SelectField(_("Is it"), validate_choice=False)
    than = StringField(_("Compared with"), [InputRequired(_("Please enter something."))])
    label = StringField(_("What do you call it?"), [InputRequired(_("Give it a name that you understand."))])
    name = StringField(_("Short name for vendors"), [InputRequired(_("Give it a short name."))])


class NewTotalFactForm(NewFactForm):
    """About a column of a data set: `of` is its name."""

    of = SelectField(_("Which column?"), validate_choice=False)
    period = SelectField(_("In which time?"), validate_choice=False)
