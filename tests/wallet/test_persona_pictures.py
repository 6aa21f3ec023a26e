"""A persona's picture: taken in as nothing but a picture, sealed, and shown to whom it may be shown."""

import json
from io import BytesIO

import pytest
from accounts import adds_persona, goes_on
from actors import PersonActor, VendorActor, path_of
from PIL import Image
from reading import words
from storage import nothing_changes, on_sqlite_alone, rows

from wallet.personas import pictures
from wallet.personas.picture_links import FOR_LIMITED
from wallet.personas.pictures import BadPicture

PASSWORD = "correct horse battery"
TYPE = "urn:hausrecht:consent"
RED, BLUE = (200, 30, 40), (20, 40, 200)


def drawn(kind="PNG", *, size=(64, 48), colour=RED, mode="RGB", **saved):
    out = BytesIO()
    Image.new(mode, size, colour).save(out, kind, **saved)
    return out.getvalue()


def opened(picture):
    return Image.open(BytesIO(picture))


def chooses(person, file, *, persona_id=None, seen="", name="me.png"):
    where = f"/personas/{persona_id or person.person.persona_id}"
    fields = {"picture": (BytesIO(file), name), "seen": seen}
    return person.browser.post(f"{where}/picture", form_at=where, **fields)


def shares(person, vendor, *, page=None):
    """The tokens of a vendor that may see the picture, and what it reads."""
    page = page or person.opens(vendor.link(["picture"]))
    tokens = vendor.redeems(vendor.receives(person.allows(page, only=["picture"]))["code"]).json
    return tokens, vendor.reads(tokens["access_token"]).json


@pytest.fixture
def pictured(person):
    person.signs_in()
    chooses(person, drawn())
    return person


# Taken in


@pytest.mark.parametrize(
    ("file", "kind", "size"),
    [
        (drawn("PNG"), "JPEG", (64, 48)),
        (drawn("JPEG", size=(2000, 1000)), "JPEG", (512, 256)),
        (drawn("WEBP"), "JPEG", (64, 48)),
        (drawn("PNG", mode="RGBA", colour=(*RED, 90), size=(600, 900)), "PNG", (341, 512)),
        (drawn("PNG", mode="1", colour=1), "JPEG", (64, 48)),
        (drawn("JPEG", mode="CMYK", colour=(1, 2, 3, 4)), "JPEG", (64, 48)),
    ],
    ids=["png", "jpeg", "webp", "seen-through", "black-and-white", "for-print"],
)
def test_a_picture_becomes_a_small_one_of_ours(file, kind, size):
    picture = opened(pictures.encoded(file))

    assert (picture.format, picture.size) == (kind, size)


def test_nothing_that_a_camera_adds_is_kept_and_the_picture_stands_upright():
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "CameraMaker", 6
    file = drawn("JPEG", exif=exif, comment=b"at home")

    picture = pictures.encoded(file)

    assert b"CameraMaker" in file
    assert b"CameraMaker" not in picture
    assert b"at home" not in picture
    assert not opened(picture).getexif()
    assert opened(picture).size == (48, 64)


def test_of_a_moving_picture_the_first_frame_is_kept():
    frames = [Image.new("RGB", (32, 32), colour) for colour in (RED, BLUE)]
    out = BytesIO()
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], lossless=True)

    picture = opened(pictures.encoded(out.getvalue()))

    assert getattr(picture, "n_frames", 1) == 1
    assert picture.getpixel((5, 5))[0] > picture.getpixel((5, 5))[2]


# A letter where a width belongs, in what a camera says of a picture that lies on its side.
CROOKED = b"Exif\0\0MM\0*\0\0\0\x08\0\2\1\x12\0\3\0\0\0\1\0\6\0\0\1\x1a\0\2\0\0\0\1a\0\0\0\0\0\0\0"


@pytest.mark.parametrize(
    "file",
    [
        b"",
        drawn("JPEG", exif=CROOKED),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
        drawn("JPEG", size=(400, 400))[:900],
        drawn("PNG", size=(400, 400))[:200],
        drawn("GIF"),
        drawn("TIFF"),
        b"\xff" * (pictures.LARGEST_FILE + 1),
        drawn("PNG", mode="1", colour=0, size=(6000, 5000)),
        drawn("PNG", mode="1", colour=0, size=(20000, 20000)),
    ],
    ids=[
        "nothing",
        "crooked",
        "svg",
        "no-png",
        "cut-jpeg",
        "cut-png",
        "gif",
        "tiff",
        "too-large",
        "too-many-points",
        "bomb",
    ],
)
def test_what_is_no_small_picture_is_refused_in_a_sentence(file):
    with pytest.raises(BadPicture):
        pictures.encoded(file)


def test_a_refused_file_changes_nothing_and_a_large_one_is_taken(pictured, house):
    with nothing_changes(house):
        answer = chooses(pictured, b"GIF89a", seen=str(house.clock()))
        said = words(pictured.browser.follow(answer.location))
        too_large = chooses(pictured, b"x" * (6 * 1024 * 1024), seen=str(house.clock()))
    noise = Image.effect_noise((1200, 1200), 90).convert("RGB")
    out = BytesIO()
    noise.save(out, "PNG")
    house.clock.now += 1
    chooses(pictured, out.getvalue(), seen=str(house.clock() - 1))

    assert "This is no picture" in said
    assert too_large.status_code == 413
    assert len(out.getvalue()) > 1_000_000
    assert [row["set_at"] for row in rows(house, "persona_pictures")] == [house.clock()]


