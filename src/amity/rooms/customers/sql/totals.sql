-- How much customers did on each channel, and what it was worth: counted anew after a replay.
SELECT
    {currents:Array(UUID)}[indexOf({customer_ids:Array(UUID)}, customer_id)] AS current,
    channel,
    currency,
    uniqExactIf(message_key, voice != 'ours') AS interactions,
    sum(value) AS total,
    toUnixTimestamp64Milli(minIf(time, voice != 'ours')) AS first_seen,
    toUnixTimestamp64Milli(maxIf(time, voice != 'ours')) AS last_seen
FROM interactions_raw
WHERE workspace_id = {workspace_id:UInt32} AND customer_id IN {customer_ids:Array(UUID)}
GROUP BY current, channel, currency
