"""Personas in the console, without JavaScript: described, shown with live numbers, quoted, reviewed, put back, archived."""

from __future__ import annotations

from uuid import uuid4

import pytest

from amity.kernel.clock import DAY, now_ms
from amity.kernel.holdings import Subject
from amity.rooms.customers.actions import holdings
from amity.rooms.customers.models import Activity, Audience, Customer, ListEntry, Member, Persona, PersonaQuote
from amity.rooms.trust.models import AuditEntry
from tests.rooms.customers.audiences.keeping import keep, merge, store
from tests.rooms.customers.audiences.test_refresh import BOUGHT, audience, person, row
from tests.rooms.customers.people import Place

EVIL = '<script>alert("x")</script>'


@pytest.fixture
def here(transactional_db, past_ready) -> Place:
    return Place()


def url(here: Place, rest: str = "") -> str:
    return f"/w/{here.workspace.slug}/personas/{rest}"


def text_of(response, status: int = 200) -> str:
    assert response.status_code == status, response.content[:800]
    return response.content.decode()


def crowd(here: Place, *, members: int = 40, others: int = 60) -> tuple[int, list]:
    """An audience whose members are on the phone and bring money; everybody else is on the web."""
    one, who = audience(here.workspace.pk, BOUGHT, name="Callers"), []
    now = now_ms()
    Audience.objects.filter(pk=one.pk).update(computed_at=now)
    for n in range(members + others):
        inside = n < members
        id_ = keep(here.workspace.pk, person(traits={"name": f"Ada {n}"}))
        Activity.objects.filter(customer_id=id_).update(
            channels={"phone": 5, "server": 90} if inside and n % 10 else {"web": 3, "phone": 1}, values={"EUR": "120.00"} if inside else {},
            interactions=10, first_seen=now - 90 * DAY, last_seen=now - (1 if n % 2 else 50) * DAY,
        )  # fmt: skip
        if inside:
            Member.objects.create(audience=one, customer_id=id_, inside=True, since=now - 2 * DAY)
            who.append(id_)
    return one.pk, who


def describe(here: Place, **more) -> Persona:
    given = {
        "name": "The caller", "line": "Rings rather than clicks", "about": "Likes\nto talk.", "goals": "- Be sure\n- Be quick", "needs": "A name",
        "frustrations": "Menus", "contexts": "", "research": "12 interviews in May", "language": "en", "initials": "", "tint": "5",
        "audience": "", "number": "",
    } | more  # fmt: skip
    response = here.client.post(url(here, "new"), given)
    assert response.status_code == 302, response.content[:3_000]
    return Persona.objects.get(pk=int(response["Location"].rstrip("/").rpartition("/")[2]))


def test_an_empty_list_teaches(here):
    page = text_of(here.client.get(url(here)))
    assert "No persona yet" in page
    assert f'href="{url(here, "new")}"' in page
    assert "Describe the first persona" not in text_of(here.sign_in("viewer").get(url(here)))


def test_a_persona_shows_what_is_true_of_its_members(here):
    chosen, who = crowd(here)
    one = describe(here, audience=str(chosen), about=EVIL)
    page = text_of(here.client.get(url(here, f"{one.pk}/")))
    for said in (
        "The caller",
        "Be quick",
        "12 interviews in May",
        "of 100",
        "40.0%",
        "Phone",
        "€120.00",
        "Prefer Phone",
        "Customers behind it",
    ):
        assert said in page, said
    assert EVIL not in page
    assert "30.9% to 49.8%" in page  # Wilson's interval of 40 in 100
    cards = text_of(here.client.get(url(here)))
    assert "Never reviewed" in cards
    assert "40.0%" in cards
    customer = text_of(here.client.get(here.url(f"{who[0]}/")))
    assert url(here, f"{one.pk}/") in customer
    assert "No persona found" in text_of(here.client.get(url(here) + "?q=zzz"))


