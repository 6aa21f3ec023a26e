"""New kinds of channel come as plug-ins: offered once they are installed, and harmless where they are broken."""

import sys

import pytest
from actors import VendorActor
from storage import on_sqlite_alone, rows
from triggering import TOPICS, may_speak

from wallet.channels import kinds, reaching
from wallet.channels.kinds import find_kinds

PIGEON = """
from wallet.channels.model import Need

class Pigeon:
    kind = "{kind}"
    title = "Carrier pigeon"
    needs = (Need("loft", "Where is your loft?"),)
    proves = several = False
    def is_ready(self, settings): return True
    def check_address(self, typed): return {{"loft": typed["loft"].strip()}}
    def shown(self, address): return address["loft"]
    def deliver(self, parcel, address, means): pass

CHANNEL = Pigeon()
"""


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Puts a distribution with one channel where Python finds it."""
    monkeypatch.syspath_prepend(str(tmp_path))
    kept = reaching.installed
    kept.cache_clear()

    def install(name, source):
        (tmp_path / f"{name}.py").write_text(source)
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[{kinds.GROUP}]\n{name} = {name}:CHANNEL\n")

    yield install
    kept.cache_clear()
    for name in ("pigeons", "doves", "broken"):
        sys.modules.pop(name, None)


@on_sqlite_alone
def test_an_installed_channel_is_offered_and_takes_addresses(person, install):
    install("pigeons", PIGEON.format(kind="pigeon"))
    person.signs_in()

    assert "Carrier pigeon" in person.browser.get("/channels").text
    person.browser.post("/channels/new/pigeon", form_at="/channels", loft="On the roof")
    assert "On the roof" in person.browser.get("/channels").text


@on_sqlite_alone
def test_a_trigger_can_be_answered_by_an_installed_channel_and_by_no_other(app, house, person, install):
    install("pigeons", PIGEON.format(kind="pigeon"))
    grant_id = may_speak(person, VendorActor(app, house, "stadtwerke", **TOPICS))["grant_id"]
    form_at = f"/triggers/new?grant={grant_id}&kind=change"
    given = {"grant": grant_id, "kind": "change", "of": "email", "topic": "tariff", "days": "14", "mode": "own"}

    assert "Carrier pigeon" in person.browser.get(form_at).text
    made = person.browser.post("/triggers/new", form_at=form_at, **given, name="Mail", channel="pigeon")
    refused = person.browser.post("/triggers/new", form_at=form_at, **given, name="Mail", channel="raven")

    assert (made.status_code, refused.status_code) == (303, 422)
    assert len(rows(house, "triggers")) == 1


@on_sqlite_alone
def test_a_broken_one_is_left_out_and_the_rest_goes_on(person, install, caplog):
    install("broken", "raise RuntimeError('no loft')")
    person.signs_in()

    assert person.browser.get("/channels").status_code == 200
    assert "is broken and was left out" in caplog.text


@pytest.mark.parametrize("source", ["CHANNEL = 7", PIGEON.format(kind="Not A Kind")], ids=["no channel", "no kind"])
def test_what_is_no_channel_is_left_out(install, caplog, source):
    before = set(find_kinds())
    install("broken", source)

    assert set(find_kinds()) == before
    assert "is no channel and was left out" in caplog.text


def test_nobody_takes_the_place_of_ours_or_of_another(install, caplog):
    ours = find_kinds()["email"]
    install("pigeons", PIGEON.format(kind="pigeon"))
    install("doves", PIGEON.format(kind="pigeon"))
    install("broken", PIGEON.format(kind="email"))

    found = find_kinds()

    assert found["email"] is ours
    assert type(found["pigeon"]).__module__ == "doves"
    assert caplog.text.count("is there already and was left out") == 2
