"""The audit through its page and API over the real past: all that is planted is found, with its figures, and nothing where nothing is."""

from __future__ import annotations

import html
import json
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import msgspec
import pytest

from amity.engines.past.client import insert_rows
from amity.engines.past.rows import InteractionRow, seconds
from amity.kernel.clock import DAY, HOUR, MINUTE, now_ms
from amity.rooms.collection.models import Source
from amity.rooms.customers.models import Activity, Choice, Customer
from amity.rooms.journeys.actions.audit.work import run_next_audit
from amity.rooms.journeys.actions.funnels import create_funnel
from amity.rooms.journeys.models import Audit, Dismissal
from amity.rooms.journeys.rules.funnels import language as funnels
from tests.rooms.customers.people import Place
from tests.rooms.journeys.incidents.test_incidents import access_of, api

PEOPLE = 120


@pytest.fixture
def here(transactional_db, past_ready) -> Place:
    return Place()


def text_of(response, status: int = 200) -> str:
    assert response.status_code == status, response.content[:800]
    return html.unescape(response.content.decode())


class Story:
    """Collects interactions of customers, who allow analytics unless told, and writes them at once."""

    def __init__(self, here: Place) -> None:
        self.here, self.rows, self.start = here, [], now_ms() - 20 * DAY
        self.people: list[UUID] = []

    def person(self, **consent: list[Any]) -> UUID:
        who = uuid4()
        held = {"analytics": [True, 0, 0, "0" * 32]} | consent
        Customer.objects.create(id=who, workspace_id=self.here.workspace.pk, created_at=0)
        Activity.objects.create(customer_id=who, workspace_id=self.here.workspace.pk, consent=held)
        self.people.append(who)
        return who

    def visit(self, who: UUID, at: int, *names: str | tuple[str, dict[str, Any]], **given: Any) -> None:
        """Tell a session: what they did a minute apart."""
        session, before = uuid4(), ""
        for n, one in enumerate(names):
            name, properties = (one, {}) if isinstance(one, str) else one
            self.tell(
                who, at + n * MINUTE, name, properties, session_id=session, session_start=n == 0, previous_name=before,
                value=properties.get("value"), **given,
            )  # fmt: skip
            before = name

    def tell(self, who: UUID, at: int, name: str, properties: dict[str, Any], **given: Any) -> None:
        plain = {"type": "track", "channel": "web", "source_id": self.here.source, "device": "desktop", "path": "/shop"}
        self.rows.append(
            InteractionRow(
                **{
                    **plain, "name": name, "workspace_id": self.here.workspace.pk, "customer_id": who, "time": seconds(at),
                    "message_key": uuid4(), "message_id": uuid4().hex, "received_at": seconds(at), "projected_at": seconds(at),
                    "log_seq": 1, "log_index": len(self.rows), "properties": msgspec.Raw(msgspec.json.encode(properties)), **given,
                }
            )
        )  # fmt: skip

    def write(self) -> None:
        insert_rows(table="interactions_raw", rows=self.rows, token=uuid4().hex)


def audited(here: Place) -> dict[str, Any]:
    assert here.client.post(f"/w/{here.workspace.slug}/journeys/audit/ask", {"days": "30"}).status_code == 302
    assert run_next_audit(stopping=lambda: False)
    last = Audit.objects.filter(workspace=here.workspace).latest("id")
    assert (last.state, last.trouble) == ("done", "")
    return {one["kind"]: one for one in api(here).get("/api/v1/journeys/audit").json()["audit"]["checks"]}


def funnel(here: Place) -> None:
    asked = {
        "version": 1,
        "steps": [{"event": {"name": "Checkout Started"}}, {"event": {"name": "Order Completed"}}],
        "within": {"amount": 1, "unit": "days"},
    }
    create_funnel(access_of(here), name="Buying", about="", funnel=funnels.read(json.dumps(asked)))