def test_an_audience_that_is_being_counted_has_no_numbers_yet(here):
    chosen, _ = crowd(here, members=1, others=0)
    Audience.objects.filter(pk=chosen).update(computed_at=None)
    page = text_of(here.client.get(url(here, f"{describe(here, audience=str(chosen)).pk}/")))
    assert "being counted; look again" in page
    assert "What they do" not in page
    assert "Counting" in text_of(here.client.get(url(here)))
    Audience.objects.filter(pk=chosen).update(trouble="No past")
    assert "could not be computed: No past" in text_of(here.client.get(url(here, f"{Persona.objects.get().pk}/")))


def test_an_imagined_persona_says_so(here):
    one = describe(here, name="Imagined")
    page = text_of(here.client.get(url(here, f"{one.pk}/")))
    assert "stands for nobody yet" in page
    assert "Stands for nobody yet" in text_of(here.client.get(url(here)))
    assert "too few to say much" not in page


def test_a_review_keeps_the_numbers_and_a_move_is_told(here):
    chosen, who = crowd(here)
    one = describe(here, audience=str(chosen))
    text_of(here.client.post(url(here, f"{one.pk}/review"), follow=True))
    page = text_of(here.client.get(url(here, f"{one.pk}/")))
    assert "Still holds" in page
    assert "No number has moved" in page
    for n, id_ in enumerate(who):
        seen = now_ms() - (0 if n % 2 else 1) * DAY
        Activity.objects.filter(customer_id=id_).update(channels={"app": 5}, last_seen=seen)
    Member.objects.filter(audience_id=chosen, customer_id__in=who[:10]).update(inside=False)
    page = text_of(here.client.get(url(here, f"{one.pk}/")))
    assert "Its members have moved" in page
    assert "75.0% of those then are members still" in page
    assert "Seen in the last 30 days" in page
    assert "Its members have moved" in text_of(here.client.get(url(here)))


def test_versions_are_kept_told_and_put_back(here):
    one = describe(here)
    given = {"name": "The talker", "goals": "Be heard", "tint": "6", "number": "1"}
    assert here.client.post(url(here, f"{one.pk}/edit"), given).status_code == 302
    late = text_of(here.client.post(url(here, f"{one.pk}/edit"), given | {"name": "Mine"}), 400)
    assert "changed it meanwhile (version 2)" in late
    assert 'value="Mine"' in late
    page = text_of(here.client.get(url(here, f"{one.pk}/history")))
    for said in ("Version 2", "Changed: Name, One line", "The first one", "Rings rather than clicks"):
        assert said in page, said
    here.client.post(url(here, f"{one.pk}/versions/1/restore"))
    one.refresh_from_db()
    assert (one.name, one.number, one.told["goals"]) == ("The caller", 3, ["Be sure", "Be quick"])
    assert "There is no such version" in text_of(here.client.post(url(here, f"{one.pk}/versions/9/restore"), follow=True))
    assert list(AuditEntry.objects.filter(target=f"persona:{one.pk}").order_by("seq").values_list("action", flat=True)) == [
        "persona.created", "persona.changed", "persona.changed",
    ]  # fmt: skip


def test_what_members_said_is_quoted_and_goes_with_the_customer(here):
    chosen, who = crowd(here, members=3, others=1)
    one = describe(here, audience=str(chosen))
    said = {**row("Chat Message Sent", at=now_ms() - DAY), "voice": "said", "properties": {"message": "Nobody tells me a thing"}}
    store(here.workspace.pk, who[0], [said])
    found = text_of(here.client.get(url(here, f"{one.pk}/voices")))
    assert "Nobody tells me a thing" in found
    given = {"customer": str(who[0]), "key": str(said["key"]), "time": str(said["time"])}
    here.client.post(url(here, f"{one.pk}/quotes"), given)
    assert "quoted already" in text_of(here.client.post(url(here, f"{one.pk}/quotes"), given, follow=True))
    here.client.post(url(here, f"{one.pk}/quotes"), {"words": "“I just want a person”", "heard": "Interview 7"})
    page = text_of(here.client.get(url(here, f"{one.pk}/")))
    assert "Nobody tells me a thing" in page
    assert "I just want a person" in page
    assert "Nobody tells me a thing" not in text_of(here.client.get(url(here, f"{one.pk}/voices")))
    merge(here.workspace.pk, who[0], who[1])
    page = text_of(here.client.get(url(here, f"{one.pk}/")))
    assert "Nobody tells me a thing" in page
    assert "Ada 1" in page

    subject = Subject(workspace_id=here.workspace.pk, customer_ids=(who[0], who[1]), identifiers=())
    assert holdings.find(subject)["customers.quotes"] == 1
    assert [r.data["persona"] for r in holdings.export(subject) if r.store == "customers.quotes"] == ["The caller"]
    holdings.erase(subject)
    page = text_of(here.client.get(url(here, f"{one.pk}/")))
    assert "Nobody tells me a thing" not in page
    assert "I just want a person" in page
    left = PersonaQuote.objects.get()
    here.client.post(url(here, f"{one.pk}/quotes/{left.pk}/remove"))
    assert not PersonaQuote.objects.exists()


