"""The page "My terms": agreements in the person's order for each kind of vendor, by plain forms."""

import pytest
from actors import VendorActor
from reading import controls, words
from storage import nothing_changes, on_sqlite_alone, rows

from wallet.sharing.terms_pages import ordered


@pytest.fixture
def says(person):
    person.signs_in()
    return lambda do, kind="every", **more: person.browser.follow(
        person.browser.post("/terms", do=do, kind=kind, **more).location
    )


def stored(house):
    return {row["kind"]: (row["applies"], row["agreements"]) for row in rows(house, "standing_terms")}


@on_sqlite_alone
def test_agreements_are_added_moved_and_removed_by_buttons(says, house):
    for do in ("add:SD-BASE", "add:SD-BASE-A", "add:SD-BASE-DP", "up:SD-BASE-DP", "down:SD-BASE", "remove:SD-BASE-A"):
        page = says(do)

    assert stored(house) == {"every": ("conditionally", ["SD-BASE-DP", "SD-BASE"])}
    assert [one["value"] for one in controls(page, name="do") if one["value"].startswith("remove:")] == [
        "remove:SD-BASE-DP",
        "remove:SD-BASE",
    ]
    assert "Service only, and to take along" in words(page)


@on_sqlite_alone
def test_each_kind_of_vendor_has_terms_of_its_own_and_says_what_to_do_without(says, house):
    says("add:SD-BASE", "bank")
    page = says("applies", "bank", applies="never")

    assert stored(house) == {"bank": ("never", ["SD-BASE"])}
    assert controls(page, name="applies", value="never")[0].keys() >= {"checked"}


@on_sqlite_alone
def test_removing_the_last_means_no_terms(says, house):
    says("add:SD-BASE")
    page = says("remove:SD-BASE")

    assert stored(house) == {}
    assert "No terms: you decide at each vendor by what it asks." in words(page)


@pytest.mark.parametrize("do", ["add:TPR", "add:", "", "remove:SD-BASE-A", "up:SD-BASE", "down:SD-BASE", "add:SD-BASE"])
@on_sqlite_alone
def test_a_button_that_does_not_fit_changes_nothing(says, house, do):
    says("add:SD-BASE")

    with nothing_changes(house):
        says(do)
        says("applies", applies="sometimes")


def test_one_step_up_at_the_top_and_down_at_the_bottom_is_no_step():
    assert ordered(("a", "b"), "up", "a") == ordered(("a", "b"), "down", "b") == ("a", "b")
    assert ordered(("a", "b", "c"), "down", "a") == ordered(("a", "b", "c"), "up", "b") == ("b", "a", "c")


@on_sqlite_alone
def test_the_terms_of_a_kind_come_before_those_for_every_vendor(app, house, person, says):
    says("add:SD-BASE")
    says("add:SD-BASE-ATP", "shop")
    accepts = {"myterms": ["SD-BASE", "SD-BASE-ATP"]}
    shop = VendorActor(app, house, "shop", vendor_kind="shop", **accepts)
    bank = VendorActor(app, house, "bank", vendor_kind="bank", **accepts)

    pages = [words(person.opens(vendor.link(["email"]))) for vendor in (shop, bank)]

    assert "Under your terms: Service, statistics, tracking and a profile." in pages[0]
    assert "Under your terms: Service only." in pages[1]


@on_sqlite_alone
def test_terms_are_of_the_persona_and_of_nobody_else(app, house, person, says, moves_in):
    says("add:SD-BASE")
    moves_in("Ben")

    assert [row["person_id"] for row in rows(house, "standing_terms")] == [person.person.person_id]
