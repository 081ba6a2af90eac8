-- What arrived last stands anywhere in a table that is ordered by customer. With the first and last arrival of each granule at hand,
-- the newest fifty are read from at most fifty granules, and parts that only hold older ones are not read at all.
ALTER TABLE interactions_raw ADD INDEX IF NOT EXISTS by_arrival received_at TYPE minmax GRANULARITY 1;

ALTER TABLE interactions_raw MATERIALIZE INDEX by_arrival SETTINGS mutations_sync = 2, max_execution_time = 0;
