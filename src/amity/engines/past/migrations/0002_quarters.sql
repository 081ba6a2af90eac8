-- A story is read from every part of the table that may hold some of it, each column of each part from a file of its own. So the
-- past is cut by quarters, not by months, quarters that are over become one part, and a granule is small: a third of the time
-- for a timeline, the same for a scan.
CREATE OR REPLACE TABLE interactions_quarters AS interactions_raw
ENGINE = MergeTree
-- A client's clock may claim any year. Those far off share one partition, so that they can't make thousands.
PARTITION BY if(toYear(time) BETWEEN 2010 AND 2049, toYear(time) * 10 + toQuarter(time), 0)
ORDER BY (workspace_id, customer_id, time, message_key)
SETTINGS
    index_granularity = 1024,
    min_compress_block_size = 8192,
    max_compress_block_size = 65536,
    min_age_to_force_merge_seconds = 3600,
    min_age_to_force_merge_on_partition_only = 1,
    non_replicated_deduplication_window = 10000,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    enable_block_number_column = 1,
    enable_block_offset_column = 1;

INSERT INTO interactions_quarters SELECT * FROM interactions_raw SETTINGS max_partitions_per_insert_block = 0, max_execution_time = 0;

EXCHANGE TABLES interactions_raw AND interactions_quarters;

DROP TABLE interactions_quarters;
