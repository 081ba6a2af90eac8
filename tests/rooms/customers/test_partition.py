"""The whole partition at once is the one that placing every interaction in order gives."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from amity.rooms.customers.rules.identifiers import IdentityRules, KindRule, identifiers_of
from amity.rooms.customers.rules.identity import Graph, resolve
from amity.rooms.customers.rules.partition import NOBODY, Partition, components
from tests.rooms.customers.making import event

_names = st.sampled_from([f"x{n}" for n in range(6)])
_carriers = st.lists(
    st.fixed_dictionaries(
        {"kind": st.sampled_from(["track", "track", "identify", "alias"])},
        optional={
            "user_id": _names,
            "anonymous_id": _names,
            "previous_id": _names,
            "traits": st.fixed_dictionaries({}, optional={"email": _names.map(lambda name: f"{name}@mail.example")}),
            "context": st.fixed_dictionaries({}, optional={"device": st.fixed_dictionaries({"id": _names})}),
        },
    ),
    max_size=25,
)
_limits = st.fixed_dictionaries(
    {}, optional={kind: st.sampled_from([0, 1, 2, None]) for kind in ("user_id", "email", "device_id", "anonymous_id")}
)


def groups(owner):
    found = {}
    for name, who in owner.items():
        found.setdefault(who, set()).add(name)
    return sorted(sorted(one) for one in found.values())


@settings(deadline=None)  # the first call loads SciPy
@given(given_carriers=_carriers, limits=_limits, limited=st.booleans())
def test_it_is_the_one_that_placing_in_order_gives(given_carriers, limits, limited):
    rules = IdentityRules(kinds={kind: KindRule(limit=limit) for kind, limit in limits.items()}, limited=limited)
    interactions = [event(f"m{n}", workspace=1, at=n, **one) for n, one in enumerate(given_carriers)]
    graph = Graph()
    resolve(graph, interactions, lambda _: rules)
    partition = Partition(rules)
    for one in interactions:
        partition.add(identifiers_of(one, rules)[0])
    labels = partition.labels()
    names = {number: name for name, number in partition.numbers.items()}
    placed = {names[number]: int(label) for number, label in enumerate(labels) if label != NOBODY}
    assert groups(placed) == groups({(place.kind, place.value): who for place, who in graph.owner.items()})


def test_nothing_at_all_is_nobody():
    partition = Partition(IdentityRules())
    partition.add([])
    assert list(partition.labels()) == []


def test_what_the_limits_leave_out_of_all_belongs_to_nobody():
    rules = IdentityRules(kinds={"email": KindRule(limit=1, priority=2)})
    partition = Partition(rules)
    for n in range(3):
        said = event(f"m{n}", workspace=1, kind="identify", user_id="ada", traits={"email": f"a{n}@mail.example"})
        partition.add(identifiers_of(said, rules)[0])
    numbers, labels = partition.numbers, partition.labels()
    assert labels[numbers["user_id", "ada"]] == labels[numbers["email", "a0@mail.example"]] != NOBODY
    assert [labels[numbers["email", f"a{n}@mail.example"]] for n in (1, 2)] == [NOBODY, NOBODY]


@settings(deadline=None)  # the first call loads SciPy
@given(
    st.integers(1, 40).flatmap(
        lambda n: st.tuples(st.just(n), st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=60))
    )
)
def test_components_are_those_of_walking_every_edge(case):
    nodes, edges = case
    parent = list(range(nodes))

    def root(one):
        while parent[one] != one:
            one = parent[one]
        return one

    for left, right in edges:
        parent[root(left)] = root(right)
    labels = components(nodes, np.array([e[0] for e in edges], int), np.array([e[1] for e in edges], int))
    for one in range(nodes):
        for other in range(nodes):
            assert (labels[one] == labels[other]) == (root(one) == root(other))
