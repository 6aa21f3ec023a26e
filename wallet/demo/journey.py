"""The main job, played once over real HTTP by a person with a browser, a wallet and a shop: one line a step."""

import json
import signal
import sys
import time
from collections.abc import Iterable

import click
import httpx

from wallet.demo import dialogue
from wallet.demo.browser import Browser, NotThere, Page
from wallet.demo.scene import DoesNotHold, Scene, Step, hold
from wallet.demo.stage import LOGIN, PASSWORD, VALUES, Stage, set_stage

SHARED = ("given_name", "email", "address.postal_code", "address.locality", "electricity.kwh_year")
TOPICS = ("contact:outage", "contact:tariffs")
WITHHELD = "birthdate"


def ask(scene: Scene) -> str:
    shop = scene.browser.open(scene.stage.shop)
    scene.page = scene.browser.open(shop.link("/sign-in"))
    wishes = json.loads(scene.page.parameter("claims"))["userinfo"]
    hold(set(wishes) == {*SHARED, WITHHELD}, f"the shop asked for {', '.join(wishes)}")
    hold("Stadtwerke Beispiel" in scene.page.text, "the sign-in page does not say who asks")
    return f"the shop sends the names {', '.join(wishes)}"


def sign_in(scene: Scene) -> str:
    form = scene.page.form("login", "password")
    scene.page = scene.browser.submit(scene.page, form, login=LOGIN, password=PASSWORD)
    choices = scene.page.form("answer").choices
    hold(WITHHELD in choices, f"the wallet offers the choices {', '.join(choices) or 'none'}")
    return f"{LOGIN} shows her password to the wallet alone; its page shows her what would leave, and why"


def decide(scene: Scene) -> str:
    form = scene.page.form("answer")
    ticked = [name for name in form.choices if name in (*SHARED, *TOPICS)]
    scene.page = scene.browser.submit(scene.page, form, ticked=ticked, answer="allow")
    hold(scene.page.url.startswith(scene.stage.shop), f"her answer ended at {scene.page.url}")
    code = scene.page.parameter("code")
    return f"she ticks {', '.join(ticked)} and leaves {WITHHELD}; the code {short(code)} goes to the shop"


def redeem(scene: Scene) -> str:
    """What the shop made of the code stands on its page."""
    facts = scene.page.marked("id")
    scene.access_token = facts.get("access-token", "")
    hold(bool(scene.access_token), f"the shop shows no access token ({scene.page.status})")
    values = {VALUES[name] for name in (*SHARED, WITHHELD)}
    hold(values.isdisjoint(map(str, leaves(json.loads(facts["consent"])))), "there is a value in the consent token")
    size = int(facts["consent-size"])
    return f"access token {scene.access_token}, consent token of {size:,} bytes with names and not one value"


def read(scene: Scene) -> str:
    given, withheld = scene.page.marked("data-given"), scene.page.marked("data-withheld")
    hold(given == {name: VALUES[name] for name in SHARED}, f"the shop shows {given}")
    hold(set(withheld) == {WITHHELD} and VALUES[WITHHELD] not in scene.page.text, f"{WITHHELD} left the wallet")
    return f"{', '.join(f'{name}={value}' for name, value in given.items())}; no {WITHHELD}"


def see(scene: Scene) -> str:
    found = ledger(scene)
    hold(found == ["asked", "granted", "redeemed", "read"], f"the ledger says {', '.join(found) or 'nothing'}")
    return f"every line is there and none was changed: {', '.join(found)}"


def redeem_consent_token(scene: Scene) -> str:
    shop = scene.browser.open(f"{scene.stage.shop}/account")
    scene.page = scene.browser.submit(shop, shop.form(action="/redeem"))
    fresh = scene.page.marked("id").get("access-token", "")
    hold(fresh not in {"", scene.access_token}, f"the shop got no new access token ({scene.page.status})")
    hold(scene.page.marked("data-given") == {name: VALUES[name] for name in SHARED}, "it reads something else")
    return f"the consent token goes to the wallet and comes back as access token {fresh}"


def revoke(scene: Scene) -> str:
    vendors = scene.browser.open(f"{scene.stage.wallet}/vendors")
    vendor = scene.browser.open(vendors.link(r"/vendors/[^\"]+"))
    scene.page = scene.browser.submit(vendor, vendor.form(action="/revoke"))
    hold(scene.page.status == 200, f"the page answered {scene.page.status}")
    hold(ledger(scene)[-1] == "revoked", "the ledger does not say so")
    return "she presses one button on the shop's page in her wallet"


