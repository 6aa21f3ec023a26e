"""Standing answers: nothing leaves by a rule that no explicit answer has covered, and refusing needs no page."""

from dataclasses import replace
from itertools import count

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from storage import on_sqlite_alone

from consent import asks, engine, rounds, standing
from consent.caps import ANY, Cap
from consent.model import PUBLIC, WHILE_AWAY, Item, NewAsk, Party
from consent.purposes import UNCLASSIFIED
from consent.standing import Rule, Rules, Whose
from consent.terms.agreements import CALL

pytestmark = on_sqlite_alone
DAY = 24 * 3600
MARKETING = "dpv:Marketing"
STADTWERKE = Party(
    client_id="stadtwerke",
    name="Stadtwerke",
    host="stadtwerke.example",
    verified=True,
    sector="stadtwerke.example",
    policy_uri=None,
    contact=None,
    address=None,
    jurisdiction=None,
    storage_location=None,
    retention=None,
    recipients=(),
    language="en",
    notice="0" * 64,
)
NAMES = ("email", "birthdate", WHILE_AWAY, PUBLIC)


def wants(*optional, needing=(), to="https://stadtwerke.example/back"):
    items = [Item(name, "To send your bill", required=name in needing) for name in (*needing, *optional)]
    return NewAsk(STADTWERKE, tuple(items), to, {"scope": "openid"})


def whose(resident):
    return Whose(resident.person_id, resident.persona_id)


def says(resident, answer, *, client_id="stadtwerke", purpose=ANY, grant_id=None):
    rule = Rule(client_id, purpose, answer, "Stadtwerke", grant_id)
    write = resident.house.database.write
    write(standing.give, resident.house.secrets, rule, whose=whose(resident), now=resident.now)


def rules_of(resident):
    return resident.house.database.read(standing.of, whose=whose(resident))


def kept(resident, new):
    return resident.house.database.write(asks.keep, new, browser="b", now=resident.now)


def renewed(resident, new):
    mine = rules_of(resident)
    under = standing.under(kept(resident, new), mine)
    ids = {"face": resident.face, "issuer": "https://wallet.example", "now": resident.now}
    return resident.house.database.write(engine.renew, resident.house.secrets, under, mine, **ids)


def covering(resident, new):
    ids = {"person_id": resident.person_id, "persona_id": resident.persona_id, "now": resident.now}
    return resident.house.database.read(engine.covering, new, **ids)


def test_always_renews_for_as_long_as_the_answer_was_for_and_what_was_refused_stays_so(ana_answers, clock):
    made = ana_answers.grants(kept(ana_answers, wants("email", "birthdate")), ["email"], until=clock.now + 10 * DAY)
    says(ana_answers, standing.ALWAYS, grant_id=made.grant_id)
    clock.now += 11 * DAY

    again = renewed(ana_answers, wants("email", "birthdate"))

    assert again.attributes == {"email"}
    assert [item.attribute for item in again.refused] == ["birthdate"]
    assert again.expires_at == clock.now + 10 * DAY
    assert again.grant_id == made.grant_id
    assert ana_answers.ledger()[-1].detail["by_rule"] is True


@pytest.mark.parametrize(
    "other",
    [
        wants("email", "birthdate"),
        wants(needing=["birthdate"]),
        wants("email", WHILE_AWAY),
        wants("email", PUBLIC),
        wants("email", to="https://stadtwerke.example/elsewhere"),
        replace(wants("email"), items=(Item("email", "To sell it", required=False),)),
        replace(wants("email"), items=(Item("email", "To send your bill", required=False, purpose_type=MARKETING),)),
        replace(wants("email"), party=replace(STADTWERKE, notice="1" * 64)),
    ],
    ids=[
        "more",
        "needed",
        "while away",
        "public",
        "another address",
        "another reason",
        "another kind",
        "another notice",
    ],
)
def test_always_renews_nothing_that_was_not_answered(ana_answers, clock, other):
    made = ana_answers.grants(kept(ana_answers, wants("email")), ["email"], until=clock.now + DAY)
    says(ana_answers, standing.ALWAYS, grant_id=made.grant_id)
    clock.now += 2 * DAY

    assert renewed(ana_answers, other) is None


def test_always_ends_with_the_grant_it_was_said_of(ana_answers, clock):
    made = ana_answers.grants(kept(ana_answers, wants("email")), ["email"], until=clock.now + DAY)
    says(ana_answers, standing.ALWAYS, grant_id=made.grant_id)
    ana_answers.revokes(made.grant_id)
    other = ana_answers.grants(kept(ana_answers, wants("email")), ["email"], until=clock.now + DAY)
    clock.now += 2 * DAY

    assert other.grant_id != made.grant_id
    assert renewed(ana_answers, wants("email")) is None


def test_who_wants_to_be_asked_each_time_is_asked(ana_answers, clock):
    made = ana_answers.grants(kept(ana_answers, wants("email")), ["email"], until=clock.now + DAY)
    says(ana_answers, standing.ALWAYS, grant_id=made.grant_id)
    ana_answers.wants_to_be_asked(made.grant_id)
    clock.now += 2 * DAY

    assert renewed(ana_answers, wants("email")) is None


def test_never_counts_also_where_an_earlier_answer_covers_the_ask(ana_answers):
    ana_answers.grants(kept(ana_answers, wants("email")), ["email"])
    assert covering(ana_answers, wants("email"))

    says(ana_answers, standing.NEVER)

    assert covering(ana_answers, wants("email")) is None
    assert standing.refuses(standing.under(wants("email"), rules_of(ana_answers)), rules_of(ana_answers))