def test_what_cannot_be_quoted_is_said(here):
    chosen, who = crowd(here, members=1, others=0)
    one = describe(here, audience=str(chosen))
    silent = row(at=now_ms() - DAY)
    store(here.workspace.pk, who[0], [silent])
    for given, why in (
        ({"customer": str(who[0]), "key": str(silent["key"]), "time": str(silent["time"])}, "nothing that can be quoted"),
        ({"customer": str(who[0]), "key": str(uuid4()), "time": "5"}, "no such interaction"),
        ({"customer": "x", "key": "y", "time": "z"}, "This is no interaction"),
        ({"words": "", "heard": "x"}, "A quote has 1 to"),
        ({"words": "x", "heard": ""}, "Say where it was heard"),
    ):
        assert why in text_of(here.client.post(url(here, f"{one.pk}/quotes"), given, follow=True)), why
    elsewhere = Place()
    theirs = keep(elsewhere.workspace.pk, person())
    given = {"customer": str(theirs), "key": str(uuid4()), "time": "5"}
    assert "no such customer" in text_of(here.client.post(url(here, f"{one.pk}/quotes"), given, follow=True)).lower()


def test_wrong_words_are_told_and_nothing_is_lost(here):
    describe(here)
    page = text_of(here.client.post(url(here, "new"), {"name": "The caller", "goals": "Kept", "tint": "3"}), 400)
    assert "There is a persona named The caller already" in page
    assert "Kept" in page
    for given in ({"name": ""}, {"name": "x", "tint": "one"}, {"name": "x", "audience": "77"}, {"name": "x", "language": "§"}):
        text_of(here.client.post(url(here, "new"), {"tint": "3"} | given), 400)


def test_an_archived_persona_is_read_only_until_it_is_back(here):
    chosen, who = crowd(here, members=1, others=0)
    one = describe(here, audience=str(chosen))
    here.client.post(url(here, f"{one.pk}/archive"))
    assert "No persona yet" in text_of(here.client.get(url(here)))
    assert "The caller" in text_of(here.client.get(url(here) + "?archived=1"))
    assert url(here, f"{one.pk}/") not in text_of(here.client.get(here.url(f"{who[0]}/")))
    assert "isn’t reviewed" in text_of(here.client.post(url(here, f"{one.pk}/review"), follow=True))
    assert here.client.get(url(here, f"{one.pk}/edit")).status_code == 302
    describe(here)
    assert "choose another name" in text_of(here.client.post(url(here, f"{one.pk}/return"), follow=True))
    Persona.objects.exclude(pk=one.pk).delete()
    here.client.post(url(here, f"{one.pk}/return"))
    assert "The caller" in text_of(here.client.get(url(here)))


def test_others_neither_see_nor_change_it(here):
    one = describe(here)
    elsewhere = Place()
    for rest in ("", "edit", "voices", "history"):
        assert elsewhere.client.get(f"/w/{elsewhere.workspace.slug}/personas/{one.pk}/{rest}").status_code == 404
    viewer = here.sign_in("viewer")
    assert viewer.get(url(here, f"{one.pk}/")).status_code == 200
    for rest in ("review", "archive", "quotes", "versions/1/restore"):
        assert viewer.post(url(here, f"{one.pk}/{rest}")).status_code == 403
    assert not ListEntry.objects.exists()
    assert Customer.objects.count() == 0
