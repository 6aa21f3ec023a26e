"""Which attributes there are, and which a person may think of."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from storage import on_sqlite_alone

from wallet.data import attributes, engine
from wallet.data.catalogue import CATALOGUE, EVERYBODYS, GROUPS, RESERVED
from wallet.data.errors import BadName, BadValue, UnknownAttribute
from wallet.data.kinds import KINDS

# OpenID Connect Core 1.0, 5.1, without sub, the companions *_verified, and updated_at, which would link vendors.
# fmt: off
STANDARD = {
    "name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture",
    "website", "email", "gender", "birthdate", "zoneinfo", "locale", "phone_number", "address.formatted",
    "address.street_address", "address.locality", "address.region", "address.postal_code", "address.country",
}
# fmt: on


def defines(house, person, name="shoe_size", label="Schuhgröße 👟", kind="integer"):
    return house.database.write(
        attributes.define_attribute,
        house.secrets,
        person_id=person.person_id,
        name=name,
        label=label,
        kind=kind,
        now=house.clock(),
    )


def own(house, person):
    known = house.database.read(attributes.attributes_of, house.secrets, person_id=person.person_id)
    return [attribute for attribute in known.values() if attribute.group == "own"]


def test_the_standard_claims_are_there_under_their_own_names():
    assert set(CATALOGUE) >= STANDARD


def test_nothing_that_links_vendors_or_belongs_to_the_protocol_is_an_attribute():
    assert not RESERVED & set(CATALOGUE)
    assert {"sub", "updated_at", "email_verified", "phone_number_verified"} <= RESERVED


def test_every_attribute_of_the_catalogue_is_complete():
    for name, attribute in CATALOGUE.items():
        assert attributes.is_name(name)
        assert attribute.kind in KINDS
        assert attribute.group in GROUPS
        assert attribute.sensitivity in {"normal", "sensitive"}
        assert attribute.label("en")
        assert attribute.label("de")
        assert attribute.example


def test_a_defined_attribute_is_known_and_holds_values(house, ana):
    defined = defines(house, ana)
    place = {"person_id": ana.person_id, "persona_id": ana.persona_id}
    house.database.write(
        engine.set_value,
        house.secrets,
        **place,
        attribute="shoe_size",
        value="39",
        expected_version=0,
        now=house.clock(),
    )

    assert own(house, ana) == [defined]
    assert defined.label("de") == "Schuhgröße 👟"
    assert house.database.read(engine.current_values, house.secrets, **place)["shoe_size"].value == 39


def test_another_person_does_not_have_it(house, ana, moves_in):
    defines(house, ana)
    bob = moves_in("bob")

    with pytest.raises(UnknownAttribute):
        house.database.read(attributes.find_attribute, house.secrets, person_id=bob.person_id, name="shoe_size")
    assert own(house, bob) == []


@on_sqlite_alone
@pytest.mark.parametrize(
    "name",
    [
        "a.b.c.d.e", "age_over_121", "age_over_5",
        "", "Shoe", "1st", "_x", "a.", ".a", "a..b", "a.1", "a-b", "a b", "ä", "a\n", "a\x00", "x" * 65, "a/b", "٣",
    ],
)  # fmt: skip
def test_a_name_vendors_could_not_ask_for_is_refused(house, ana, name):
    with pytest.raises(BadName):
        defines(house, ana, name)

    assert own(house, ana) == []


@on_sqlite_alone
def test_an_attribute_everybody_has_can_not_be_redefined(house, ana):
    for name in EVERYBODYS:
        with pytest.raises(BadName):
            defines(house, ana, name)

    assert own(house, ana) == []


@on_sqlite_alone
@pytest.mark.parametrize("name", [*sorted(RESERVED), "sub.x", "aud.vendor", "email_verified.x"])
def test_a_name_the_protocol_uses_can_not_be_taken(house, ana, name):
    with pytest.raises(BadName):
        defines(house, ana, name)

    assert own(house, ana) == []


@on_sqlite_alone
@pytest.mark.parametrize(
    "name", ["email.work", "address", "address.country.code", "household", "pets.cat.name", "pets"]
)
def test_a_name_is_not_the_beginning_of_another(house, ana, name):
    defines(house, ana, "pets.cat")

    with pytest.raises(BadName):
        defines(house, ana, name)


@on_sqlite_alone
@pytest.mark.parametrize("name", ["address.floor", "household.pets", "emails", "pets.dog"])
def test_a_name_may_stand_beside_others(house, ana, name):
    defines(house, ana, "pets.cat")

    assert defines(house, ana, name).name == name


@on_sqlite_alone
@pytest.mark.parametrize(
    ("label", "kind"), [("", "text"), ("x" * 81, "text"), ("a\x00b", "text"), ("Size", "nonsense")]
)
def test_a_label_or_kind_that_will_not_do_is_refused(house, ana, label, kind):
    with pytest.raises(BadValue):
        defines(house, ana, label=label, kind=kind)

    assert own(house, ana) == []


def test_the_same_attribute_defined_many_times_at_once_exists_once(house, ana):
    def try_to_define(_):
        try:
            return defines(house, ana)
        except BadName:
            return None

    with ThreadPoolExecutor(4) as pool:
        defined = [attribute for attribute in pool.map(try_to_define, range(4)) if attribute]

    assert len(defined) == len(own(house, ana)) == 1


def test_the_database_tells_no_label(house, ana, stored):
    defines(house, ana, label="Geheimnisvolles")

    assert "Geheimnis" not in stored()
