"""Random people, histories and definitions for Hypothesis, small enough that things collide."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.rooms.customers.making import T0

DAY = 86_400_000
NOW = T0 + 40 * DAY + 45_000_000
NAMES = ["Viewed", "Called", "Bought"]
VALUES = st.sampled_from([None, 1, 2, 3, 12.5, -1.25, 0.1, 0.2, "2", "12.50", "gold", "g`o\\l'd", True, False, "true", 10**12])
TIMES = st.one_of(
    st.integers(0, 41).map(lambda d: T0 + d * DAY),
    st.integers(NOW - 3 * DAY, NOW + DAY),
    st.sampled_from([NOW - 2 * DAY, NOW - DAY]),  # so that some come at the same instant
    st.sampled_from([NOW - 2 * DAY, NOW - DAY]),
    st.sampled_from([NOW, NOW - 3 * DAY, NOW - 3 * DAY + 1, NOW - 30 * DAY, NOW - 30 * DAY + 1, NOW + 1]),
)
PATHS = ["total", "a.b", "we`ird \\k'"]


def nested(path: str, value) -> dict:
    first, _, rest = path.partition(".")
    return {first: nested(rest, value) if rest else value}


properties = st.dictionaries(st.sampled_from(PATHS), VALUES, max_size=3).map(
    lambda d: {k: v for path, value in d.items() for k, v in nested(path, value).items()}
)
row = st.fixed_dictionaries(
    {
        "time": TIMES,
        "name": st.sampled_from(NAMES),
        "type": st.sampled_from(["track", "track", "track", "page", "group"]),
        "group": st.sampled_from(["", "", "acme", "zeta"]),
        "told": st.dictionaries(st.sampled_from(["plan", "seats", "a.b"]), st.one_of(VALUES, st.just({"b": 2})), max_size=2),
        "voice": st.sampled_from(["did", "did", "said", "ours"]),
        "channel": st.sampled_from(["web", "store", ""]),
        "value": st.sampled_from([None, None, 10.0, 0.1, 19.99]),
        "properties": properties,
    }
)
person = st.fixed_dictionaries(
    {
        "traits": st.dictionaries(
            st.sampled_from(["plan", "age", "address"]), st.one_of(VALUES, st.just({"city": "Bern"})), max_size=3
        ),
        "identifiers": st.lists(
            st.tuples(st.sampled_from(["email", "user_id"]), st.sampled_from(["ada@mail.example", "77", "x"])),
            max_size=2,
            unique=True,
        ),
        "consent": st.dictionaries(st.sampled_from(["ads", "mail"]), st.booleans(), max_size=2),
        "rows": st.lists(row, max_size=8),
    }
)

tests = st.one_of(
    st.fixed_dictionaries({"is": st.sampled_from(["present", "absent"])}),
    st.fixed_dictionaries({"is": st.sampled_from(["equal", "not_equal"]), "to": VALUES.filter(lambda v: v is not None)}),
    st.fixed_dictionaries(
        {"is": st.just("one_of"), "to": st.lists(VALUES.filter(lambda v: v is not None), min_size=1, max_size=3)}
    ),
    st.fixed_dictionaries(
        {"is": st.sampled_from(["contains", "starts_with", "ends_with"]), "to": st.sampled_from(["g", "2", "d", "`"])}
    ),
    st.fixed_dictionaries(
        {"is": st.sampled_from(["above", "at_least", "below", "at_most"]), "to": st.sampled_from([0, 2, 12.5, -2])}
    ),
)
filters = st.tuples(st.sampled_from(["properties.total", "properties.a.b", "properties.we`ird \\k'", "channel"]), tests).map(
    lambda pair: {"of": pair[0], **pair[1]}
)
event = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(NAMES),
        "type": st.sampled_from(["track", "page"]),
        "voice": st.sampled_from(["did", "ours"]),
        "where": st.lists(filters, max_size=1),
    },
)
duration = st.fixed_dictionaries({"amount": st.sampled_from([1, 3]), "unit": st.sampled_from(["days", "weeks"])})
window = st.one_of(
    duration.map(lambda d: {"kind": "last", **d}),
    st.just({"kind": "last", "amount": 30, "unit": "days"}),
    st.fixed_dictionaries(
        {"kind": st.sampled_from(["this", "previous"]), "unit": st.sampled_from(["day", "week", "month", "quarter", "year"])}
    ),
    st.just({"kind": "since", "date": "2026-10-01"}),
    st.just({"kind": "between", "first": "2026-09-25", "last": "2026-10-20"}),
)
number = st.sampled_from([0, 1, 2, 0.3, 12.5, 20])
optional_window = {"within": window}
did = st.fixed_dictionaries(
    {"kind": st.just("did"), "event": event},
    optional={"at_least": st.integers(0, 2), "count": st.sampled_from(["times", "days", "weeks", "months"]), **optional_window},
)
did_at_most = st.fixed_dictionaries(
    {"kind": st.just("did"), "event": event, "at_most": st.integers(0, 2)}, optional=optional_window
)
of = st.sampled_from(["properties.total", "properties.a.b", "value"])
measure = st.fixed_dictionaries(
    {
        "kind": st.just("measure"),
        "event": event,
        "take": st.sampled_from(["sum", "average", "smallest", "largest", "distinct", "first", "last"]),
        "of": of,
        "is": st.sampled_from(["equal", "above", "at_least", "below", "at_most"]),
        "to": number,
    },
    optional=optional_window,
)
measure_text = st.fixed_dictionaries(
    {
        "kind": st.just("measure"), "event": event, "take": st.sampled_from(["first", "last"]), "of": of, "is": st.just("equal"),
        "to": st.sampled_from(["gold", "2", True]),
    },
    optional=optional_window,
)  # fmt: skip
when = st.fixed_dictionaries(
    {"kind": st.just("when"), "event": event, "take": st.sampled_from(["first", "last"]), "within": window}
)
step = st.fixed_dictionaries({"event": event}, optional={"within": duration})
sequence = st.fixed_dictionaries(
    {"kind": st.just("sequence"), "steps": st.lists(step, min_size=2, max_size=3)},
    optional={"then_not": st.fixed_dictionaries({"event": event, "within": duration}), **optional_window},
)
trait = st.tuples(st.sampled_from(["plan", "age", "address.city", "nothing"]), tests).map(
    lambda pair: {"kind": "trait", "name": pair[0], **pair[1]}
)
identifier = st.one_of(
    st.fixed_dictionaries(
        {"kind": st.just("identifier"), "of": st.sampled_from(["email", "user_id"]), "is": st.sampled_from(["present", "absent"])}
    ),
    st.fixed_dictionaries(
        {"kind": st.just("identifier"), "of": st.just("email"), "is": st.just("ends_with"), "to": st.just("@mail.example")}
    ),
)
consent = st.fixed_dictionaries(
    {
        "kind": st.just("consent"),
        "purpose": st.sampled_from(["ads", "mail"]),
        "is": st.sampled_from(["granted", "denied", "unknown"]),
    }
)
account = st.one_of(
    st.just({"kind": "account"}),
    st.tuples(st.sampled_from(["equal", "not_equal", "contains"]), st.sampled_from(["acme", "z"])).map(
        lambda pair: {"kind": "account", "is": pair[0], "to": pair[1]}
    ),
    st.tuples(st.sampled_from(["plan", "seats", "a.b", "plan.b"]), tests).map(
        lambda pair: {"kind": "account", "name": pair[0], **pair[1]}
    ),
)
leaf = st.one_of(account, did, did_at_most, measure, measure_text, when, sequence, trait, identifier, consent)
where = st.recursive(
    st.one_of(leaf, sequence),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda of: {"kind": "all", "of": of}),
        st.lists(inner, min_size=1, max_size=3).map(lambda of: {"kind": "any", "of": of}),
        inner.map(lambda of: {"kind": "not", "of": of}),
    ),
    max_leaves=4,
)
