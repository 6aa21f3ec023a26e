"""The ledger: nobody who can write to the database can change it unnoticed, and busy writers do not tear it."""

import hashlib
import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, text, update

from consent import failures, ledger, receipts, using
from consent.errors import LedgerBroken
from consent.failures import Attempt
from consent.ledger import ACTIONS, COVER, HASHED, Entry, Wanted
from consent.receipts import Countersignature
from consent.tables import ledger as table

LINES = 5


@pytest.fixture
def book(ana_answers):
    """A ledger of five lines: asked, granted, read, read, revoked."""
    grant = ana_answers.grants(ana_answers.is_asked("email", "birthdate"), {"email"})
    for _ in range(2):
        ana_answers.is_read(grant.grant_id, ["email"])
    ana_answers.revokes(grant.grant_id)
    assert ana_answers.verifies() == LINES
    return ana_answers


def line(person_id, seq):
    return (table.c.person_id == person_id) & (table.c.seq == seq)


def changes(book, seq, /, **values):
    return lambda db: db.execute(update(table).where(line(book.person_id, seq)).values(values))


def tears_out(book, *seqs):
    return lambda db: db.execute(delete(table).where(table.c.person_id == book.person_id, table.c.seq.in_(seqs)))


def stored(db, person_id, seq):
    return dict(db.execute(select(table).where(line(person_id, seq))).one()._mapping)


def chain_anew(db, person_id):
    """What a forger without the host's key can do: make every line follow from the one before again."""
    previous = ""
    for found in ledger.oldest_first(db, person_id=person_id):
        content = {name: getattr(found, name) for name in HASHED} | {"previous": previous}
        following = {"previous": previous, "hash": ledger.line_hash(person_id, content)}
        db.execute(update(table).where(line(person_id, found.seq)).values(following))
        previous = following["hash"]
    return previous


LINE_CHANGES = (
    {"at": 1},
    {"action": "refused"},
    {"client_id": "another"},
    {"client_id": None},
    {"grant_id": "another"},
    {"detail": {"vendor": "Another"}},
    {"detail": {}},
    {"detail": []},
    {"salt": ""},
    {"previous": "f" * 64},
    {"hash": "f" * 64},
)
COVER_CHANGES = (
    {"detail": {"last": 3}},
    {"detail": {"last": 6}},
    {"detail": {"last": "5"}},
    {"detail": {"last": None}},
    {"detail": {}},
    {"detail": []},
    {"previous": "f" * 64},
    {"previous": ""},
    {"previous": "ä"},
    {"hash": "f" * 64},
    {"seq": -1},
)


@pytest.mark.parametrize("seq", [1, 3, LINES])
def test_a_line_that_was_changed_is_named_whichever_column_it_was(book, broken_at, seq):
    for change in LINE_CHANGES:
        assert broken_at(book.person_id, changes(book, seq, **change)) == seq, change


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("garbage", ["''", "'no JSON'", "'{\"vendor\": '"])
def test_a_line_whose_detail_is_no_longer_json_is_named(book, broken_at, garbage):
    """SQLite takes any text for JSON."""

    def spoils(seq):
        return lambda db: db.execute(text(f"update ledger set detail = {garbage} where seq = {seq}"))  # noqa: S608

    assert broken_at(book.person_id, spoils(3)) == 3
    assert broken_at(book.person_id, spoils(COVER)) == LINES


def test_a_line_that_is_missing_is_named(book, broken_at):
    for torn_out, named in (([1], 1), ([3], 3), ([2, 3], 2), ([LINES], LINES), ([4, LINES], 4), (range(1, 6), 1)):
        assert broken_at(book.person_id, tears_out(book, *torn_out)) == named, torn_out


def test_lines_that_changed_places_are_named_from_the_first_one_on(book, broken_at):
    def swap(first, second):
        def harm(db):
            for before, after in ((first, 100), (second, first), (100, second)):
                changes(book, before, seq=after)(db)

        return harm

    assert broken_at(book.person_id, swap(1, 2)) == 1
    assert broken_at(book.person_id, swap(2, 4)) == 2
    assert broken_at(book.person_id, swap(4, LINES)) == 4


def test_a_line_that_was_moved_to_another_number_leaves_a_gap_that_is_named(book, broken_at):
    assert broken_at(book.person_id, changes(book, 3, seq=99)) == 3
    assert broken_at(book.person_id, changes(book, LINES, seq=99)) == LINES


def test_a_line_that_was_slipped_in_shows_where_the_old_chain_goes_on(book, broken_at):
    def slip_in(db):
        for seq in range(LINES, 1, -1):
            changes(book, seq, seq=seq + 1)(db)
        forged = stored(db, book.person_id, 1) | {"seq": 2, "action": "granted"}
        forged["previous"] = forged["hash"]
        forged["hash"] = ledger.line_hash(book.person_id, {name: forged[name] for name in HASHED})
        db.execute(insert(table).values(forged))

    assert (
        broken_at(book.person_id, slip_in) == 3
    )  # line 2 follows from line 1; what was line 2 does not follow from it


