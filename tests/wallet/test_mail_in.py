"""Mail that comes in: the person's answer finds its thread, the vendor's mail its policy, and nobody else gets in."""

import smtplib
from contextlib import suppress

import pytest
from corresponding import wants, with_mail, writes, writing_vendor
from delivering import CHANNELS, reached
from mailing import free_port
from sqlalchemy import delete
from storage import nothing_changes, on_sqlite_alone, rows

from consent.contact.tables import contact_policies
from wallet.channels.sending import work_off
from wallet.dispatch import mail_in, mail_listening
from wallet.dispatch.mail_reading import LARGEST, Refused, read
from wallet.dispatch.parcels import sender_of

PASSED = "Authentication-Results: mx.wallet.example; spf=pass; dmarc=pass (p=reject) header.from="


@pytest.fixture
def house(house, mails):
    more = {"smtp_url": mails[0], "mail_authserv": "mx.wallet.example", "mail_listen": f"127.0.0.1:{free_port()}"}
    return with_mail(house, **more)


@pytest.fixture
def stadtwerke(house, person):
    return writing_vendor(house, person)


@pytest.fixture
def told(house, stadtwerke, ids, mails):
    """Ana has got a mail; gives back its headers and the address to answer to."""
    wants(house, ids, channels=("email",))
    reached(house, ids, "email", email="ana@example.org")
    assert writes(stadtwerke).status_code == 201
    work_off(sender_of(house), CHANNELS)
    mail = mails[1].mails[0]
    return mail["Message-ID"], mail["Reply-To"].addresses[0].addr_spec


def written(text="Danke, das passt.", *, sender="ana@example.org", answers="", head="", results=None):
    domain = sender.rpartition("@")[2]
    lines = [results if results is not None else PASSED + domain, f"From: Ana <{sender}>", "Subject: Re: Kein Strom"]
    lines += ["Message-ID: <x1@example.org>", *([f"In-Reply-To: {answers}"] if answers else [])]
    lines += [head] if head else []
    return "\r\n".join([*filter(None, lines), "", text, ""]).encode()


def said(house):
    return [
        (row["said_by"], row["channel"]) for row in sorted(rows(house, "messages"), key=lambda row: row["message_id"])
    ]


def test_the_answer_of_a_person_comes_into_its_thread_and_to_the_vendor(house, told):
    answered, alias = told
    quoted = "Danke, das passt.\n\nAm 1. Mai schrieb Stadtwerke:\n> Morgen von 8 bis 10 Uhr.\n"

    mail_in.receive(house, written(quoted, answers=answered), to=alias)

    assert said(house) == [("vendor", "email"), ("person", "inbox")]
    assert len({row["thread_id"] for row in rows(house, "messages")}) == 1
    assert {row["digest"] for row in rows(house, "desk_messages")} == {row["digest"] for row in rows(house, "messages")}


SPOOFED = {
    "none": "",
    "failed": "Authentication-Results: mx.wallet.example; dmarc=fail header.from=example.org",
    "by another server": "Authentication-Results: mx.evil.example; dmarc=pass header.from=example.org",
    "of another domain": "Authentication-Results: mx.wallet.example; dmarc=pass header.from=evil.example",
    "no dmarc": "Authentication-Results: mx.wallet.example; dkim=pass header.d=example.org",
    "in a comment": "Authentication-Results: mx.wallet.example; spf=fail (dmarc=pass header.from=example.org)",
    "below the first": f"Authentication-Results: mx.evil.example; none\r\n{PASSED}example.org",
}


@on_sqlite_alone
def test_an_answer_that_nobody_vouches_for_is_spoofed(house, told):
    answered, alias = told

    for results in SPOOFED.values():
        with nothing_changes(house), pytest.raises(Refused, match="nothing proves"):
            mail_in.receive(house, written(answers=answered, results=results), to=alias)


@on_sqlite_alone
def test_a_stranger_is_refused_even_with_the_address(house, told):
    answered, alias = told

    with pytest.raises(Refused, match="two sides alone"):
        mail_in.receive(house, written(sender="eve@evil.example", answers=answered), to=alias)

    assert said(house) == [("vendor", "email")]


@on_sqlite_alone
def test_an_answer_to_nothing_of_this_vendor_is_refused(house, told):
    with pytest.raises(Refused, match="answer a mail of the wallet"):
        mail_in.receive(house, written(answers="<AAAAAAAAAAAAAAAAAAAAAA@wallet.example>"), to=told[1])


def test_a_vendors_mail_is_a_message_like_any_other(house, told):
    mail = written("Wir sind fertig.", sender="service@stadtwerke.example")

    mail_in.receive(house, mail, to=told[1])
    mail_in.receive(house, mail, to=told[1])

    assert said(house) == [("vendor", "email")] * 2
    digests = [{row["digest"] for row in rows(house, table)} for table in ("messages", "desk_messages")]
    assert digests[0] == digests[1]


