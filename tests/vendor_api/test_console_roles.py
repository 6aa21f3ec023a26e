"""Every page of the console, in every method: who may, who may not, and never anything of another vendor."""

import re

import pytest
from actors import VendorActor
from staffing import StaffActor, form_token
from storage import nothing_changes, on_sqlite_alone, rows

from vendor_api.console.guard import EVERYBODY
from vendor_api.console.pages import ROUTES
from vendor_api.console.roles import ADMIN, AGENT, READ_ONLY, ROLES, may

pytestmark = on_sqlite_alone

CALLS = [(route, method) for route in ROUTES if route.role is not EVERYBODY for method in route.methods]
OF_ONE = [(route, method) for route, method in CALLS if "<" in route.rule]


@pytest.fixture
def office(app, house, vendor):
    """One of each role at Stadtwerke, all signed in."""
    staff = {role: StaffActor(app, house, vendor.client_id, role, role) for role in ROLES}
    for one in staff.values():
        one.signs_in()
    return staff


def calls(actor, route, method, **named):
    """With a good form, to the address of this route."""
    known = {"staff_id": actor.member.staff_id, "client_id": actor.client_id, "invitation": "x", **named}
    path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: known.get(found[1], "x"), route.rule)
    if method == "GET":
        return actor.get(path)
    said = {"csrf_token": form_token(actor.get("/console")), "login": "new", "role": "admin"}
    return actor.client.open(path, method=method, data=said)


def test_whoever_has_not_the_role_is_refused_and_nothing_changes(house, office):
    with nothing_changes(house):
        for route, method in CALLS:
            for role, actor in office.items():
                if not may(role, route.role):
                    assert calls(actor, route, method).status_code == 403, (role, method, route.rule)
    assert {route.role for route, _ in CALLS} >= {READ_ONLY, ADMIN}


def test_nobody_comes_in_unsigned_or_after_being_removed(app, house, office):
    removed = StaffActor(app, house, "stadtwerke", "removed", ADMIN)
    removed.signs_in()
    token = form_token(removed.get("/console"))
    office[ADMIN].post(f"/console/staff/{removed.member.staff_id}/remove", form_at="/console/staff")

    with nothing_changes(house):
        for route, method in CALLS:
            path = route.rule.replace("<staff_id>", office[AGENT].member.staff_id).replace("<client_id>", "stadtwerke")
            path = re.sub(r"<[^>]+>", "x", path)
            said = {"csrf_token": token, "role": "admin", "login": "x"}
            for client in (removed.client, app.test_client()):
                assert client.open(path, method=method, data=said).location == "/console/sign-in", path


def test_what_is_another_vendors_is_as_if_it_were_not_there(app, house, office):
    bank = VendorActor(app, house, "bank")
    kim = StaffActor(app, house, bank.client_id, "kim", ADMIN)
    kim.signs_in()
    kim.get("/console")
    of_others = {"staff_id": office[AGENT].member.staff_id, "client_id": "stadtwerke"}

    with nothing_changes(house):
        for route, method in OF_ONE:
            theirs = calls(kim, route, method, **of_others)
            nobodys = calls(kim, route, method, staff_id="x", client_id="nobody")
            assert (theirs.status_code, nobodys.status_code) == (404, 404), route.rule
            seen = [page.text.replace(name, "") for page, name in ((theirs, "stadtwerke"), (nobodys, "nobody"))]
            assert seen[0].replace(of_others["staff_id"], "x") == seen[1]


def test_who_is_demoted_may_no_more_at_the_very_next_request(house, office):
    kim = office[ADMIN]
    token = form_token(kim.get("/console/staff"))
    StaffActor(kim.client.application, house, "stadtwerke", "boss", ADMIN)
    kim.has_role(READ_ONLY)

    with nothing_changes(house):
        answer = kim.client.post("/console/staff", data={"csrf_token": token, "login": "x", "role": "admin"})

    assert answer.status_code == 403
    assert "Invite somebody" not in kim.get("/console/staff").text


def test_the_last_admin_can_not_be_removed_or_demoted(house, office):
    kim = office[ADMIN]
    path = f"/console/staff/{kim.member.staff_id}"
    # an admin who was invited and never came does not count
    kim.post("/console/staff", login="invited", role="admin")

    with nothing_changes(house):
        assert kim.post(f"{path}/remove", form_at="/console/staff").status_code == 409
        assert kim.post(f"{path}/role", form_at="/console/staff", role="agent").status_code == 409


def test_nothing_changes_by_get_but_for_what_was_seen(house, office):
    with nothing_changes(house):
        for route in ROUTES:
            if "GET" in route.methods:
                path = route.rule.replace("<staff_id>", "x").replace("<client_id>", "stadtwerke")
                path = path.replace("<thread_id>", "t-1").replace("<intent_id>", "i-1")
                assert office[ADMIN].get(path.replace("<invitation>", "x")).status_code < 500


def test_a_removed_member_leaves_nothing_to_sign_in_with(house, office):
    gone = office[AGENT].member.staff_id
    office[ADMIN].post(f"/console/staff/{gone}/remove", form_at="/console/staff")

    [row] = [row for row in rows(house, "staff") if row["staff_id"] == gone]
    assert (row["password_hash"], row["login_digest"], row["subject_digest"]) == (None, None, None)
    assert office[AGENT].signs_in().status_code == 403
    assert gone not in {row["staff_id"] for row in rows(house, "staff_sessions")}
