-- What each customer paid less what they got back, in the workspace's currency or one that isn't told, from an instant to another.
SELECT
    if(mapped.newest = 0, raw.customer_id, mapped.current_id) AS customer,
    toFloat64(sum(ifNull(raw.value, 0))) AS spent
FROM interactions_raw AS raw
LEFT JOIN
(
    SELECT old_id, argMax(current_id, version) AS current_id, max(version) AS newest
    FROM merges
    WHERE workspace_id = {workspace_id:UInt32}
    GROUP BY old_id
) AS mapped ON raw.customer_id = mapped.old_id
WHERE raw.workspace_id = {workspace_id:UInt32} AND raw.voice != 'ours' AND raw.value != 0 AND raw.currency IN ('', {currency:String})
    AND raw.time BETWEEN fromUnixTimestamp64Milli({first:Int64}) AND fromUnixTimestamp64Milli({last:Int64})
GROUP BY customer
