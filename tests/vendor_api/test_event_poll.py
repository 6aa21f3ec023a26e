"""Vendors that come for their events: in order for each relationship, until they say that they have them (RFC 8936)."""

import pytest
from journeys import refused, tokens_for
from listening import POLL, STATUS, ListeningVendor, claims, told
from storage import nothing_changes, on_sqlite_alone, rows


@pytest.fixture
def shop(app, house):
    shop = ListeningVendor(app, house, "shop")
    shop.listens()
    return shop


@pytest.fixture
def made(person, shop):
    return tokens_for(person, shop)


@pytest.fixture
def changes(person, made):
    def changes(*each):
        at = f"/vendors/{made['grant_id']}"
        for what in each:
            assert person.browser.post(f"{at}/{what}", form_at=at).status_code == 303

    return changes


def kinds(answer):
    return told(map(claims, answer["sets"].values()))


def test_events_are_fetched_one_after_the_other_each_until_it_is_acknowledged(shop, changes, house, clock):
    changes("pause", "resume", "revoke")
    seen, ack = [], []
    while (answer := shop.polls(ack=ack))["sets"]:
        assert answer["moreAvailable"] is False
        again = shop.polls()
        assert [claims(one) for one in again["sets"].values()] == [claims(one) for one in answer["sets"].values()]
        [(jti, token)] = answer["sets"].items()
        assert claims(token)["jti"] == jti
        seen += kinds(answer)
        ack = [jti]

    assert seen == ["grant-paused", "grant-resumed", "grant-revoked"]
    assert {row["confirmed_at"] for row in rows(house, "outbox")} == {clock.now}
    assert [row["tries"] for row in rows(house, "outbox")] == [2, 2, 2]


@on_sqlite_alone
def test_what_it_could_not_use_is_handed_out_again_later_and_nothing_overtakes_it(shop, changes, house, clock):
    changes("pause", "revoke")
    [jti] = shop.polls()["sets"]

    answer = shop.polls(setErrs={jti: {"err": "invalid_key", "description": "which?"}})

    assert answer == {"sets": {}, "moreAvailable": False}
    assert {row["error"] for row in rows(house, "outbox")} == {None, "invalid_key: which?"}
    clock.now += 40
    assert list(shop.polls()["sets"]) == [jti]


@on_sqlite_alone
def test_nobody_gets_more_than_they_ask_for(app, house, moves_in, person, shop, made):
    other = ListeningVendor(app, house, "other")
    other.listens()
    person.revokes(made["grant_id"])
    person.revokes(tokens_for(person, other)["grant_id"])
    shop.says("POST", "/oauth/events/verify", {"stream_id": shop.stream["stream_id"]})

    assert shop.polls(maxEvents=0) == {"sets": {}, "moreAvailable": True}
    first = shop.polls(maxEvents=1, returnImmediately=False)
    assert (len(first["sets"]), first["moreAvailable"]) == (1, True)
    both = shop.polls()
    assert (len(both["sets"]), both["moreAvailable"]) == (2, False)
    assert {claims(token)["aud"] for token in both["sets"].values()} == {"shop"}


@on_sqlite_alone
def test_a_vendor_acknowledges_nothing_of_another(app, house, person, shop, changes):
    other = ListeningVendor(app, house, "other")
    other.listens()
    changes("revoke")
    [jti] = shop.polls()["sets"]

    with nothing_changes(house):
        assert other.polls(ack=[jti], setErrs={jti: {"err": "invalid_key"}})["sets"] == {}
        assert other.polls(ack=["unknown", "\x01", jti * 100])["sets"] == {}

    assert list(shop.polls()["sets"]) == [jti]


@on_sqlite_alone
def test_a_paused_stream_hands_out_nothing_and_takes_what_is_acknowledged(shop, changes, house):
    changes("pause", "resume")
    [jti] = shop.polls()["sets"]
    shop.says("POST", STATUS, {"stream_id": shop.stream["stream_id"], "status": "paused"})

    assert shop.polls(ack=[jti]) == {"sets": {}, "moreAvailable": False}

    assert sum(row["confirmed_at"] is not None for row in rows(house, "outbox")) == 1


@on_sqlite_alone
@pytest.mark.parametrize(
    "said",
    [
        [],
        {"maxEvents": -1},
        {"maxEvents": "1"},
        {"maxEvents": True},
        {"maxEvents": 1.5},
        {"returnImmediately": "yes"},
        {"ack": "x"},
        {"ack": [5]},
        {"ack": ["x"] * 1001},
        {"setErrs": []},
        {"setErrs": {"x": "bad"}},
        {"setErrs": {"x": {"description": "no err"}}},
        {"setErrs": {"x": {"err": "<b>"}}},
    ],
    ids=lambda said: str(said)[:40],
)
def test_a_poll_that_says_nothing_clear_is_refused(shop, changes, house, said):
    changes("revoke")

    with nothing_changes(house):
        assert refused(shop.says("POST", POLL, said), "invalid_request")


@on_sqlite_alone
def test_a_vendor_whose_events_are_pushed_or_that_has_no_stream_polls_in_vain(app, house, shop, site):
    pushed = ListeningVendor(app, house, "pushed")
    pushed.listens(site)
    none = ListeningVendor(app, house, "none")

    with nothing_changes(house):
        for vendor in (pushed, none):
            assert refused(vendor.says("POST", POLL, {}), "invalid_request", status=404)
