"""Files that are no vaults, and vaults that somebody made up: each is refused in one sentence, and nothing changes."""

import sqlite3

import pytest
from settling import copied, recounted, vault_of
from storage import nothing_changes, on_sqlite_alone

from wallet.vault.errors import BadVault
from wallet.vault.restore import restore

SPOILED = {
    "nothing in it": ("delete from vault", "no vault"),
    "a newer format": ("update vault set version = 2", "newer than this program knows"),
    "no format": ("update vault set version = 0", "never was"),
    "a table more": ("create table more (x)", "something else"),
    "a column more": ("alter table personas add column more text", "something else"),
    "a table less": ("drop table rules", "something is missing"),
    "a trigger": (
        "create trigger t after insert on rules begin delete from rules; end",
        "something else",
    ),
    "an index": ("create index i on rules (answer)", "something else"),
    "a view more": ("create view more as select 1", "something else"),
    "a view for a table": ("drop table rules; create view rules as select 1", "something"),
    "another's row": ("update uses set person_id = '01M8275M9N4MAE9FYDEKKR3ZKX'", "another person"),
    "a value changed": ("""update attribute_values set value = '"x"'""", "content hash"),
    "another person": ("update vault set person_id = 'nobody'", "another person"),
    "a text with a zero byte": ("update rules set vendor = 'a' || char(0)", "table rules"),
    "a number too great": ("update uses set count = 9007199254740992", "table uses"),
    "a letter too many": ("update people set language = 'a234567890123456x'", "table people"),
    "JSON that is none": ("update ledger set detail = '{'", "table ledger"),
    "JSON without end": ("update ledger set detail = replace(hex(zeroblob(50000)), '0', '[')", "table ledger"),
    "JSON spelled otherwise": ("update ledger set detail = ' ' || detail", "table ledger"),
    "bytes for a text": (
        "drop table uses; create table uses (person_id text, grant_id text, attribute text, since integer, "
        "count integer, primary key (person_id, grant_id, attribute)); "
        "insert into uses select person_id, x'00', 'email', 1, 1 from vault",
        "table uses",
    ),
    "nothing for a text": (
        "drop table uses; create table uses (person_id text, grant_id text, attribute text, since integer, "
        "count integer, primary key (person_id, grant_id, attribute)); "
        "insert into uses select person_id, 'x', 'email', null, 1 from vault",
        "table uses",
    ),
    "a cell too large": ("update people set login = hex(zeroblob(9000000))", "damaged"),
}


NOT_SO = "should be|can not be one"


