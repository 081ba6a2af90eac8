-- Each load of a page whose speed was measured, of pages and devices by their place in two lists; whether money came later in its session.
-- Of very many, one in so many by their keys.
SELECT
    if(mapped.newest = 0, raw.customer_id, mapped.current_id) AS customer,
    toUInt32(indexOf(arrayZip({pages:Array(String)}, {devices:Array(String)}), (if(raw.path != '', raw.path, if(dynamicType(raw.properties.page) IN ('String', 'Int64', 'UInt64'), toString(raw.properties.page), '')), toString(raw.device)))) AS cell,
    toUInt8(paid.until > raw.time) AS bought,
    coalesce(raw.properties.lcp_ms.:Float64, toFloat64(raw.properties.lcp_ms.:Int64), toFloat64(raw.properties.lcp_ms.:UInt64), nan) AS lcp_ms,
    coalesce(raw.properties.inp_ms.:Float64, toFloat64(raw.properties.inp_ms.:Int64), toFloat64(raw.properties.inp_ms.:UInt64), nan) AS inp_ms,
    coalesce(raw.properties.cls.:Float64, toFloat64(raw.properties.cls.:Int64), toFloat64(raw.properties.cls.:UInt64), nan) AS cls
FROM interactions_raw AS raw
LEFT JOIN
(
    SELECT old_id, argMax(current_id, version) AS current_id, max(version) AS newest
    FROM merges
    WHERE workspace_id = {workspace_id:UInt32}
    GROUP BY old_id
) AS mapped ON raw.customer_id = mapped.old_id
LEFT JOIN
(
    SELECT session_id, max(time) AS until
    FROM interactions_raw
    WHERE workspace_id = {workspace_id:UInt32} AND value > 0 AND voice = 'did'
        AND session_id != toUUID('00000000-0000-0000-0000-000000000000')
        AND time BETWEEN fromUnixTimestamp64Milli({first:Int64}) AND fromUnixTimestamp64Milli({last:Int64})
    GROUP BY session_id
) AS paid ON raw.session_id = paid.session_id
WHERE raw.workspace_id = {workspace_id:UInt32}
    AND raw.time BETWEEN fromUnixTimestamp64Milli({first:Int64}) AND fromUnixTimestamp64Milli({last:Int64})
    AND raw.name = 'Web Vitals' AND raw.type = 'track' AND cell > 0 AND cityHash64(raw.message_key) % {one_in:UInt32} = 0
ORDER BY customer, raw.time
