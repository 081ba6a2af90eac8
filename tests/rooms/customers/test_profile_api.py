"""The Profile API by way of Django, and before it on the event loop: the same question, the same answer."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amity.engines.past.migrate import migrate_past
from amity.engines.present.trips import here as travel
from amity.kernel.clock import DAY, now_ms
from amity.kernel.sealed import HIDDEN
from amity.rooms.customers import api
from amity.rooms.customers.http.profile import profile, read_asked
from amity.rooms.customers.models import (
    Audience,
    Choice,
    ComputedTrait,
    ComputedValue,
    ConsentSetting,
    Customer,
    IdentitySetting,
    Member,
    OwnPurpose,
    Restriction,
)
from amity.rooms.customers.rules.choices.purposes import BUILT_IN
from tests.rooms.customers.choices.test_permission import make, person
from tests.rooms.customers.making import T0
from tests.rooms.customers.people import Place
from tests.rooms.customers.test_http import client_of

pytestmark = pytest.mark.django_db
SERVE = {"purpose": "necessary"}


@pytest.fixture(scope="module")
def _past() -> None:
    migrate_past()


@pytest.fixture
def here(_past: None) -> Place:
    return Place()


def get(client: Client, who: object, status: int = 200, headers: dict[str, str] | None = None, **given):
    answer = client.get(f"/api/v1/customers/{who}", given, headers=headers or {})
    assert answer.status_code == status, answer.content
    return answer.json() if answer.content else answer


def test_every_part_by_id_by_any_identifier_and_after_a_join(here: Place) -> None:
    old = here.customer()
    made = here.customer(
        ("email", "ines@mail.example"), ("user_id", "a/b:c"), traits={"name": "Ines", "vip": True}, values={"EUR": "12.5000"},
        consent={"marketing": [True, now_ms() - DAY, here.source, uuid4().hex]},
    )  # fmt: skip
    here.merge(old, made)
    audience = Audience.objects.create(
        workspace=here.workspace, name="Regulars", created_at=T0, created_by="x", updated_at=T0, updated_by="x"
    )
    Member.objects.create(audience=audience, customer_id=made, inside=True, since=T0)
    client = client_of(here)
    whole = get(client, made, **SERVE)
    assert (whole["id"], whole["name"], whole["purpose"], whole["reason"]) == (str(made), "Ines", "necessary", "needs_none")
    assert whole["values"] == [{"currency": "EUR", "amount": "12.5000"}]
    assert {t["name"]: t["value"] for t in whole["traits"]} == {"name": "Ines", "vip": True}
    assert [(one["id"], one["name"]) for one in whole["audiences"]] == [(audience.pk, "Regulars")]
    assert [(one["kind"], one["value"]) for one in whole["identifiers"]] == [("email", "ines@mail.example"), ("user_id", "a/b:c")]
    consent = {one["purpose"]: (one["allowed"], one["reason"], one["said"]) for one in whole["consent"]}
    assert consent["marketing_email"] == (True, "agreed", "marketing")
    assert consent["marketing_sms"] == (False, "never_asked", None)
    assert consent.keys() == BUILT_IN.keys()
    assert whole["merged_ids"] == [str(old)]
    assert "timeline" not in whole
    for who in (old, f"customer_id:{made}", "email:INES@mail.example ", "userId:a/b:c"):
        assert get(client, who, **SERVE) == whole
    assert get(client, "phone:ines@mail.example", 404, **SERVE)["code"] == "not_found"


def test_computed_traits_with_their_values(here: Place) -> None:
    made, other = here.customer(("email", "ines@mail.example")), here.customer()
    given = {
        "workspace": here.workspace,
        "definition": {},
        "created_at": T0,
        "created_by": "x",
        "updated_at": T0,
        "updated_by": "x",
    }
    spent, shop, old = (ComputedTrait.objects.create(name=name, **given) for name in ("Spent", "Last shops", "Old"))
    for trait, value in ((spent, 12.5), (shop, ["Porto", "sealed.1.k.abc"]), (old, 1)):
        ComputedValue.objects.create(trait=trait, customer_id=made, value=value, since=T0)
    ComputedValue.objects.create(trait=spent, customer_id=other, value=None, since=T0, due=T0)
    ComputedTrait.objects.filter(pk=old.pk).update(archived_at=T0)
    client = client_of(here)
    whole = get(client, made, **SERVE)["computed"]
    assert [(one["id"], one["name"], one["value"]) for one in whole] == [
        (shop.pk, "Last shops", ["Porto", HIDDEN]),
        (spent.pk, "Spent", 12.5),
    ]
    assert whole[0]["since"].startswith("20")
    assert get(client, made, include="computed", **SERVE).keys() == {"id", "purpose", "reason", "computed"}
    assert get(client, other, include="computed", **SERVE)["computed"] == []
    assert "computed" not in get(client, made, 403, purpose="marketing_email")


def test_only_the_parts_that_were_asked_for(here: Place) -> None:
    made = here.customer(("email", "ines@mail.example"), traits={"name": "Ines"})
    client = client_of(here)
    assert get(client, made, include="audiences", **SERVE).keys() == {"id", "purpose", "reason", "audiences"}
    assert get(client, made, include=["traits, consent", "traits"], **SERVE).keys() == {
        *("id", "purpose", "reason", "traits", "consent")
    }
    assert "timeline" in get(client, made, 400, include="nonsense", **SERVE)["message"]


def test_the_newest_of_the_story_where_it_is_asked_for(here: Place) -> None:
    made = here.customer(traits={"name": "Ines"})
    here.tell(made, {"name": "Order Completed"}, {"type": "page", "name": "Home", "at": now_ms() - DAY})
    client = client_of(here)
    told = get(client, made, include="timeline", **SERVE)
    assert [one["name"] for one in told["timeline"]] == ["Order Completed", "Home"]
    assert [one["name"] for one in get(client, made, include="timeline", limit=1, **SERVE)["timeline"]] == ["Order Completed"]


def test_a_purpose_must_be_named_and_known(here: Place) -> None:
    made = here.customer()
    client = client_of(here)
    said = get(client, made, 400)
    assert said["code"] == "purpose_missing"
    assert "purpose=necessary" in said["message"]
    said = get(client, made, 400, purpose="fax")
    assert said["code"] == "unknown_purpose"
    assert "marketing_email" in said["message"]


def test_what_is_not_permitted_is_said_with_the_reason_and_nothing_else(here: Place) -> None:
    now = now_ms()
    no = here.customer(traits={"name": "Ines"}, consent={"marketing": [False, now - DAY, 1, uuid4().hex]})
    old = here.customer(traits={"name": "Olga", "country": "DE"}, consent={"sms": [True, now - 400 * DAY, 1, uuid4().hex]})
    client = client_of(here)
    for who, purpose, reason in (
        (no, "marketing_email", "refused"),
        (no, "surveys", "never_asked"),
        (old, "marketing_sms", "expired"),
    ):
        said = get(client, who, 403, purpose=purpose, include="timeline,traits")
        assert said.keys() == {"code", "message", "purpose", "reason"}
        assert (said["code"], said["purpose"], said["reason"]) == ("not_permitted", purpose, reason)
        assert "Ines" not in said["message"]
    assert get(client, no, **SERVE)["name"] == "Ines"
    Restriction.objects.create(workspace=here.workspace, customer_id=old, since=now, request="r", person="x", person_id="1")
    said = get(client, old, 403, purpose="analytics")
    assert said["reason"] == "restricted"
    assert get(client, old, **SERVE)["name"] == "Olga"


def test_an_answer_that_is_known_already_is_not_sent_again(here: Place) -> None:
    made = here.customer(traits={"name": "Ines"})
    client = client_of(here)
    first = client.get(f"/api/v1/customers/{made}", SERVE)
    assert first.headers["Cache-Control"] == "private, no-cache"
    for held in (first.headers["ETag"], f'"other", W/{first.headers["ETag"]}'):
        again = get(client, made, 304, headers={"If-None-Match": held}, **SERVE)
        assert (again.content, again.headers["ETag"]) == (b"", first.headers["ETag"])
    Customer.objects.filter(id=made).update(traits={"name": "Inês"})
    assert get(client, made, headers={"If-None-Match": first.headers["ETag"]}, **SERVE)["name"] == "Inês"


def test_a_phone_number_as_people_of_the_region_write_it(here: Place) -> None:
    made = here.customer(("phone", "+4930901820"))
    client = client_of(here)
    assert get(client, "phone:030 901820", 404, **SERVE)["code"] == "not_found"
    IdentitySetting.objects.create(workspace=here.workspace, phone_region="DE")
    assert get(client, "phone:030 901820", **SERVE)["id"] == str(made)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    person,
    st.sampled_from([*BUILT_IN, "loyalty", "topic:news"]),
    st.sampled_from(["default", "us", "gdpr"]),
)
def test_it_permits_what_the_door_of_consent_permits(workspace, one, purpose, otherwise) -> None:
    OwnPurpose.objects.update_or_create(workspace_id=workspace, key="loyalty", defaults={"name": "Loyalty", "basis": "consent"})
    ConsentSetting.objects.update_or_create(workspace_id=workspace, defaults={"default_policy": otherwise})
    Choice.objects.filter(workspace_id=workspace).delete()
    made, _, _, old, _ = make(workspace, one)
    for who in filter(None, (made, old)):
        asked = read_asked(who=str(who), include=[], purpose=purpose)
        told = travel(profile(asked, workspace_id=workspace))
        assert told.known.id == made
        allowed = api.permitted(workspace_id=workspace, customer_ids=[who], purpose=purpose)
        assert told.decision.allowed == (who in allowed)


def token_of(client: Client) -> str:
    return client.defaults["HTTP_AUTHORIZATION"].removeprefix("Bearer ")


def on_the_loop(token: str, path: str, query: str = "purpose=necessary", method: str = "GET", **headers: str):
    from amity.engines.present.trips import Travelling
    from amity.rooms.customers.http.quick import QuickProfiles

    async def ask():
        present = Travelling()
        try:
            return await QuickProfiles(present).answer(
                {
                    "method": method,
                    "path": f"/api/v1/customers/{path}",
                    "query_string": query.encode(),
                    "headers": [
                        (b"authorization", f"Bearer {token}".encode()),
                        *((name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()),
                    ],
                }
            )
        finally:
            await present.close()

    return asyncio.run(ask())


@pytest.mark.usefixtures("_past")
@pytest.mark.django_db(transaction=True)
def test_before_django_the_answer_is_the_same_or_left_to_it() -> None:
    from amity.rooms.trust.models import ApiToken
    from amity.rooms.trust.queries.access import hash_of

    here, other = Place(), Place()
    made = here.customer(("email", "ines@mail.example"), traits={"name": "Ines", "height": 1.71})
    client = client_of(here)
    token = token_of(client)
    assert on_the_loop(token, str(made)) is None  # its first use is noted, which Django does
    by_django = client.get(f"/api/v1/customers/{made}", SERVE)
    for who in (str(made), "email:ines@mail.example"):
        told = on_the_loop(token, who)
        assert (told.status, told.body, told.etag) == (200, by_django.content, by_django.headers["ETag"])
    assert on_the_loop(token, str(made), if_none_match=by_django.headers["ETag"]).status == 304
    for query, status in (("purpose=surveys", 403), ("purpose=fax", 400)):
        told = on_the_loop(token, str(made), query)
        assert (told.status, told.body) == (status, client.get(f"/api/v1/customers/{made}?{query}").content) or status == 400
    assert on_the_loop(token, str(uuid4())).status == 404
    foreign = client_of(other)
    get(foreign, UUID(int=1), 404, **SERVE)
    assert on_the_loop(token_of(foreign), str(made)).status == 404
    for path, query, method in (
        (f"{made}/timeline", "purpose=necessary", "GET"),
        (str(made), "purpose=necessary", "POST"),
        (str(made), "", "GET"),
        (str(made), "purpose=necessary&include=timeline", "GET"),
        ("nonsense", "purpose=necessary", "GET"),
    ):
        assert on_the_loop(token, path, query, method) is None
    assert on_the_loop("amity_guessed", str(made)) is None
    ApiToken.objects.filter(token_hash=hash_of(token)).update(role="nobody")
    assert on_the_loop(token, str(made)) is None
    assert on_the_loop(token, str(made)) is None
