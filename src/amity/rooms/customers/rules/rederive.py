"""Who is who among the interactions of one customer, worked out anew with some of its merges refused.

The same decisions as at first (`identity.decide`), over the same interactions in the order of their arrival, with two
differences: who is kept apart never joins, and nothing else is refused. What was refused then stays so: an identifier counts
from the interaction on that brought it to this customer. So an unmerge touches nobody but the customer that it parts.

What the past no longer holds is taken from the ledger: identifiers stand where they were before the merges that moved them,
and merges whose interaction is gone are believed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import msgspec

from amity.kernel.ids import derived_id
from amity.rooms.customers.contracts import Incoming, Refusal
from amity.rooms.customers.rules import consent as consents
from amity.rooms.customers.rules.choices.history import Said, news
from amity.rooms.customers.rules.choices.purposes import SALE_SHARE
from amity.rooms.customers.rules.choices.signals import Telling, telling
from amity.rooms.customers.rules.consent import Answer
from amity.rooms.customers.rules.identifiers import Ident, IdentityRules, KindRule, identifiers_of
from amity.rooms.customers.rules.identity import Carried, Graph, Joined, Place, decide, keep_apart, unite
from amity.rooms.customers.rules.partition import RESET
from amity.rooms.customers.rules.profile import Profile

_GPC = {SALE_SHARE: "gpc"}


class Happened(msgspec.Struct, frozen=True, gc=False):
    """One interaction of the past. `customer` is whose row it is there; `seq` and `index` are its place in the log.

    `copies` are further ids that it stands under: of a move that was broken off.
    """

    incoming: Incoming
    customer: UUID
    seq: int
    index: int
    copies: tuple[UUID, ...] = ()


class Held(msgspec.Struct, frozen=True, gc=False):
    """An identifier of the customer, and the interaction that brought it."""

    key: UUID
    aliased: bool


class Merged(msgspec.Struct, frozen=True, gc=False):
    """A merge of the ledger that stands. `seen` are the identifiers of its interaction, with whose they were then."""

    id: int
    old: UUID
    into: UUID
    at: int
    key: UUID
    moved: tuple[Place, ...]
    seen: tuple[tuple[Place, UUID | None], ...] = ()


@dataclass(slots=True, kw_only=True)
class Ledger:
    """What the present knows of one customer: all ids that it ever had, identifiers, merges, and who is to be kept apart.

    `undone` are merges that are being taken back.
    """

    current: UUID
    ids: frozenset[UUID]
    held: Mapping[Place, Held]
    merges: Sequence[Merged]
    apart: Sequence[tuple[UUID, UUID]] = ()
    undone: Sequence[Merged] = ()

    def before_merges(self, place: Place) -> UUID:
        """Return the id that an identifier was added to, by walking the merges that moved it backwards."""
        customer = self.current
        for one in sorted((*self.merges, *self.undone), key=lambda m: -m.id):
            if one.into == customer and place in one.moved:
                customer = one.old
        return customer

    def without(self, undone: Collection[int]) -> Ledger:
        """Return the ledger with some merges taken back: not only the two are apart, but also whom their evidence tells of."""
        pairs: dict[tuple[UUID, UUID], None] = dict.fromkeys(self.apart)
        for one in self.merges:
            if one.id in undone:
                ours = {one.into, *(self.before_merges(place) for place, whose in one.seen if whose == one.into)}
                theirs = {one.old, *(self.before_merges(place) for place, whose in one.seen if whose == one.old)}
                for first in sorted(ours):
                    for second in sorted(theirs - ours):
                        pairs[min(first, second), max(first, second)] = None
        back = [one for one in self.merges if one.id in undone]
        return replace(
            self,
            merges=[one for one in self.merges if one.id not in undone],
            undone=[*self.undone, *back],
            apart=list(pairs),
        )


@dataclass(slots=True, kw_only=True)
class Parted:
    """What came out. `root` leads from each id to the customer that it is part of, `whose` from each interaction's key.

    `members` are each customer's identifiers, with whether each is only an alias now.
    `joined` are the merges that hold, `believed` the ids of those that were taken from the ledger as they are.
    """

    root: dict[UUID, UUID]
    owner: dict[Place, UUID]
    whose: dict[UUID, UUID]
    members: dict[UUID, dict[Place, bool]] = field(default_factory=dict)
    profiles: dict[UUID, Profile] = field(default_factory=dict)
    consent: dict[UUID, dict[str, Answer]] = field(default_factory=dict)
    joined: list[Joined] = field(default_factory=list)
    believed: list[tuple[int, UUID, UUID]] = field(default_factory=list)
    left_out: dict[tuple[UUID, Refusal], Incoming] = field(default_factory=dict)
    choices: list[Said] = field(default_factory=list)  # answers that say something new to each


def in_arrival_order(happened: Iterable[Happened]) -> list[Happened]:
    """Return interactions in the log's order; by when they were received where the log's numbers began anew in between."""
    by_log = sorted(happened, key=lambda h: (h.seq, h.index))
    newest = 0
    for one in by_log:
        if one.incoming.received_at < newest - RESET:
            return sorted(by_log, key=lambda h: (h.incoming.received_at, h.seq, h.index))
        newest = max(newest, one.incoming.received_at)
    return by_log


def lenient(rules: IdentityRules, held: Iterable[Place]) -> IdentityRules:
    """Return rules under which all that is held may identify, in the order of the rules' priorities and without limits."""
    kinds = {
        place.kind: KindRule(limit=None, priority=rules.of(place.kind).priority, blocked=frozenset(), patterns=())
        for place in held
    }
    return IdentityRules(kinds=kinds, phone_region=rules.phone_region, limited=False)


