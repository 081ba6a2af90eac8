"""The law of the ledger: merge and unmerge is never merged.

Two workspaces live through the same history. In one, some merges are taken back at some point; in the other, the same
customers were kept apart from the start. Then everything that present and past tell is the same. Evidence that a limit
refused in the first is left out in the second: an unmerge doesn't take up again what was refused.
"""

from __future__ import annotations

import itertools
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import event as note
from hypothesis import strategies as st
from msgspec.structs import replace

from amity.kernel.ids import derived_id, message_key
from amity.rooms.customers import api
from amity.rooms.customers.models import Apart, Customer, Merge
from amity.rooms.trust.models import Workspace
from tests.rooms.customers.histories import MINUTE, T0, event, keep, merges, snapshot, unmerge

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("past_ready")]
_names = itertools.count()

_few = st.sampled_from([None, 0, 1, 1, 2, 2])
_interaction = st.fixed_dictionaries(
    {
        "user": st.sampled_from([None, None, 0, 0, 1, 2]),
        "browser": _few,
        "card": st.sampled_from([None, None, 0, 1, 2]),
        "previous": st.sampled_from([None, None, None, 0, 1, 2]),
        "traits": st.dictionaries(st.sampled_from(["plan", "city"]), st.sampled_from(["a", "b", None, 7]), max_size=2),
        "revenue": st.none() | st.integers(1, 9),
        "ads": st.none() | st.booleans(),
        "gpc": st.sampled_from([False, False, True]),
        "country": st.sampled_from(["", "", "DE", "FR"]),
        "about": st.sampled_from([None, None, None, None, 0, 1, 5]),  # a note about the customer of an earlier interaction
        "at": st.integers(0, 200),
    }
)


@st.composite
def _lives(draw) -> tuple[list[dict], int]:
    """Draw a history in which a user and a browser are known apart, then together; and how much of it leads to there at least.

    Histories of nothing but chance join nobody nine times out of ten.
    """
    raw = draw(st.lists(_interaction, min_size=1, max_size=11))
    user, browser = draw(st.sampled_from([0, 0, 1])), draw(st.sampled_from([1, 1, 2]))
    nobody = {"user": None, "browser": None, "card": None, "previous": None, "about": None}
    places = sorted(draw(st.lists(st.integers(0, len(raw)), min_size=3, max_size=3)))
    known = ({"user": user}, {"browser": browser}, {"user": user, "browser": browser})
    for number, (place, names) in enumerate(zip(places, known, strict=True)):
        raw.insert(place + number, draw(_interaction) | nobody | names)
    return raw, places[2] + 3


_history = _lives().map(lambda one: one[0])


def made(raw: list[dict], workspace: int) -> list:
    """Return interactions at distinct times, received in the order of the list whenever they happened."""
    events, taken = [], set()
    for number, one in enumerate(raw):
        at = next(minute for minute in itertools.count(one["at"]) if minute not in taken)
        taken.add(at)
        alias = one["previous"] is not None and one["user"] is not None
        context = {"externalIds": [{"type": "card", "id": f"c{one['card']}"}]} if one["card"] is not None else {}
        if one["ads"] is not None:
            context["consent"] = {"categoryPreferences": {"ads": one["ads"]}}
        events.append(
            event(
                f"e{number}", workspace=workspace, at=at * MINUTE, received_at=T0 + 10_000 * MINUTE + number,
                kind="alias" if alias else "identify" if one["traits"] else "track",
                user_id=None if one["user"] is None else f"u{one['user']}",
                anonymous_id=None if one["browser"] is None else f"b{one['browser']}",
                previous_id=f"b{one['previous']}" if alias else None,
                traits=one["traits"], context=context, gpc=one["gpc"], country=one["country"],
                properties={} if one["revenue"] is None else {"revenue": one["revenue"]},
            )
        )  # fmt: skip
    return events


