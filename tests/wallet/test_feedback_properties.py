"""Whatever both sides do, in whatever order: nothing ends without an answer, a decision and the person knowing."""

import re
from itertools import count

from feedback import Answering
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from storage import on_sqlite_alone, rows

from consent.canonical import digest
from vendor_api.texts import is_clean
from wallet.host import WalletHost
from wallet.upkeep import see_to_desks

HOUR = 3600
NUMBERS = count(1)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), min_size=1, max_size=40).filter(str.strip)


class BothSides(RuleBasedStateMachine):
    """Ana at her pages, a vendor at its endpoints. `said` holds her words, by path of the page."""

    threads = Bundle("threads")

    def __init__(self) -> None:
        super().__init__()
        self.vendor = Answering(self.app, self.house, f"vendor-{next(NUMBERS)}")
        self.ana.signs_in()
        self.token = re.search(r'name="csrf_token" value="([^"]+)"', self.ana.browser.get("/feedback/new").text)[1]
        self.said: dict[str, list[str]] = {}
        self.answers: dict[str, list[str]] = {}
        self.ids: dict[str, str] = {}

    def sends(self, path, **fields):
        return self.ana.browser.client.post(path, data={"csrf_token": self.token, **fields})

    @rule(
        target=threads, text=TEXTS, kind=st.sampled_from(["wish", "complaint"]), known=st.sampled_from(["me", "nobody"])
    )
    def tells(self, text, kind, known):
        known_before = {thread["thread_id"] for thread in self.at_desk()}
        fields = {"vendor": self.vendor.client_id, "kind": kind, "known": known, "text": text}
        response = self.sends("/feedback/send", **fields)
        if len(self.said) >= 20:
            assert response.status_code == 429
            return next(iter(self.said))
        assert response.status_code == 303, response.text
        [new] = [one for one in self.at_desk() if one["thread_id"] not in known_before]
        self.said[response.location], self.answers[response.location] = [text], []
        self.ids[response.location] = new["thread_id"]
        return response.location

    def at_desk(self):
        found = self.vendor.threads()
        for state in ("done", "declined", "withdrawn"):
            found += self.vendor.threads(state=state)
        return found

    @rule(path=threads, text=TEXTS)
    def writes_again(self, path, text):
        assert self.sends(f"{path}/say", text=text).status_code == 303
        self.said[path].append(text)
        self.answers[path].clear()

    @rule(path=threads)
    def takes_back(self, path):
        assert self.sends(f"{path}/withdraw", sure="yes").status_code in {303, 409}

    @rule(path=threads)
    def judges(self, path):
        assert self.sends(f"{path}/judge", satisfied="no").status_code in {303, 409}

    @rule(path=threads)
    def reads(self, path):
        self.vendor.opens({"thread_id": self.ids[path]})

    @rule(path=threads, text=TEXTS.filter(is_clean))
    def answers_once(self, path, text):
        form = {"thread_id": self.ids[path], "author": "cp-petra", "text": text, "message_id": f"a-{next(NUMBERS)}"}
        response = self.vendor.post("/desk/answers", form)
        assert response.status_code in {200, 409}
        if response.status_code == 200:
            self.answers[path].append(text)
            assert self.vendor.post("/desk/answers", form | {"text": f"{text}, or not"}).status_code == 409

    @rule(path=threads, outcome=st.sampled_from(["used", "partly", "not"]), ended=st.booleans())
    def decides(self, path, outcome, ended):
        form = {"thread_id": self.ids[path], "outcome": outcome, "reason": f"Because {outcome}."}
        response = self.vendor.post("/desk/decisions", form | ({"ended": "yes"} if ended else {}))
        assert response.status_code in {200, 409}

    @rule(path=threads, method=st.sampled_from(["DELETE", "PUT", "PATCH"]))
    def tries_to_remove_it(self, path, method):
        address = f"/desk/threads/{self.ids[path]}"
        assert self.vendor.client.open(address, method=method, headers=self.vendor.credentials).status_code == 405

    @rule(hours=st.integers(1, 24 * 8))
    def waits(self, hours):
        self.clock.now += hours * HOUR
        see_to_desks(self.house, WalletHost(self.house, peek=lambda _cookies: {}))
        self.clock.now -= hours * HOUR  # so that she stays signed in

    @invariant()
    def both_know_the_same_and_nothing_ends_otherwise(self):
        known = {row["public_id"]: row["thread_id"] for row in rows(self.house, "threads")}
        told = {row["thread_id"]: row for row in rows(self.house, "feedback")}
        digests = {row["digest"] for row in rows(self.house, "messages")}
        states = {thread["thread_id"]: thread for thread in self.at_desk()}
        for path, said in self.said.items():
            thread = states[self.ids[path]]
            mine = told[known[self.ids[path]]]
            assert (mine["state"], mine["due_at"]) == (thread["state"], thread["due_at"])
            assert {digest(text.encode()) for text in said} <= digests
            if thread["state"] in {"done", "declined"}:
                assert len(self.answers[path]) == 1
                assert (mine["outcome"] == "not") == (thread["state"] == "declined")
                assert thread["decision"]["reason"]

    def teardown(self):
        for path, said in self.said.items():
            page = self.ana.browser.get(path).text
            thread = self.vendor.calls(f"/desk/threads/{self.ids[path]}", limit="1")
            assert [one["text"] for one in thread["messages"] if one["direction"] == "from_person"] == said
            assert page.count('<li class="spoken-') == len(thread["messages"])
            if thread["state"] in {"decided", "done", "declined"}:
                assert thread["decision"]["reason"] in page
                assert "Petra Vogt answered." in page
                assert "I have seen it" in page


@on_sqlite_alone
def test_no_order_of_steps_ends_without_an_answer_a_decision_and_the_person_knowing(house, app, person, clock):
    here = {"house": house, "app": app, "ana": person, "clock": clock}

    run_state_machine_as_test(
        type("Here", (BothSides,), here),
        settings=settings(
            max_examples=8,
            stateful_step_count=16,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate,),
        ),
    )