@on_sqlite_alone
def test_of_an_address_with_a_large_provider_no_more_counts_than_itself(house, told):
    mail_in.receive(house, written("Wir sind fertig.", sender="stadtwerke@mail.example"), to=told[1])

    with pytest.raises(Refused):
        mail_in.receive(house, written("Ich auch.", sender="eve@mail.example"), to=told[1])
    assert said(house) == [("vendor", "email")] * 2


@on_sqlite_alone
@pytest.mark.parametrize(
    "limit", [{"paused_until": 2_000_000_000}, {"not_before": 2_000_000_000}], ids=["paused", "later"]
)
def test_a_vendors_mail_outside_the_policy_is_refused(house, told, ids, limit):
    house.database.write(lambda db: db.execute(delete(contact_policies)))
    wants(house, ids, channels=("email",), **limit)

    with pytest.raises(Refused, match="the person"):
        mail_in.receive(house, written(sender="service@stadtwerke.example"), to=told[1])

    assert said(house) == [("vendor", "email")]


@on_sqlite_alone
def test_a_topic_that_was_not_allowed_is_refused(house, told):
    to = told[1].replace("@", "+tariffs@")

    with pytest.raises(Refused, match="not allowed"):
        mail_in.receive(house, written(sender="service@stadtwerke.example"), to=to)


@on_sqlite_alone
def test_an_address_ends_with_its_grant(house, told, stadtwerke, person):
    person.signs_in()
    person.revokes(stadtwerke.tokens["grant_id"])

    with pytest.raises(Refused, match="no such address"):
        mail_in.receive(house, written(answers=told[0]), to=told[1])


@on_sqlite_alone
def test_machines_and_mails_of_two_authors_are_refused(house, told):
    heads = ("Auto-Submitted: auto-replied", "Precedence: bulk", "List-Id: <x.example>", "From: Eve <eve@evil.example>")
    for head in heads:
        with nothing_changes(house), pytest.raises(Refused):
            mail_in.receive(house, written(answers=told[0], head=head), to=told[1])


def nested(depth):
    return "\r\n".join(
        f'Content-Type: multipart/mixed; boundary="b{level}"\r\n\r\n--b{level}' for level in range(depth)
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 100,
        b"From: a@b.example\r\n" + b"X: y\r\n" * 10_000 + b"\r\nhello",
        b"From: a@b.example\r\n\r\n" + b"x" * (LARGEST + 1),
        b"From: a@b.example\r\nContent-Type: text/plain; charset=no-such\r\n\r\nhello",
        b"From: a@b.example\r\nContent-Type: text/plain; charset=utf-7\r\n\r\n",
        b"From: a@b.example\r\nContent-Transfer-Encoding: base64\r\nContent-Type: text/plain\r\n\r\n===",
        b"From: a@b.example\r\nContent-Type: message/rfc822\r\n\r\nFrom: c@d.example\r\n\r\nhello",
        b"From: a@b.example, c@d.example\r\n\r\nhello",
        b"From: <a@b.example\r\n\r\nhello",
        ("From: a@b.example\r\n" + nested(10)).encode(),
        ("From: a@b.example\r\n" + nested(1000)).encode(),
        b"From: a@b.example\r\n\r\n" + b"x" * 20_000,
        b"From: " + b'"' * 400_000 + b"\r\n\r\nhello",
        b"From: a@b.example\rContent-Type: " + b"a;" * 100_000 + b"\r\rhello",
    ],
    ids=range(15),
)
def test_what_is_malformed_oversized_or_nested_is_refused_in_a_sentence(content):
    with pytest.raises(Refused) as refused:
        read(content, authserv="mx.wallet.example")

    assert "\n" not in str(refused.value)


def test_a_page_is_reduced_to_its_text_and_where_its_links_lead():
    page = (
        "<head><title>x</title><style>p{}</style></head><p>Hello <b>Ana</b></p><script>alert(1)</script>"
        '<img src="https://spy.example/1.gif"><p><a href="https://evil.example/x">https://bank.example</a>'
        '<a href="javascript:alert(1)">click</a></p>'
    )
    content = written(page, head="Content-Type: text/html; charset=utf-8")

    text = read(content, authserv="mx.wallet.example").text

    assert text == "Hello Ana\nhttps://bank.example <https://evil.example/x>click"


