-- What some customers said lately, newest first.
SELECT
    message_key, customer_id, time, received_at, type, name, channel, touchpoint, voice, source_id, message_id, dialect,
    session_id, session_start, previous_name, previous_time, value, currency, url, path, referrer,
    campaign_source, campaign_medium, campaign_name, browser, os, device, country, flags, properties, traits, context
FROM interactions_raw
WHERE workspace_id = {workspace_id:UInt32}
    AND customer_id IN {customer_ids:Array(UUID)}
    AND voice = 'said'
ORDER BY time DESC, message_key
LIMIT {limit:UInt32}
