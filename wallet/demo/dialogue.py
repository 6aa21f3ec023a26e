"""The person steers the conversation: how and when she is spoken to, on what occasion, and what is answered."""

import re
import time
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from typing import Final
from zoneinfo import ZoneInfo

from wallet.demo import meter
from wallet.demo.browser import Page
from wallet.demo.mail import text_of
from wallet.demo.scene import Scene, Step, hold

ADDRESS: Final = "ana.at.home@example.org"
ZONE: Final = "Europe/Berlin"
DAYS: Final = [str(day) for day in range(1, 8)]
THERE: Final = "2500"
IDEA: Final = "Please show me in the bill what my neighbours use on average."
ANSWER: Final = "Thank you. I have asked our engineers, and they like it too."
REASON: Final = "It comes with the bill of January."
LOOKED_AT: Final = 4.5  # seconds after which the wallet has looked at a new trigger for certain
PATIENCE: Final = 30  # seconds


def watch(scene: Scene) -> str:
    scene.meter = meter.bring(scene, now().date(), wait)
    begin = scene.browser.open(f"{scene.stage.wallet}/triggers/new")
    grant_id = begin.form("grant", "kind").fields["grant"]
    page = scene.browser.open(f"{begin.url}?grant={grant_id}&kind=reach")
    condition = {"measure": "total", "comparison": ">=", "amount": THERE, "unit": "kWh", "every": "year"}
    scene.page = scene.browser.submit(page, page.form("amount"), **condition, topic="tariffs", name="Much electricity")
    hold("It has not fired yet" in scene.page.text, f"her trigger's page answered {scene.page.status}")
    hold(f"{meter.TOTAL:,} kWh" in scene.page.text, "her readings of this year come to something else")
    scene.trigger, scene.watched_since = scene.page.url, time.monotonic()
    read = f"{len(meter.READINGS)} readings of her meter come from a file and make {meter.TOTAL:,} kWh this year"
    return f"{read}; when they reach {int(THERE):,}, the shop is to know"


def be_reached(scene: Scene) -> str:
    page = scene.browser.open(f"{scene.stage.wallet}/channels")
    page = scene.browser.submit(page, page.form("email", action="/channels/new/email"), email=ADDRESS)
    code = re.match(r"\d{6}", str(arrived(scene, 1)["Subject"]))
    hold(code is not None, "the mail with the code has no code")
    page = scene.browser.submit(page, page.form("code"), code=code[0] if code else "")
    hold(">proved<" in page.text, "the code from the mail does not count")
    since, until = hours(now(), begins=-1, lasts=4)
    allow_hours(scene, since, until)
    return f"by e-mail first, to an address proved by the code that came there; every day from {since} to {until}"


def hear(scene: Scene) -> str:
    told = speaks(scene)
    hold("taken" in told, f"the shop says {told}")
    mail = arrived(scene, 2)
    link = re.search(r"http://\S+/inbox/\S+", text_of(mail))
    hold(mail["To"] == ADDRESS and link is not None, "the mail is not for her, or leads nowhere")
    scene.page = scene.browser.open(link[0] if link else "")
    hold("Naturstrom 12 gets cheaper" in scene.page.text, f"the mail's link answered {scene.page.status}")
    return f"the shop tells her wallet, and no address; at {now():%H:%M} the mail is there: {mail['Subject']}"


def have_peace(scene: Scene) -> str:
    since, until = hours(now(), begins=6, lasts=4)
    allow_hours(scene, since, until)
    told = speaks(scene)
    hold("outside_window" in told.get("refused", ""), f"the shop says {told}")
    hold(len(scene.stage.mailbox.arrived) == 2, "a mail came nevertheless")
    return f"only from {since} to {until} now, so the next message is refused: {told['refused'].partition(': ')[2]}"


