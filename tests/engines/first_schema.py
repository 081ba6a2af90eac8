"""`python -m tests.engines.first_schema`: makes present and past as the first commit of the schema did, with a little in them."""

from __future__ import annotations

import os
import sys

ROOMS = {"trust", "collection", "customers", "present"}
LATER = {"listening", "metrics", "journeys"}  # rooms that there were none of
KEY = "11111111-1111-1111-1111-111111111111"
ROW = (
    f'{{"workspace_id":1,"customer_id":"{KEY}","time":1763780000.5,"message_key":"%s","message_id":"%s","type":"track","name":"Old",'
    '"source_id":1,"received_at":1763780001,"projected_at":1763780002,"log_seq":%s,"log_index":0,"properties":{"total":12.5}}\n'
)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amity.config.settings")
    from amity.config.serving.prepare import create_database
    from amity.engines.addresses import addresses

    create_database(addresses().present)
    import django

    django.setup()
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    from amity.config.serving.migrations import apply_only
    from amity.engines.past.client import insert_body
    from amity.engines.past.migrate import migrate_past
    from amity.engines.past.zstd import compress

    known = MigrationLoader(connection).disk_migrations
    apply_only([one for one in known if one[0] not in ROOMS | LATER or (one[0] in ROOMS and one[1] == "0001_initial")])
    migrate_past(only=[1])
    insert_body(table="interactions_raw", body=compress((ROW % (KEY, "carried", 1)).encode()), token="old")
    body = compress((ROW % ("2" + KEY[1:], "waiting", 2)).encode())
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO trust_workspace (slug, name, is_demo, time_zone, currency, sessions_end_at_midnight) "
            "VALUES ('old', 'Old & co', false, 'UTC', 'EUR', true)"
        )
        cursor.execute("INSERT INTO present_position (reader, seq, halted) VALUES ('worker-0-of-1', %s, '')", [int(sys.argv[1])])
        cursor.execute(
            'INSERT INTO present_past_batch (token, shard, "table", rows, body) VALUES (%s, 0, %s, 1, %s)',
            ["w:2", "interactions_raw", body],
        )


if __name__ == "__main__":
    main()
