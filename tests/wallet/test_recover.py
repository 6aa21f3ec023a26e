"""Coming in again with the words of a kit: who has them, who guesses them, and what has happened afterwards."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from actors import Browser
from journeys import tokens_for
from reading import words
from recovering import NEW, chooses, enters, errors, makes_kit
from shamir_mnemonic import generate_mnemonics
from storage import nothing_changes, on_sqlite_alone, rows

from wallet.people.recovery import recovering
from wallet.people.recovery.carried import TICKET_LIFETIME
from wallet.people.recovery.errors import TicketOver, WrongWords
from wallet.people.recovery.words import combine, read

FOREIGN = generate_mnemonics(1, [(1, 1)], b"f" * 16, iteration_exponent=0)[0][0]


@pytest.fixture
def kit(person):
    person.signs_in()
    return makes_kit(person)


@pytest.fixture
def stranger(app):
    return Browser(app)


def signs_in(browser, password, login="Ana"):
    return browser.post("/sign-in", login=login, password=password).status_code == 303


def failures_of(house):
    return [row["failures"] for row in rows(house, "recovery_news")]


def test_with_the_words_one_sets_a_new_password_and_is_signed_in(kit, person, stranger, app):
    page = enters(stranger, kit)
    answer = chooses(stranger, page)

    told = words(stranger.follow(answer.location))
    assert "Recovered on 15 January 2027, 08:00 UTC with the kit on paper." in told
    assert "Destroy the paper and make a new one now." in told
    assert stranger.get("/data").status_code == 200
    assert signs_in(Browser(app), NEW)
    assert not signs_in(Browser(app), person.password)


def test_all_other_browsers_are_signed_out_and_vendors_keep_what_they_have(kit, person, vendor, stranger):
    tokens = tokens_for(person, vendor)

    chooses(stranger, enters(stranger, kit))

    assert person.browser.get("/data").status_code == 303
    assert vendor.reads(tokens["access_token"]).status_code == 200
    assert "Recovered on" in words(stranger.get("/sessions"))


@pytest.mark.parametrize("keep", [True, False])
def test_a_used_kit_stays_good_only_if_the_person_says_so(kit, stranger, app, keep):
    chooses(stranger, enters(stranger, kit), **{"keep": "y"} if keep else {})

    again = enters(Browser(app), kit)

    assert again.status_code == (200 if keep else 403)


@on_sqlite_alone
def test_words_are_read_however_they_are_spelled(kit, stranger):
    numbered = "\r\n".join(f"{number}. {word}" for number, word in enumerate(kit.split(), 1))

    for spelled in (kit.upper(), numbered, f"  {kit.title().replace(' ', ',   ')} "):
        assert "Choose a new password" in words(enters(stranger, spelled))


@on_sqlite_alone
def test_unknown_words_are_named_with_those_one_may_have_meant(kit, stranger, house):
    typed = kit.split()
    typed[0], typed[19] = "acadmic", "qqqq"

    with nothing_changes(house):
        said = errors(enters(stranger, " ".join(typed)))

    assert "Word 1, “acadmic”, is not one of those that are used. Is it “academic”?" in said
    assert "Word 20, “qqqq”, is not one of those that are used." in said


STRETCHED = generate_mnemonics(1, [(1, 1)], b"f" * 16, iteration_exponent=2)[0][0]
ODD = {
    "academic": "Here is one word.",
    f"{FOREIGN} academic": "Here are 21 words.",
    "1 2 3": "Here are 0 words.",
    "academic " * 20: "one is not the right one",
    " ".join(reversed(FOREIGN.split())): "one is not the right one",
    "x" * 5000: "That is too much.",
    "\u202eäöü 😀 <script>": "is not one of those",
    STRETCHED: "were not made by a wallet like this one",
    generate_mnemonics(2, [(1, 1), (1, 1)], b"f" * 16)[0][0]: "were not made by a wallet like this one",
}


@on_sqlite_alone
def test_what_no_kit_of_ours_can_be_is_refused_before_anybody_is_looked_up(kit, stranger, house):
    with nothing_changes(house):
        pages = [enters(stranger, typed) for typed in ODD]

    assert {page.status_code for page in pages} == {422}
    assert [said in errors(page) for page, said in zip(pages, ODD.values(), strict=True)] == [True] * len(ODD)


@pytest.mark.parametrize("login", ["Ana", "nobody"])
def test_foreign_words_and_unknown_logins_get_one_sentence(kit, stranger, login, house):
    before = rows(house, "people")

    page = enters(stranger, FOREIGN, login=login)

    assert page.status_code == 403
    assert errors(page) == "This login and these words do not belong together. Check both and try again."
    assert rows(house, "people") == before


@on_sqlite_alone
def test_an_unknown_login_costs_the_same_statements(kit, house, statements, moves_in):
    moves_in("bob")  # who has no way back

    def tries(login):
        with pytest.raises(WrongWords):
            recovering.try_words(house, login=login, kind="kit", secret=b"f" * 16, browser=f"of {login}")
        ran = [statement.partition("'")[0] for statement in statements]
        statements.clear()
        return ran

    statements.clear()
    assert len(tries("nobody")) == len(tries("Ana")) == len(tries("bob"))


def test_the_person_is_told_of_what_failed_until_they_have_seen_it(kit, person, stranger, clock):
    enters(stranger, FOREIGN)
    clock.now += 60
    enters(stranger, FOREIGN)

    told = words(person.browser.get("/data"))
    assert "tried 2 times" in told
    assert "the last time on 15 January 2027, 08:01 UTC" in told
    person.browser.post("/recovery/seen", form_at="/data")

    assert "Nobody got in" not in words(person.browser.get("/data"))


@on_sqlite_alone
def test_guessing_is_slow_for_strangers_and_never_stops_the_password(kit, person, stranger, house, app):
    answers = [enters(Browser(app), FOREIGN).status_code for _ in range(6)]

    assert answers == [403] * 5 + [429]
    assert enters(stranger, kit).status_code == 429
    assert "Choose a new password" in words(enters(person.browser, kit))  # in a browser that is known
    assert signs_in(stranger, person.password)
    assert failures_of(house) == [5]


@on_sqlite_alone
def test_an_unknown_login_waits_like_a_known_one(kit, app):
    assert [enters(Browser(app), FOREIGN, login="nobody").status_code for _ in range(6)] == [403] * 5 + [429]


@on_sqlite_alone
def test_the_words_of_one_person_open_nobody_elses_wallet(app, kit, moves_in, stranger, house):
    moves_in("bob")

    assert enters(stranger, kit, login="bob").status_code == 403


@on_sqlite_alone
@pytest.mark.parametrize(
    ("password", "again"), [("short", "short"), ("long enough, no doubt", "but another one")], ids=["short", "differ"]
)
def test_a_bad_new_password_is_refused_and_the_words_need_not_be_typed_again(kit, stranger, house, password, again):
    page = enters(stranger, kit)

    with nothing_changes(house):
        refused = chooses(stranger, page, password, password_again=again)

    assert refused.status_code == 422
    assert chooses(stranger, refused).status_code == 303


@on_sqlite_alone
def test_the_page_for_the_new_password_counts_once_in_one_browser_and_for_a_while(kit, stranger, app, house, clock):
    page = enters(stranger, kit)
    other = Browser(app)
    elsewhere = enters(other, kit)

    with nothing_changes(house):
        assert chooses(stranger, page, ticket="x").status_code == 410
        assert chooses(Browser(app), elsewhere).status_code in {400, 410}
        clock.now += TICKET_LIFETIME
        assert chooses(stranger, page).status_code == 410


@pytest.mark.parametrize("keep", ["y", ""])
def test_of_two_who_have_the_words_one_sets_the_password(kit, stranger, app, keep):
    other = Browser(app)
    pages = enters(stranger, kit), enters(other, kit)

    first = chooses(stranger, pages[0], keep=keep)
    second = chooses(other, pages[1], "another sentence altogether", keep=keep)

    assert (first.status_code, second.status_code) == (303, 410)
    assert signs_in(Browser(app), NEW)
    assert not signs_in(Browser(app), "another sentence altogether")


def test_of_many_at_once_exactly_one_sets_the_password(kit, house, ana):
    secret = combine([read(kit)])
    ticket = recovering.try_words(house, login="Ana", kind="kit", secret=secret, browser="b")

    def tries(number):
        try:
            recovering.recover(house, ticket, password=f"the sentence of {number}", keep=True)
        except TicketOver:
            return 0
        return 1

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(tries, range(6))) == 1
    assert [row["uses"] for row in rows(house, "ways_back")] == [1]


@on_sqlite_alone
def test_a_forged_form_sets_no_password(kit, stranger, house):
    page = enters(stranger, kit)

    with nothing_changes(house):
        for path in ("/recover", "/recover/password"):
            assert stranger.client.post(path, data={"login": "Ana", "words": kit}).status_code == 400

    assert "Choose a new password" in words(page)


@on_sqlite_alone
def test_what_a_vendor_wanted_to_ask_waits_for_who_comes_in_again(kit, vendor, stranger):
    sign_in = stranger.follow(vendor.link(["email"]))

    assert "/recover?next=/consent/" in sign_in.text
