-- What customers did since some instant of each, as far as its order matters, with the order that is stored.
SELECT
    {currents:Array(UUID)}[indexOf({customer_ids:Array(UUID)}, customer_id)] AS current,
    message_key,
    toUnixTimestamp64Milli(time) AS at,
    name,
    campaign_source,
    campaign_medium,
    campaign_name,
    session_id,
    session_start,
    previous_name,
    previous_key,
    toUnixTimestamp64Milli(previous_time) AS previous_at
FROM interactions_raw
WHERE workspace_id = {workspace_id:UInt32}
    AND customer_id IN {customer_ids:Array(UUID)}
    AND voice != 'ours'
    AND toUnixTimestamp64Milli(time) >= {floors:Array(Int64)}[indexOf({customer_ids:Array(UUID)}, customer_id)]
ORDER BY at
LIMIT 1 BY message_key