@pytest.mark.parametrize("part", ["<!--", "</", "<a ", "<![CDATA[", "<"])
def test_a_page_that_never_ends_is_looked_at_once(part):
    content = written("Hello" + part * (LARGEST // len(part) - 200), head="Content-Type: text/html; charset=utf-8")

    with suppress(Refused):  # html.parser took minutes
        assert read(content, authserv="mx.wallet.example").text.startswith("Hello")


def test_however_much_is_quoted_below_what_was_written_it_is_looked_at_once():
    content = written("Hello\n" + ">\n" * (LARGEST // 2 - 200))  # took five seconds, line by line from below

    assert read(content, authserv="mx.wallet.example").text == "Hello"


@pytest.mark.parametrize("charset", ["unicode_escape", "utf-8"])
def test_half_letters_and_letters_that_are_none_are_left_out(charset):
    text = "Good\\ud800 mor\\uffferning" if charset == "unicode_escape" else "Good mor\ufffe\u202erning"
    content = written(text, head=f"Content-Type: text/plain; charset={charset}")

    assert read(content, authserv="mx.wallet.example").text == "Good morrning"


@on_sqlite_alone
def test_attachments_are_what_their_bytes_are(house, told):
    parts = (
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSee this.\r\n'
        "--b\r\nContent-Type: application/pdf\r\n"
        "Content-Disposition: attachment; filename=../bill.pdf\r\n\r\nMZ\r\n--b--"
    )
    mail = written(sender="service@stadtwerke.example").partition(b"\r\n\r\n")[0] + f"\r\n{parts}\r\n".encode()

    with pytest.raises(Refused):
        mail_in.receive(house, mail, to=told[1])

    assert said(house) == [("vendor", "email")]


def with_parts(*parts, **how):
    head = written("", **how).partition(b"\r\n\r\n")[0].decode()
    said = [f"--b\r\n{about}\r\n\r\n{content}" for about, content in (("Content-Type: text/plain", "See."), *parts)]
    return "\r\n".join([head, 'Content-Type: multipart/mixed; boundary="b"', "", *said, "--b--", ""]).encode()


@on_sqlite_alone
def test_files_of_an_answer_come_along_and_what_belongs_to_the_text_does_not(house, told):
    bill = ("Content-Type: application/octet-stream\r\nContent-Disposition: inline; filename=bill.pdf", "%PDF-1.7 x")
    logo = ("Content-Type: image/png\r\nContent-ID: <l>\r\nContent-Disposition: inline; filename=logo.png", "PNG")
    seal = ("Content-Type: application/pkcs7-signature\r\nContent-Disposition: attachment; filename=smime.p7s", "x")

    mail_in.receive(house, with_parts(bill, logo, seal, answers=told[0]), to=told[1])

    assert said(house)[-1] == ("person", "inbox")
    assert [row["number"] for row in rows(house, "attachments")] == [0]
    assert [row["number"] for row in rows(house, "desk_attachments")] == [0]
    bad = ("Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=bill.pdf", "MZ")
    with pytest.raises(Refused, match="only PDF, PNG, JPEG"):
        mail_in.receive(house, with_parts(bad, answers=told[0]), to=told[1])
    assert len(said(house)) == 2


@on_sqlite_alone
def test_the_door_for_mail_refuses_as_clearly_as_any(house, told):
    answered, alias = told
    controller = mail_listening.listen(house)
    host, _colon, port = house.settings.mail_listen.partition(":")
    try:
        with smtplib.LMTP(host, int(port)) as door:
            door.ehlo()
            assert door.mail("mta@example.org")[0] == 250
            assert door.rcpt("r.0000@in.wallet.example")[0] == 550
            assert door.rcpt(alias)[0] == 250
            assert door.rcpt(alias)[0] == 452
            code, sentence = door.data(written(results="", answers=answered))
            assert (code, b"nothing proves" in sentence) == (550, True)
            door.mail("")
            door.rcpt(alias)
            assert door.data(written(answers=answered))[0] == 550
            door.mail("ana@example.org")
            door.rcpt(alias)
            assert door.data(written(answers=answered))[0] == 250
    finally:
        controller.stop()

    assert said(house) == [("vendor", "email"), ("person", "inbox")]


@on_sqlite_alone
def test_an_address_can_not_be_flooded(house, told, monkeypatch):
    monkeypatch.setattr(mail_in, "MOST_IN_AN_HOUR", 2)
    refusals = []
    for _ in range(4):
        with pytest.raises(Refused) as refused:
            mail_in.receive(house, written(sender="eve@evil.example"), to=told[1])
        refusals.append("too many" in str(refused.value))

    assert refusals == [False, False, True, True]


@pytest.mark.parametrize(
    "hidden",
    [
        'smtp.mailfrom="a; dmarc=pass header.from=example.org b"@evil.example',
        "smtp.mailfrom==?utf-8?q?=3B_dmarc=3Dpass_header=2Efrom=3Dexample=2Eorg_?=@evil.example",
        "(of (evil.example); dmarc=pass header.from=example.org )",
        '(a " b) x "); dmarc=pass header.from=example.org ("',
        "; dmarc=pass header.from=evil.example header.from=example.org",
        '; dmarc=pass header.from=example.org reason="',
    ],
    ids=["quoted", "encoded", "comment", "both", "two", "endless"],
)
def test_an_address_that_reads_like_a_proof_proves_nothing(hidden):
    results = f"Authentication-Results: mx.wallet.example; spf=none {hidden}"

    assert not read(written(results=results), authserv="mx.wallet.example").vouched_for
    assert read(written(), authserv="mx.wallet.example").vouched_for
