"""Who is who among the interactions of a few customers, worked out anew under other rules.

The same decisions as placing makes (`identity.decide`), over all of their interactions in the order of arrival. What people decided
is kept: customers whom they joined are joined when they were, those whom they keep apart never are. What the past no longer holds is taken
from the ledger: identifiers stand from the start where they were added, and a merge holds if its evidence still shows it.

Which identifiers may count is known before, from the partition of everybody (`partition`): those of others are left out, as the limits
would leave them out. So a few customers at a time give the same as all at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from msgspec.structs import replace as changed

from amity.kernel.ids import derived_id
from amity.rooms.customers.contracts import Incoming, Refusal
from amity.rooms.customers.rules.identifiers import Ident, IdentityRules, identifiers_of
from amity.rooms.customers.rules.identity import Carried, Graph, Joined, Place, decide, keep_apart
from amity.rooms.customers.rules.partition import CUSTOMER, Known, believe, with_customers
from amity.rooms.customers.rules.rederive import Deriving, Happened, Ledger, Merged, Parted, in_arrival_order


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Customers of today that only together can be worked out anew. `taken` are identifiers that become theirs though nobody has them."""

    workspace: int
    ledgers: Sequence[Ledger]
    taken: frozenset[Place] = frozenset()
    people: frozenset[int] = frozenset()  # the merges that people decided
    apart: Sequence[tuple[UUID, UUID]] = ()

    @property
    def ids(self) -> frozenset[UUID]:
        """Return all ids that any of them ever had."""
        return frozenset(one for ledger in self.ledgers for one in ledger.ids)

    @property
    def today(self) -> dict[UUID, UUID]:
        """Return who each id stands for today."""
        return {one: ledger.current for ledger in self.ledgers for one in ledger.ids}

    @property
    def merges(self) -> list[Merged]:
        """Return the merges that stand, oldest first."""
        return sorted((one for ledger in self.ledgers for one in ledger.merges), key=lambda m: m.id)


@dataclass(slots=True, kw_only=True)
class Remade:
    """What came out. `created` are customers that hadn't been, with the interaction that began each and the customer it was placed to."""

    parted: Parted
    created: dict[UUID, Happened] = field(default_factory=dict)
    dropped: list[Place] = field(default_factory=list)  # identifiers that identify nobody any more
    gained: list[Place] = field(default_factory=list)
    causes: dict[Place, Incoming] = field(default_factory=dict)  # of those that were gained


def known_of(workspace: int, merge: Merged, *, by_people: bool, rules: IdentityRules) -> tuple[Known, list[Place]]:
    """Return a merge of which the past holds no interaction, as its evidence stands under the rules."""
    if by_people:
        places = [Place(workspace, CUSTOMER, merge.old.hex), Place(workspace, CUSTOMER, merge.into.hex)]
    else:
        seen = [place for place, _ in merge.seen if rules.admit(place.kind, place.value)[0]]
        places = sorted(seen, key=lambda p: rules.rank(Ident(p.kind, p.value)))
    return Known(merge.at, tuple((p.kind, p.value) for p in places), by_people), places


def remake(group: Group, happened: Sequence[Happened], rules: IdentityRules, *, learn: bool = True) -> Remade:
    """Work out who is who. `happened` has each interaction once; without `learn` nobody gets traits or answers."""
    return _Remaking(group, happened, rules, learn=learn).run()


