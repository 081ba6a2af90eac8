-- Copy interactions to the customer whose they are; those that are there already are left out, so that it can be repeated.
INSERT INTO interactions_raw
SELECT * REPLACE ({target:UUID} AS customer_id)
FROM
(
    SELECT *
    FROM interactions_raw
    WHERE workspace_id = {workspace_id:UInt32} AND customer_id IN {customer_ids:Array(UUID)} AND message_key IN {keys:Array(UUID)}
    LIMIT 1 BY message_key
)
-- The same rows may go this way a second time, after they went back: that is no repeat.
SETTINGS insert_deduplicate = 0, max_partitions_per_insert_block = 0
