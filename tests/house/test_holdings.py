"""Whatever is held of a customer can be found and erased: every table is declared by a room, so a new one can't be forgotten."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from amity.kernel.holdings import holders

ROOMS = Path(__file__).parents[2] / "src" / "amity" / "rooms"
# Columns that are called as if they told of a customer, in tables that a room says to keep. Each was looked at, for its reason.
LOOKED_AT = {
    "trust_person.email", "trust_invitation.email", "trust_membership.person_id", "trust_sign_in_link.person_id",
    "trust_erasure.subject", "present_past_batch.body", "customers_touch.customers", "customers_sync_touch.customers", "customers_subscription.identifiers",
    "customers_match_run.person", "customers_match_run.person_id",
    "customers_cluster_run.person", "customers_cluster_run.person_id", "customers_cluster_run.sorted_customers",
    "metrics_alert.customers", "metrics_alert_notice.person", "metrics_dashboard_post.person",  # how many there are, and a colleague
    "journeys_comment.body", "journeys_comment.to_person",  # what a colleague says of a map, and to which colleague
}  # fmt: skip
_TELLING = re.compile(
    r"(^|_)(customers?|persons?|subjects?|members?|profiles?|visitors?|recipients?)(_ids?)?$"
    r"|^(old_id|into_id|current_id|merged_into|anonymous_id|user_id|distinct_id|device_id|identifiers?|email|phone|address|body)$"
)
_SAYING = """
{table} is declared by no room. If a row of it tells of a customer, put its name into `tables` of a Store in
src/amity/rooms/{room}/actions/holdings.py, and teach find, export and erase there to reach it; else put it into KEPT of
that file with the reason. See docs/privacy.md."""


def declared() -> dict[str, str]:
    """Return where each table is declared: `store` or `kept`."""
    found: dict[str, str] = {}
    for holder in holders().values():
        for table in [*(t for store in holder.STORES for t in store.tables), *holder.KEPT]:
            assert table not in found, f"{table} is declared twice"
            found[table] = "kept" if table in holder.KEPT else "store"
    return found


def models():
    from django.apps import apps

    return [m for m in apps.get_models(include_auto_created=True) if m.__module__.startswith("amity.")]


def past_columns() -> dict[str, list[str]]:
    from amity.engines.past.client import past

    rows = past().query(
        "SELECT table, name FROM system.columns WHERE database = currentDatabase() AND table NOT LIKE '.inner%' ORDER BY table"
    ).result_rows  # fmt: skip
    found: dict[str, list[str]] = {}
    for table, name in rows:
        found.setdefault(table, []).append(name)
    return found


def test_every_room_registers_what_it_holds():
    rooms = {p.name for p in ROOMS.iterdir() if (p / "apps.py").exists()}
    lacking = rooms - holders().keys()
    assert not lacking, f"{lacking}: call register_holder(…) in ready() of apps.py; see docs/privacy.md"
    for room, holder in holders().items():
        names = {store.name for store in holder.STORES}
        assert all(name.startswith(f"{room}.") for name in names)
        assert all(reason.strip() for reason in holder.KEPT.values())


@pytest.mark.parametrize("model", models(), ids=lambda m: m._meta.db_table)
def test_every_table_of_the_present_is_declared(model):
    room = model.__module__.split(".")[2] if ".rooms." in model.__module__ else "trust"
    assert model._meta.db_table in declared(), _SAYING.format(table=model._meta.db_table, room=room)


def test_every_table_of_the_past_is_declared(past_ready):
    for table in past_columns():
        assert f"past.{table}" in declared(), _SAYING.format(table=f"past.{table}", room="<room>")


def test_nothing_is_declared_that_is_not_there(past_ready):
    real = {m._meta.db_table for m in models()} | {f"past.{table}" for table in past_columns()}
    assert declared().keys() <= real


def test_what_is_kept_tells_of_no_customer(past_ready):
    kept = {table for table, how in declared().items() if how == "kept"}
    columns = {(m._meta.db_table, f.column) for m in models() for f in m._meta.local_fields if f.column}
    columns |= {(f"past.{table}", name) for table, names in past_columns().items() for name in names if table != "interactions"}
    named = {f"{table}.{column}" for table, column in columns if table in kept and _TELLING.search(column)}
    assert named - LOOKED_AT == set(), "Is this data of customers? Move the table into a Store, or note the column here."
    assert named >= LOOKED_AT
