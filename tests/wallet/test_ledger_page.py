"""The ledger by vendor, value, reason and time; taken along; and what tells that another stands in its place."""

import csv
import hashlib
import io
import json

import jwt
import pytest
from actors import PersonActor, VendorActor
from journeys import tokens_for
from reading import csrf_token, words, words_in
from speaking import Speaker, wants
from sqlalchemy import delete, insert, update
from storage import nothing_changes, on_sqlite_alone, rows

from consent.model import Span
from consent.tables import ledger as table
from keys.did import public_key_of

DAY = 24 * 3600


@pytest.fixture
def bookshop(app, house):
    return VendorActor(app, house, "bookshop", purposes={"given_name": "To greet you"})


@pytest.fixture
def speaker(app, house, person):
    vendor = Speaker(app, house)
    vendor.joins(person)
    return vendor


@pytest.fixture
def days(person, vendor, bookshop, clock):
    """On the first day the vendor reads an e-mail address, ten days later the bookshop a name. Gives back the days."""
    first = clock.now
    vendor.reads(tokens_for(person, vendor, ["email"])["access_token"])
    clock.now += 10 * DAY
    person.signs_in()
    bookshop.reads(tokens_for(person, bookshop, ["given_name"])["access_token"])
    return "2027-01-15", "2027-01-25", first


def sentences(person, query=""):
    return words_in(person.browser.get(f"/ledger{query}"), "ledger-sentence")


def stored(house):
    return rows(house, "ledger")


@pytest.mark.parametrize(
    ("query", "named", "hidden"),
    [
        ("?vendor=bookshop", "Bookshop", "Stadtwerke"),
        ("?attribute=email", "E-mail address", "Given name"),
        ("?purpose=To+greet+you", "Bookshop", "Stadtwerke"),
        ("?since=2027-01-20", "Bookshop", "Stadtwerke"),
        ("?until=2027-01-20", "Stadtwerke", "Bookshop"),
        ("?since=2027-01-15&until=2027-01-15", "Stadtwerke", "Bookshop"),
        ("?vendor=bookshop&attribute=given_name&since=2027-01-25", "Bookshop", "Stadtwerke"),
    ],
)
def test_it_is_read_by_vendor_value_reason_and_day(person, days, query, named, hidden):
    shown = sentences(person, query)

    assert shown
    assert all(named in sentence for sentence in shown)
    assert not any(hidden in sentence for sentence in shown)


@on_sqlite_alone
@pytest.mark.parametrize(
    "query", ["?vendor=nobody", "?attribute=e%25", "?purpose=x", "?since=2030-01-01", "?until=2020-01-01"]
)
def test_where_nothing_fits_the_page_says_so_and_leads_back(person, days, query):
    page = person.browser.get(f"/ledger{query}")

    assert "Nothing of this kind has happened" in words(page)
    assert 'href="/ledger"' in page.text


@on_sqlite_alone
@pytest.mark.parametrize(
    "query", ["?since=tomorrow", "?until=2027-13-45", "?since=99999-01-01", "?before=x", "?since=&vendor="]
)
def test_what_is_no_day_counts_as_none(person, days, query):
    assert sentences(person, query) == sentences(person)


def test_older_lines_are_found_under_the_same_filter(person, vendor, bookshop):
    token = tokens_for(person, vendor, ["email"])["access_token"]
    other = tokens_for(person, bookshop, ["given_name"])["access_token"]
    for _ in range(60):
        vendor.reads(token)
        bookshop.reads(other)

    page = person.browser.get("/ledger?attribute=email")
    [older] = [part.split('"')[0] for part in page.text.split('href="')[1:] if "before=" in part]
    more = words_in(person.browser.get(older.replace("&amp;", "&")), "ledger-sentence")

    first = words_in(page, "ledger-sentence")
    assert len(first) == 50
    assert len(first) + len(more) == 62
    assert not any("Bookshop" in sentence for sentence in (*first, *more))


