"""Laws of identity: what order, batching and repetition may and may not change."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from amity.rooms.customers.contracts import Refusal
from amity.rooms.customers.rules.identifiers import ALIASED, IdentityRules, KindRule, identifiers_of, normalise, spellings
from amity.rooms.customers.rules.identity import Graph, Place, resolve
from amity.rooms.customers.rules.profile import Profile
from tests.rooms.customers.making import T0, event

FREE = IdentityRules(limited=False)
LIMITED = IdentityRules()
TIGHT = IdentityRules(kinds={"anonymous_id": KindRule(limit=2), "email": KindRule(limit=1, priority=2)})

_few = st.integers(0, 5)
_event = st.fixed_dictionaries(
    {
        "user": st.none() | _few,
        "anonymous": st.none() | _few,
        "email": st.none() | _few,
        "previous": st.none() | _few,
        "trait": st.none() | st.integers(0, 3),
        "at": st.integers(0, 3),
    }
)
_events = st.lists(_event, max_size=16)


def made(raw):
    events = []
    for number, one in enumerate(raw):
        traits = {} if one["email"] is None else {"email": f"m{one['email']}@x.org"}
        if one["trait"] is not None:
            traits["plan"] = one["trait"] or None
        events.append(
            event(
                f"e{number}",
                workspace=1,
                kind="identify" if one["previous"] is None else "alias",
                user_id=None if one["user"] is None else f"u{one['user']}",
                anonymous_id=None if one["anonymous"] is None else f"a{one['anonymous']}",
                previous_id=None if one["previous"] is None else f"u{one['previous']}",
                traits=traits,
                at=one["at"],
                received_at=T0 + number,
            )
        )
    return events


def run(events, rules, cuts=()):
    """Decide batch by batch, each batch with a graph that was loaded anew from what the earlier ones left."""
    owner, members, profiles, decisions, root = {}, {}, {}, [], {}
    for start, end in zip([0, *cuts], [*cuts, len(events)], strict=True):
        graph = Graph(owner=dict(owner), members={customer: dict(m) for customer, m in members.items()})
        batch = events[start:end]
        for one, decision in zip(batch, resolve(graph, batch, lambda _: rules), strict=True):
            for joined in decision.joined:
                profiles[joined.into].join(profiles.pop(joined.old))
            if decision.customer is not None:
                who = decision.customer
                profiles.setdefault(who, Profile(workspace=1, customer=who, created_at=one.received_at)).learn(one)
            decisions.append(decision)
        owner, members = graph.owner, graph.members
        root |= graph.root
    return owner, members, profiles, decisions, root


def partition(owner):
    groups = defaultdict(set)
    for place, customer in owner.items():
        groups[customer].add((place.kind, place.value))
    return {frozenset(group) for group in groups.values()}


def components(events):
    numbers, edges = {}, []
    for one in events:
        ids = [numbers.setdefault((i.kind, i.value), len(numbers)) for i in identifiers_of(one, FREE)[0]]
        edges += [(ids[0], other) for other in ids]
    if not numbers:
        return set()
    rows, columns = np.array(edges).T
    _, labels = connected_components(coo_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(numbers),) * 2), directed=False)
    groups = defaultdict(set)
    for name, number in numbers.items():
        groups[labels[number]].add(name)
    return {frozenset(group) for group in groups.values()}


def known(profiles, owner):
    """Traits by what identifies the customer, as ids depend on the order."""
    groups = defaultdict(set)
    for place, customer in owner.items():
        groups[customer].add((place.kind, place.value))
    return {frozenset(groups[who]): (p.traits, p.origins) for who, p in profiles.items()}


@settings(max_examples=60, deadline=None)
@given(raw=_events, data=st.data())
def test_without_limits_any_order_and_batching_gives_the_components_and_the_same_traits(raw, data):
    events = made(raw)
    owner, _, profiles, _, _ = run(events, FREE)
    assert partition(owner) == components(events)
    shuffled = data.draw(st.permutations(events))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(events)), max_size=4)))
    other_owner, _, other_profiles, _, _ = run(shuffled, FREE, cuts)
    assert partition(other_owner) == partition(owner)
    assert known(other_profiles, other_owner) == known(profiles, owner)


@settings(max_examples=60, deadline=None)
@given(raw=_events, data=st.data(), rules=st.sampled_from([LIMITED, TIGHT]))
def test_with_limits_any_batching_of_one_order_gives_the_same(raw, data, rules):
    events = made(raw)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(events)), max_size=4)))
    first, second = run(events, rules), run(events, rules, cuts)
    assert first[:2] == second[:2]
    assert first[2] == second[2]
    assert [d.customer for d in first[3]] == [d.customer for d in second[3]]


@settings(max_examples=60, deadline=None)
@given(raw=_events, rules=st.sampled_from([LIMITED, TIGHT]))
def test_no_customer_exceeds_a_limit(raw, rules):
    _, members, _, _, _ = run(made(raw), rules)
    for places in members.values():
        for kind, number in Counter(ALIASED if aliased else p.kind for p, aliased in places.items()).items():
            limit = rules.limit(kind)
            assert limit is None or number <= limit


@settings(max_examples=40, deadline=None)
@given(raw=_events, rules=st.sampled_from([FREE, LIMITED, TIGHT]))
def test_every_identifier_has_one_owner_and_every_event_a_customer(raw, rules):
    events = made(raw)
    owner, members, profiles, decisions, root = run(events, rules)
    assert owner == {place: who for who, places in members.items() for place in places}
    assert members.keys() == profiles.keys()
    for one, decision in zip(events, decisions, strict=True):
        idents, _ = identifiers_of(one, rules)
        assert (decision.customer is None) == (not idents)
        who = decision.customer
        while who in root:
            who = root[who]
        if idents:  # the strongest identifier is never given up
            assert owner[Place(1, idents[0].kind, idents[0].value)] == who


def test_the_innocent_identifier_stays_when_another_is_refused():
    graph = Graph()
    events = [
        event("1", workspace=1, user_id="ada", traits={"email": "ada@x.org"}, kind="identify"),
        event("2", workspace=1, user_id="bob", traits={"email": "ada@x.org"}, kind="identify", anonymous_id="bobs"),
    ]
    one, two = resolve(graph, events, lambda _: LIMITED)
    assert two.refused == (Refusal("email", "ada@x.org", "limit"),)
    assert graph.owner[Place(1, "anonymous_id", "bobs")] == two.customer != one.customer


def test_only_what_describes_the_customer_gives_email_and_phone():
    one = event(
        "1", workspace=1, user_id="u", properties={"email": "friend@x.org"}, context={"traits": {"phone": "+49 30 1234567"}}
    )
    assert [(i.kind, i.value) for i in identifiers_of(one, LIMITED)[0]] == [("user_id", "u"), ("phone", "+49301234567")]
    company = event("2", workspace=1, user_id="u", kind="group", traits={"email": "office@x.org"})
    assert [(i.kind, i.value) for i in identifiers_of(company, LIMITED)[0]] == [("user_id", "u")]


def test_devices_and_external_ids_have_their_own_kinds():
    context = {
        "device": {"id": "d1", "advertisingId": "00000000-0000-0000-0000-000000000000"},
        "externalIds": [
            {"id": "crm-7", "type": "CRM_id", "collection": "users", "encoding": "none"},
            {"id": "acme", "type": "org", "collection": "accounts"},
            {"id": "x", "type": "no good kind!"},
            "junk",
        ],
    }
    idents, refused = identifiers_of(event("1", workspace=1, context=context), LIMITED)
    assert [(i.kind, i.value) for i in idents] == [("crm_id", "crm-7"), ("device_id", "d1")]
    assert [r.kind for r in refused] == ["advertising_id"]


def test_values_that_identify_nobody():
    for value in ("null", " NULL", "0", "-1", "00-00", "[object Object]", "NaN", "Anonymous", "undefined", "guest", "(not set)"):
        assert LIMITED.admit("user_id", value) == ("", "blocked")
    assert LIMITED.admit("user_id", "x" * 301) == ("", "too_long")
    assert LIMITED.admit("user_id", "a\nb") == ("", "invalid")
    own = IdentityRules(kinds={"user_id": KindRule(limit=1, blocked=frozenset({"qa"}), patterns=(re.compile("test-.*"),))})
    assert own.admit("user_id", "QA")[1] == own.admit("user_id", "test-7")[1] == "blocked"


def test_spellings():
    assert normalise("email", " Ada@\uff25XAMPLE.com ") == "ada@example.com"
    for bad in ("ada", "ada@localhost", "a b@x.org", "@x.org", "ada@-x.org", "ada@x..org", "a@b@x.org"):
        assert normalise("email", bad) == ""
    assert normalise("phone", "030 1234567") == ""
    assert normalise("phone", "030 1234567", phone_region="DE") == "+49301234567"
    assert normalise("phone", "12") == ""
    assert spellings("Ada@X.org") == ["Ada@X.org", "ada@x.org"]
    assert "+49301234567" in spellings("(030) 1234567", phone_region="DE")
