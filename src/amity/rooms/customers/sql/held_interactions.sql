-- A person's interactions whole, for them to read: under all ids that they have had, and all that carry an identifier of theirs.
SELECT
    message_key, toUnixTimestamp64Milli(time) AS at, time, received_at, type, name, channel, touchpoint, voice, source_id, message_id, session_id, previous_name, value, currency,
    user_id, anonymous_id, group_id, url, path, referrer, campaign_source, campaign_medium, campaign_name, browser, os, device,
    country, ip, gpc, consent, properties, traits, context
FROM interactions_raw
WHERE workspace_id = {workspace_id:UInt32}
    AND (
        customer_id IN {customer_ids:Array(UUID)}
        OR trimBoth(user_id) IN {user_ids:Array(String)}
        OR (user_id = '' AND trimBoth(anonymous_id) IN {anonymous_ids:Array(String)})
    )
    AND (time, message_key) > (fromUnixTimestamp64Milli({after_time:Int64}, 'UTC'), {after_key:UUID})
ORDER BY time, message_key
LIMIT 1 BY message_key
LIMIT {limit:UInt32}
