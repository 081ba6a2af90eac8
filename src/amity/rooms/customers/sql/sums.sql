-- How often a customer paid and when last, and how many sessions there have been, over all time.
SELECT
    countIf(value > 0) AS payments,
    toUnixTimestamp64Milli(maxIf(time, value > 0)) AS last_payment,
    uniqExactIf(session_id, session_id != toUUID('00000000-0000-0000-0000-000000000000')) AS sessions
FROM (
    SELECT message_key, any(value) AS value, any(time) AS time, any(session_id) AS session_id
    FROM interactions_raw
    WHERE workspace_id = {workspace_id:UInt32} AND customer_id IN {customer_ids:Array(UUID)}
    GROUP BY message_key
)
