"""A large company at once: customers and interactions as the pipeline would have left them, written by the engines themselves."""

from __future__ import annotations

import time

FIRST = [
    "ada",
    "bob",
    "cleo",
    "dan",
    "eva",
    "finn",
    "gus",
    "hana",
    "ivo",
    "jana",
    "kai",
    "lea",
    "max",
    "nina",
    "olaf",
    "pia",
    "quin",
    "rosa",
    "sven",
    "tina",
    "udo",
    "vera",
    "willem",
    "xenia",
    "yara",
    "zoe",
]
LAST = ["lovelace", "müller", "garcía", "smith", "nguyen", "kowalski", "rossi", "jensen", "okafor", "tanaka", "ivanova", "silva"]
CITIES = ["Berlin", "Lisboa", "Kraków", "Oslo", "Accra", "Osaka", "Roma", "Hà Nội"]
BEGINNING = 1_760_000_000_000
YEAR = 365 * 86_400_000
SLICES = 40  # inserts into the past, each a stretch of the year in which every other customer does something

_ACTIVITY = """
    INSERT INTO customers_activity (customer_id, workspace_id, merged, seen_minute, first_seen, last_seen, last_name,
        interactions, channels, "values", consent, session_start, session_campaign)
    SELECT i, %s, false, %s + (random() * 500000)::int, %s, %s, 'Product Viewed', %s, '{"web": 5}', '{}', '{}', 0, ''
    FROM unnest(%s::uuid[]) i
"""
_IDENTIFIERS = """
    INSERT INTO customers_identifier (workspace_id, value, kind, customer_id, added_at, source_id, key, aliased)
    SELECT %s, v, %s, i, %s, 1, i, false FROM unnest(%s::uuid[], %s::text[]) n (i, v)
"""
_CUSTOMERS = """
    INSERT INTO customers_customer (id, workspace_id, created_at, traits, origins, words)
    SELECT i, %s, %s, t::jsonb, '{}', array_to_tsvector(string_to_array(w, ' ')) FROM unnest(%s::uuid[], %s::text[], %s::text[]) n (i, t, w)
"""
_INTERACTIONS = """
    INSERT INTO interactions_raw (workspace_id, customer_id, time, message_key, message_id, type, name, channel, touchpoint, voice,
        source_id, dialect, session_id, session_start, previous_name, value, currency, user_id, url, path, browser, os, device,
        consent, properties, traits, context, received_at, projected_at, log_seq, log_index)
    WITH
        fromUnixTimestamp64Milli({beginning:Int64} + {slice:Int64} * {step:Int64} + toInt64(cityHash64(n, {slice:UInt8}) % {step:UInt64}), 'UTC') AS at,
        cityHash64(n, {slice:UInt8}, 1) AS dice,
        ['Product Viewed', 'Product Added', 'Checkout Started', 'Order Completed', 'Email Opened', 'Survey Answered', 'Ticket Opened'] AS names,
        ['web', 'web', 'web', 'web', 'email', 'survey', 'support'] AS channels,
        dice % 7 + 1 AS which
    SELECT {workspace:UInt32}, id, at, reinterpretAsUUID(sipHash128(n, {slice:UInt8})), concat(toString(n), '-', toString({slice:UInt8})),
        'track', names[which], channels[which], '', 'did', 1, 'segment', reinterpretAsUUID(sipHash128(n, {slice:UInt8}, 2)), true,
        names[dice % 5 + 1], if(which = 4, toDecimal64(dice % 20000 / 100, 4), NULL), if(which = 4, 'EUR', ''),
        concat('user-', toString(n)), 'https://shop.example/products/oak-table', '/products/oak-table', 'Chrome', 'Windows', 'desktop',
        map('marketing', dice % 3 = 0),
        concat('{"sku":"S', toString(dice % 5000), '","price":', toString(dice % 20000 / 100), ',"quantity":', toString(dice % 4 + 1), '}')::JSON(max_dynamic_paths = 96, max_dynamic_types = 8),
        '{}'::JSON(max_dynamic_paths = 48, max_dynamic_types = 8),
        '{"library":{"name":"analytics.js","version":"2.1"},"page":{"path":"/products/oak-table"}}', at, at, {slice:UInt64} + 1, n
    FROM bench_customers WHERE n % 2 = {slice:UInt8} % 2
"""