def be_refused(scene: Scene) -> str:
    lines = ledger(scene)
    scene.page = scene.browser.open(f"{scene.stage.shop}/account")
    hold('data-message="refused"' in scene.page.text, f"the shop's page answered {scene.page.status}")
    hold(VALUES["email"] not in scene.page.text, "the shop still shows a value")
    hold(ledger(scene) == [*lines, "failed"], "the ledger has something else than the attempt that failed")
    return "the shop wants to read again, the wallet says no, and no value leaves; the ledger tells"


STEPS = (
    Step("Ask", ask),
    Step("Sign in", sign_in),
    Step("Decide", decide),
    Step("Redeem", redeem),
    Step("Read", read),
    Step("See", see),
    Step("Redeem again", redeem_consent_token),
    *dialogue.STEPS,
    Step("Revoke", revoke),
    Step("Be refused", be_refused),
)


def play(once: bool) -> None:
    """Play the journey; then end with 0 or 1, or keep both running until Ctrl-C."""
    end_in_order_on(signal.SIGTERM, signal.SIGHUP)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace", line_buffering=True)
    click.echo("Setting the stage: a fresh wallet for Ana, and a shop that is a stranger to it.")
    try:
        with set_stage() as stage:
            click.echo(f"Wallet: {stage.wallet}\nShop:   {stage.shop}\n")
            held = walk(STEPS, stage)
            if held and not once:
                stay(stage)
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # from here on everything is being cleared away
    except KeyboardInterrupt:
        click.echo("Interrupted.")
        held = False
    sys.exit(0 if held else 1)


def end_in_order_on(*signals: signal.Signals) -> None:
    """End as by Ctrl-C, so that the children are stopped; what was ignored before (nohup) stays ignored."""
    for each in signals:
        if signal.getsignal(each) is not signal.SIG_IGN:
            signal.signal(each, signal.default_int_handler)


def walk(steps: Iterable[Step], stage: Stage) -> bool:
    """Play the steps in order, one line each; whether all of them held. The first that does not ends the walk."""
    browser = Browser()
    scene = Scene(stage, browser, Page("", 0, "", ()))
    try:
        for step in steps:
            try:
                travelled = step.play(scene)
            except (DoesNotHold, NotThere, httpx.HTTPError, KeyError, ValueError) as error:
                click.echo(f"{click.style('✗', fg='red', bold=True)} {step.title}: {error}")
                click.echo(f"The journey ends here: the step “{step.title}” does not hold.", err=True)
                return False
            click.echo(f"{click.style('✓', fg='green', bold=True)} {step.title}: {travelled}")
    finally:
        browser.close()
    click.echo("Every step held.")
    return True


def stay(stage: Stage) -> None:
    """Keep both running until Ctrl-C. Raises SetupError if one of them stops by itself."""
    click.echo(
        f"\nNow you: open {stage.shop} and sign in as {LOGIN} with the password {PASSWORD},"
        f"\nor move in yourself at {stage.wallet}/sign-up. Mail that anybody here gets is shown below."
        "\nCtrl-C stops everything and forgets everything."
    )
    shown = len(stage.mailbox.arrived)
    try:
        while True:
            for child in stage.children:
                child.check()
            while shown < len(stage.mailbox.arrived):
                click.echo(f"✉ {stage.mailbox.arrived[shown]['To']}: {stage.mailbox.arrived[shown]['Subject']}")
                shown += 1
            time.sleep(0.5)
    except KeyboardInterrupt:
        click.echo("\nStopped.")


def ledger(scene: Scene) -> list[str]:
    """What Ana's ledger says happened, oldest first. Raises DoesNotHold where its chain is broken."""
    page = scene.browser.open(f"{scene.stage.wallet}/ledger")
    hold('class="intact"' in page.text, "the ledger says that it was changed")
    return list(reversed(page.kinds("ledger-line ledger-")))


def leaves(document: object) -> list[object]:
    if isinstance(document, dict):
        return [leaf for value in document.values() for leaf in leaves(value)]
    if isinstance(document, list):
        return [leaf for value in document for leaf in leaves(value)]
    return [document]


def short(token: str) -> str:
    return f"{token[:6]}…{token[-4:]}"