def rederive(ledger: Ledger, happened: Sequence[Happened], rules: IdentityRules) -> Parted:
    """Work out whose everything is. `happened` is in the order of arrival, each interaction once."""
    return _Working(ledger, happened, lenient(rules, ledger.held)).run()


class Deriving:
    """What any derivation does: who is who so far, and what each knows by then."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.out = Parted(root={}, owner={}, whose={})

    def _profile(self, customer: UUID, incoming: Incoming) -> Profile:
        found = self.out.profiles.get(customer)
        if found is None:
            found = self.out.profiles[customer] = Profile(
                workspace=incoming.workspace, customer=customer, created_at=incoming.received_at, traits={}, origins={}
            )
        return found

    def _learn(self, customer: UUID, incoming: Incoming) -> None:
        self._profile(customer, incoming).learn(incoming)
        said = consents.said_consent(incoming)
        if said:
            known = self.out.consent.setdefault(customer, {})
            own = telling(incoming)
            told = own if own.explicit else Telling(origins=_GPC if incoming.gpc else {})
            self.out.choices.extend(news(known, said, incoming, told, customer=customer))
            consents.fold(known, said, incoming)

    def _join(self, old: UUID, into: UUID) -> None:
        profile = self.out.profiles.pop(old, None)
        if profile is not None:
            ours = self.out.profiles.get(into)
            if ours is None:
                profile.customer = into
                self.out.profiles[into] = profile
            else:
                ours.join(profile)
        consents.join(self.out.consent.setdefault(into, {}), self.out.consent.pop(old, {}))


class _Working(Deriving):
    """The state of one derivation."""

    def __init__(self, ledger: Ledger, happened: Sequence[Happened], rules: IdentityRules) -> None:
        super().__init__(Graph(members={one: {} for one in ledger.ids}))
        self.ledger, self.happened, self.rules = ledger, happened, rules
        for first, second in ledger.apart:
            keep_apart(self.graph, first, second)
        keys = {one.incoming.key for one in happened}
        for place, held in ledger.held.items():
            if held.key not in keys:
                self._give(place, ledger.before_merges(place), aliased=held.aliased)
        self.seen = {one.key: one.seen for one in ledger.merges}
        self.waiting = sorted((one for one in ledger.merges if one.key not in keys), key=lambda m: m.id, reverse=True)

    def run(self) -> Parted:
        for one in self.happened:
            while self.waiting and self.waiting[-1].at <= one.incoming.received_at:
                self._believe(self.waiting.pop())
            self._take(one)
        while self.waiting:
            self._believe(self.waiting.pop())
        current = self.graph.current
        self.out.root = {one: current(one) for one in self.ledger.ids}
        self.out.owner = {place: current(owner) for place, owner in self.graph.owner.items()}
        self.out.members = {one: self.graph.members.get(one, {}) for one in set(self.out.root.values())}
        self.out.whose = {key: current(customer) for key, customer in self.out.whose.items()}
        return self.out

    def _give(self, place: Place, customer: UUID, *, aliased: bool) -> None:
        self.graph.owner[place] = customer
        self.graph.members[customer][place] = aliased

    def _believe(self, merge: Merged) -> None:
        old, into = self.graph.current(merge.old), self.graph.current(merge.into)
        if old == into or into in self.graph.apart.get(old, ()):
            return
        old, into = max(old, into), min(old, into)
        unite(self.graph, old, into)
        self._join(old, into)
        self.out.believed.append((merge.id, old, into))

    def _take(self, one: Happened) -> None:
        incoming = one.incoming
        carried = self._carried(one)
        if not carried.places:
            named = incoming.customer_id if incoming.customer_id in self.ledger.ids else one.customer
            customer = self.graph.current(named or one.customer)
        else:
            if not any(place in self.graph.owner for place in carried.places):
                self._begin(one, carried)
            decision = decide(self.graph, incoming, carried, self.rules)
            for joined in decision.joined:
                self._join(joined.old, joined.into)
            self.out.joined.extend(decision.joined)
            customer = decision.customer or one.customer
            for refusal in decision.refused:
                self.out.left_out.setdefault((customer, refusal), incoming)
        self.out.whose[incoming.key] = customer
        self._learn(customer, incoming)

    def _carried(self, one: Happened) -> Carried:
        incoming = one.incoming
        if incoming.customer_id is not None:
            return Carried()
        idents, _ = identifiers_of(incoming, self.rules)
        places = {Place(incoming.workspace, ident.kind, ident.value): ident for ident in idents}
        for place, _ in self.seen.get(incoming.key, ()):  # rows of long ago lack the other name of an alias call
            if place not in places and place in self.ledger.held:
                places[place] = Ident(place.kind, place.value, aliased=self.ledger.held[place].aliased)
        found = []
        for place, ident in sorted(places.items(), key=lambda pair: self.rules.rank(pair[1])):
            held = self.ledger.held.get(place)
            if held is not None and (place in self.graph.owner or held.key == incoming.key):
                found.append((ident, place))
        return Carried(tuple(ident for ident, _ in found), tuple(place for _, place in found))

    def _begin(self, one: Happened, carried: Carried) -> None:
        """Let a customer begin under the id that it had; where its beginning is gone, under the one that its row has."""
        incoming = one.incoming
        made = derived_id(incoming.received_at, "customer", incoming.key.bytes)
        customer = made if made in self.ledger.ids else one.customer
        self._give(carried.places[0], self.graph.current(customer), aliased=carried.idents[0].aliased)


def restore(parted: Parted, kept: Iterable[tuple[UUID, Mapping[str, tuple[Any, list[Any]]], Mapping[str, Answer]]]) -> None:
    """Give back traits and answers of interactions that the past no longer holds, and exact values of those that it does.

    `kept` are (id, {name: (value, origin)}, {purpose: answer}) as they were written down: each goes to whose interaction
    brought it, else to the first id that is given with it. So earlier merges come first, and the customer of today last.
    """
    known = {key.hex: customer for key, customer in parted.whose.items()}
    for one, traits, answers in kept:
        for name, (value, origin) in traits.items():
            customer = known.setdefault(origin[2], parted.root[one])
            profile = parted.profiles.get(customer)
            if profile is None:
                profile = parted.profiles[customer] = Profile(workspace=0, customer=customer, created_at=0, traits={}, origins={})
            ours = profile.origins.get(name)
            if ours is None or (ours[0], ours[2]) <= (origin[0], origin[2]):
                profile.traits[name], profile.origins[name] = value, list(origin)
        for purpose, answer in answers.items():
            customer = known.setdefault(str(answer[3]), parted.root[one])
            consents.join(parted.consent.setdefault(customer, {}), {purpose: answer})
