-- What one customer met lately, by name: how often; when, as which interaction and where the last time.
SELECT
    type,
    name,
    count() AS times,
    toUnixTimestamp64Milli(max(time)) AS last_time,
    argMax(message_key, (time, message_key)) AS last_key,
    argMax(channel, (time, message_key)) AS channel,
    groupUniqArray(session_id) AS sessions
FROM interactions_raw
WHERE workspace_id = {workspace_id:UInt32}
    AND customer_id IN {customer_ids:Array(UUID)}
    AND time >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
GROUP BY type, name
