"""Who would be who if every interaction were placed anew, in order: the whole partition at once.

Where nothing is refused the order doesn't matter: customers are the connected components of identifiers that came together. And
a component that as a whole is within every limit, and in which nobody is kept apart, is a customer that never was refused anything
on the way. So only the identifiers of the other components are placed one interaction after the other, by the rule that places
arrivals (`identity.decide`).

What people decided stands among the interactions: customers whom they joined or keep apart are identifiers of themselves (`CUSTOMER`),
which the interaction that began them carries before all others. What the past no longer holds stands there from the start.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from amity.kernel.clock import DAY
from amity.rooms.customers.contracts import Incoming
from amity.rooms.customers.rules.identifiers import ALIASED, Ident, IdentityRules, KindRule
from amity.rooms.customers.rules.identity import Carried, Graph, Place, decide, keep_apart, unite

if TYPE_CHECKING:
    import numpy as np

    Labels = np.ndarray[Any, np.dtype[np.int32]]
NOBODY = -1
CUSTOMER = "="  # no kind of identifier: that an interaction began a customer whom somebody decided about
RESET = 2 * DAY  # the log's order goes back in time by more than that only where another log took its place


def components(nodes: int, left: Any, right: Any) -> Labels:
    """Return the component of each node of an undirected graph with edges `left[i]` to `right[i]`: the least node of it.

    Shiloach and Vishkin, An O(log n) parallel connectivity algorithm (1982), on whole arrays: each root hooks onto the least root next to
    it, pointers jump until all lead to roots, and edges within a component are dropped. Two rounds leave at most half of the roots.
    """
    import numpy as np

    root = np.arange(nodes, dtype=np.int32)
    left, right = np.asarray(left, np.int32), np.asarray(right, np.int32)
    while len(left):
        np.minimum.at(root, np.maximum(left, right), np.minimum(left, right))
        while not np.array_equal(root, further := root[root]):
            root = further
        left, right = root[left], root[right]
        between = left != right
        left, right = left[between], right[between]
    return root


def with_customers(rules: IdentityRules) -> IdentityRules:
    """Return rules under which customers identify themselves, however many became one."""
    free = KindRule(limit=None, priority=0, blocked=frozenset(), patterns=())
    return replace(rules, kinds={**rules.kinds, CUSTOMER: free}, _known={})


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger tells of a merge without an interaction of the past. `idents` are judged anew, or joined without asking."""

    at: int
    idents: tuple[tuple[str, str], ...]
    by_people: bool


