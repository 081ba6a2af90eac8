-- A stretch of one customer's story, newest first, under all ids that the customer has had.
SELECT
    message_key, customer_id, time, received_at, type, name, channel, touchpoint, voice, source_id, message_id, dialect,
    session_id, session_start, previous_name, previous_time, value, currency, url, path, referrer,
    campaign_source, campaign_medium, campaign_name, browser, os, device, country, flags, properties, traits, context
FROM interactions_raw
WHERE workspace_id = {workspace_id:UInt32}
    AND customer_id IN {customer_ids:Array(UUID)}
    AND (time, message_key) < (fromUnixTimestamp64Milli({before_time:Int64}, 'UTC'), {before_key:UUID})
    AND time >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
    AND (empty({channels:Array(String)}) OR has({channels:Array(String)}, channel))
    AND (empty({types:Array(String)}) OR has({types:Array(String)}, type))
    AND (empty({voices:Array(String)}) OR has({voices:Array(String)}, voice))
    AND (empty({spelled:Array(String)}) OR (
        type = 'track' AND (name IN {exact:Array(String)} OR has({spelled:Array(String)}, lowerUTF8(replaceRegexpAll(name, '[^\\p{L}\\p{N}]+', ''))))
    ))
    AND (NOT {money:Bool} OR value != 0)
ORDER BY time DESC, message_key DESC
LIMIT {limit:UInt32}
-- Find the rows first, and read their many columns only then.
SETTINGS query_plan_max_limit_for_lazy_materialization = 1000
