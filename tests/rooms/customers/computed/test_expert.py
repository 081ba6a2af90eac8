"""An expert's SQL: everybody and a few give the same, and nothing but one customer at a time can be looked at."""

from __future__ import annotations

import pytest

from amity.engines.past.behaviour.expert import ask_expert
from amity.kernel.errors import Invalid
from amity.rooms.customers import api as customers
from amity.rooms.customers.actions.audiences.refresh import recompute_trait
from tests.rooms.customers.audiences.keeping import keep, merge
from tests.rooms.customers.audiences.stories import DAY, NOW
from tests.rooms.customers.audiences.test_refresh import happened, person, row
from tests.rooms.customers.computed.test_live import trait, values, workspace  # noqa: F401  a fixture

LATE = "SELECT customer_id, countIf(time > as_of() - INTERVAL 1 DAY AND name = 'Bought') AS value FROM interactions GROUP BY customer_id"
NAMES = "SELECT customer_id, arraySort(groupUniqArray(name)) AS value FROM interactions WHERE name != 'x' GROUP BY customer_id"


def test_it_is_kept_like_all_others(workspace):  # noqa: F811
    late, names = (trait(workspace, {"kind": "sql", "sql": sql}) for sql in (LATE, NAMES))
    ada = keep(workspace, person(row(), row("Called", at=NOW - 2 * DAY)))
    bob = keep(workspace, person(row(at=NOW - 2 * DAY), row(at=NOW + DAY)))
    for one in (late, names):
        recompute_trait(one.pk, now=NOW)
    assert values(late) == {ada: 1, bob: 0}
    assert values(names) == {ada: ["Bought", "Called"], bob: ["Bought"]}
    happened(workspace, bob, row(at=NOW + 1))
    customers.refresh_touched(now=NOW + 2)
    assert values(late) == {ada: 1, bob: 1}
    merge(workspace, ada, bob)
    customers.touch_customers(workspace_id=workspace, customer_ids=[ada, bob])
    customers.refresh_touched(now=NOW + 2)
    assert (values(late), values(names)) == ({bob: 2}, {bob: ["Bought", "Called"]})
    before = values(late)
    recompute_trait(late.pk, now=NOW + 2)
    assert values(late) == before


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT customer_id, count() AS value FROM interactions",
        "SELECT customer_id, count() AS value FROM interactions GROUP BY name",
        "SELECT customer_id, count() AS value FROM interactions GROUP BY customer_id, name",
        "SELECT customer_id, count() AS value FROM interactions GROUP BY customer_id WITH ROLLUP",
        "SELECT customer_id, count() AS value FROM interactions GROUP BY customer_id LIMIT 5",
        "SELECT name AS customer_id, count() AS value FROM interactions GROUP BY customer_id",
        "SELECT customer_id, count() AS number FROM interactions GROUP BY customer_id",
        "SELECT customer_id, rank() OVER (ORDER BY count()) AS value FROM interactions GROUP BY customer_id",
        "SELECT customer_id, (SELECT count() FROM interactions) AS value FROM interactions GROUP BY customer_id",
        "WITH 1 AS x SELECT customer_id, count() AS value FROM interactions GROUP BY customer_id",
        "SELECT customer_id, count() AS value FROM interactions AS a JOIN interactions AS b ON a.name = b.name GROUP BY customer_id",
        "SELECT customer_id, count() AS value FROM interactions WHERE customer_id IN (SELECT customer_id FROM interactions) GROUP BY customer_id",
        "SELECT customer_id, countIf(time > now() - 5) AS value FROM interactions GROUP BY customer_id",
        "SELECT customer_id, max(today()) AS value FROM interactions GROUP BY customer_id",
        "SELECT customer_id, sum(rand()) AS value FROM interactions GROUP BY customer_id",
        "SELECT customer_id, any(file('/etc/passwd')) AS value FROM interactions GROUP BY customer_id",
        "SELECT customer_id, count() AS value FROM merges GROUP BY customer_id",
        "SELECT customer_id, sum(no_such_column) AS value FROM interactions GROUP BY customer_id",
        "SELECT customer_id, count() AS value FROM interactions GROUP BY customer_id UNION ALL SELECT customer_id, 1 FROM interactions",
        "DROP TABLE interactions",
    ],
)
def test_what_could_look_further_is_refused(past_ready, sql):
    with pytest.raises(Invalid):
        ask_expert(sql, workspace=1, now=NOW)