def test_an_own_cap_makes_a_covered_ask_another_question(ana_answers, clock):
    ana_answers.grants(kept(ana_answers, wants("email")), ["email"])
    about = {"whose": whose(ana_answers), "now": clock.now}

    secrets, write = ana_answers.house.secrets, ana_answers.house.database.write
    write(standing.limit, secrets, UNCLASSIFIED, Cap(fetch="once"), **about)

    assert covering(ana_answers, wants("email")) is None
    write(standing.limit, secrets, UNCLASSIFIED, None, **about)
    assert covering(ana_answers, wants("email"))


def test_a_rule_of_one_persona_or_person_is_none_of_another(ana_answers, resident):
    bea = resident("Bea")
    says(ana_answers, standing.NEVER)

    assert rules_of(bea) == Rules()
    other = Whose(ana_answers.person_id, "another persona")
    assert ana_answers.house.database.read(standing.of, whose=other) == Rules()


def test_the_rule_that_names_the_vendor_counts_first_and_a_block_before_all(database_url):
    item = Item("email", "To advertise", required=False, purpose_type=MARKETING)
    ask = replace(wants(), items=(item,))
    nobody, here = Rule(ANY, MARKETING, standing.NEVER), Rule("stadtwerke", MARKETING, standing.ASK)

    assert standing.under(ask, Rules((nobody,))).items == ()
    assert standing.under(ask, Rules((nobody, here))).items == (item,)
    blocked = Rules((nobody, here, Rule("stadtwerke", ANY, standing.BLOCKED)))
    assert standing.refuses(standing.under(ask, blocked), blocked)


def test_saying_the_same_twice_is_one_line_and_taking_it_back_leaves_nothing(ana_answers):
    says(ana_answers, standing.NEVER)
    says(ana_answers, standing.NEVER)
    says(ana_answers, None)
    says(ana_answers, None)

    assert ana_answers.log() == ["changed", "changed"]
    assert rules_of(ana_answers) == Rules()
    assert ana_answers.verifies() == 2


NUMBERS = count()
steps = st.lists(
    st.one_of(
        st.tuples(st.just("answer"), st.frozensets(st.sampled_from(NAMES)), st.frozensets(st.sampled_from(NAMES))),
        st.tuples(st.just("rule"), st.sampled_from([standing.ALWAYS, standing.ALWAYS, standing.NEVER, None])),
        st.tuples(st.just("asks"), st.frozensets(st.sampled_from(NAMES))),
        st.tuples(st.just("waits"), st.integers(1, 40)),
        st.tuples(st.just("revokes")),
    ),
    min_size=4,
    max_size=14,
)


class Remembering:
    """Walks the engine, and remembers beside it what the person has said herself."""

    def __init__(self, resident, length):
        self.resident, self.length = resident, length
        self.allowed = self.asked = frozenset()

    def answer(self, asked, chosen):
        now, current = self.resident.now, self.resident.current()
        if current is None or not current.is_live(now):
            self.allowed, self.asked = asked & chosen, asked
            self.resident.grants(kept(self.resident, wants(*asked)), self.allowed, until=now + self.length)

    def rule(self, answer):
        current = self.resident.current()
        pinned = current.grant_id if current and answer == standing.ALWAYS else None
        says(self.resident, answer, grant_id=pinned)

    def waits(self, days):
        self.resident.house.clock.now += days * DAY

    def revokes(self):
        current = self.resident.current()
        if current:
            self.resident.revokes(current.grant_id)
            self.allowed = self.asked = frozenset()

    def asks(self, asked):
        made = renewed(self.resident, wants(*asked))
        if made is not None:
            assert made.attributes == self.allowed & asked
            assert asked <= self.asked
            assert made.expires_at - self.resident.now <= self.length
            assert rules_of(self.resident).says(standing.ALWAYS, "stadtwerke", ANY)
            self.allowed, self.asked = made.attributes, asked


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.frozensets(st.sampled_from(NAMES)), steps=steps, length=st.integers(1, 30))
def test_nothing_is_allowed_by_a_rule_that_no_explicit_answer_covered(resident, clock, asked, steps, length):
    said = Remembering(resident(f"ana{next(NUMBERS)}"), length * DAY)
    said.answer(asked, asked - {PUBLIC})
    said.rule(standing.ALWAYS)

    for name, *more in steps:
        clock.now += 1
        getattr(said, name)(*more)

    lines = said.resident.ledger()
    assert said.resident.verifies() == len(lines)
    event(f"renewed: {sum(bool(line.detail.get('by_rule')) for line in lines) > 0}")


def test_always_renews_nothing_that_an_agreement_made_since_then_prohibits(ana_answers, clock):
    item = replace(wants("email").items[0], purpose_type=MARKETING)
    new = replace(wants("email"), items=(item,))
    made = ana_answers.grants(kept(ana_answers, new), ["email"], until=clock.now + 10 * DAY)
    says(ana_answers, standing.ALWAYS, grant_id=made.grant_id)
    write, secrets = ana_answers.house.database.write, ana_answers.house.secrets
    write(rounds.conclude, secrets, made, "SD-BASE", signs=ana_answers.signs, by=CALL, now=clock.now)
    clock.now += 10 * DAY

    assert renewed(ana_answers, new) is None