def customer_id(n: int):
    from amity.kernel.ids import derived_id

    return derived_id(BEGINNING + n, n)


def fill_customers(workspace: int, customers: int, *, each: int = 5) -> None:
    """Customers as placing would have made them, fifty thousand at a time."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX IF EXISTS customers_customer_words")
        cursor.execute("SET synchronous_commit = off")
    for start in range(0, customers, 50_000):
        _some_customers(workspace, range(start, min(start + 50_000, customers)), each)
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '512MB'")
        cursor.execute("CREATE INDEX customers_customer_words ON customers_customer USING gin (words)")
        cursor.execute("VACUUM ANALYZE customers_customer, customers_activity, customers_identifier")
        cursor.execute("RESET synchronous_commit")


def _some_customers(workspace: int, numbers: range, each: int) -> None:
    from django.db import connection

    from amity.rooms.customers.rules.words import customer_words, stored

    ids = [customer_id(n) for n in numbers]
    mails, users = [f"user{n}@example.com" for n in numbers], [f"user-{n}" for n in numbers]
    traits, words = [], []
    for n, mail, user in zip(numbers, mails, users, strict=True):
        name, city = f"{FIRST[n % 26]} {LAST[n % 12]}".title(), CITIES[n % 8]
        traits.append(f'{{"email": "{mail}", "name": "{name}", "city": "{city}", "plan": "pro"}}')
        known = [("email", mail), ("user_id", user)]
        words.append(stored(workspace, customer_words(identifiers=known, traits={"name": name, "city": city, "plan": "pro"})))
    with connection.cursor() as cursor:
        cursor.execute(_CUSTOMERS, [workspace, BEGINNING, ids, traits, words])
        cursor.execute(_ACTIVITY, [workspace, (BEGINNING + YEAR) // 60_000 - 500_000, BEGINNING, BEGINNING + YEAR, each, ids])
        for kind, values in (("email", mails), ("user_id", users)):
            cursor.execute(_IDENTIFIERS, [workspace, kind, BEGINNING, ids, values])


def settle() -> None:
    """Merge the parts of each quarter, as the past itself does once a quarter's newest part is an hour old."""
    from amity.engines.past.client import connect

    client = connect(database=None, send_receive_timeout=7_200)
    client.command("OPTIMIZE TABLE interactions_raw FINAL SETTINGS max_execution_time = 0")
    client.close()


def fill_past(workspace: int, customers: int, *, each: int, progress=None) -> int:
    """Give each customer `each` interactions (at most 20 in this year) in the past, in the order of time; return how many there are."""
    from amity.engines.past.client import command, past

    command("CREATE OR REPLACE TABLE bench_customers (n UInt32, id UUID) ENGINE = MergeTree ORDER BY n")
    for start in range(0, customers, 200_000):
        numbers = range(start, min(start + 200_000, customers))
        past().insert("bench_customers", [[n, customer_id(n)] for n in numbers], column_names=["n", "id"])
    slices = 2 * each
    began = time.perf_counter()
    for one in range(slices):
        command(_INTERACTIONS, workspace=workspace, beginning=BEGINNING, slice=one, step=YEAR // slices)
        if progress and one % 10 == 9:
            progress(f"{(one + 1) / slices:.0%} of the past after {time.perf_counter() - began:.0f} s")
    command("DROP TABLE bench_customers")
    settle()
    return int(past().command("SELECT count() FROM interactions_raw WHERE workspace_id = %(w)s", parameters={"w": workspace}))
