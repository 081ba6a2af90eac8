-- One interaction by its deduplication key, as the past holds it.
SELECT
    message_key AS key, message_id, name, type, channel, touchpoint, voice, dialect, source_id, customer_id, user_id, anonymous_id,
    group_id, time, original_at, received_at, projected_at, log_seq, flags, value, currency,
    toString(properties) AS properties, toString(traits) AS traits, context
FROM interactions_raw
WHERE workspace_id = {workspace_id:UInt32} AND message_key = {key:UUID}
LIMIT 1
