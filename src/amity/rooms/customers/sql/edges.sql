-- What customers did since some instant of each, as far as its order matters, with the order that is stored. Joined, since looking
-- each row's customer up in the arrays takes longer than all else.
SELECT
    wanted.current AS current,
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
INNER JOIN
(
    SELECT whose.1 AS id, whose.2 AS current, whose.3 AS floor
    FROM (SELECT arrayJoin(arrayZip({customer_ids:Array(UUID)}, {currents:Array(UUID)}, {floors:Array(Int64)})) AS whose)
) AS wanted ON wanted.id = interactions_raw.customer_id
WHERE workspace_id = {workspace_id:UInt32}
    AND customer_id IN {customer_ids:Array(UUID)}
    AND voice != 'ours'
    AND toUnixTimestamp64Milli(time) >= wanted.floor
ORDER BY at
LIMIT 1 BY message_key
