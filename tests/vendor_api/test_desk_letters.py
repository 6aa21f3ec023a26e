"""Form letters are found, whatever name and number stands in them; what is written for one person is none."""

import pytest
from desking import Desk
from storage import on_sqlite_alone, rows

from vendor_api.desk.letters import ALIKE, likeness, marks_of, words_of

LETTER = """Sehr geehrte{r} {name},

vielen Dank für Ihre Nachricht vom {day}. März zu Ihrem Vertrag {number}. Ihr Anliegen ist uns wichtig, und wir haben es
an die Fachabteilung gegeben. Bitte haben Sie noch etwas Geduld, {name}; wir melden uns in {days} Tagen bei Ihnen.

Mit freundlichen Grüßen
Petra Vogt"""
SHORT = "Hello {name}, thank you for your idea. We have passed it on and will think about it. Yours, Petra Vogt"
INDIVIDUAL = [
    "Ihre Heizung läuft auf der alten Kennlinie; mein Kollege stellt sie am Dienstag um. Das kostet Sie nichts.",
    "Die Abrechnung war falsch: Wir hatten den Zählerstand vom Nachbarn. 84,20 Euro sind auf dem Weg zu Ihnen.",
    "Danke für das Lob, ich gebe es dem Monteur weiter. Er freut sich sicher.",
    "Leider können wir den Tarif nicht nachts umstellen, weil Ihr Zähler das nicht misst. Einen neuen gibt es 2028.",
    "You are right, the form asks for the same number twice. We take the second question out next week.",
    "The app can not do this yet. Your idea is on our list for autumn, and I write to you when it is there.",
    "Vielen Dank für Ihre Nachricht. Die Straßenlaterne vor Nummer 12 ist wieder an.",
    "Vielen Dank für Ihre Nachricht. Den Abschlag haben wir auf 60 Euro gesenkt, ab Mai.",
]
NAMES = ["Frau Müller", "Herr Dr. Öztürk", "Frau von der Heide", "Herr Li", "Frau Nguyen-Schmidt", "Herr Kowalski"]


@pytest.fixture
def desk(house):
    return Desk(house)


def sends(desk, texts):
    for number, text in enumerate(texts):
        desk.receives(f"t-{number}")
        desk.does("read", f"t-{number}")
        desk.answers(f"t-{number}", text=text)


def answers(desk, count):
    return [desk.thread(f"t-{number}")[1][-1] for number in range(count)]


def written(letter, number):
    name = NAMES[number % len(NAMES)]
    details = {
        "day": number + 1,
        "number": f"K-{number}{number}7",
        "days": number + 3,
        "r": "" if "Frau" in name else "r",
    }
    return letter.format(name=name, **details)


@pytest.mark.parametrize("unseen", ["\u00ad", "\u200d", "\u034f", "\ufe0f"])
def test_what_nobody_sees_makes_no_other_word(unseen):
    text = written(LETTER, 1)
    hidden = "".join(letter + unseen * (at % 5 == 3) for at, letter in enumerate(text))

    assert words_of(hidden, ("Petra Vogt",)) == words_of(text, ("Petra Vogt",))


@pytest.mark.parametrize("letter", [LETTER, SHORT], ids=["long", "short"])
def test_the_same_letter_with_other_names_and_numbers_to_many_is_called_one(desk, letter):
    sends(desk, [written(letter, number) for number in range(6)])

    found = answers(desk, 6)

    assert {(message.alike, message.is_form_letter) for message in found} == {(6, True)}
    assert desk.told()[-1] == "answered"  # it is a warning, and not a refusal


@on_sqlite_alone
def test_the_same_letter_to_a_few_is_none(desk):
    sends(desk, [written(LETTER, number) for number in range(5)])

    assert {(message.alike, message.is_form_letter) for message in answers(desk, 5)} == {(5, False)}


@on_sqlite_alone
def test_a_vendor_can_be_stricter_with_itself(desk):
    desk.promises(most_alike=1)

    sends(desk, [written(LETTER, number) for number in range(2)])

    assert all(message.is_form_letter for message in answers(desk, 2))


@on_sqlite_alone
def test_answers_that_were_written_for_one_person_are_each_its_own(desk):
    sends(desk, INDIVIDUAL)

    assert {(message.alike, message.is_form_letter) for message in answers(desk, len(INDIVIDUAL))} == {(1, False)}


@on_sqlite_alone
def test_the_same_person_again_and_again_is_one_person(desk):
    for _ in range(7):
        desk.receives()
        desk.does("read")
        desk.answers(text=LETTER)

    assert desk.thread()[1][-1].alike == 1


@on_sqlite_alone
def test_what_one_vendor_wrote_to_many_is_no_letter_of_another(desk, house):
    sends(desk, [written(LETTER, number) for number in range(6)])
    other = Desk(house, "bookshop")

    sends(other, [written(LETTER, 7)])

    assert answers(other, 1)[0].alike == 1
    marks = {row["client_id"]: row["marks"] for row in rows(house, "desk_letters")}
    assert marks["stadtwerke"] != marks["bookshop"]


@pytest.mark.parametrize("one", range(len(INDIVIDUAL)))
@pytest.mark.parametrize("other", range(len(INDIVIDUAL)))
def test_texts_are_told_apart_by_their_words(one, other):
    first, second = (marks_of(bytes(32), words_of(INDIVIDUAL[number])) for number in (one, other))

    assert (likeness(first, second) >= ALIKE) == (one == other)


@on_sqlite_alone
def test_a_text_without_words_counts_for_nothing(desk):
    sends(desk, ["42", "42"])

    assert [message.alike for message in answers(desk, 2)] == [0, 0]
