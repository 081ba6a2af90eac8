"""Who is who: each interaction's identifiers against those known, one interaction after the other, in the order given.

All known identifiers of an interaction that belong to one customer: it is that customer's. None known: a new customer.
Of several customers: they are one, unless that customer would have more identifiers of a kind than its limit. Then the
identifiers are taken strongest first, and each that would break a limit is left out. So a shared tablet or a hard-coded
test id can't chain strangers together. The same holds where a person said that two customers are different.

The survivor of a merge is the lowest id: ids begin with the instant of creation, so that is the oldest customer.
Nothing here reads or writes: `Graph` is what was loaded, and what this batch has made of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import msgspec

from amity.kernel.ids import derived_id
from amity.rooms.customers.contracts import Incoming, Refusal
from amity.rooms.customers.rules.identifiers import ALIASED, Ident, IdentityRules, identifiers_of


class Place(msgspec.Struct, frozen=True, order=True, cache_hash=True, gc=False):
    """Where an identifier lives: values are unique within a workspace and kind."""

    workspace: int
    kind: str
    value: str


class Decided(msgspec.Struct, frozen=True, gc=False):
    """Which person decided something about identity, and why."""

    person: str
    person_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """One merge: `old` became part of `into` because of `cause`. `seen` are its identifiers with their former owners.

    `by`: a person decided it, and `cause` carries no more than the time and a key.
    """

    workspace: int
    old: UUID
    into: UUID
    cause: Incoming
    seen: tuple[tuple[str, str, UUID | None], ...]
    moved: tuple[tuple[str, str], ...]
    by: Decided | None = None

    @property
    def rule(self) -> str:
        """What showed that the two are one: `shared_identifiers`, `alias` or `people`."""
        if self.by is not None:
            return "people"
        return "alias" if self.cause.kind == "alias" else "shared_identifiers"


class Carried(msgspec.Struct, frozen=True, gc=False):
    """The identifiers that interactions carry, strongest first, with where each lives, and what they carried that is none."""

    idents: tuple[Ident, ...] = ()
    places: tuple[Place, ...] = ()
    refused: tuple[Refusal, ...] = ()


class Decision(msgspec.Struct, frozen=True, gc=False):
    """What one interaction means for identity. `customer` None: nothing identifies it."""

    customer: UUID | None
    created: bool = False
    joined: tuple[Joined, ...] = ()
    refused: tuple[Refusal, ...] = ()


@dataclass(slots=True)
class Graph:
    """Identifiers and the customers that they belong to: as loaded at first, as decided afterwards.

    `members` holds all identifiers of a customer with whether each is only an alias. It may lack customers of whom every
    interaction of the batch is plain (all its identifiers theirs). `added` maps what the batch added to its cause.
    """

    owner: dict[Place, UUID] = field(default_factory=dict)
    members: dict[UUID, dict[Place, bool]] = field(default_factory=dict)
    root: dict[UUID, UUID] = field(default_factory=dict)  # merged by this batch → into whom
    added: dict[Place, Incoming] = field(default_factory=dict)
    aliased: set[Place] = field(default_factory=set)  # known before, only another name since
    apart: dict[UUID, set[UUID]] = field(default_factory=dict)  # who is never joined with whom, both ways

    def current(self, customer: UUID) -> UUID:
        """Return who a customer is after the merges of this batch."""
        if self.root:
            while customer in self.root:
                customer = self.root[customer]
        return customer

    def plain(self, places: Sequence[Place]) -> UUID | None:
        """Return the customer that all identifiers belong to, None where there is something to decide."""
        owner = self.owner
        first = owner.get(places[0]) if places else None
        if first is None:
            return None
        for one in places[1:]:
            other = owner.get(one)
            if other is not first and other != first:
                return None
        return first


def resolve(graph: Graph, batch: Iterable[Incoming], rules: Callable[[int], IdentityRules]) -> list[Decision]:
    """Decide for each interaction, in order, and keep `graph` up to date.

    Depends on nothing but the graph and the order: however the same interactions are cut into batches, the same comes out.
    """
    return [decide(graph, one, carry(one, rules(one.workspace)), rules(one.workspace)) for one in batch]


def carry(one: Incoming, rules: IdentityRules) -> Carried:
    """Read the identifiers of an interaction."""
    idents, refused = identifiers_of(one, rules)
    places = [Place(one.workspace, i.kind, i.value) for i in idents]
    return Carried(tuple(idents), tuple(places), tuple(refused))


def decide(graph: Graph, one: Incoming, carried: Carried, rules: IdentityRules) -> Decision:
    """Decide for one interaction whose identifiers were read, and keep `graph` up to date."""
    if not carried.idents:
        return Decision(None, refused=carried.refused)
    customer = graph.plain(carried.places)
    if customer is not None:
        return Decision(customer, refused=carried.refused)
    refused = carried.refused
    places = {place: i.aliased for place, i in zip(carried.places, carried.idents, strict=True)}
    if _forbids(graph, places, rules):
        places, left_out = _allowed(graph, places, rules)
        refused += tuple(Refusal(place.kind, place.value, reason) for place, reason in left_out)
    return _take(graph, one, places, refused)


def _allowed(graph: Graph, places: dict[Place, bool], rules: IdentityRules) -> tuple[dict[Place, bool], list[tuple[Place, str]]]:
    taken: dict[Place, bool] = {}
    left_out: list[tuple[Place, str]] = []
    for place, aliased in places.items():
        reason = _forbids(graph, {**taken, place: aliased}, rules) if taken else ""
        if reason:
            left_out.append((place, reason))
        else:
            taken[place] = aliased
    return taken, left_out


def _forbids(graph: Graph, places: dict[Place, bool], rules: IdentityRules) -> str:
    """Return why all these identifiers can't be one customer's, empty if they can."""
    owners = {graph.owner[place] for place in places if place in graph.owner}
    if graph.apart and len(owners) > 1 and any(not owners.isdisjoint(graph.apart.get(one, ())) for one in owners):
        return "apart"
    return "limit" if _exceeds(graph, owners, places, rules) else ""


def _exceeds(graph: Graph, owners: set[UUID], places: dict[Place, bool], rules: IdentityRules) -> bool:
    """Whether the one customer of all these identifiers would have too many of a kind."""
    if not rules.limited:
        return False
    if not owners and not any(places.values()) and len({place.kind for place in places}) == len(places):
        return False  # one of each kind, all new
    together: dict[Place, bool] = {}
    for owner in owners:
        together.update(graph.members[owner])
    before = Counter(_kinds(together)) if len(owners) == 1 else Counter()
    for place, aliased in places.items():
        together[place] = aliased or together.get(place, False)
    for kind, number in Counter(_kinds(together)).items():
        limit = rules.limit(kind)
        # A customer that has too many already (the rule was tightened since) stays whole, but gets no more of them.
        if limit is not None and number > limit and number > before[kind]:
            return True
    return False


def _kinds(members: dict[Place, bool]) -> Iterable[str]:
    return (ALIASED if aliased else place.kind for place, aliased in members.items())


def _take(graph: Graph, one: Incoming, places: dict[Place, bool], refused: tuple[Refusal, ...]) -> Decision:
    seen = tuple((place.kind, place.value, graph.owner.get(place)) for place in places)
    owners = sorted({owner for _, _, owner in seen if owner is not None})
    customer = owners[0] if owners else derived_id(one.received_at, "customer", one.key.bytes)
    joined = tuple(_join(graph, one, old, customer, seen) for old in owners[1:])
    members = graph.members.setdefault(customer, {})
    for place, aliased in places.items():
        if place not in members:
            graph.added[place] = one
            graph.owner[place] = customer
            members[place] = aliased
        elif aliased and not members[place]:
            graph.aliased.add(place)
            members[place] = True
    return Decision(customer=customer, created=not owners, joined=joined, refused=refused)


def _join(graph: Graph, one: Incoming, old: UUID, into: UUID, seen: tuple[tuple[str, str, UUID | None], ...]) -> Joined:
    moved = unite(graph, old, into)
    return Joined(
        workspace=one.workspace, old=old, into=into, cause=one, seen=seen, moved=tuple((p.kind, p.value) for p in moved)
    )


def unite(graph: Graph, old: UUID, into: UUID) -> dict[Place, bool]:
    """Make one customer part of another and return the identifiers that went over. Who is apart from it, is from both."""
    moved = graph.members.pop(old, {})
    graph.root[old] = into
    graph.members.setdefault(into, {}).update(moved)
    graph.owner.update(dict.fromkeys(moved, into))
    for other in graph.apart.pop(old, ()):
        graph.apart[other].discard(old)
        graph.apart[other].add(into)
        graph.apart.setdefault(into, set()).add(other)
    return moved


def keep_apart(graph: Graph, first: UUID, second: UUID) -> None:
    """Never let evidence join two customers."""
    graph.apart.setdefault(first, set()).add(second)
    graph.apart.setdefault(second, set()).add(first)
