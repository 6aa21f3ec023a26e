"""Whatever happened in a life comes along: out of one house, into the next and out again, nothing differs."""

import shutil
from contextlib import contextmanager
from itertools import count

import pytest
from doing import ALL, STEPS, VENDORS
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from packing import drawn, exported, keeps_records, makes_ways_back
from settling import furnished, settles
from sharing import Life
from sqlalchemy import create_engine, make_url, select

from consent import grants, ledger
from keys.tables import metadata
from vendor_api.model import Handed
from vendor_api.oauth.registration import add_by_operator
from wallet.data import inheritance
from wallet.data.attributes import define_attribute
from wallet.data.engine import set_value
from wallet.data.locks import lock
from wallet.deposits import engine as deposits
from wallet.deposits.trust import trust
from wallet.people import locking, personas
from wallet.personas import pictures
from wallet.records import rows
from wallet.vault.file import content_hash

DAY = 24 * 3600
NAMES = count()
STEP = st.sampled_from(STEPS).flatmap(
    lambda step: st.tuples(st.just(step[0]), *(st.sampled_from(choices) for choices in step[1:]))
)
TEXT = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=30)
BEGINNING = (
    ("ask", VENDORS[0], ALL, frozenset(), None, None, ALL),
    ("allow", 0, ALL - {"birthdate"}, 30 * DAY, None, None),
    ("redeem", 0, ALL, None),
    ("read", 0),
)


@pytest.fixture
def full_house(house):
    for vendor in VENDORS:
        said = {"client_id": vendor, "redirect_uris": [f"https://{vendor}.example/back"]}
        house.database.write(add_by_operator, house.secrets, said, now=house.clock())
    return house


def lives(house, moves_in, steps, texts):
    """Somebody to whom all that happens, and who writes down what they like, as two personas."""
    life = Life(house, moves_in(f"ana{next(NAMES)}"), lambda: house)
    for step in (*BEGINNING, *steps):
        life.happens(step)
    mine, now = {"person_id": life.person_id}, {"now": house.clock()}
    other = house.database.write(personas.add_persona, house.secrets, name="At work", **mine, **now)
    house.database.write(define_attribute, house.secrets, name="own", label="Own", kind="text", **mine, **now)
    for number, text in enumerate(texts):
        place = {"persona_id": other.persona_id if number % 2 else life.person.persona_id, "attribute": "own"}
        house.database.write(set_value, house.secrets, **mine, **place, value=text, expected_version=None, **now)
    has_rooms(house, {**mine, "persona_id": life.person.persona_id}, other.persona_id, texts)
    return life


def has_rooms(house, ids, other, texts):
    """Data sets with these texts in them, a value that is taken, a picture, ways back, and what is locked."""
    mine, now = {"person_id": ids["person_id"]}, {"now": house.clock()}
    found = keeps_records(house, ids)
    for number, text in enumerate(texts):
        house.database.write(rows.add, house.secrets, found, [number, str(number), text], **now)
    if texts:
        taken = {**mine, "persona_id": other, "attribute": "own", "source": ids["persona_id"]}
        house.database.write(inheritance.inherit, **taken, **now)
    house.database.write(pictures.keep, house.secrets, drawn(), **mine, persona_id=other, seen=0, **now)
    grant = house.database.read(grants.of_person, **mine)[0]
    for number, text in enumerate(texts):
        handed = Handed(str(number), text, text, {"nickname": text}, None)
        house.database.write(deposits.receive, house.secrets, grant, handed, **now)
    house.database.write(trust, **ids, client_id=grant.party.client_id, **now)
    if texts:
        lock_key = locking.make_lock(house, **mine, password="correct horse battery")
        house.database.write(lock, house.secrets, place={**ids, "attribute": "own"}, lock_key=lock_key)
    makes_ways_back(house, mine)


@contextmanager
def emptied(new):
    """Nobody lives there before, nor afterwards."""
    yield new
    kept = {"host_keys", "host_roots", "alembic_version"}

    def empty(db):
        for table in reversed(metadata.sorted_tables):
            if table.name not in kept:
                db.execute(table.delete())

    new.database.write(empty)


def comes_along(house, new, moves_in, steps, texts):
    life = lives(house, moves_in, steps, texts)
    here = {"person_id": life.person_id}
    actor = type("Packed", (), {"person": life.person})

    with emptied(new):
        done = settles(new, exported(house, actor))

        again = exported(new, actor).execute("select content_hash from vault").fetchone()[0]
        assert again == done.content_hash == house.database.read(content_hash, house.secrets, **here)
        lines = new.database.read(ledger.verify, new.secrets.ledger, **here)
        assert lines == house.database.read(ledger.verify, house.secrets.ledger, **here)
        assert same_items(house, new, life.person_id)
        logins = new.database.read(lambda db: db.execute(select(metadata.tables["people"].c.login_digest)).all())
        assert len(logins) == 1


def same_items(house, new, person_id):
    table = metadata.tables["grant_items"]
    mine = select(table).where(table.c.person_id == person_id)
    there, here = (one.database.read(lambda db: {*map(tuple, db.execute(mine))}) for one in (house, new))
    return there == here


def hurried(examples):
    checks = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
    unshrunk = (Phase.explicit, Phase.generate)
    return settings(max_examples=examples, deadline=None, suppress_health_check=checks, phases=unshrunk)


@pytest.fixture
def on_sqlite(full_house, sqlite, tmp_path):
    shutil.copyfile(sqlite, tmp_path / "new.db")
    with furnished(full_house, f"sqlite:///{tmp_path / 'new.db'}", issuer=full_house.settings.issuer) as new:
        yield new


@pytest.fixture
def on_postgresql(full_house, postgresql):
    """A second database beside the one that is lent out."""
    url = make_url(postgresql)
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as db:
        db.exec_driver_sql("drop database if exists settled with (force)")
        db.exec_driver_sql("create database settled template furnished strategy file_copy")
    settled = url.set(database="settled").render_as_string(hide_password=False)
    with furnished(full_house, settled, issuer=full_house.settings.issuer) as new:
        yield new
    with admin.connect() as db:
        db.exec_driver_sql("drop database settled with (force)")
    admin.dispose()


@pytest.mark.slow
def test_a_life_comes_along_to_sqlite(full_house, on_sqlite, moves_in):
    @hurried(3)
    @given(st.lists(STEP, max_size=25), st.lists(TEXT, max_size=4))
    def check(steps, texts):
        comes_along(full_house, on_sqlite, moves_in, steps, texts)

    check()


@pytest.mark.slow
@pytest.mark.postgresql
def test_a_life_comes_along_to_postgresql(full_house, on_postgresql, moves_in):
    @hurried(2)
    @given(st.lists(STEP, max_size=25), st.lists(TEXT, max_size=4))
    def check(steps, texts):
        comes_along(full_house, on_postgresql, moves_in, steps, texts)

    check()
