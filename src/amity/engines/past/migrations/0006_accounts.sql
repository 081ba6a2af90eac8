-- Few interactions name an account (a group): which do, and where one stands, is found without reading every name.
ALTER TABLE interactions_raw ADD INDEX IF NOT EXISTS by_group_named group_id TYPE minmax GRANULARITY 1;

ALTER TABLE interactions_raw ADD INDEX IF NOT EXISTS by_group_id group_id TYPE bloom_filter(0.01) GRANULARITY 4;

ALTER TABLE interactions_raw MATERIALIZE INDEX by_group_named SETTINGS mutations_sync = 2, max_execution_time = 0;

ALTER TABLE interactions_raw MATERIALIZE INDEX by_group_id SETTINGS mutations_sync = 2, max_execution_time = 0;