class Partition:
    """Carriers, each the admitted identifiers of one interaction, strongest first (`identifiers_of`).

    A carrier that came before may be left out, unless an alias call came in between.
    """

    def __init__(self, rules: IdentityRules) -> None:
        self.rules = with_customers(rules)
        self.numbers: dict[tuple[str, str], int] = {}
        self._aliased: set[int] = set()
        self._items = array("i")
        self._flags = array("b")
        self._ends = array("q", [0])
        self._at: tuple[array[int], array[int], array[int]] = (array("q"), array("q"), array("q"))  # received, seq, index
        self._begun: dict[UUID, list[tuple[int, bool]]] = {}
        self._apart: list[tuple[UUID, UUID]] = []
        self._known: list[Known] = []

    def __len__(self) -> int:
        return len(self._ends) - 1

    def number(self, kind: str, value: str) -> int:
        """Return an identifier's number."""
        return self.numbers.setdefault((kind, value), len(self.numbers))

    def add(self, idents: Iterable[Ident], *, received: int = 0, seq: int | None = None, index: int = 0) -> None:
        """Take a carrier that came at this place of the log; without one, after all that were taken."""
        for one in idents:
            number = self.number(one.kind, one.value)
            self._items.append(number)
            self._flags.append(one.aliased)
            if one.aliased:
                self._aliased.add(number)
        self._ends.append(len(self._items))
        for column, value in zip(self._at, (received, len(self) if seq is None else seq, index), strict=True):
            column.append(value)

    def begin(self, customer: UUID, idents: Iterable[Ident] = ()) -> None:
        """Let a customer stand from the start, with identifiers of interactions that the past no longer holds."""
        if customer not in self._begun:
            self._begun[customer] = [(self.number(CUSTOMER, customer.hex), False)]
        for one in idents:
            number = self.number(one.kind, one.value)
            self._begun[customer].append((number, one.aliased))
            if one.aliased:
                self._aliased.add(number)

    def keep_apart(self, first: UUID, second: UUID) -> None:
        """Let no evidence join two customers that have begun."""
        self._apart.append((first, second))

    def remember(self, known: Known) -> None:
        """Take a merge of the ledger whose interaction the past doesn't hold, or that a person decided."""
        self._known.append(known)
        for kind, value in known.idents:
            self.number(kind, value)

    def heads(self) -> Any:
        """Return the number of each carrier's strongest identifier, NOBODY where it has none. It says whose the interaction is."""
        import numpy as np

        ends, items = np.frombuffer(self._ends, np.int64), np.frombuffer(self._items, np.int32)
        found = np.full(len(self), NOBODY, np.int32)
        filled = np.diff(ends) > 0
        found[filled] = items[ends[:-1][filled]]
        return found

    def labels(self) -> Labels:
        """Return the customer of each identifier, by its number; NOBODY where the rules leave it out of all."""
        import numpy as np

        ends, items = np.frombuffer(self._ends, np.int64), np.frombuffer(self._items, np.int32)
        first = np.repeat(self.heads(), np.diff(ends))
        more = [(self.number(CUSTOMER, who.hex), number) for who, some in self._begun.items() for number, _ in some]
        for known in self._known:
            some = [self.numbers[one] for one in known.idents]
            more += [(some[0], other) for other in some[1:]]
        further = np.array(more, np.int32).reshape(-1, 2)
        labels = components(len(self.numbers), np.concatenate([first, further[:, 0]]), np.concatenate([items, further[:, 1]]))
        beyond = self._beyond(labels)
        if len(beyond):
            self._place(labels, np.isin(labels, beyond), ends)
        return labels

    def _beyond(self, labels: Labels) -> Any:
        """Return components that have more identifiers of some kind than one customer may, or two who are kept apart.

        An identifier that ever was only another name counts as both: it may have been either.
        """
        import numpy as np

        kinds: dict[str, list[int]] = {ALIASED: sorted(self._aliased)}
        for (kind, _), number in self.numbers.items():
            kinds.setdefault(kind, []).append(number)
        apart = [(self.number(CUSTOMER, a.hex), self.number(CUSTOMER, b.hex)) for a, b in self._apart]
        found = [np.array([labels[a] for a, b in apart if labels[a] == labels[b]], np.int64)]
        for kind, numbers in kinds.items():
            limit = self.rules.limit(kind)
            if limit is not None:
                found.append(np.flatnonzero(np.bincount(labels[numbers]) > limit))
        return np.unique(np.concatenate(found))

    def _order(self) -> Any:
        """Return the carriers in the order of their arrival: the log's; by when they were received where it began anew in between."""
        import numpy as np

        received, seq, index = (np.frombuffer(column, np.int64) for column in self._at)
        order = np.lexsort((index, seq))
        came = received[order]
        if len(came) and np.any(came < np.maximum.accumulate(came) - RESET):
            order = np.lexsort((index, seq, received))
        return order

    def _place(self, labels: Labels, wanted: Any, ends: Any) -> None:
        """Put the identifiers of some components where placing them one carrier after the other would."""
        import numpy as np

        places = {number: Place(0, *name) for name, number in self.numbers.items() if wanted[number]}
        graph = self._started(wanted, places)
        waiting = sorted((one for one in self._known if wanted[self.numbers[one.idents[0]]]), key=lambda k: k.at, reverse=True)
        heads, received = self.heads(), self._at[0]
        order = self._order()
        there = heads[order]
        for carrier in order[(there != NOBODY) & wanted[there]].tolist():
            while waiting and waiting[-1].at <= received[carrier]:
                self._believe(graph, waiting.pop())
            decide(graph, _nobody(carrier), self._carried(range(ends[carrier], ends[carrier + 1]), places), self.rules)
        while waiting:
            self._believe(graph, waiting.pop())
        labels[wanted] = NOBODY
        customers: dict[UUID, int] = {}
        base = int(np.max(labels, initial=NOBODY)) + 1
        for place, owner in graph.owner.items():
            labels[self.numbers[place.kind, place.value]] = customers.setdefault(owner, base + len(customers))

    def _started(self, wanted: Any, places: dict[int, Place]) -> Graph:
        graph = Graph()
        for customer, some in self._begun.items():
            if wanted[some[0][0]]:
                graph.members[customer] = {places[number]: aliased for number, aliased in some}
                graph.owner.update(dict.fromkeys(graph.members[customer], customer))
        for first, second in self._apart:
            if first in graph.members and second in graph.members:
                keep_apart(graph, first, second)
        return graph

    def _believe(self, graph: Graph, known: Known) -> None:
        believe(graph, known, [Place(0, *one) for one in known.idents], self.rules)

    def _carried(self, where: Sequence[int], places: dict[int, Place]) -> Carried:
        found = tuple(places[self._items[i]] for i in where)
        flags = (bool(self._flags[i]) for i in where)
        return Carried(tuple(Ident(one.kind, one.value, flag) for one, flag in zip(found, flags, strict=True)), found)


def believe(graph: Graph, known: Known, places: Sequence[Place], rules: IdentityRules) -> list[tuple[UUID, UUID]]:
    """Take a merge that the ledger tells of: as people decided it, else as its evidence still shows it under the rules.

    Returns who became part of whom.
    """
    there = tuple(one for one in places if one in graph.owner)
    if not known.by_people:
        carried = Carried(tuple(Ident(one.kind, one.value) for one in there), there)
        return [(one.old, one.into) for one in decide(graph, _nobody(known.at), carried, rules).joined]
    owners = sorted({graph.owner[one] for one in there})
    if len(owners) != 2 or owners[0] in graph.apart.get(owners[1], ()):
        return []
    unite(graph, owners[1], owners[0])
    return [(owners[1], owners[0])]


def _nobody(number: int) -> Incoming:
    """Return an interaction that stands for the one in this place: all that deciding asks of it is an order and a name."""
    return Incoming(0, 0, UUID(int=number), "track", number, number)
