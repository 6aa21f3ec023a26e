"""Both sides of a thread: what the person says stands at the desk, and the answer in their wallet; by one digest."""

from desking import PETRA, Desk
from listening import ListeningVendor
from storage import rows

from consent.events import SAID
from wallet.dialogue import engine, saying
from wallet.host import WalletHost


def begins(db, house, person):
    place = {"person_id": person.person_id, "persona_id": person.persona_id, "client_id": "shop", "grant_id": None}
    about = {"vendor": "Shop", "subject": "Bills", "kind": "complaint", "topic": "bills", "opened_by": "person"}
    thread = engine.open_thread(db, house.secrets, **place, **about, now=house.clock())
    text = "My bill came urgently late.\nPlease look."
    saying.say(db, house.secrets, thread, text, language="en", now=house.clock())
    return thread


def test_what_is_said_and_answered_stands_on_both_sides_and_who_listens_hears_by_name(app, house, ana):
    ListeningVendor(app, house, "shop").listens(events_requested=[SAID])
    thread = house.database.write(begins, house, ana)
    desk = Desk(house, "shop", (PETRA,))
    desk.host = WalletHost(house, peek=lambda _cookies: {})

    desk.does("read", thread.public_id)
    desk.answers(thread.public_id, text="You get a new one.")

    answer, said = house.database.read(engine.said_in, thread, limit=10)
    assert (answer.text, answer.author, answer.form_letter) == ("You get a new one.", "Petra Vogt", False)
    assert [one.digest for one in desk.thread(thread.public_id)[1]] == [said.digest, answer.digest]
    [telling] = [row for row in rows(house, "outbox") if row["detail"]["type"] == SAID]
    assert telling["detail"]["said"] == {"thread_id": thread.public_id, "type": "complaint", "topic": "bills"}
    assert "bill came" not in str(rows(house, "outbox"))
