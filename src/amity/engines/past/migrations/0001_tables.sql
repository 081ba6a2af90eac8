-- Every interaction, as it was resolved at the time. Ordered so that one customer's story is one short read.
CREATE TABLE IF NOT EXISTS interactions_raw
(
    workspace_id UInt32,
    customer_id UUID COMMENT 'the customer as resolved then; `merges` maps it to the one of today',
    time DateTime64(3, 'UTC') COMMENT 'when it happened: the client''s time, corrected for its clock',
    message_key UUID COMMENT 'hash of workspace, source and message_id: the deduplication key',
    message_id String,
    type LowCardinality(String) COMMENT 'track, identify, page, screen, group or alias',
    name LowCardinality(String),
    channel LowCardinality(String),
    touchpoint LowCardinality(String),
    voice LowCardinality(String) DEFAULT 'did' COMMENT 'did: the customer acted; said: the customer told us something; ours: we acted',
    source_id UInt32,
    dialect LowCardinality(String),
    session_id UUID,
    session_start Bool,
    previous_name LowCardinality(String) COMMENT 'the customer''s interaction before this one: the edge that led here',
    previous_key Nullable(UUID),
    previous_time Nullable(DateTime64(3, 'UTC')),
    value Nullable(Decimal(18, 4)),
    currency LowCardinality(String),
    user_id String,
    anonymous_id String,
    group_id String,
    url String,
    path String,
    referrer String,
    campaign_source LowCardinality(String),
    campaign_medium LowCardinality(String),
    campaign_name LowCardinality(String),
    browser LowCardinality(String),
    os LowCardinality(String),
    device LowCardinality(String),
    country LowCardinality(String),
    ip String,
    gpc Bool COMMENT 'the browser sent Global Privacy Control',
    consent Map(LowCardinality(String), Bool),
    flags Array(LowCardinality(String)) COMMENT 'what was odd about it: time_future, time_ancient, skewed, ...',
    properties JSON(max_dynamic_paths = 96, max_dynamic_types = 8),
    traits JSON(max_dynamic_paths = 48, max_dynamic_types = 8),
    context String COMMENT 'the client''s context object as JSON text',
    original_at Nullable(DateTime64(3, 'UTC')) COMMENT 'the client''s own claim of the time',
    received_at DateTime64(3, 'UTC'),
    projected_at DateTime64(3, 'UTC'),
    log_seq UInt64 COMMENT 'where it stands in the log: message and place within it',
    log_index UInt32,
    INDEX by_message_key message_key TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = MergeTree
-- A client's clock may claim any year. Those far off share one partition, so that they can't make thousands.
PARTITION BY if(toYear(time) BETWEEN 2010 AND 2049, toYYYYMM(time), 0)
ORDER BY (workspace_id, customer_id, time, message_key)
SETTINGS
    non_replicated_deduplication_window = 10000,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    enable_block_number_column = 1,
    enable_block_offset_column = 1;

-- Which customer an id stands for today. The highest version wins; an id that maps to itself was unmerged.
CREATE TABLE IF NOT EXISTS merges
(
    workspace_id UInt32,
    old_id UUID,
    current_id UUID,
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (workspace_id, old_id)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS quarantine
(
    workspace_id UInt32,
    source_id UInt32,
    received_at DateTime64(3, 'UTC'),
    key UUID,
    reason LowCardinality(String),
    detail String,
    step LowCardinality(String),
    message_id String,
    name String,
    dialect LowCardinality(String),
    body String CODEC(ZSTD(3)),
    log_seq UInt64
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(received_at)
ORDER BY (workspace_id, received_at, key)
TTL toDateTime(received_at) + INTERVAL 30 DAY
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

-- What people ask: each interaction under the customer of today.
CREATE OR REPLACE VIEW interactions AS
SELECT
    raw.workspace_id AS workspace_id,
    if(mapped.newest = 0, raw.customer_id, mapped.current_id) AS customer_id,
    raw.* EXCEPT (workspace_id, customer_id)
FROM interactions_raw AS raw
LEFT JOIN
(
    SELECT workspace_id, old_id, argMax(current_id, version) AS current_id, max(version) AS newest
    FROM merges
    GROUP BY workspace_id, old_id
) AS mapped ON raw.workspace_id = mapped.workspace_id AND raw.customer_id = mapped.old_id;
