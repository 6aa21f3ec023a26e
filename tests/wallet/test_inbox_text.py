"""What strangers write is text: nothing in it runs, is fetched, hides, or says that it leads elsewhere than it does."""

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from speaking import Speaker
from storage import on_sqlite_alone, rows

from vendor_api.files import inert, safe_name
from vendor_api.model import Attachment
from wallet.dialogue.text import SHOWN_LINES, as_text, linked, one_line, tame


class Tags(HTMLParser):
    """Every element, and every address that something leads to."""

    def __init__(self, html):
        super().__init__()
        self.names, self.addresses = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.names.append(tag)
        self.addresses += [value for name, value in attrs if name in {"href", "src", "action", "srcset", "style"}]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<img src="https://evil.example/pixel.png">',
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x file:///etc/passwd blob:https://a.example/1",
        '"><svg onload=alert(1)>',
        "{{ 7 * 7 }} {% raw %}",
        "<a href=https://evil.example>https://bank.example</a>",
        "]]><!--",
        "https://",
        "https://:80",
        "https://[::1",
        "https://a.example:99999999/",
        "https://-.example/ https://a..example/ https://%65vil.example/",
    ],
)
def test_nothing_in_a_text_becomes_an_element_or_an_address(text):
    made = Tags(linked(text))

    assert set(made.names) <= {"a", "bdi", "span"}
    assert all(re.fullmatch(r"https?://[a-z0-9.:/-]+", one) for one in made.addresses), made.addresses
    assert not {"script", "img", "svg"} & set(made.names)


@pytest.mark.parametrize(
    ("address", "leads", "shown"),
    [
        ("https://a.example/x?y=1&z=2", "https://a.example/x?y=1&z=2", "a.example"),
        ("https://BANK.example.evil.example/login", "https://bank.example.evil.example/login", None),
        ("https://bank.example@evil.example/", None, "evil.example"),
        ("https://bank.example%2f@evil.example/", None, "evil.example"),
        ("https://bank.example:443@evil.example/", None, "evil.example"),
        ("https://bаnk.example/", "https://xn--bnk-6cd.example/", "bаnk.example (xn--bnk-6cd.example)"),
        ("https://xn--bnk-6cd.example/", "https://xn--bnk-6cd.example/", "(xn--bnk-6cd.example)"),
        ("https://münchen.example/", "https://xn--mnchen-3ya.example/", "münchen.example (xn--mnchen-3ya.example)"),
        ("https://evil.example。bank.example/", "https://evil.example.bank.example/", None),
        ("http://127.0.0.1:8000/x", "http://127.0.0.1:8000/x", "127.0.0.1"),
        ("https://[2001:db8::1]/", "https://[2001:db8::1]/", "[2001:db8::1]"),
        ("https://a.example/(x)", "https://a.example/(x", "a.example"),
        ("https://a.example.", "https://a.example", "a.example"),
        ("https://bank.example\\@evil.example/", "https://bank.example", "bank.example"),
    ],
)
def test_a_link_says_the_host_it_really_leads_to(address, leads, shown):
    html = str(linked(f"See {address} now"))
    made = Tags(html)

    assert made.addresses == ([leads] if leads else [])
    host = shown or unescape(leads).partition("//")[2].partition("/")[0]
    assert "→ " in html
    assert host in re.search(r'class="leads"><bdi>([^<]*)', html)[1]
    if leads:
        assert 'rel="noopener noreferrer nofollow"' in html


@pytest.mark.parametrize(
    "hidden",
    [
        "\u202e",
        "\u2066",
        "\u200b",
        "\ufeff",
        "\u00ad",
        "\x1b",
        "\x00",
        "\x7f",
        "\u2028",
        "\U000e0041",
        "\u3164",
        "\u200f",
        "\u061c",
    ],
)
def test_what_can_not_be_seen_is_not_there(hidden):
    assert tame(f"pay{hidden}pal") == "paypal"
    assert hidden not in one_line(f"a{hidden}b")


def test_lines_stay_lines_and_joined_signs_stay_joined():
    assert tame("a\r\nb\rc\td") == "a\nb\nc\td"
    assert tame("👩\u200d🚀 می\u200cخواهم") == "👩\u200d🚀 می\u200cخواهم"
    assert one_line("a\r\nBcc: b") == "a Bcc: b"


def test_ten_thousand_lines_are_there_but_folded():
    made = as_text("x\n" * 10_000)

    assert made.shown.count("\n") < SHOWN_LINES
    assert made.rest is not None
    assert made.shown.count("x") + made.rest.count("x") == 10_000


@pytest.mark.parametrize("text", ["y" * 10_000, "https://a.example/" + "z" * 9_000, "a " * 5_000])
def test_a_huge_line_loses_nothing(text):
    made = as_text(text)

    seen = re.sub(r"<[^>]+>|→ [a-z.]+", "", str(made.shown) + str(made.rest or ""))
    assert re.sub(r"\s", "", seen) == re.sub(r"\s", "", text)


@pytest.mark.parametrize(
    ("name", "kind", "kept"),
    [
        ("plan.pdf", "application/pdf", "plan.pdf"),
        ("../../etc/passwd", "text/plain", "_.._etc_passwd.txt"),
        ("invoice\u202efdp.exe", "application/pdf", "invoicefdp.exe.pdf"),
        ('a"\r\nSet-Cookie: x=1.png', "image/png", "a_ Set-Cookie_ x_1.png"),
        ("", "text/html", "file.bin"),
        (".", "image/jpeg", "file.jpg"),
        ("x" * 300, "text/calendar", "x" * 100 + ".ics"),
    ],
)
def test_a_file_has_the_name_of_a_file_and_the_ending_of_what_it_is(name, kind, kept):
    one = Attachment(name, kind, b"content")

    assert safe_name(one) == kept
    headers = str(inert(one.content, safe_name(one)).headers)
    assert "\nSet-Cookie:" not in headers
    assert "attachment;" in headers


@on_sqlite_alone
def test_on_the_pages_a_hostile_message_is_text(app, house, person):
    vendor = Speaker(app, house)
    vendor.joins(person)
    hostile = (
        "<script>alert(1)</script> https://bank.example@evil.example/ javascript:alert(1) <img src=//evil.example/p>"
    )
    assert vendor.says(hostile, subject="<b>Hi</b>", reason="<i>x</i>").status_code == 201
    thread = rows(house, "threads")[0]["thread_id"]

    for path in ("/inbox", f"/inbox/{thread}"):
        page = person.browser.get(path)
        made = Tags(page.text)
        assert "img" not in made.names or "evil.example" not in "".join(filter(None, made.addresses))
        assert not any("evil" in (one or "") or "javascript" in (one or "") for one in made.addresses)
        assert "<b>Hi" not in page.text
        assert page.text.count("<script") == 1