class World:
    """A workspace, and who in it is the customer that a given interaction created."""

    def __init__(self, raw: list[dict]) -> None:
        self.id = Workspace.objects.create(slug=f"law-{next(_names)}", name="Law").pk
        self.raw, self.events = raw, made(raw, self.id)
        self.refused: dict[int, set] = {}

    def customer(self, number: int) -> UUID:
        one = self.events[number]
        return derived_id(one.received_at, "customer", message_key(self.id, 1, one.name).bytes)

    def numbers(self) -> dict[UUID, int]:
        return {self.customer(number): number for number in range(len(self.events))}

    def live(self, start: int, end: int, about: dict[int, int], *, first: bool, without: dict[int, set] | None = None) -> None:
        """Send some of the interactions. The `first` world tells in `about` whom notes are about; the other one does the same."""
        sent, outcomes = [], []
        for number in range(start, end):
            if self.raw[number]["about"] is not None:
                self._note(number, about, first=first)
            one = self.events[number] = stripped(self.events[number], (without or {}).get(number, set()))
            if identifies(one):
                sent.append(one)
                outcomes.append(api.place([one]))
                if outcomes[-1].placements[0].refused:
                    self.refused[number] = {(r.kind, r.value) for r in outcomes[-1].placements[0].refused}
        keep(sent, outcomes)

    def _note(self, number: int, about: dict[int, int], *, first: bool) -> None:
        """Turn an interaction into a note about whoever an earlier one created, as known by then; nothing where nobody is."""
        if first:
            ids = set(Customer.objects.filter(workspace_id=self.id).values_list("id", flat=True))
            known = [n for n in range(number) if self.customer(n) in ids]
            if known:
                about[number] = known[self.raw[number]["about"] % len(known)]
        named = self.customer(about[number]) if number in about else None
        self.events[number] = replace(
            self.events[number], kind="track", user_id=None, anonymous_id=None, previous_id=None, context={}, traits={}, gpc=False,
            properties={}, customer_id=named, voice="ours",
        )  # fmt: skip


def told(world: World) -> str:
    lines = [f"{e.name} {e.kind} {e.time - T0} {e.user_id} {e.anonymous_id} {e.previous_id} {dict(e.context)} {dict(e.traits)} {e.gpc} {e.customer_id}"
             for e in world.events]  # fmt: skip
    joins = [(m.id, str(m.old_id), str(m.into_id), m.undone) for m in Merge.objects.filter(workspace_id=world.id)]
    return "\n".join([*lines, str(joins), str({n: str(world.customer(n)) for n in range(len(world.events))})])


def identifies(one) -> bool:
    return bool(one.customer_id or one.user_id or one.anonymous_id or "externalIds" in one.context)


def stripped(one, refused: set):
    """Return an interaction without identifiers that were refused."""
    given = {}
    if ("user_id", one.user_id) in refused:
        given["user_id"] = None
    if ("anonymous_id", one.anonymous_id) in refused:
        given["anonymous_id"] = None
    if any(kind == "card" for kind, _ in refused):
        given["context"] = {name: part for name, part in one.context.items() if name != "externalIds"}
    return replace(one, **given)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate])
@given(lives=_lives(), more=st.integers(0, 10), chosen=st.lists(st.integers(0, 5), min_size=1, max_size=2), again=st.booleans())
def test_merge_and_unmerge_is_never_merged(lives, more, chosen, again):
    raw, joined = lives
    cut = min(joined + more, len(raw))
    one, two = World(raw), World(raw)
    about: dict[int, int] = {}
    one.live(0, cut, about, first=True)
    refused = dict(one.refused)
    assume(all(one.events[n].kind != "alias" for n in refused))  # of whose two names one alone can't be left out
    standing = merges(one.id)
    assume(standing)
    picked = {standing[n % len(standing)].pk for n in chosen}
    unmerge(one.id, *sorted(picked))
    numbers, apart = one.numbers(), Apart.objects.filter(workspace_id=one.id).values_list("first_id", "second_id")
    pairs = [(two.customer(numbers[first]), two.customer(numbers[second])) for first, second in apart]
    Apart.objects.bulk_create(
        Apart(workspace_id=two.id, first_id=f, second_id=s, first_now=f, second_now=s, person="", person_id="", made_at=0)
        for f, s in pairs
    )
    two.live(0, cut, about, first=False, without=refused)
    api.resequence_marked()
    assert snapshot(one.id) == snapshot(two.id), told(one)
    one.live(cut, len(raw), about, first=True)
    two.live(cut, len(raw), about, first=False)
    if again:
        for world in (one, two):
            sent = [stripped(e, refused.get(n, set())) for n, e in enumerate(world.events[:cut])]
            api.place([e for e in sent if identifies(e)], replay=True)
    api.resequence_marked()
    assert snapshot(one.id) == snapshot(two.id), told(one)
    note(f"{len(picked)} of {len(standing)} merges, {len(snapshot(one.id))} customers")