class _Remaking(Deriving):
    """The state of one derivation."""

    def __init__(self, group: Group, happened: Sequence[Happened], rules: IdentityRules, *, learn: bool) -> None:
        self.group, self.happened, self.learn = group, in_arrival_order(happened), learn
        self.rules = with_customers(rules)
        self.ids, self.workspace = group.ids, group.workspace
        myself = {one: self._self(one) for one in self.ids}
        super().__init__(
            Graph(owner={place: one for one, place in myself.items()}, members={one: {p: False} for one, p in myself.items()})
        )
        for first, second in group.apart:
            keep_apart(self.graph, first, second)
        self.held = {place: held for ledger in group.ledgers for place, held in ledger.held.items()}
        self.wanted = group.taken | {place for place in self.held if rules.admit(place.kind, place.value)[0]}
        self.keys = {one.incoming.key for one in happened}
        for ledger in group.ledgers:
            for place, held in ledger.held.items():
                if held.key not in self.keys and place in self.wanted:
                    customer = ledger.before_merges(place)
                    self.graph.owner[place] = customer
                    self.graph.members[customer][place] = held.aliased
        self.seen = {one.key: one.seen for one in group.merges}
        self.waiting = [one for one in reversed(group.merges) if one.key not in self.keys]
        self.waiting.sort(key=lambda m: m.at, reverse=True)
        self.begins = begins(self.ids, happened, self._idents)
        self.made: dict[UUID, Happened] = {}
        self.causes: dict[Place, Incoming] = {}
        self.rows: list[Joined] = []

    def run(self) -> Remade:
        for one in self.happened:
            while self.waiting and self.waiting[-1].at <= one.incoming.received_at:
                self._believe(self.waiting.pop())
            self._take(one)
        while self.waiting:
            self._believe(self.waiting.pop())
        return self._ended()

    def _self(self, customer: UUID) -> Place:
        return Place(self.workspace, CUSTOMER, customer.hex)

    def _believe(self, merge: Merged) -> None:
        known, places = known_of(self.workspace, merge, by_people=merge.id in self.group.people, rules=self.rules)
        named = {one: self._name(one) for one in {self.graph.owner[p] for p in places if p in self.graph.owner}}
        for old, into in believe(self.graph, known, places, self.rules):
            self._join(old, into)
            pair = {named.get(old), named.get(into)} - {None}
            if len(pair) == 2:
                self.out.believed.append((merge.id, max(filter(None, pair)), min(filter(None, pair))))

    def _take(self, one: Happened) -> None:
        incoming = one.incoming
        idents, refused = self._idents(one)
        if idents:
            customer, refused = self._place(one, idents, refused)
        else:
            named = incoming.customer_id if incoming.customer_id in self.ids else None
            customer = self.graph.current(named or one.customer)
        for refusal in refused:
            self.out.left_out.setdefault((customer, refusal), incoming)
        self.out.whose[incoming.key] = customer
        if self.learn:
            self._learn(customer, incoming)

    def _place(self, one: Happened, idents: Sequence[Ident], refused: Sequence[Refusal]) -> tuple[UUID, Sequence[Refusal]]:
        """Decide whose an interaction is by its identifiers, and return that with all that was left out."""
        begun = self.begins.get(one.incoming.key)
        carried = idents if begun is None else [Ident(CUSTOMER, begun.hex), *idents]
        places = [Place(self.workspace, i.kind, i.value) for i in carried]
        known = {place: self.graph.owner.get(place) for place in places}
        names = {who: self._name(who) for who in known.values() if who is not None}
        before = {who: set(self.graph.members[who]) for who in names} if len(names) > 1 else {}
        decision = decide(self.graph, one.incoming, Carried(tuple(carried), tuple(places), tuple(refused)), self.rules)
        customer = decision.customer or one.customer
        if decision.created:
            self.made[customer] = one
        for place in places:
            if known[place] is None and self.graph.owner.get(place) == customer:
                self.causes.setdefault(place, one.incoming)
        for joined in decision.joined:
            self._join(joined.old, joined.into)
            self._remember(joined, names, before)
        return customer, decision.refused

    def _idents(self, one: Happened) -> tuple[list[Ident], Sequence[Refusal]]:
        incoming = one.incoming
        if incoming.customer_id is not None:
            return [], []
        found, refused = identifiers_of(incoming, self.rules)
        if incoming.kind == "alias" and not incoming.previous_id:  # rows of long ago lack the other name of an alias call
            there = {(i.kind, i.value) for i in found}
            for place, _ in self.seen.get(incoming.key, ()):
                if place in self.held and (place.kind, place.value) not in there:
                    found.append(Ident(place.kind, place.value, self.held[place].aliased))
            found.sort(key=self.rules.rank)
        ours = [i for i in found if Place(self.workspace, i.kind, i.value) in self.wanted]
        if len(ours) < len(found):
            refused = [*refused, *(Refusal(i.kind, i.value, "limit") for i in found if i not in ours)]
        return ours, refused

    def _name(self, customer: UUID) -> UUID | None:
        """Return the id under which a customer is known today, None where it hadn't been."""
        if customer in self.ids:
            return customer
        return min((UUID(place.value) for place in self.graph.members.get(customer, ()) if place.kind == CUSTOMER), default=None)

    def _remember(self, joined: Joined, names: Mapping[UUID, UUID | None], before: Mapping[UUID, set[Place]]) -> None:
        """Keep for the ledger that two who had been customers before are one."""
        first, second = names.get(joined.old), names.get(joined.into)
        if first is None or second is None:
            return
        old, into = max(first, second), min(first, second)
        moved = before[joined.old if first == old else joined.into]
        self.rows.append(
            Joined(
                workspace=joined.workspace, old=old, into=into, cause=joined.cause,
                seen=tuple((kind, value, names.get(owner, owner) if owner else None) for kind, value, owner in joined.seen if kind != CUSTOMER),
                moved=tuple(sorted((p.kind, p.value) for p in moved if p.kind != CUSTOMER)), by=joined.by,
            )
        )  # fmt: skip

    def _empty(self, busy: set[UUID]) -> None:
        """Let ids under which nothing is stay with the customer that they lead to."""
        out, today = self.out, self.group.today
        for one, root in out.root.items():
            if root == one != today[one] and root not in busy and len(self.graph.members[one]) == 1:
                out.root[one] = out.root[today[one]]
        for one in [one for one in self.graph.members if one in self.ids and out.root[one] != one]:
            del self.graph.members[one]

    def _ended(self) -> Remade:
        graph, out = self.graph, self.out
        final = {one: self._name(one) or one for one in graph.members}
        out.root = {one: final[graph.owner[self._self(one)]] for one in self.ids}
        out.whose = {key: final[graph.current(who)] for key, who in out.whose.items()}
        self._empty(set(out.whose.values()))
        out.owner = {place: final[who] for place, who in graph.owner.items() if place.kind != CUSTOMER}
        out.members = {
            final[who]: {place: aliased for place, aliased in some.items() if place.kind != CUSTOMER}
            for who, some in graph.members.items()
        }
        created = {final[who]: one for who, one in self.made.items() if who in graph.members and final[who] not in self.ids}
        out.root |= {one: one for one in created}
        out.profiles = {final[graph.current(who)]: profile for who, profile in out.profiles.items()}
        for who, profile in out.profiles.items():
            profile.customer = who
        out.consent = {final[graph.current(who)]: answers for who, answers in out.consent.items()}
        out.left_out = {(final[graph.current(who)], refusal): one for (who, refusal), one in out.left_out.items()}
        out.choices = [changed(one, customer=final[graph.current(one.customer)]) for one in out.choices]
        out.joined = self.rows
        return Remade(
            parted=out,
            created=created,
            dropped=sorted(place for place in self.held if place not in out.owner),
            gained=sorted(place for place in out.owner if place not in self.held),
            causes=self.causes,
        )