def fire(scene: Scene) -> str:
    """First nothing, after the wallet has had time to look; then it does."""
    time.sleep(max(0.0, scene.watched_since + LOOKED_AT - time.monotonic()))
    told = asks_what_fired(scene)
    hold("quiet" in told, f"at {meter.TOTAL} kWh the shop says {told}")
    meter.read(scene, scene.meter, now().date(), "1")
    wait(lambda: "fired" in asks_what_fired(scene), f"it did not fire at {THERE} kWh")
    scene.page = scene.browser.open(scene.trigger)
    hold("Confirmed on" in scene.page.text, "her page does not say that the shop confirmed it")
    hold("2,500 kWh" in scene.page.text, "her page does not say what the readings came to")
    told_at = f"not at {meter.TOTAL:,} kWh; one more reading of 1 kWh makes {int(THERE):,}, and the shop is told"
    return f"{told_at}, but not the number; her page says that it confirmed"


def be_answered(scene: Scene) -> str:
    shop = scene.browser.open(f"{scene.stage.shop}/account")
    page = scene.browser.open(shop.link(r'http[^"]+/feedback/to/[^"]+'))
    told = scene.browser.submit(page, page.form("kind", "known"), text=IDEA)
    desk = counter(scene)
    hold(IDEA in desk.text, "the shop does not see her idea")
    form = desk.form("thread_id", "reason")
    done = scene.browser.submit(desk, form, text=ANSWER, outcome="used", reason=REASON)
    hold("answered" in done.marked("data-told"), f"the shop's page answered {done.status}")
    scene.page = scene.browser.open(told.url)
    seen = all(said in scene.page.text for said in ("Petra Vogt", ANSWER, "It is used", REASON))
    hold(seen, "her page does not say who answered, what, and what becomes of it")
    return f"Petra Vogt answers her idea; it is used, because: {REASON}"


STEPS: Final = (
    Step("Watch", watch),
    Step("Be reached", be_reached),
    Step("Hear", hear),
    Step("Have peace", have_peace),
    Step("Fire", fire),
    Step("Be answered", be_answered),
)


def now() -> datetime:
    return datetime.now(ZoneInfo(ZONE))


def hours(at: datetime, *, begins: int, lasts: int) -> tuple[str, str]:
    """Whole hours of every day, counted from the one that `at` is in; they may reach over midnight."""
    since, until = ((at.hour + more) % 24 for more in (begins, begins + lasts))
    return f"{since:02}:00", f"{until:02}:00"


def allow_hours(scene: Scene, since: str, until: str) -> None:
    page = scene.browser.open(f"{scene.stage.wallet}/contact")
    form = page.form("channel_email", "w0_since")
    ways = {name: "" for name in form.names if name.startswith("channel_")} | {
        "channel_email": "1",
        "channel_inbox": "2",
    }
    times = {"w0_since": since, "w0_until": until, "time_zone": ZONE}
    scene.page = scene.browser.submit(page, form, **ways, **times, w0_day=DAYS)
    hold("It counts from now on" in scene.page.text, f"her policy's page answered {scene.page.status}")


def counter(scene: Scene) -> Page:
    """Where the shop's people work."""
    account = scene.browser.open(f"{scene.stage.shop}/account")
    return scene.browser.open(account.link(r"/counter/"))


def speaks(scene: Scene) -> dict[str, str]:
    """What the shop hears when it has something to say."""
    page = counter(scene)
    return scene.browser.submit(page, page.form("topic"), topic="tariffs").marked("data-told")


def asks_what_fired(scene: Scene) -> dict[str, str]:
    page = counter(scene)
    return scene.browser.submit(page, page.form(action="/counter/triggers")).marked("data-told")


def arrived(scene: Scene, number: int) -> EmailMessage:
    """The mail that came as this one, as soon as it is there."""
    box = scene.stage.mailbox.arrived
    wait(lambda: len(box) >= number, "no mail came")
    return box[number - 1]


def wait(holds: Callable[[], bool], otherwise: str) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        hold(time.monotonic() < end, f"{otherwise} within {PATIENCE} seconds")
        time.sleep(0.1)
