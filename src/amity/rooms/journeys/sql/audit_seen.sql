-- How often each of some customers was seen on a page or screen, by day: the first time of it.
SELECT
    if(mapped.newest = 0, raw.customer_id, mapped.current_id) AS customer,
    min(toUnixTimestamp64Milli(raw.time)) AS at,
    toUInt32(count()) AS number
FROM interactions_raw AS raw
LEFT JOIN
(
    SELECT old_id, argMax(current_id, version) AS current_id, max(version) AS newest
    FROM merges
    WHERE workspace_id = {workspace_id:UInt32}
    GROUP BY old_id
) AS mapped ON raw.customer_id = mapped.old_id
WHERE raw.workspace_id = {workspace_id:UInt32}
    AND raw.time BETWEEN fromUnixTimestamp64Milli({first:Int64}) AND fromUnixTimestamp64Milli({last:Int64})
    AND raw.type IN ('page', 'screen') AND has({customers:Array(UUID)}, if(mapped.newest = 0, raw.customer_id, mapped.current_id))
GROUP BY customer, toDate(raw.time)
ORDER BY customer, at
