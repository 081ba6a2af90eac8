-- What an account's members did for it, newest first: what names the account, and from when they belonged to it on what names none.
SELECT
    message_key, customer_id, time, received_at, type, name, channel, touchpoint, voice, source_id, message_id, dialect,
    session_id, session_start, previous_name, previous_time, value, currency, url, path, referrer,
    campaign_source, campaign_medium, campaign_name, browser, os, device, country, flags, properties, traits, context
FROM interactions_raw
WHERE workspace_id = {workspace_id:UInt32}
    AND customer_id IN {customer_ids:Array(UUID)}
    AND (time, message_key) < (fromUnixTimestamp64Milli({before_time:Int64}, 'UTC'), {before_key:UUID})
    AND (
        group_id = {account:String}
        OR (group_id = '' AND toUnixTimestamp64Milli(time) >= {since:Array(Int64)}[indexOf({customer_ids:Array(UUID)}, customer_id)])
    )
ORDER BY time DESC, message_key DESC
LIMIT {limit:UInt32}
SETTINGS query_plan_max_limit_for_lazy_materialization = 1000
