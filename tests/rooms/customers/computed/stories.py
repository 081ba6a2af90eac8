"""Random definitions of values, small enough that things collide."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.rooms.customers.audiences import stories

optional = {"within": stories.window}
count = st.fixed_dictionaries(
    {"kind": st.just("count"), "event": stories.event},
    optional={"each": st.sampled_from(["times", "days", "weeks", "months"]), **optional},
)
number = st.fixed_dictionaries(
    {
        "kind": st.just("number"), "event": stories.event, "of": stories.of,
        "take": st.sampled_from(["sum", "average", "smallest", "largest", "distinct"]),
    },
    optional=optional,
)  # fmt: skip
percentile = st.fixed_dictionaries(
    {
        "kind": st.just("number"), "event": stories.event, "of": stories.of, "take": st.just("percentile"),
        "at": st.sampled_from([0, 25, 50, 90, 99.5, 100]),
    },
    optional=optional,
)  # fmt: skip
pick = st.fixed_dictionaries(
    {
        "kind": st.just("pick"), "event": stories.event, "of": st.one_of(stories.of, st.sampled_from(["channel", "properties.we`ird \\k'"])),
        "take": st.sampled_from(["first", "last", "most_frequent"]),
    },
    optional=optional,
)  # fmt: skip
listed = st.fixed_dictionaries(
    {"kind": st.just("list"), "event": stories.event, "of": stories.of}, optional={"most": st.integers(1, 3), **optional}
)
days = st.fixed_dictionaries(
    {"kind": st.just("days_since"), "event": stories.event}, optional={"take": st.sampled_from(["first", "last"]), **optional}
)
take = st.one_of(count, number, percentile, pick, listed, days)
fixed = st.fixed_dictionaries({"kind": st.just("fixed"), "is": st.sampled_from([0, 2, 1.5, "gold", True])})


def compared(values):
    return st.tuples(values, stories.tests).map(lambda pair: {"kind": "compared", "value": pair[0], **pair[1]})


value = st.recursive(
    take,
    lambda inner: st.one_of(
        st.fixed_dictionaries(
            {
                "kind": st.just("combine"),
                "do": st.sampled_from(["add", "subtract", "multiply", "divide", "smallest", "largest", "first_known"]),
                "of": st.lists(st.one_of(inner, fixed), min_size=2, max_size=3),
            }
        ),
        st.fixed_dictionaries(
            {
                "kind": st.just("cases"),
                "of": st.lists(
                    st.fixed_dictionaries({"where": st.one_of(stories.leaf, compared(inner)), "then": st.one_of(inner, fixed)}),
                    min_size=1,
                    max_size=3,
                ),
            },
            optional={"otherwise": st.one_of(inner, fixed)},
        ),
        st.fixed_dictionaries(
            {"kind": st.just("tile"), "of": inner},
            optional={"tiles": st.integers(2, 5), "best": st.sampled_from(["high", "low"])},
        ),
    ),
    max_leaves=4,
)
