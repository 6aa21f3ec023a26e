"""A person tells a vendor something, and sees what becomes of it, on real pages and by real calls."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from feedback import JOE, PETRA, Answering, sends, tells
from speaking import wants
from sqlalchemy import delete, func, select
from storage import nothing_changes, on_sqlite_alone, rows

from consent.canonical import digest
from vendor_api.desk import weighing
from wallet.dialogue.tables import threads
from wallet.host import WalletHost
from wallet.people.personas import add_persona
from wallet.upkeep import see_to_desks

DAY = 24 * 3600
SAID = {"email": "ana@example.org", "given_name": "Ana"}
TOPICS = {"outage": "Outages"}
WORDS = "Ihr Zähler \U0001f620\U0001f468\u200d\U0001f467 spinnt!\n\n  <b>&amp;</b>\tשלום עולם \u202eمرحبا  \n"


@pytest.fixture(autouse=True)
def _signed_in(person):
    person.signs_in()


@pytest.fixture
def vendor(app, house):
    return Answering(app, house)


def upkeep(house):
    return see_to_desks(house, WalletHost(house, peek=lambda _cookies: {}))


def test_an_idea_goes_its_whole_way_and_the_person_sees_each_step(person, vendor):
    page = tells(person, vendor, "Read my meter once a month.", kind="idea")
    assert "Petra Vogt" in page.text
    assert "An answer is due by" in page.text

    [thread] = vendor.threads()
    assert (thread["type"], thread["state"]) == ("idea", "received")
    vendor.opens(thread)
    assert "Somebody there read it." in person.browser.get(page.request.path).text
    vendor.answers(thread, "Dear Ana, from May on we do.")
    vendor.decides(thread, "used", "Others want it too.", link="https://stadtwerke.example/meters")

    page = person.browser.get(page.request.path)
    for said in ("Dear Ana, from May on we do.", "Petra Vogt", "It is used.", "Others want it too.", "/meters"):
        assert said in page.text
    assert person.log()[-3:] == ["said", "contacted", "contacted"]
    ledger = person.browser.get("/ledger").text
    assert "You told Stadtwerke an idea." in ledger
    assert "Stadtwerke told you that it used what you said." in ledger


@pytest.mark.parametrize("known", ["me", "nobody"])
def test_the_vendor_gets_the_very_words_and_the_same_digest(person, vendor, house, known):
    words = WORDS + "ä" * (10_000 - len(WORDS))
    tells(person, vendor, words.replace("\n", "\r\n"), known=known)

    [thread] = vendor.threads()
    [message] = vendor.opens(thread)["messages"]

    assert message["text"] == words
    assert message["digest"] == digest(words.encode())
    assert [row["digest"] for row in rows(house, "messages")] == [message["digest"]]


def test_under_no_name_the_vendor_learns_nothing_of_who_it_is(person, vendor, app, house):
    speaker = Answering(app, house, "waterworks", contact_topics=TOPICS)
    grant_id, sub = joined(person, speaker)
    for text in ("First.", "Second."):
        tells(person, speaker, text, known="nobody")
    tells(person, speaker, "Third.")

    subs = {thread["thread_id"]: thread["sub"] for thread in speaker.threads()}

    assert len(set(subs.values())) == 3
    assert list(subs.values()).count(sub) == 1
    assert {len(one) for one in subs.values()} == {43}
    said = "".join(speaker.seen[-1:])
    for known in (person.person.person_id, person.person.persona_id, grant_id, "Ana", "ana@"):
        assert known not in said


def test_a_vendor_that_tries_the_thread_with_a_grant_learns_nothing(person, app, house):
    vendor = Answering(app, house, "waterworks", contact_topics=TOPICS)
    grant_id, _sub = joined(person, vendor)
    tells(person, vendor, "Who am I?", known="nobody")
    [thread] = vendor.threads()
    vendor.opens(thread)
    vendor.answers(thread, "We do not know.", message_id="x-1")

    into_thread = says(vendor, grant_id, id="x-2", thread_id=thread["thread_id"])
    assert into_thread.status_code == 404
    nowhere = says(vendor, grant_id, id="x-3", thread_id="no such thread")
    assert (nowhere.status_code, nowhere.text) == (into_thread.status_code, into_thread.text)

    the_same_id = says(vendor, grant_id, id="x-1")
    assert the_same_id.status_code == 201
    tells(person, vendor, "And now?", known="nobody")
    [other] = [
        one for one in vendor.threads() if one["thread_id"] != thread["thread_id"] and one["state"] == "received"
    ]
    vendor.opens(other)
    assert vendor.answers(other, "Still not.", message_id="x-4")["state"] == "answered"


def test_who_shares_nothing_with_a_vendor_finds_it_by_name_and_is_told_what_goes_along(person, vendor):
    found = person.browser.post("/feedback/find", form_at="/feedback/new", words="stadtW")
    assert 'href="/feedback/new?vendor=stadtwerke"' in found.text
    page = person.browser.get("/feedback/new?vendor=stadtwerke").text
    assert re.search(r'value="nobody" checked', page)
    assert "values go along only where you allowed" in page
    assert "Nobody of that name" in person.browser.post("/feedback/find", form_at="/feedback/new", words="zzz").text
    assert person.browser.get("/feedback/new?vendor=nobody").status_code == 404


def test_the_address_a_vendor_puts_on_its_pages_leads_to_the_form_after_signing_in(person, vendor, app):
    person.signs_out()

    page = person.opens("/feedback/to/stadtwerke?kind=complaint")

    assert "Tell <bdi>Stadtwerke</bdi> something" in page.text
    assert re.search(r'value="complaint" checked', page.text)


@on_sqlite_alone
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"text": " \n "}, "Write something"),
        ({"text": "ä" * 10_001}, "Write something"),
        ({"kind": "gossip"}, "Say what it is"),
        ({"kind": "message"}, "Say what it is"),
        ({"known": "perhaps"}, "Say whether"),
        ({"csrf_token": "old"}, "Press the button once more"),
    ],
    ids=["empty", "too_long", "no_kind", "message", "no_known", "old_form"],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_still_there(person, vendor, house, wrong, said):
    with nothing_changes(house):
        response = sends(person, vendor, **{"text": "My long complaint", **wrong})

    assert response.status_code in {400, 422}
    assert said in response.text
    assert wrong.get("text", "My long complaint").strip()[:100] in response.text


def test_who_was_signed_out_while_writing_loses_no_word(person, vendor, house):
    form = person.browser.get("/feedback/new?vendor=stadtwerke").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', form)[1]
    fields = {"csrf_token": token, "vendor": "stadtwerke", "kind": "wish", "known": "nobody", "text": "A <long> wish"}
    person.signs_out()

    with nothing_changes(house):
        page = person.browser.client.post("/feedback/send", data=fields)
    assert page.status_code == 403
    assert "A &lt;long&gt; wish" in page.text

    person.signs_in()
    again = person.browser.client.post("/feedback/send", data=fields)
    assert again.status_code == 400
    assert "A &lt;long&gt; wish" in again.text
    fields["csrf_token"] = re.search(r'name="csrf_token" value="([^"]+)"', again.text)[1]
    assert person.browser.client.post("/feedback/send", data=fields).status_code == 303


def test_what_is_late_stands_red_and_is_handed_up(person, vendor, house, clock):
    """Friday afternoon; Monday is a holiday there, so two hours of work end on Tuesday."""
    clock.now = 1_800_000_000 - 1_800_000_000 % DAY
    while (clock.now // DAY) % 7 != 1:  # 1970-01-02 was a Friday
        clock.now += DAY
    clock.now += 16 * 3600
    monday = clock.now + 3 * DAY
    vendor.employs(PETRA, JOE)
    hours = {"time_zone": "UTC", "windows": [[day, 540, 1020] for day in range(5)]}
    hours["holidays"] = [f"{datetime.fromtimestamp(monday, UTC):%Y-%m-%d}"]
    level = {"type": "complaint", "topic": "*", "first_answer_hours": 2, "escalate_to": "cp-joe"}
    vendor.promises(hours=hours, levels=[level])
    person.signs_in()
    path = tells(person, vendor, "It is cold.", kind="complaint").request.path
    due = clock.now + 3 * DAY + DAY - 6 * 3600

    clock.now = due - 1
    person.signs_in()
    assert upkeep(house) == 0
    assert "over" not in person.browser.get("/feedback").text.partition("<main")[2].partition("late")[0]
    clock.now = due + 2 * DAY
    person.signs_in()
    assert upkeep(house) == 1
    assert upkeep(house) == 0

    page = person.browser.get(path).text
    assert "2 days over" in page
    assert "It was handed up there" in page
    assert "No answer in time. Handed up to Joe Miller." in page
    listed = person.browser.get("/feedback").text
    assert "Not answered in time" in listed
    assert "2 days over" in listed


def test_nearly_the_same_answer_to_many_is_marked_on_both_sides(person, vendor):
    vendor.promises(most_alike=2)
    for number in range(3):
        tells(person, vendor, f"Wish number {number}, quite my own.", known="nobody")
    for number, thread in enumerate(vendor.threads()):
        vendor.opens(thread)
        last = vendor.answers(thread, f"Dear customer, we thank you for message {number} and take it very seriously.")
    assert last["messages"][-1]["is_form_letter"]

    links = re.findall(r'href="(/feedback/[0-9A-Z]{26})"', person.browser.get("/feedback").text)

    assert len(links) == 3
    for link in links:
        assert "Form letter: nearly the same went to 3 people." in person.browser.get(link).text


def test_the_person_sees_how_it_was_weighed_and_that_somebody_corrected_it(person, vendor, house):
    path = tells(person, vendor, "Bitte sofort! Das ist eine Katastrophe.", kind="complaint").request.path

    page = person.browser.get(path).text

    assert "+30 for what it is" in page
    assert "sounds urgent: sofort" in page
    assert "of 100" in page

    [thread] = vendor.threads()
    how = {"client_id": vendor.client_id, "thread_id": thread["thread_id"], "expected": thread["priority"]}
    house.database.write(weighing.correct, house.secrets, **how, priority=7, now=house.clock())
    page = person.browser.get(path).text
    assert "7 of 100" in page
    assert "corrected by hand" in page


def test_only_what_the_vendor_may_read_weighs_and_only_where_it_knows_who_speaks(person, app, house):
    vendor = Answering(app, house)
    rules = [{"attribute": name, "value": value, "weight": 7} for name, value in SAID.items()]
    vendor.promises(influence=rules)
    page = person.opens(vendor.link(["email"]))
    vendor.redeems(vendor.receives(person.allows(page, only=["email"]))["code"])

    known = tells(person, vendor, "As myself.").text
    hidden = tells(person, vendor, "As nobody.", known="nobody").text

    assert "+7 for what the person shares: email" in known
    assert "given_name" not in known
    assert "for what the person shares" not in hidden
    assert sorted(thread["priority"] for thread in vendor.threads()) == [10, 17]


def test_it_goes_to_whom_the_person_wants_to_speak_with_but_under_no_name(person, vendor):
    vendor.employs(PETRA, JOE)
    wants(person, client_id=vendor.client_id, contact_person="cp-joe")

    tells(person, vendor, "As myself.")
    tells(person, vendor, "As nobody.", known="nobody")

    reasons = sorted(thread["routing"][0]["reason"] == "preferred" for thread in vendor.threads())
    assert reasons == [False, True]


def test_who_writes_again_begins_anew_under_the_same_number(person, vendor):
    path = tells(person, vendor, "Please call me.", known="nobody").request.path
    [thread] = vendor.threads()
    vendor.opens(thread)
    vendor.answers(thread, "We do.")
    vendor.decides(thread, "used", "We call.")

    person.browser.post(f"{path}/say", form_at=path, text="You did not.")

    [again] = vendor.threads()
    assert (again["thread_id"], again["sub"], again["state"]) == (thread["thread_id"], thread["sub"], "received")
    page = person.browser.get(path).text
    assert "You did not." in page
    assert "It is used." not in page.partition("What happened")[0]


def test_the_person_judges_an_answer_and_the_vendor_sees_it(person, vendor, house):
    path = tells(person, vendor, "Please call me.").request.path
    [thread] = vendor.threads()
    with nothing_changes(house):
        assert person.browser.post(f"{path}/judge", form_at=path, satisfied="no").status_code == 409
    vendor.opens(thread)
    vendor.answers(thread, "No.")

    assert person.browser.post(f"{path}/judge", form_at=path, satisfied="no").status_code == 303

    assert vendor.threads()[0]["satisfied"] is False
    assert "You said: not satisfied." in person.browser.get(path).text


def test_what_is_taken_back_needs_no_answer_and_what_was_said_stays(person, vendor, house):
    path = tells(person, vendor, "Please call me.").request.path
    [thread] = vendor.threads()
    assert "Take it back?" in person.browser.post(f"{path}/withdraw", form_at=path).text
    assert vendor.threads()

    person.browser.post(f"{path}/withdraw", form_at=path, sure="yes")

    assert vendor.threads() == []
    assert vendor.threads(state="withdrawn")[0]["thread_id"] == thread["thread_id"]
    assert "You took this back." in person.browser.get(path).text
    assert person.log()[-1] == "said"
    with nothing_changes(house):
        assert person.browser.post(f"{path}/withdraw", form_at=path, sure="yes").status_code == 409
        form = {"thread_id": thread["thread_id"], "author": "cp-petra", "text": "Too late", "message_id": "z"}
        assert vendor.post("/desk/answers", form).status_code == 409


@pytest.mark.parametrize("how", ["close", "erase"])
def test_who_ends_or_erases_the_conversation_wants_no_answer_any_more(person, vendor, house, how):
    path = tells(person, vendor, "Please call me.").request.path
    inbox = path.replace("/feedback/", "/inbox/")
    assert f'href="{path}"' in person.browser.get(inbox).text

    person.browser.post(f"{inbox}/{how}", form_at=inbox, sure="yes")

    assert vendor.threads() == []
    assert len(vendor.threads(state="withdrawn")) == 1
    assert person.browser.get(path).status_code == (404 if how == "erase" else 200)


def test_what_waits_for_somebody_who_is_gone_keeps_no_other_from_being_handed_up(person, vendor, house, clock):
    tells(person, vendor, "I am gone soon.")
    path = tells(person, vendor, "I stay.").request.path
    house.database.write(forget_the_first_thread)

    clock.now += 30 * DAY
    assert upkeep(house) == 2

    person.signs_in()
    assert "It was handed up there" in person.browser.get(path).text
    assert [thread["state"] for thread in vendor.threads()] == ["received", "received"]
    assert upkeep(house) == 0


def forget_the_first_thread(db):
    first = select(func.min(threads.c.thread_id)).scalar_subquery()
    db.execute(delete(threads).where(threads.c.thread_id == first))


def test_what_is_new_is_marked_until_it_was_looked_at(person, vendor):
    path = tells(person, vendor, "Please call me.").request.path
    [thread] = vendor.threads()
    assert "I have seen it" not in person.browser.get(path).text
    vendor.opens(thread)
    vendor.answers(thread, "We do.")
    vendor.decides(thread, "not", "No number.")
    assert '<span class="tag">new</span>' in person.browser.get("/feedback").text

    person.browser.post(f"{path}/seen", form_at=path)

    assert '<span class="tag">new</span>' not in person.browser.get("/feedback").text
    assert "I have seen it" not in person.browser.get(path).text


def test_of_two_who_answer_at_once_the_person_hears_one(person, vendor, app, house):
    vendor.employs(PETRA, JOE)
    path = tells(person, vendor, "Please call me.").request.path
    [thread] = vendor.threads()
    vendor.opens(thread)

    def answer(number):
        form = {"thread_id": thread["thread_id"], "text": f"Answer {number}", "message_id": f"two-{number}"}
        form["author"] = ("cp-petra", "cp-joe")[number]
        headers = vendor.credentials
        return app.test_client().post("/desk/answers", data=form, headers=headers).status_code

    with ThreadPoolExecutor(2) as both:
        codes = sorted(both.map(answer, range(2)))

    assert codes == [200, 409]
    assert len(re.findall("Answer [01]", person.browser.get(path).text)) == 1


@on_sqlite_alone
def test_nobody_else_sees_it_and_no_other_persona(person, vendor, house):
    path = tells(person, vendor, "Please call me.").request.path
    other = house.database.write(
        add_persona, house.secrets, person_id=person.person.person_id, name="At work", now=house.clock()
    )

    tells(person, vendor, "From work.", persona=other.persona_id)

    assert "From work." not in person.browser.get("/feedback").text
    assert person.browser.get(f"{path[:-1]}0").status_code == 404
    assert len({thread["sub"] for thread in vendor.threads()}) == 2


@on_sqlite_alone
def test_one_vendor_is_told_no_more_than_twenty_things_a_day(person, vendor, house, clock):
    for number in range(20):
        tells(person, vendor, f"Wish {number}", known="nobody")
    with nothing_changes(house):
        assert sends(person, vendor, "One more").status_code == 429
    clock.now += DAY
    person.signs_in()
    tells(person, vendor, "One more")


@on_sqlite_alone
def test_everywhere_a_vendor_appears_one_can_tell_it_something(person, app, house):
    vendor = Answering(app, house, "waterworks", contact_topics=TOPICS)
    consent = person.opens(vendor.link(scope="openid contact:outage"))
    assert "/feedback/new?vendor=waterworks" in consent.text
    grant_id = vendor.redeems(vendor.receives(person.allows(consent, only=["contact:outage"]))["code"]).json["grant_id"]

    assert f"/feedback/new?vendor={grant_id}" in person.browser.get(f"/vendors/{grant_id}").text
    assert "/feedback/new?vendor=waterworks" in person.browser.get("/ledger").text
    assert "Tell <bdi>Waterworks</bdi>" in person.browser.get(f"/feedback/new?vendor={grant_id}").text
    assert 'value="me" checked' in person.browser.get(f"/feedback/new?vendor={grant_id}").text
    assert "/feedback/new?vendor=waterworks" in person.browser.get("/feedback/new").text


@on_sqlite_alone
def test_nobody_reads_in_the_database_what_was_told_or_who_hides(person, vendor, house):
    tells(person, vendor, "A secret wish", known="nobody")
    [thread] = vendor.threads()
    vendor.opens(thread)
    vendor.answers(thread, "A kind answer")
    vendor.decides(thread, "partly", "A good reason", link="https://stadtwerke.example/link")

    for table in ("feedback", "threads", "messages"):
        stored = repr(rows(house, table))
        for word in ("secret", "kind answer", "good reason", "Petra", "example/link", thread["sub"]):
            assert word not in stored


def joined(person, vendor):
    """Ana allows it to speak about outages: the grant, and as whom it knows her."""
    page = person.opens(vendor.link(scope="openid contact:outage"))
    tokens = vendor.redeems(vendor.receives(person.allows(page, only=["contact:outage"]))["code"]).json
    return tokens["grant_id"], vendor.introspects(tokens["access_token"])["sub"]


def says(vendor, grant_id, **message):
    content = json.dumps({"subject": "News", "text": "No water", "reason": "A pipe broke", **message})
    return vendor.post("/contact/messages", {"grant_id": grant_id, "topic": "outage", "message": content})
