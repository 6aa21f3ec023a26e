"""Who answers: chosen by rules that can be read, each choice with its reasons, for both sides."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final

from vendor_api.desk.directory import ContactPerson
from vendor_api.desk.hours import next_open
from vendor_api.desk.model import Incoming, Reason

ANYONE: Final = "anyone"
WAIT: Final = "wait"
SAME_SKILL: Final = "same_skill"
FALLBACKS: Final = (ANYONE, WAIT, SAME_SKILL)
URGENT: Final = 4 * 3600  # so soon due that who is there comes before who knows best
NEVER: Final = 1 << 62


@dataclass(frozen=True, slots=True)
class Preference:
    """Whom the person wants to speak with, and what counts where that one is not there: FALLBACKS."""

    contact_person: str | None = None
    fallback: str = ANYONE


NO_PREFERENCE: Final = Preference()


@dataclass(frozen=True, slots=True)
class Decision:
    contact_person_id: str | None
    reasons: tuple[Reason, ...]


def route(
    thread: Incoming,
    directory: Collection[ContactPerson],
    load: Mapping[str, int],
    preference: Preference,
    now: int,
) -> Decision:
    """The best suited of those who are there; `load` is how many threads wait for each. Nobody is a decision too."""
    known = {one.contact_person_id: one for one in directory if one.active}
    wanted = known.get(preference.contact_person or "")
    if wanted is not None and is_free(wanted, load, now):
        return Decision(wanted.contact_person_id, (Reason("preferred", wanted.contact_person_id),))
    before: tuple[Reason, ...] = ()
    free = [one for one in known.values() if is_free(one, load, now)]
    if wanted is not None:
        before = (why_not(wanted, now),)
        if preference.fallback == WAIT:
            return Decision(wanted.contact_person_id, (*before, Reason("waits_for", wanted.contact_person_id)))
        substitute = next((one for one in free if one.contact_person_id == wanted.substitute), None)
        if substitute is not None:
            said = Reason("substitute", wanted.contact_person_id)
            return Decision(substitute.contact_person_id, (*before, said))
        if preference.fallback == SAME_SKILL:
            skilled = [one for one in free if set(one.skills) & set(wanted.skills)]
            before += (Reason("same_skill" if skilled else "no_same_skill"),)
            free = skilled or free
    elif preference.contact_person is not None:
        before = (Reason("preferred_unknown"),)
    return best(thread, free, load, before, now)


def best(
    thread: Incoming, free: Collection[ContactPerson], load: Mapping[str, int], before: tuple[Reason, ...], now: int
) -> Decision:
    """By language, topic and skill, hours, load; where it is urgent by hours before topic and skill."""
    if not free:
        return Decision(None, (*before, Reason("nobody_free")))
    urgent = thread.due_at is not None and thread.due_at - now <= URGENT
    knows: list[tuple[str, Callable[[ContactPerson], float]]] = [
        ("topic", lambda one: off_topic(one, thread)),
        ("skill", lambda one: not {thread.type, thread.topic} & set(one.skills)),
    ]
    is_there: list[tuple[str, Callable[[ContactPerson], float]]] = [("on_duty", lambda one: until_there(one, now))]
    steps: list[tuple[str, Callable[[ContactPerson], float]]] = [("language", lambda one: off_language(one, thread))]
    steps += [*is_there, *knows] if urgent else [*knows, *is_there]
    steps.append(("load", lambda one: burden(one, load)))
    left, reasons = sorted(free, key=lambda one: one.contact_person_id), list(before)
    if urgent:
        reasons.append(Reason("service_level"))
    for name, rank in steps:
        least = min(map(rank, left))
        stay = [one for one in left if rank(one) == least]
        if len(stay) < len(left):
            reasons.append(Reason(name))
        left = stay
    chosen = left[0]
    return Decision(chosen.contact_person_id, tuple(reasons) or (Reason("only_one" if len(free) == 1 else "equal"),))


def is_free(one: ContactPerson, load: Mapping[str, int], now: int) -> bool:
    return not is_absent(one, now) and not is_full(one, load)


def is_absent(one: ContactPerson, now: int) -> bool:
    return any(absence.from_ <= now < absence.until for absence in one.absences)


def is_full(one: ContactPerson, load: Mapping[str, int]) -> bool:
    return one.most_threads is not None and load.get(one.contact_person_id, 0) >= one.most_threads


def why_not(one: ContactPerson, now: int) -> Reason:
    return Reason("absent" if is_absent(one, now) else "full", one.contact_person_id)


def off_topic(one: ContactPerson, thread: Incoming) -> int:
    """0 for one whose topic it is, 1 for one who does everything, 2 for one who does something else."""
    if not one.topics:
        return 1
    return 0 if thread.topic in one.topics else 2


def off_language(one: ContactPerson, thread: Incoming) -> int:
    if thread.language is None or not one.languages:
        return 0
    spoken = {language.partition("-")[0] for language in one.languages}
    return int(thread.language.partition("-")[0] not in spoken)


def until_there(one: ContactPerson, now: int) -> int:
    there = next_open(one.hours, now)
    return NEVER if there is None else there - now


def burden(one: ContactPerson, load: Mapping[str, int]) -> float:
    """How much waits for them, measured by how much may."""
    waiting = load.get(one.contact_person_id, 0)
    return waiting / one.most_threads if one.most_threads else waiting / 100
