"""The counting of reads: whatever the moments, no span ever sees more reads than it allows, and none is lost."""

from collections import Counter
from dataclasses import replace
from itertools import accumulate

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from storage import on_sqlite_alone

from consent.limits import SECONDS, delivery
from consent.model import Limits, Span

pytestmark = on_sqlite_alone


def limited(grant, limits):
    """The grant, as if its one value had been granted under these limits."""
    return replace(grant, items=tuple(replace(item, limits=limits) for item in grant.items))


@given(
    most=st.integers(1, 4),
    unit=st.sampled_from(sorted(SECONDS)),
    pauses=st.lists(st.integers(0, 100), min_size=1, max_size=30),
)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_span_sees_as_many_reads_as_are_allowed_and_tells_when_the_next_begins(ana_answers, most, unit, pauses):
    until = ana_answers.now + 300 * 24 * 3600
    made = ana_answers.grants(ana_answers.is_asked("email"), ["email"], until=until)
    grant = limited(replace(made, grant_id=f"{made.grant_id}{most}{unit}{pauses}"), Limits(frequency=Span(most, unit)))
    length, seen, tried = SECONDS[unit], Counter(), Counter()

    for moment in accumulate(pause * length // 40 for pause in pauses):
        now, span = grant.granted_at + moment, moment // length
        found = ana_answers.house.database.write(delivery, grant, ["email"], now=now)
        tried[span] += 1
        seen[span] += "email" in found.attributes
        assert found.attributes == ({"email"} if tried[span] <= most else set())
        assert [one.next_at for one in found.withheld] == (
            [] if tried[span] <= most else [grant.granted_at + (span + 1) * length]
        )

    assert all(seen[span] == min(tried[span], most) for span in tried)


def test_a_clock_that_goes_back_opens_nothing(ana_answers):
    made = ana_answers.grants(ana_answers.is_asked("email"), ["email"])
    grant = limited(made, Limits(frequency=Span(1, "hour")))

    def read(now):
        return ana_answers.house.database.write(delivery, grant, ["email"], now=now).attributes

    assert read(made.granted_at + 2 * 3600) == {"email"}
    assert read(made.granted_at) == set()
    assert read(made.granted_at + 2 * 3600) == set()
    assert read(made.granted_at + 3 * 3600) == {"email"}


def test_what_is_read_while_the_clock_is_back_counts_in_the_later_span(ana_answers):
    made = ana_answers.grants(ana_answers.is_asked("email"), ["email"])
    grant = limited(made, Limits(frequency=Span(2, "hour")))

    def read(now):
        return ana_answers.house.database.write(delivery, grant, ["email"], now=now).attributes

    assert read(made.granted_at + 2 * 3600) == {"email"}
    assert read(made.granted_at) == {"email"}
    assert read(made.granted_at + 2 * 3600) == set()