def planted(here: Place) -> Story:
    story = Story(here)
    till = Source.objects.create(workspace_id=here.workspace.pk, name="Till", kind="server").pk
    app = Source.objects.create(workspace_id=here.workspace.pk, name="App", kind="mobile").pk
    slow, quick = {"lcp_ms": 4_800, "inp_ms": 90, "cls": 0.02}, {"lcp_ms": 1_400, "inp_ms": 90, "cls": 0.02}
    for n in range(PEOPLE):
        who, at = story.person(), story.start + n * MINUTE
        phone = n % 2 == 0
        through = n % 10 != 0 if not phone else n % 4 == 0
        where = {"device": "phone" if phone else "desktop", "channel": "web"}
        bought = [("Order Completed", {"value": 20})] if through else []
        story.visit(who, at, ("Web Vitals", slow if phone else quick), "Checkout Started", *bought, **where)
        # Half of all others meet an error at the form, and none of these goes on.
        hit = n % 3 == 0
        story.visit(who, at + DAY, "Form Shown", *([("Error Shown", {"code": "E-7"})] if hit else ["Form Sent"]))
        story.visit(who, at + 2 * DAY, *(["Sign In Failed", "Sign In Failed"] if n % 4 == 0 else ["Signed In"]))
        story.tell(who, at + 3 * DAY, "App Opened", {}, source_id=app)
        for times in range(5):
            story.tell(who, at + 4 * DAY + times * HOUR, "Feature Shown", {"feature": "wheel of fortune"})
        for times in range(6 if n % 2 else 1):
            story.tell(
                who, at + 7 * DAY + times * HOUR, "Email Delivered", {"template": "weekly-offers"}, voice="ours", channel="email"
            )
        if n % 2 and n % 4 == 1:
            story.tell(who, at + 7 * DAY + 9 * HOUR, "Unsubscribed", {})
    for n in range(150):
        story.tell(story.person(), story.start + n * MINUTE, "Till Used", {}, source_id=till)
    no = [False, story.start - DAY, story.start - DAY, "0" * 32]
    refuser = story.person(marketing=no, analytics=no)
    for name, value in (("marketing", no), ("analytics", no)):
        Choice.objects.create(
            workspace_id=here.workspace.pk, key=uuid4(), name=name, customer_id=refuser, granted=False, time=value[1], received_at=0,
            source_id=here.source, origin="client",
        )  # fmt: skip
    story.tell(refuser, story.start, "Email Delivered", {"template": "weekly-offers"}, voice="ours", channel="email")
    story.tell(refuser, story.start - 3 * DAY, "Email Delivered", {"template": "weekly-offers"}, voice="ours", channel="email")
    story.tell(refuser, story.start, "Home", {}, type="page")
    story.write()
    funnel(here)
    return story


def figures(check: dict[str, Any], n: int = 0) -> dict[str, dict[str, Any]]:
    return {one["label"]: one for one in check["findings"][n]["figures"]}


def test_all_that_is_planted_is_found_with_its_figures(here):
    planted(here)
    checks = audited(here)
    assert {kind: one["state"] for kind, one in checks.items()} == dict.fromkeys(checks, "found")
    assert [one["title"] for one in checks["silos"]["findings"]] == ["Till shares no customers with the other sources"]
    assert checks["silos"]["findings"][0]["customers"] == 150
    [channel] = checks["channels"]["findings"]
    assert "“Buying” is completed less on phone" in channel["title"]
    assert figures(checks["channels"])["Completed on phone"]["value"] == 0.5
    [speed] = checks["speed"]["findings"]
    assert (speed["title"], speed["severity"], speed["customers"]) == ("/shop is slow on phone", "high", 60)
    assert figures(checks["speed"])["Largest contentful paint, 75th percentile"]["value"] == 4_800
    [error] = checks["errors"]["findings"]
    assert (error["title"], error["customers"]) == ("After “Error Shown · E-7” customers give up", 40)
    assert figures(checks["errors"])["It ends at “Form Shown” without it"]["value"] == 0
    [sign] = checks["signing_in"]["findings"]
    assert sign["customers"] == 30
    assert figures(checks["signing_in"])["Didn’t get in within a day"]["value"] == 0.25
    [feature] = checks["features"]["findings"]
    assert (feature["title"], feature["customers"]) == ("“feature · wheel of fortune” is shown much and hardly used", PEOPLE)
    often, dose = checks["contact"]["findings"]
    assert {often["key"], dose["key"]} == {"contact:often", "contact:dose"}
    refused = {one["title"]: one for one in checks["consent"]["findings"]}
    assert refused["“weekly-offers” reached customers who refused Marketing by e-mail"]["interactions"] == 1
    assert refused["Pages and screens were recorded of customers who refused Analytics"]["customers"] == 1
    page = text_of(here.client.get(f"/w/{here.workspace.slug}/journeys/audit/"))
    for words in ("Till shares no customers", "95% interval", "Say what it costs", "1 more don’t allow analytics"):
        assert words in page