def test_two_browsers_that_choose_at_once_lose_nothing(pictured, house):
    with nothing_changes(house):
        late = chooses(pictured, drawn(colour=BLUE), seen="")

    assert "Meanwhile the picture was changed" in words(pictured.browser.follow(late.location))


# Kept and shown


def test_it_lies_sealed(pictured, house, stored):
    picture = pictured.browser.get(f"/personas/{pictured.person.persona_id}/picture").data

    assert opened(picture).format == "JPEG"
    [row] = rows(house, "persona_pictures")
    assert b"JFIF" in picture
    assert b"JFIF" not in row["picture_sealed"]
    assert "me.png" not in stored()


def test_it_is_shown_in_the_head_in_the_chooser_and_on_the_personas_page(pictured):
    address = f"/personas/{pictured.person.persona_id}/picture"

    for page in ("/data", "/accounts", f"/personas/{pictured.person.persona_id}"):
        assert f'src="{address}"' in pictured.browser.get(page).text
    removed = pictured.browser.post(f"{address}/remove", form_at=address.rpartition("/")[0], seen="1800000000")
    assert "Removed" in words(pictured.browser.follow(removed.location))
    assert address not in pictured.browser.get("/data").text
    assert pictured.browser.get(address).status_code == 404


def test_nobody_else_sees_or_changes_it(pictured, app, house, moves_in, opens_browser):
    ben = PersonActor(app, house, moves_in("Ben"), password=PASSWORD)
    ben.signs_in()
    where = f"/personas/{pictured.person.persona_id}"

    with nothing_changes(house):
        for way in ("picture", "picture/remove"):
            fields = {"picture": (BytesIO(drawn()), "x.png")}
            refused = ben.browser.post(f"{where}/{way}", form_at=f"/personas/{ben.person.persona_id}", **fields)
            assert refused.status_code == 404
            assert pictured.browser.client.post(f"{where}/{way}", data={}).status_code == 400

    assert ben.browser.get(f"{where}/picture").status_code == 404
    assert opens_browser().get(f"{where}/picture").status_code == 303


# Vendors


def test_a_vendor_that_is_allowed_the_picture_gets_an_address_that_ends_with_the_grant(pictured, vendor):
    page = pictured.opens(vendor.link(["picture"]))
    tokens, read = shares(pictured, vendor, page=page)

    seen = vendor.client.get(path_of(read["picture"]))
    again = vendor.reads(tokens["access_token"]).json
    pictured.browser.post(f"/vendors/{tokens['grant_id']}/pause", form_at=f"/vendors/{tokens['grant_id']}")
    paused = vendor.client.get(path_of(read["picture"]))
    pictured.browser.post(f"/vendors/{tokens['grant_id']}/resume", form_at=f"/vendors/{tokens['grant_id']}")
    resumed = vendor.client.get(path_of(read["picture"]))
    pictured.revokes(tokens["grant_id"])
    ended = vendor.client.get(path_of(read["picture"]))

    assert "the picture of this persona" in words(page)
    assert seen.mimetype == "image/jpeg"
    assert opened(seen.data).size == (64, 48)
    assert seen.headers["Cache-Control"] == "no-store"
    assert not {"Set-Cookie", "ETag", "Last-Modified"} & set(seen.headers.keys())
    assert again["picture"] == read["picture"]
    assert [paused.status_code, resumed.status_code, ended.status_code] == [404, 200, 404]


def test_the_address_says_nothing_and_none_can_be_made_up(pictured, vendor, app, house):
    one = VendorActor(app, house, "bookshop")
    first, second = shares(pictured, vendor)[1]["picture"], shares(pictured, one)[1]["picture"]
    token = first.rpartition("/")[2]
    made_up = [token[:-4] + "AAAA", token + "A", token[4:], "A" * 80, "%00", "a" * 5000, "ä", token.upper()]

    pieces = {token[start : start + 8] for start in range(len(token) - 7)}
    assert not [piece for piece in pieces if piece in second]
    for guess in made_up:
        assert vendor.client.get(f"/pictures/{guess}").status_code in {400, 404}


def test_an_address_of_ones_own_comes_first_and_ends_ours(pictured, vendor):
    tokens, read = shares(pictured, vendor)
    pictured.has({"picture": "https://ana.example/me.jpg"})

    assert vendor.reads(tokens["access_token"]).json["picture"] == "https://ana.example/me.jpg"
    assert vendor.client.get(path_of(read["picture"])).status_code == 404


@on_sqlite_alone
def test_where_reads_are_counted_the_address_counts_for_an_hour(pictured, app, house, clock):
    once = VendorActor(app, house, "shop", authorization_details_types=[TYPE])
    wanted = {"type": TYPE, "attributes": ["picture"], "limits": {"fetch": "once"}}
    page = pictured.opens(once.link(authorization_details=json.dumps([wanted])))
    _, read = shares(pictured, once, page=page)
    there = once.client.get(path_of(read["picture"])).status_code
    clock.now += FOR_LIMITED

    assert (there, once.client.get(path_of(read["picture"])).status_code) == (200, 404)


def test_the_persona_without_a_picture_shows_none_of_another(pictured, vendor):
    adds_persona(pictured, "At work", {})
    page = pictured.opens(vendor.link(["picture"]))
    goes_on(pictured.browser, "Ana", persona="At work")

    assert "You have not entered this." in words(page)