def test_a_line_that_was_added_at_the_end_is_named_because_the_cover_does_not_know_it(book, broken_at):
    def adds(how_many):
        def harm(db):
            for seq in range(LINES + 1, LINES + 1 + how_many):
                db.execute(insert(table).values(stored(db, book.person_id, 3) | {"seq": seq}))
            chain_anew(db, book.person_id)

        return harm

    assert broken_at(book.person_id, adds(1)) == LINES + 1
    assert broken_at(book.person_id, adds(3)) == LINES + 1


def test_a_line_that_was_rewritten_with_its_hash_breaks_the_chain_behind_it(book, broken_at):
    def rewrites(seq):
        def harm(db):
            forged = stored(db, book.person_id, seq) | {"detail": {"vendor": "Another"}}
            forged["hash"] = ledger.line_hash(book.person_id, {name: forged[name] for name in HASHED})
            changes(book, seq, **{name: forged[name] for name in ("detail", "hash")})(db)

        return harm

    assert broken_at(book.person_id, rewrites(1)) == 2
    assert broken_at(book.person_id, rewrites(3)) == 4
    assert broken_at(book.person_id, rewrites(LINES)) == LINES  # only the cover knows


def test_a_chain_that_was_forged_anew_is_betrayed_by_the_cover_that_only_the_host_can_sign(book, broken_at):
    def forge(db):
        changes(book, 2, detail={"vendor": "Another"})(db)
        return chain_anew(db, book.person_id)

    def forge_cover_too(db):
        changes(book, COVER, hash=forge(db))(db)

    assert broken_at(book.person_id, forge) == LINES
    assert broken_at(book.person_id, forge_cover_too) == LINES


def test_an_older_cover_put_back_does_not_vouch_for_later_lines(book, house, broken_at):
    older = house.database.read(stored, book.person_id, COVER)
    for _ in range(3):
        book.refuses(book.is_asked("email"))
    assert broken_at(book.person_id, lambda db: None) is None

    assert broken_at(book.person_id, changes(book, COVER, **older)) == LINES + 1


def test_a_cover_that_was_changed_or_is_missing_vouches_for_nothing(book, broken_at):
    for change in COVER_CHANGES:
        assert broken_at(book.person_id, changes(book, COVER, **change)) == LINES, change


def test_a_cover_of_somebody_elses_ledger_vouches_for_nothing(book, resident, house, broken_at):
    bob = resident("Bob")
    bob.refuses(bob.is_asked("email"))
    foreign = house.database.read(stored, bob.person_id, COVER) | {"person_id": book.person_id}

    assert broken_at(book.person_id, changes(book, COVER, **foreign)) is not None


def test_a_line_out_of_another_persons_ledger_is_named(book, resident, broken_at):
    bob = resident("Bob")
    bob.revokes(bob.grants(bob.is_asked("email", "birthdate"), {"email"}).grant_id)
    for _ in range(2):
        bob.is_asked("email")

    def moves_in(seq):
        def harm(db):
            tears_out(book, seq)(db)
            db.execute(update(table).where(line(bob.person_id, seq)).values(person_id=book.person_id))

        return harm

    for seq in (1, 3, LINES):
        assert broken_at(book.person_id, moves_in(seq)) == seq
        assert broken_at(bob.person_id, moves_in(seq)) == seq


def test_a_ledger_of_another_person_changes_nothing_about_ones_own(book, resident, broken_at):
    bob = resident("Bob")
    bob.is_asked("email")

    assert broken_at(book.person_id, tears_out(bob, COVER, 1)) is None
    assert broken_at(bob.person_id, tears_out(book, 1, 2, 3)) is None


def test_a_ledger_verifies_only_under_the_key_of_its_own_host(book, house):
    with pytest.raises(ledger.LedgerBroken):
        house.database.read(ledger.verify, b"another key", person_id=book.person_id)


def test_a_ledger_without_lines_holds(ana_answers):
    assert ana_answers.verifies() == 0
    assert ana_answers.ledger() == []


@pytest.mark.slow
def test_eight_writers_at_once_leave_one_chain_without_gaps(house, ana_answers):
    def write(number):
        entry = Entry("read", "stadtwerke", None, {"number": number})
        return house.database.write(
            ledger.write, house.secrets.ledger, entry, person_id=ana_answers.person_id, now=house.clock() + number
        )

    with ThreadPoolExecutor(8) as writers:
        covers = list(writers.map(write, range(64)))

    found = ana_answers.ledger()
    assert ana_answers.verifies() == 64
    assert [each.seq for each in found] == list(range(1, 65))
    assert sorted(each.detail["number"] for each in found) == list(range(64))
    assert {(cover.last, cover.hash) for cover in covers} == {(each.seq, each.hash) for each in found}


def test_a_line_whose_transaction_fails_was_never_written(house, book):
    def write_then_fail(db):
        ledger.write(db, house.secrets.ledger, Entry("read"), person_id=book.person_id, now=house.clock())
        raise LookupError

    with pytest.raises(LookupError):
        house.database.write(write_then_fail)

    assert book.verifies() == LINES


