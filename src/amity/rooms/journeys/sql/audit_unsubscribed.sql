-- Each time that somebody unsubscribed by an event.
SELECT if(mapped.newest = 0, raw.customer_id, mapped.current_id) AS customer, toUnixTimestamp64Milli(raw.time) AS at
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
    AND raw.type = 'track' AND match(lowerUTF8(replaceRegexpAll(raw.name, '[^\\p{L}\\p{N}]+', '')), '^(email|sms|list|push|newsletter)?(unsubscribed|unsubscribe|optedout)$')
ORDER BY customer, at