def test_an_export_can_be_checked_with_nothing_of_ours(person, days, house):
    answer = person.browser.get("/ledger/export?as=jsonl")

    *lines, last = [json.loads(line) for line in answer.text.splitlines()]
    previous = ""
    for number, line in enumerate(lines, start=1):
        hashed = {
            "person_id": last["person_id"],
            **{name: line[name] for name in line if name not in {"hash", "previous"}},
        }
        canonical = json.dumps(hashed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert (line["seq"], line["previous"]) == (number, previous)
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        assert hashlib.sha256((previous + digest).encode()).hexdigest() == line["hash"]
        previous = line["hash"]
    kid = jwt.get_unverified_header(last["stamp"])["kid"]
    stamp = jwt.decode(
        last["stamp"],
        public_key_of(kid),
        algorithms=["EdDSA"],
        audience=house.settings.issuer,
        options={"verify_iat": False},
    )
    assert (stamp["w:last"], stamp["w:hash"]) == (len(lines), previous)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="ledger-2027-01-25.jsonl"'
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_table_says_what_the_page_says(person, days):
    answer = person.browser.get("/ledger/export?as=csv")

    table = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert table[0] == ["Line", "Time (UTC)", "Vendor", "What happened"]
    assert [row[3] for row in table[:0:-1]] == sentences(person)
    assert [int(row[0]) for row in table[1:]] == list(range(1, len(table)))


@on_sqlite_alone
def test_no_cell_of_the_table_is_a_formula(app, house, person):
    hostile = VendorActor(app, house, "hostile", client_name='=HYPERLINK("https://evil.example")')
    tokens_for(person, hostile, ["email"])

    table = list(csv.reader(io.StringIO(person.browser.get("/ledger/export?as=csv").data.decode("utf-8-sig"))))

    assert any("HYPERLINK" in cell for row in table for cell in row)
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in table for cell in row)


@on_sqlite_alone
@pytest.mark.parametrize("path", ["/ledger/export", "/ledger/export?as=xlsx", "/ledger/check"])
def test_there_is_no_other_way_to_take_it(person, path):
    person.signs_in()

    assert person.browser.get(path).status_code in {404, 405}


@on_sqlite_alone
@pytest.mark.parametrize("path", ["/ledger/export?as=csv", "/ledger/export?as=jsonl", "/ledger/stamp"])
def test_nobody_takes_it_who_is_not_signed_in_and_everybody_only_their_own(app, house, person, days, moves_in, path):
    ben = PersonActor(app, house, moves_in("Ben"), password="correct horse battery")
    stranger = ben.browser.get(path)
    ben.signs_in()

    assert stranger.location.startswith("/sign-in")
    assert "Stadtwerke" not in ben.browser.get(path).text


def compares(person, stamp):
    page = person.browser.get("/ledger")
    sent = {"csrf_token": csrf_token(page), "stamp": (io.BytesIO(stamp), "stamp.jwt")}
    return person.browser.client.post("/ledger/check", data=sent, content_type="multipart/form-data")


@pytest.fixture
def stamp(person, days):
    return person.browser.get("/ledger/stamp").data


def test_a_ledger_that_has_only_grown_holds_against_its_seal(person, vendor, stamp, house):
    tokens_for(person, vendor, ["birthdate"])
    last = len(stored(house)) - 1

    with nothing_changes(house):
        page = compares(person, stamp)

    assert page.status_code == 200
    assert "Your ledger is as it was on 25 January 2027, up to line 8" in words(page)
    assert last > 8


def test_another_ledger_with_a_cover_of_its_own_is_noticed(person, vendor, stamp, house):
    """All lines and the cover are gone, and the vendor's first lines were written anew by the wallet itself."""
    house.database.write(lambda db: db.execute(delete(table)))
    for _ in range(4):
        tokens_for(person, vendor, ["birthdate"], prompt="consent")
    looks_whole = words(person.browser.get("/ledger"))

    page = compares(person, stamp)

    assert "none was changed or removed" in looks_whole
    assert "Your ledger is not what it was on 25 January 2027, up to line 8. Do not rely on it." in words(page)