COUNTED = {
    "a person less": ("delete from people", "one person"),
    "an id that is none": ("update personas set persona_id = 'x' where is_default", "id or a root"),
    "a root too short": ("update personas set root = x'00' where is_default", "id or a root"),
    "another root": ("update personas set root = randomblob(32) where is_default", "does not follow from the root"),
    "another sub": ("update relationships set sub = 'x'", "does not follow from the root"),
    "another did": ("update relationships set did = 'did:key:z6Mk'", "does not follow from the root"),
    "no first persona": ("update personas set is_default = 0", "the first one"),
    "two first personas": ("update personas set is_default = 1", "the first one"),
    "a persona without name": ("update personas set name = ''", "name that can not be one"),
    "a login that is none": ("update people set login = ' '", "Login or password"),
    "a password that is none": ("update people set password_hash = 'x'", "Login or password"),
    "a password that takes for ever": (
        "update people set password_hash = '$argon2id$v=19$m=4294967295,t=99999,p=1$c2FsdHNhbHQ$aGFzaGhhc2g'",
        "too long to be checked",
    ),
    "a language that is none": ("update people set language = 'xx'", "none that this wallet speaks"),
    "a value that is a list": ("update attribute_values set value = '[1]' where not locked", "can not be one"),
    "a value that is no JSON": ("update attribute_values set value = '[' where not locked", "not what it should be"),
    "a value of no attribute": (
        "update attribute_values set attribute = 'A b' where attribute = 'email'",
        "can not be one",
    ),
    "a persona that is not there": (
        "update attribute_values set persona_id = '01M8275M9N4MAE9FYDEKKR3ZKX'",
        "a persona that is not there",
    ),
    "another grant's token": (
        "update grants set consent_token = (select max(consent_token) from grants)",
        "of another grant",
    ),
    "a token that is none": ("update grants set consent_token = 'x'", "is not signed"),
    "somebody else's name": ("update grants set public_sub = 'x'", "somebody else"),
    "a grant without relationship": ("delete from relationships", "of another grant"),
    "a party that is none": ("update grants set party = '[]'", "not what it should be"),
    "a policy that is a program": (
        "update grants set party = json_set(party, '$.policy_uri', 'javascript:alert(1)')",
        "vendor in this vault",
    ),
    "a receipt less": ("delete from receipts where number = 1", "does not follow"),
    "a receipt that is none": ("update receipts set document = 'x'", "not signed"),
    "another countersignature": ("update receipts set countersignature = 'x' where countersignature <> ''", "is none"),
    "another agreement": ("update agreements set document = '{}'", "agreement"),
    "another request": ("update rights set request_id = 'x'", "request in this vault"),
    "a line less": ("delete from ledger where seq = 2", "broken at line 2"),
    "the last lines less": ("delete from ledger where seq > 2", "shorter"),
    "a line changed": ("update ledger set at = 1 where seq = 3", "broken at line 3"),
    "a stamp changed": ("update stamps set hash = 'x'", "not of this ledger"),
    "a ledger without root": ("update people set ledger_root = x'00'", "key of the ledger"),
    "another ledger's root": ("update people set ledger_root = randomblob(32)", "not of this ledger"),
    "a value from nowhere": ("update attribute_values set source = 'x'", "comes from nowhere"),
    "a value taken from itself": (
        "update inherited_values set from_persona_id = persona_id",
        "taken from where there is none",
    ),
    "a value taken from nobody": (
        "update inherited_values set from_persona_id = '01M8275M9N4MAE9FYDEKKR3ZKX'",
        "a persona that is not there",
    ),
    "a picture that is none": ("update persona_pictures set picture = x'89504e470d0a1a0a00'", "picture"),
    "a picture of another kind": ("update persona_pictures set picture = cast('<svg/>' as blob)", "picture"),
    "a preference that is none": ("update preferences set value = 'xx'", "preference"),
    "a data set without columns": ("update data_sets set about = json_set(about, '$.columns', json('[]'))", "data set"),
    "a data set without name": ("update data_sets set about = json_set(about, '$.name', '')", "data set"),
    "a date that is no column": ("update data_sets set about = json_set(about, '$.date', 9)", "should be|data set"),
    "a date that is before": ("update data_sets set about = json_set(about, '$.date', -1)", "data set"),
    "a zone that is a path": ("update data_sets set about = json_set(about, '$.zone', '../../etc/passwd')", "data set"),
    "a data set that is a list": ("update data_sets set about = '[]'", "should be"),
    "a data set of an odd id": ("update data_sets set data_set_id = '../x'", "data set"),
    "an import of no data set": (
        "update record_imports set data_set_id = '01M8275M9N4MAE9FYDEKKR3ZKX'",
        "belongs to no data set",
    ),
    "an import that goes on": ("update record_imports set state = 'running'", "import"),
    "an import that says lists": (
        "update record_imports set about = json_set(about, '$.outcome.refused', json('[[1, [], {}]]'))",
        "import",
    ),
    "an import of two vendors": ("update record_imports set about = json_set(about, '$.vendor', json('[]'))", "import"),
    "a plan that is none": (
        "update record_imports set about = json_set(about, '$.plan.reading.header', 'x')",
        "import",
    ),
    "rows of no import": ("update record_blocks set import_id = '01M8275M9N4MAE9FYDEKKR3ZKX'", "no import"),
    "rows of no data set": ("update record_blocks set data_set_id = '01M8275M9N4MAE9FYDEKKR3ZKX'", "no import"),
    "rows that are no list": ("update record_blocks set rows = '{}'", "Rows"),
    "too many rows": (
        "update record_blocks set rows = '[' || replace(hex(zeroblob(1000)), '00', 'null,') || 'null]'",
        "Rows",
    ),
    "a row too short": ("update record_blocks set rows = '[[1]]'", "row in this vault"),
    "a number that is none": (
        """update record_blocks set rows = '[[1,"1e9",null]]' where part = 'rows'""",
        "row in this",
    ),
    "a moment beyond time": ("update record_blocks set rows = '[[9007199254740991,null,null]]'", "row in this vault"),
    "a deposit that stands nowhere": ("update deposits set state = 'x'", "stands nowhere"),
    "a deposit of nothing": ("update deposits set content = '{}'", "should be"),
    "a deposit of a list": ("update deposits set content = json_set(content, '$.values', json('[]'))", "deposit"),
    "a deposit of an odd table": (
        "update deposits set content = json_set(content, '$.records', json('{\"name\": 1}'))",
        "deposit",
    ),
    "a deposit with a path": ("update deposits set deposit_id = '../' || deposit_id", "deposit"),
    "a way back that is none": ("update ways_back set checked_by = 'x'", "way back"),
    "a way back for nobody": ("update ways_back set needed = 0", "way back"),
    "a way back of an odd kind": ("update ways_back set kind = 'x' where kind = 'kit'", "fit together"),
    "names that are numbers": ("update ways_back set names = '[1]'", "way back"),
    "a locked value that is none": ("update attribute_values set value = '!' where locked", NOT_SO),
    "a value that is not locked": (
        "update attribute_values set locked = 1 where locked = 0",
        "should be|can not be one",
    ),
    "a locked value that is open": ("update attribute_values set locked = 0 where locked", NOT_SO),
    "a lock that takes for ever": (
        "update lock_keys set cost = '99,99999999,1' where way = 'password'",
        "too long to be opened",
    ),
    "a lock of no cost": ("update lock_keys set cost = 'x' where way = 'password'", "should be"),
    "a lock too large": ("update lock_keys set wrapped = zeroblob(2000)", "key in this vault"),
    "limits that are none": ("update grants set items = '[{}]'", "not what it should be|fit together"),
}


@on_sqlite_alone
def test_a_file_that_was_spoiled_is_refused_in_a_sentence(new, vault):
    for told, (spoil, sentence) in SPOILED.items():
        spoiled = copied(vault)
        spoiled.executescript(spoil)

        with nothing_changes(new), pytest.raises(BadVault) as refused:
            restore(new, vault_of(spoiled))

        assert any(part in str(refused.value) for part in sentence.split("|")), (told, str(refused.value))


@on_sqlite_alone
def test_a_vault_that_somebody_made_up_is_refused_in_a_sentence(new, vault):
    for told, (spoil, sentence) in COUNTED.items():
        spoiled = copied(vault)
        try:
            spoiled.executescript(spoil)
        except sqlite3.Error as error:
            raise AssertionError(told) from error
        recounted(spoiled)

        with nothing_changes(new):
            try:
                restore(new, vault_of(spoiled))
            except BadVault as error:
                assert any(part in str(error) for part in sentence.split("|")), (told, str(error))  # noqa: PT017
            else:
                raise AssertionError(told)