def test_lines_are_chained_by_the_sha_256_of_their_canonical_json(book):
    """So that anybody can check the chain with nothing but this rule."""
    previous = ""
    for each in book.ledger():
        content = {
            "action": each.action,
            "at": each.at,
            "client_id": each.client_id,
            "detail": each.detail,
            "grant_id": each.grant_id,
            "person_id": book.person_id,
            "salt": each.salt,
            "seq": each.seq,
        }
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        digest = hashlib.sha256(canonical).hexdigest()
        assert each.hash == hashlib.sha256(f"{previous}{digest}".encode()).hexdigest()
        assert each.previous == previous
        previous = each.hash


def test_what_a_blinded_line_says_can_not_be_guessed(book):
    salts = [each.salt for each in book.ledger()]

    assert len(set(salts)) == LINES
    assert all(len(salt) >= 22 for salt in salts)


def test_pages_of_the_ledger_are_newest_first_and_fit_together(book, house):
    def page(**limits):
        return [each.seq for each in house.database.read(ledger.lines, person_id=book.person_id, **limits)]

    assert page() == [5, 4, 3, 2, 1]
    assert page(limit=2) == [5, 4]
    assert page(limit=2, before=4) == [3, 2]
    assert page(wanted=Wanted(client_id="stadtwerke")) == [5, 4, 3, 2, 1]
    assert page(wanted=Wanted(client_id="another")) == []


def test_reads_are_counted_for_each_grant(book, house):
    grant_id = book.ledger()[-1].grant_id

    ids = {"person_id": book.person_id}
    assert house.database.read(ledger.reads_by_grant, {grant_id}, **ids) == {grant_id: (2, house.clock())}
    assert house.database.read(ledger.reads_by_grant, {"another"}, **ids) == {}


def test_vendors_of_the_ledger_go_by_the_name_they_had_last(book, house):
    assert house.database.read(ledger.vendors, person_id=book.person_id, limit=9) == [("stadtwerke", "Stadtwerke")]
    assert house.database.read(ledger.vendors, person_id=book.person_id, limit=0) == []


@pytest.mark.parametrize("newest", [1, 3, 5, 99])
def test_the_newest_lines_can_be_checked_alone(book, house, newest):
    def check():
        return house.database.read(ledger.verify, house.secrets.ledger, person_id=book.person_id, newest=newest)

    assert check() == 5
    changed = update(table).where(table.c.seq == 5).values(at=1)
    house.database.write(lambda db: db.execute(changed))
    with pytest.raises(LedgerBroken) as found:
        check()
    assert found.value.seq == 5


def test_what_was_changed_before_the_newest_lines_is_found_by_checking_all(book, house):
    changed = update(table).where(table.c.seq == 2).values(at=1)
    house.database.write(lambda db: db.execute(changed))
    ids = {"person_id": book.person_id}

    assert house.database.read(ledger.verify, house.secrets.ledger, **ids, newest=3) == 5
    with pytest.raises(LedgerBroken) as found:
        house.database.read(ledger.verify, house.secrets.ledger, **ids)
    assert found.value.seq == 2


def test_the_actions_are_the_ones_in_the_glossary():
    words = (Path(__file__).parents[2] / "docs" / "words.md").read_text(encoding="utf-8")
    table_of_verbs = words.partition("## What happens")[2].partition("\n## ")[0]

    assert tuple(re.findall(r"^\| [a-z ]+ \| `([a-z_]+)` \|", table_of_verbs, re.MULTILINE)) == ACTIONS


def test_everything_that_happens_goes_by_one_of_the_actions(house, ana_answers):
    first = ana_answers.grants(ana_answers.is_asked("email"), {"email"})
    house.database.write(using.sign_in, house.secrets, first, now=house.clock())
    house.database.write(using.redeem, house.secrets, first, via="code", now=house.clock())
    ana_answers.is_read(first.grant_id, ["email"])
    ana_answers.refuses(ana_answers.is_asked("email"))
    ana_answers.wants_to_be_asked(first.grant_id)
    ana_answers.revokes(first.grant_id)
    receipt = house.database.read(receipts.of_grant, first.grant_id, person_id=ana_answers.person_id)[0]
    by_vendor = Countersignature("x.y.z", {"kty": "EC"}, house.clock())
    house.database.write(receipts.countersign, house.secrets, first, receipt, by_vendor, now=house.clock())
    attempt = Attempt(first, "read", failures.ENDED)
    house.database.write(failures.note, house.secrets, attempt, now=house.clock())
    here = set(ana_answers.log())
    assert here <= set(ACTIONS)

    others = [path for path in Path(__file__).parents[1].rglob("test_*.py") if path != Path(__file__)]
    said = "".join(path.read_text(encoding="utf-8") for path in others)
    assert {one for one in ACTIONS if one not in here and f'"{one}"' not in said} == set()
    assert ana_answers.verifies() == len(ana_answers.log())
