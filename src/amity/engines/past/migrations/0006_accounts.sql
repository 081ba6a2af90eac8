-- Few interactions name an account (a group): where they stand is found without reading every name.
ALTER TABLE interactions_raw ADD INDEX IF NOT EXISTS by_group_id group_id TYPE bloom_filter(0.01) GRANULARITY 4;

ALTER TABLE interactions_raw MATERIALIZE INDEX by_group_id;
