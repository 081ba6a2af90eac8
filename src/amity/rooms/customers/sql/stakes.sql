-- What one customer met lately, by name: how often, when last, where.
SELECT
    name,
    count() AS times,
    toUnixTimestamp64Milli(max(time)) AS last_time,
    argMax(channel, time) AS channel,
    groupUniqArray(session_id) AS sessions
FROM interactions_raw
WHERE workspace_id = {workspace_id:UInt32}
    AND customer_id IN {customer_ids:Array(UUID)}
    AND time >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
    AND voice != 'ours'
GROUP BY name
