"""What a person says of a vendor in public: written, changed, taken back, erased; and who is told apart by it."""

import pytest
from journeys import tokens_for
from reading import words

TEXT = "They came the same day. <b>Bold</b> https://evil.example/click"


def writes(person, vendor, **changed):
    said = {"vendor": vendor.client_id, "stars": "4", "title": "Quick", "text": TEXT, "language": "en", "name": ""}
    form_at = f"/reviews/new?vendor={vendor.client_id}"
    return person.browser.post("/reviews/new", form_at=form_at, **{**said, "key": "review", **changed})


@pytest.fixture
def tokens(person, vendor):
    return tokens_for(person, vendor, ["email"])


def test_a_review_is_published_and_everybody_reads_it_without_a_link_in_it(app, house, person, vendor, tokens):
    made = writes(person, vendor, name="A. from Berlin")

    assert made.status_code == 303
    assert person.log()[-1] == "reviewed"
    public = app.test_client().get(f"/reviews/of/{vendor.client_id}")
    assert "They came the same day." in words(public)
    assert "By A. from Berlin" in words(public)
    assert "&lt;b&gt;Bold" in public.text
    assert 'href="https://evil.example' not in public.text
    assert "Pass it on" in person.browser.get(made.location).text