def begins(
    ids: frozenset[UUID], happened: Sequence[Happened], idents: Callable[[Happened], tuple[list[Ident], Sequence[Refusal]]]
) -> dict[UUID, UUID]:
    """Return the ids of customers by the interaction that begins each: that which gave the id, else the first under it that identifies."""
    found: dict[UUID, UUID] = {}
    for one in happened:
        made = derived_id(one.incoming.received_at, "customer", one.incoming.key.bytes)
        if made in ids and idents(one)[0]:
            found[one.incoming.key] = made
    lacking = ids - set(found.values())
    for one in happened:
        if not lacking:
            break
        if one.customer in lacking and one.incoming.key not in found and idents(one)[0]:
            found[one.incoming.key] = one.customer
            lacking = lacking - {one.customer}
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What changes: `split` are the customers of today of whom something goes elsewhere, with whereto, `joined` those of then who have more than one source.

    `merges` counts customers that become part of another.
    """

    split: Mapping[UUID, frozenset[UUID]]
    joined: Mapping[UUID, frozenset[UUID]]

    @property
    def merges(self) -> int:
        """Return how many customers become part of another."""
        return sum(len(sources) - 1 for sources in self.joined.values())


def effect(group: Group, happened: Sequence[Happened], remade: Remade) -> Effect:
    """Return what of today's customers goes where: identifiers, interactions, and what stands under their ids."""
    today, parted = group.today, remade.parted
    goes = {(who, parted.root[one]) for one, who in today.items()}
    goes |= {(ledger.current, parted.owner[place]) for ledger in group.ledgers for place in ledger.held if place in parted.owner}
    goes |= {(today[one.customer], parted.whose[one.incoming.key]) for one in happened}
    parts: dict[UUID, set[UUID]] = {}
    sources: dict[UUID, set[UUID]] = {}
    for who, then in goes:
        parts.setdefault(who, set()).add(then)
        sources.setdefault(then, set()).add(who)
    return Effect(
        split={who: frozenset(some) for who, some in parts.items() if len(some) > 1},
        joined={then: frozenset(some) for then, some in sources.items() if len(some) > 1},
    )
