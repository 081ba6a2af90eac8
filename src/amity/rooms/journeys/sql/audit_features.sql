-- Of each customer and thing that was shown to them: how often, and whether they used it. Things are told by the event's noun and their name.
SELECT customer, concat(noun, ' · ', thing) AS feature, toUInt32(countIf(seen)) AS times, toUInt8(countIf(NOT seen) > 0) AS used
FROM
(
    SELECT
        if(mapped.newest = 0, raw.customer_id, mapped.current_id) AS customer,
        lowerUTF8(replaceRegexpAll(raw.name, '[^\\p{L}\\p{N}]+', '')) AS spelled,
        extract(spelled, '^(feature|promotion|banner|guide|tooltip|widget|recommendation|popup|teaser|tip)(?:shown|viewed|displayed|impression|used|clicked|opened|started|accepted)$') AS noun,
        match(spelled, '(shown|viewed|displayed|impression)$') AS seen,
        multiIf(if(dynamicType(raw.properties.feature) IN ('String', 'Int64', 'UInt64'), toString(raw.properties.feature), '') != '', if(dynamicType(raw.properties.feature) IN ('String', 'Int64', 'UInt64'), toString(raw.properties.feature), ''), if(dynamicType(raw.properties.promotion_id) IN ('String', 'Int64', 'UInt64'), toString(raw.properties.promotion_id), '') != '', if(dynamicType(raw.properties.promotion_id) IN ('String', 'Int64', 'UInt64'), toString(raw.properties.promotion_id), ''), if(dynamicType(raw.properties.name) IN ('String', 'Int64', 'UInt64'), toString(raw.properties.name), '') != '', if(dynamicType(raw.properties.name) IN ('String', 'Int64', 'UInt64'), toString(raw.properties.name), ''), if(dynamicType(raw.properties.id) IN ('String', 'Int64', 'UInt64'), toString(raw.properties.id), '')) AS thing
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
        AND raw.type = 'track' AND noun != '' AND thing != ''
)
GROUP BY customer, noun, thing
HAVING times > 0
ORDER BY customer, feature
