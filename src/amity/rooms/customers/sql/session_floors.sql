-- For each customer the start of the last session that began before anything changed.
SELECT
    {currents:Array(UUID)}[indexOf({customer_ids:Array(UUID)}, customer_id)] AS current,
    toUnixTimestamp64Milli(max(time)) AS floor
FROM interactions_raw
WHERE workspace_id = {workspace_id:UInt32}
    AND customer_id IN {customer_ids:Array(UUID)}
    AND voice != 'ours'
    AND session_start
    AND toUnixTimestamp64Milli(time) < {sinces:Array(Int64)}[indexOf({customer_ids:Array(UUID)}, customer_id)]
GROUP BY current