def test_an_older_copy_of_the_ledger_is_noticed(person, vendor, house, clock):
    tokens_for(person, vendor, ["email"])
    copy = stored(house)
    vendor.reads(tokens_for(person, vendor, ["birthdate"], prompt="consent")["access_token"])
    stamp = person.browser.get("/ledger/stamp").data

    def put_back(db):
        db.execute(delete(table))
        db.execute(insert(table), copy)

    house.database.write(put_back)

    assert "Do not rely on it" in words(compares(person, stamp))


def test_a_changed_line_before_the_seal_is_noticed(person, stamp, house):
    house.database.write(lambda db: db.execute(update(table).where(table.c.seq == 2).values(action="refused")))

    assert "Do not rely on it" in words(compares(person, stamp))


@on_sqlite_alone
@pytest.mark.parametrize(
    "spoil", ["nothing", "nonsense", "cut", "id token", "of somebody else", "unsigned", "too long"]
)
def test_what_is_no_seal_of_this_ledger_is_refused(app, house, person, vendor, stamp, moves_in, spoil):
    ben = PersonActor(app, house, moves_in("Ben"), password="correct horse battery")
    ben.signs_in()
    claims = jwt.decode(stamp, options={"verify_signature": False})
    given = {
        "nothing": b"",
        "nonsense": b"\xff\x00 nonsense",
        "cut": stamp[:-4],
        "id token": tokens_for(person, vendor, prompt="consent")["id_token"].encode(),
        "of somebody else": ben.browser.get("/ledger/stamp").data,
        "unsigned": jwt.encode(claims, None, algorithm="none").encode(),
        "too long": stamp + b"x" * 5000,
    }[spoil]

    with nothing_changes(house):
        page = compares(person, given)

    assert page.status_code == 422
    assert "This file is no stamp of your ledger here." in words(page)


@on_sqlite_alone
def test_comparing_needs_a_form_of_this_browser(person, stamp):
    sent = {"stamp": (io.BytesIO(stamp), "stamp.jwt")}

    assert person.browser.client.post("/ledger/check", data=sent, content_type="multipart/form-data").status_code == 400


def test_the_seal_is_the_same_whichever_persona_is_shown_and_names_none(person, stamp, house, vendor):
    person.browser.post("/accounts/personas", form_at="/accounts", name="At work")
    again = person.browser.get("/ledger/stamp").data

    first, second = (jwt.decode(one, options={"verify_signature": False}) for one in (stamp, again))
    assert first["iss"] == second["iss"]
    assert person.person.person_id not in str(first)
    assert first["iss"] not in {row["did"] for row in rows(house, "relationships")}


@on_sqlite_alone
def test_who_wanted_to_speak_and_was_refused_is_named_with_the_topic_and_why(house, person, speaker):
    said = ["Stadtwerke wrote to you about “Outages and repairs”."]
    speaker.says()
    for why, policy in (
        ("you want somebody else there to speak to you", {"contact_person": "p", "fallback": "nobody"}),
        ("it had no occasion that you made", {"relevant_only": True}),
        ("you have paused it", {"paused_until": house.clock() + DAY}),
        ("it was outside your hours", {"not_before": house.clock() + DAY}),
        ("you do not want to hear of it so often", {"frequency": Span(1, "day")}),
    ):
        wants(person, **policy)
        speaker.says()
        said.append(f"Stadtwerke wanted to speak to you about “Outages and repairs”. Refused, because {why}.")
    speaker.says(channel="phone")
    speaker.says(topic="tariffs")
    about = "Stadtwerke wanted to speak to you about"

    person.signs_in()
    found = [one for one in sentences(person)[::-1] if not one.startswith("You changed")]
    assert found[-8:-2] == said
    assert found[-2] == f"{about} “Outages and repairs”. Refused, because you do not want it by that channel."
    assert found[-1] == f"{about} “New tariffs”. Refused, because you did not allow it."
    vendor_page = person.browser.get(f"/vendors/{speaker.grant_id}").text
    assert "Writing to you about “Outages and repairs”" in vendor_page
    assert "“outage”" not in vendor_page