def test_nothing_is_found_where_nothing_is_and_what_cant_be_judged_says_what_it_needs(here):
    assert "Not audited yet" in text_of(here.client.get(f"/w/{here.workspace.slug}/journeys/audit/"))
    story = Story(here)
    app = Source.objects.create(workspace_id=here.workspace.pk, name="App", kind="mobile").pk
    for n in range(PEOPLE):
        who, at = story.person(marketing=[n > 9, 0, 0, "0" * 32]), story.start + n * MINUTE
        device = "phone" if n % 2 else "desktop"
        quick = {"lcp_ms": 1_200 + n * 5, "inp_ms": 90, "cls": 0.02}
        bought = [("Order Completed", {"value": 20})] if n % 3 else []
        story.visit(who, at, ("Web Vitals", quick), "Checkout Started", *bought, device=device)
        story.visit(who, at + DAY, "Form Shown", *([("Error Shown", {"code": "E-7"})] if n % 2 else []), "Form Sent")
        story.tell(who, at + 3 * DAY, "App Opened", {}, source_id=app)
        if n > 9:
            story.tell(who, at + 7 * DAY, "Email Delivered", {"template": "news"}, voice="ours", channel="email")
    story.write()
    funnel(here)
    checks = audited(here)
    states = {kind: one["state"] for kind, one in checks.items()}
    assert states == dict.fromkeys(states, "clear") | {"signing_in": "unjudged", "features": "unjudged"}
    page = text_of(here.client.get(f"/w/{here.workspace.slug}/journeys/audit/"))
    assert "Not enough data: needs failed sign-ins as events" in page
    assert "Nothing was found that is surely wrong, in what can be judged" in page


def test_an_empty_workspace_is_judged_in_nothing(here):
    assert {one["state"] for one in audited(here).values()} == {"unjudged"}


def test_a_finding_is_dismissed_with_a_reason_and_taken_back(here):
    story = Story(here)
    for n in range(PEOPLE):
        who = story.person()
        for times in range(5):
            story.tell(who, story.start + times * HOUR + n, "Feature Shown", {"feature": '<script>alert("x")</script>'})
    story.write()
    finding = audited(here)["features"]["findings"][0]
    url = f"/w/{here.workspace.slug}/journeys/audit/"
    assert "<script>alert" not in here.client.get(url).content.decode()
    assert here.client.post(f"{url}dismissals", {"key": finding["key"], "reason": " "}).status_code == 302
    assert not Dismissal.objects.exists()
    assert here.client.post(f"{url}dismissals", {"key": finding["key"], "reason": "It is new"}).status_code == 302
    assert "It is new" in text_of(here.client.get(url))
    reader = here.sign_in("viewer")
    assert reader.post(f"{url}dismissals", {"key": finding["key"], "reason": "no"}).status_code == 403
    assert audited(here)["features"]["findings"][0]["dismissal"]["reason"] == "It is new"
    asked = api(here)
    assert here.client.post(f"{url}dismissals/end", {"key": finding["key"]}).status_code == 302
    assert audited(here)["features"]["findings"][0]["dismissal"] is None
    assert asked.post("/api/v1/journeys/audit", json.dumps({"days": 7}), content_type="application/json").status_code == 400
    body = json.dumps({"key": finding["key"], "reason": "Later"})
    assert asked.post("/api/v1/journeys/audit/dismissals", body, content_type="application/json").json()["reason"] == "Later"
    at = f"/api/v1/journeys/audit/dismissals?{urlencode({'key': finding['key']})}"
    assert [asked.delete(at).status_code for _ in range(2)] == [204, 404]
